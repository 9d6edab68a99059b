package lambdatest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/config"
	"lapse/internal/dynamo"
	"lapse/internal/lambdatest"
	"lapse/internal/mailbox"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

const (
	samples = "../../events"
	timeout = 30 * time.Second
	// The notice that the delivery samples are about.
	matterID  = "mat-2026-0001"
	attempt   = "00112233445566778899aabbccddeeff"
	messageID = "0107019c0a7d-4b0a7c52-5d0d-4c0e-9d59-0b8f5a6f7d11-000000"
)

// want says what a sample needs and what has to follow; testdata holds one a sample.
type want struct {
	// Before are the samples that the api function takes first.
	Before []string `json:"before"`
	// Notice is the state in which the notice of the delivery samples stands first: "sent", "unknown", or "" for none.
	Notice string `json:"notice"`
	// Answer has to be part of the function's answer; a body given as an object is compared with the body's JSON.
	Answer json.RawMessage `json:"answer"`
	// Then is what has to be true afterwards.
	Then struct {
		// Version and Restraints are those of the matter's head.
		Version    int      `json:"version"`
		Restraints []string `json:"restraints"`
		// Notice and Reason are the state of the notice of the delivery samples.
		Notice notice.State  `json:"notice"`
		Reason notice.Reason `json:"reason"`
		// Mails are the recipients of what SES got, DeadLetters and Announced what the queues and the bus got.
		Mails       []string          `json:"mails"`
		DeadLetters []json.RawMessage `json:"deadLetters"`
		Announced   []string          `json:"announced"`
	} `json:"then"`
}

// TestFunctionsOnTheirSamples runs every function's real binary on every sample event, each on a table of its own.
func TestFunctionsOnTheirSamples(t *testing.T) {
	binaries := build(t)
	s := newStand(t)
	files, err := filepath.Glob(filepath.Join(samples, "*.json"))
	require.NoError(t, err)
	wants, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.Len(t, wants, len(files), "each sample in events/ has its expectations in testdata/")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			function, _, ok := strings.Cut(name, "-")
			require.True(t, ok && binaries[function] != "", "a sample's name begins with its function")
			s.run(t, binaries, function, name)
		})
	}
	t.Run("previewed", func(t *testing.T) { s.previewed(t, binaries) })
	t.Run("undone", func(t *testing.T) { s.undone(t, binaries) })
	t.Run("published", func(t *testing.T) { s.published(t, binaries) })
	t.Run("fanned-out", func(t *testing.T) { s.fannedOut(t, binaries) })
	s.calls.requireCalls(t)
}

func (s *stand) run(t *testing.T, binaries map[string]string, function, name string) {
	expected := readWant(t, name)
	in := s.world(t)
	if len(expected.Before) > 0 {
		api := lambdatest.Start(t, binaries["api"], in.environment(t, "api")...)
		for _, sample := range expected.Before {
			answer := invoke(t, api, sample)
			require.Contains(t, string(answer), `"statusCode":20`, "%s before %s", sample, name)
		}
	}
	in.notice(t, expected.Notice)
	f := lambdatest.Start(t, binaries[function], in.environment(t, function)...)
	requirePart(t, expected.Answer, invoke(t, f, name))
	in.requireThen(t, expected)
	s.calls.metrics(t, f.Log())
	require.NotContains(t, f.Log(), "@", "a log line holds an address")
	require.NotContains(t, f.Log(), `"level":"ERROR"`)
}

func readWant(t *testing.T, name string) want {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	var w want
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&w))
	return w
}

func invoke(t *testing.T, f *lambdatest.Function, sample string) json.RawMessage {
	t.Helper()
	answer, err := f.Invoke(readSample(t, sample), timeout)
	require.NoError(t, err)
	require.Nil(t, answer.Error, "%s: %s", answer.Error, f.Log())
	return answer.Payload
}

