package lambdatest_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/mail"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// callsFile lists every kind of AWS call that the functions make in these tests, one a line: the function, the action,
// the resource, and what the conditions of IAM can see of it. It is what the roles are held against. metricsFile lists
// the metrics that they write, which is what the alarms and the dashboard are held against.
const (
	callsFile   = "testdata/calls.txt"
	metricsFile = "testdata/metrics.txt"
)

// keysetKey is the parameter KeysetKeyArn here.
const keysetKey = "arn:aws:kms:eu-central-1:123456789012:key/local"

// call is one kind of AWS call: resource as an ARN or as template.yaml refers to it, seen the condition keys.
type call struct {
	function, action, resource string
	seen                       map[string]string
}

func (c call) String() string {
	words := []string{c.function, c.action, c.resource}
	for _, k := range slices.Sorted(maps.Keys(c.seen)) {
		words = append(words, k+"="+c.seen[k])
	}
	return strings.Join(words, " ")
}

// recorder keeps the kinds of calls.
type recorder struct {
	mu            sync.Mutex
	seen, written map[string]bool
}

// metrics records the metrics in a function's log. They have one dimension and no member beside it and the values.
func (r *recorder) metrics(t *testing.T, log string) {
	t.Helper()
	for line := range strings.Lines(log) {
		var all map[string]json.RawMessage
		if !strings.Contains(line, `"_aws"`) {
			continue
		}
		require.NoError(t, json.Unmarshal([]byte(line), &all), "%s", line)
		var head struct {
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name string }
			}
		}
		require.NoError(t, json.Unmarshal(all["_aws"], &head))
		delete(all, "_aws")
		for _, set := range head.CloudWatchMetrics {
			require.Equal(t, [][]string{{"Stage"}}, set.Dimensions)
			require.JSONEq(t, `"dev"`, string(all["Stage"]))
			require.Len(t, all, 1+len(set.Metrics), "%s", line)
			for _, m := range set.Metrics {
				r.mu.Lock()
				r.written[set.Namespace+" "+m.Name] = true
				r.mu.Unlock()
			}
		}
	}
}

func (r *recorder) add(function, action, resource string, seen map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[call{function, action, resource, seen}.String()] = true
}

// access records a request to the table; of its partition only the kind of item, which the roles go by.
func (r *recorder) access(function string, a access) {
	kind, _, more := strings.Cut(a.partition, "#")
	if more {
		kind += "#"
	}
	seen := map[string]string{"dynamodb:LeadingKeys": kind}
	if kind == "" {
		seen = nil
	}
	r.add(function, "dynamodb:"+a.action, "Table.Arn", seen)
}

// sending records what is asked of SES. A mail needs the right to its identity and to its configuration set.
func (r *recorder) sending(ses http.Handler) http.Handler {
	const arn = "arn:aws:ses:eu-central-1:123456789012:"
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		function := strings.Trim(req.URL.Path, "/")
		_ = req.ParseForm() // SES answers what is no form
		from := req.PostForm.Get("Source")
		switch action := req.PostForm.Get("Action"); action {
		case "SendRawEmail":
			_, domain, _ := strings.Cut(from, "@")
			seen := map[string]string{"ses:FromAddress": from}
			r.add(function, "ses:"+action, arn+"identity/"+domain, seen)
			r.add(function, "ses:"+action, arn+"configuration-set/"+req.PostForm.Get("ConfigurationSetName"), seen)
			if raw, err := base64.StdEncoding.DecodeString(req.PostForm.Get("RawMessage.Data")); err == nil {
				if m, err := mail.ReadMessage(strings.NewReader(string(raw))); err == nil &&
					!strings.Contains(m.Header.Get("From"), from) {
					r.add(function, "ses:"+action, "a From header that is not the source", seen)
				}
			}
		default:
			r.add(function, "ses:"+action, "*", nil)
		}
		ses.ServeHTTP(w, req)
	})
}

// cloud stands in for SQS' SendMessage, EventBridge's PutEvents, and KMS under one key. It keeps what it got.
type cloud struct {
	calls *recorder

	mu        sync.Mutex
	letters   []json.RawMessage
	announced []string
}

type cloudRequest struct {
	MessageBody, QueueUrl string
	Entries               []struct{ Source, DetailType, EventBusName string }
	KeyId                 string
	EncryptionContext     map[string]string
	Plaintext             []byte
	CiphertextBlob        []byte
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in cloudRequest
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	function := strings.Trim(r.URL.Path, "/")
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	answer, err := c.answer(function, action, in)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	_ = json.NewEncoder(w).Encode(answer)
}

func (c *cloud) answer(function, action string, in cloudRequest) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch action {
	case "SendMessage":
		c.calls.add(function, "sqs:"+action, path.Base(in.QueueUrl)+".Arn", nil)
		c.letters = append(c.letters, json.RawMessage(in.MessageBody))
		sum := md5.Sum([]byte(in.MessageBody)) // the SDK checks it
		return map[string]any{"MessageId": "m", "MD5OfMessageBody": hex.EncodeToString(sum[:])}, nil
	case "PutEvents":
		for _, e := range in.Entries {
			c.calls.add(function, "events:"+action, e.EventBusName+".Arn", map[string]string{"events:source": e.Source})
			c.announced = append(c.announced, e.DetailType)
		}
		return map[string]any{"FailedEntryCount": 0, "Entries": []any{map[string]any{"EventId": "e"}}}, nil
	case "Encrypt":
		c.keys(function, action, in)
		return map[string]any{"KeyId": in.KeyId,
			"CiphertextBlob": slices.Concat([]byte(in.EncryptionContext["associatedData"]), in.Plaintext)}, nil
	case "Decrypt":
		c.keys(function, action, in)
		plain, ok := strings.CutPrefix(string(in.CiphertextBlob), in.EncryptionContext["associatedData"])
		if !ok {
			return nil, errors.New("another encryption context")
		}
		return map[string]any{"KeyId": in.KeyId, "Plaintext": []byte(plain)}, nil
	}
	return nil, errors.New("no such action")
}

// secretPrefix is the hex of "lapse/v1", 0, "C", which begins the contexts of secrets.
const secretPrefix = "6c617073652f76310043"

// keys records the use of a key: of the context the names, and as much of associatedData as every matter has, or all of
// it for a secret of letters.
func (c *cloud) keys(function, action string, in cloudRequest) {
	seen := map[string]string{"kms:EncryptionContextKeys": strings.Join(slices.Sorted(maps.Keys(in.EncryptionContext)),
		",")}
	if d, ok := in.EncryptionContext["associatedData"]; ok {
		if !strings.HasPrefix(d, secretPrefix) {
			d = d[:min(len(d), 2*len("lapse/v1?M#"))]
		}
		seen["kms:EncryptionContext:associatedData"] = d
	}
	c.calls.add(function, "kms:"+action, in.KeyId, seen)
}

func (c *cloud) got() (letters []json.RawMessage, announced []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.letters, c.announced
}

// requireCalls requires that the files list what was recorded. LAPSE_RECORD=1 writes them anew.
func (r *recorder) requireCalls(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for file, recorded := range map[string]map[string]bool{callsFile: r.seen, metricsFile: r.written} {
		got := strings.Join(slices.Sorted(maps.Keys(recorded)), "\n") + "\n"
		if os.Getenv("LAPSE_RECORD") != "" {
			require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), got,
			"%s says something else; if it should, run \"make calls\" and look at template.yaml", file)
	}
}