// world is what one sample runs in: a table of its own, a mailbox, queue and bus that keep what they get, and a key.
type world struct {
	stand  *stand
	values map[string]string
	store  *dynamo.Store
	mail   *mailbox.Server
	cloud  *cloud
	// ses and rest are the endpoints of the mailbox and of the cloud; below them each function has a path of its own.
	ses, rest string
	// bucket is the endpoint of S3, and files what it keeps.
	bucket string
	files  *s3mem.Backend
}

func (s *stand) world(t *testing.T) *world { return s.named(t, t.Name()) }

// named is a world whose table has a name of its own.
func (s *stand) named(t *testing.T, name string) *world {
	t.Helper()
	table := strings.ReplaceAll(strings.ReplaceAll(name, "/", "."), "_", "-")
	require.NoError(t, dynamo.CreateTable(t.Context(), s.client, s.template, table))
	box, err := mailbox.Open(mailbox.Config{Now: time.Now, Identities: []string{"lapse.example"},
		ConfigurationSets: []string{"lapse-dev"}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, box.Close()) })
	ses := httptest.NewServer(s.calls.sending(box))
	t.Cleanup(ses.Close)
	c := &cloud{calls: s.calls}
	rest := httptest.NewServer(c)
	t.Cleanup(rest.Close)
	files, bucket := s.bucket(t)
	values := fixed()
	values["TABLE"] = table
	return &world{stand: s, store: dynamo.New(s.client, table), mail: box, cloud: c, ses: ses.URL, rest: rest.URL,
		values: values, bucket: bucket, files: files}
}

// fixed are the variables that are the same in every world.
func fixed() map[string]string {
	return map[string]string{
		"POLICY_VERSION": "2026-01", "POLICY_RULES": `{"channels":["portal"]}`, "POLICY_URL": "https://lapse.example/policy",
		"HELP_URL": "", "VERIFY_URL": "https://check.lapse.example/verify",
		"SENDER": "notices@lapse.example", "SENDER_NAME": "Example Service", "REPLY_TO": "legal@lapse.example",
		"SENDING_ENABLED": "true", "UNKNOWN_POLICY": "must_arrive", "CONFIGURATION_SET": "lapse-dev", "BUS": "Bus",
		"STAGE": "dev", "KEYSET_KEY": keysetKey, "WORKERS": "32", "SENDING_SHARE": "0.95", "DISPATCHERS": "1",
		"ADVANCE_DAYS": "7", "APPROVALS": "principals", "PERSON_ROLES": "", "REPORT_BUCKET": reportBucket,
		"REPORT_URL": "https://transparency.example/", "REPORT_CONTACT": "", "POLICY_DIR": "", "SECURITY_STRUCTURE": "2",
		"SECURITY_WINDOW": "calendar_half",
	}
}

// environment gives one function the variables that template.yaml gives it and no other of Lapse's. Its requests to
// DynamoDB have to be allowed by its role; all its requests are recorded.
func (w *world) environment(t *testing.T, function string) []string {
	t.Helper()
	env := []string{"AWS_ENDPOINT_URL_DYNAMODB=" + w.stand.guards[function],
		"AWS_ENDPOINT_URL_SES=" + w.ses + "/" + function, "AWS_ENDPOINT_URL_S3=" + w.bucket + "/" + function}
	for _, service := range []string{"SQS", "EVENTBRIDGE", "KMS"} {
		env = append(env, "AWS_ENDPOINT_URL_"+service+"="+w.rest+"/"+function)
	}
	variables := w.stand.stack.variables(t, function)
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		value, ok := w.values[name]
		switch {
		case name == "DEAD_LETTERS" || name == "TICKS":
			// The queue is named as the template names it, which is how the recorder knows it.
			value, ok = w.rest+"/123456789012/"+variables[name].Value, true
		case name == "AWS_ENDPOINT_URL":
			continue // only "sam local" sets it
		}
		require.True(t, ok, "template.yaml gives %s the variable %s, which this test has no value for", function, name)
		env = append(env, name+"="+value)
	}
	return env
}

// noticeID is the id of u1's notice, under the salt of the matter's head where a function opened the matter.
func (w *world) noticeID(t *testing.T, disclosure string) string {
	t.Helper()
	h, err := w.store.Head(t.Context(), matterID)
	if errors.Is(err, store.ErrNotFound) {
		return worldtest.NoticeID(disclosure, "u1")
	}
	require.NoError(t, err)
	return notice.ID(h.Salt, matterID, disclosure, "u1")
}

// notice puts the notice of the delivery samples, with one attempt, in the state given.
func (w *world) notice(t *testing.T, state string) {
	t.Helper()
	if state == "" {
		return
	}
	now := matter.Floor(time.Now())
	n := worldtest.Notice(worldtest.Disclosed("d1", now, "u1"))
	require.NoError(t, w.store.PutRows(t.Context(), agenda.ForNotice(n.Matter, n.ID, now, 1)))
	require.NoError(t, w.store.PutNotice(t.Context(), n))
	outcome := notice.Complete(attempt, messageID, now)
	if state == "unknown" {
		outcome = notice.Unsure(attempt, now)
	}
	for _, a := range []notice.Act{worldtest.Claim(attempt, now), outcome} {
		_, moved, err := w.store.Apply(t.Context(), notice.Notice{ID: n.ID}, a)
		require.NoError(t, err)
		require.True(t, moved, "%s", a.Op)
	}
}

func (w *world) requireThen(t *testing.T, want want) {
	t.Helper()
	if want.Then.Version > 0 {
		h, err := w.store.Head(t.Context(), matterID)
		require.NoError(t, err)
		require.Equal(t, want.Then.Version, h.Version)
		for _, id := range want.Then.Restraints {
			_, ok := h.Restraint(id)
			require.True(t, ok, "restraint %s", id)
		}
	}
	if want.Then.Notice != "" {
		n, err := w.store.Notice(t.Context(), w.noticeID(t, "d1"))
		require.NoError(t, err)
		require.Equal(t, want.Then.Notice, n.State)
		require.Equal(t, want.Then.Reason, n.Reason)
	}
	require.Equal(t, want.Then.Mails, w.recipients())
	letters, announced := w.cloud.got()
	// A sweep also tells of what was recorded before it, as far as that has come up in this second.
	require.Subset(t, announced, want.Then.Announced)
	require.True(t, len(want.Then.Announced) > 0 || len(announced) == 0, "announced %v", announced)
	require.Len(t, letters, len(want.Then.DeadLetters))
	for i, l := range want.Then.DeadLetters {
		requirePart(t, l, letters[i])
	}
}

// TestAFunctionSaysEverythingThatIsMissing: a deployment with half its variables is mended in one go.
func TestAFunctionSaysEverythingThatIsMissing(t *testing.T) {
	stack := readStack(t, readTemplate(t))
	for name, binary := range build(t) {
		f := lambdatest.Start(t, binary)
		_, err := f.Invoke([]byte("{}"), timeout)
		require.ErrorContains(t, err, "its process ended")
		require.ErrorContains(t, f.Wait(), "exit status 1")
		for _, v := range config.Variables() {
			if _, has := stack.variables(t, name)[v.Name]; has && !v.Optional {
				require.Contains(t, f.Log(), v.Name, "%s", name)
			}
		}
	}
}

// built builds the functions once for all tests.
var built = sync.OnceValues(func() (map[string]string, error) {
	mains, err := filepath.Glob("../../functions/*/main.go")
	if err != nil {
		return nil, err
	}
	var commands []string
	for _, main := range mains {
		// go test keeps a result while the files that the test itself opened stay as they are.
		if _, err := os.ReadFile(main); err != nil {
			return nil, err
		}
		commands = append(commands, "lapse/functions/"+filepath.Base(filepath.Dir(main)))
	}
	return lambdatest.Build(os.Getenv(binariesVariable), commands...)
})

func build(t *testing.T) map[string]string {
	t.Helper()
	binaries, err := built()
	require.NoError(t, err)
	require.NotEmpty(t, binaries)
	return binaries
}

// binariesVariable names the folder of the functions' binaries, which TestMain makes and removes.
const binariesVariable = "LAPSE_TEST_BINARIES"

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "lapse-functions")
	if err == nil {
		err = os.Setenv(binariesVariable, dir)
	}
	if err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}
