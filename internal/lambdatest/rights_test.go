package lambdatest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"lapse/internal/seal"
)

// No engine on a laptop knows IAM. These guards stand before it and do what IAM does with the DynamoDB statements of
// template.yaml: an action on a partition that no statement of the function's role covers is refused.

// grant is one statement that allows actions on the partitions of its dynamodb:LeadingKeys patterns.
type grant struct{ actions, partitions []string }

type statement struct {
	Effect    string    `yaml:"Effect"`
	Action    yaml.Node `yaml:"Action"`
	Condition struct {
		Keys struct {
			LeadingKeys []string `yaml:"dynamodb:LeadingKeys"`
		} `yaml:"ForAllValues:StringLike"`
		Like struct {
			Context string `yaml:"kms:EncryptionContext:associatedData"`
		} `yaml:"StringLike"`
	} `yaml:"Condition"`
}

// actions reads one action or a list.
func (s statement) actions(t *testing.T) []string {
	t.Helper()
	var list []string
	if s.Action.Kind == yaml.ScalarNode {
		return []string{s.Action.Value}
	}
	require.NoError(t, s.Action.Decode(&list))
	return list
}

// stack is the part of template.yaml that a function runs by.
type stack struct {
	Globals struct {
		Function function `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Properties yaml.Node `yaml:"Properties"`
	} `yaml:"Resources"`
}

type function struct {
	Environment struct {
		Variables map[string]yaml.Node `yaml:"Variables"`
	} `yaml:"Environment"`
}

func readStack(t *testing.T, template []byte) stack {
	t.Helper()
	var s stack
	require.NoError(t, yaml.Unmarshal(template, &s))
	return s
}

// properties reads the properties of a function's resource, "Function" or "Role".
func (s stack) properties(t *testing.T, name, resource string, into any) {
	t.Helper()
	node := s.Resources[strings.ToUpper(name[:1])+name[1:]+resource].Properties
	require.NoError(t, node.Decode(into))
}

// variables are the variables that a function gets, as the template gives them.
func (s stack) variables(t *testing.T, name string) map[string]yaml.Node {
	t.Helper()
	var f function
	s.properties(t, name, "Function", &f)
	all := maps.Clone(s.Globals.Function.Environment.Variables)
	maps.Copy(all, f.Environment.Variables)
	return all
}

// statements are those of a function's role.
func (s stack) statements(t *testing.T, name string) []statement {
	t.Helper()
	var role struct {
		Policies []struct {
			PolicyDocument struct {
				Statement []statement `yaml:"Statement"`
			} `yaml:"PolicyDocument"`
		} `yaml:"Policies"`
	}
	s.properties(t, name, "Role", &role)
	require.Len(t, role.Policies, 1)
	return role.Policies[0].PolicyDocument.Statement
}

// grants are the statements that allow something on the table.
func (s stack) grants(t *testing.T, name string) []grant {
	t.Helper()
	var allowed []grant
	for _, s := range s.statements(t, name) {
		a := s.actions(t)
		switch {
		case s.Effect != "Allow" || !strings.HasPrefix(a[0], "dynamodb:"):
		case slices.Equal(a, []string{"dynamodb:DescribeTable"}):
			allowed = append(allowed, grant{actions: a, partitions: []string{""}}) // it is about no item
		default:
			require.NotEmpty(t, s.Condition.Keys.LeadingKeys, "%s: a statement for every partition", name)
			allowed = append(allowed, grant{actions: a, partitions: s.Condition.Keys.LeadingKeys})
		}
	}
	require.NotEmpty(t, allowed)
	return allowed
}

// guards starts one guard for each function and returns their URLs. What passes is recorded.
func guards(t *testing.T, engine string, s stack, calls *recorder) map[string]string {
	t.Helper()
	target, err := url.Parse(engine)
	require.NoError(t, err)
	urls := map[string]string{}
	for _, name := range []string{"api", "intake", "dispatch", "delivery", "verify", "report"} {
		server := httptest.NewServer(guard(s.grants(t, name), httputil.NewSingleHostReverseProxy(target),
			func(a access) { calls.access(name, a) }))
		t.Cleanup(server.Close)
		urls[name] = server.URL
	}
	return urls
}

func guard(allowed []grant, engine http.Handler, record func(access)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		for _, a := range accesses(operation, body) {
			covered := slices.ContainsFunc(allowed, func(g grant) bool {
				return slices.Contains(g.actions, "dynamodb:"+a.action) && slices.ContainsFunc(g.partitions, func(p string) bool {
					ok, _ := path.Match(p, a.partition)
					return ok
				})
			})
			if !covered {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"__type":"AccessDeniedException","message":"the role does not allow %s on partition %s"}`,
					a.action, a.partition)
				return
			}
			record(a)
		}
		engine.ServeHTTP(w, r)
	})
}

// access is one action on one partition; what names no partition is an action on "".
type access struct{ action, partition string }

type keyed struct {
	Key, Item map[string]struct{ S string }
}

func (k keyed) partition() string { return k.Key["PK"].S + k.Item["PK"].S }

// accesses takes a request apart as IAM does: a batch into its keys, a transaction into its single writes.
func accesses(operation string, body []byte) []access {
	var in struct {
		keyed
		ExpressionAttributeValues map[string]struct{ S string }
		RequestItems              map[string]json.RawMessage
		TransactItems             []map[string]keyed
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return []access{{operation, ""}}
	}
	var all []access
	switch operation {
	case "Query":
		all = append(all, access{operation, in.ExpressionAttributeValues[":p"].S})
	case "BatchGetItem":
		for _, table := range in.RequestItems {
			var asked struct {
				Keys []map[string]struct{ S string }
			}
			if err := json.Unmarshal(table, &asked); err != nil {
				return []access{{operation, ""}}
			}
			for _, k := range asked.Keys {
				all = append(all, access{operation, k["PK"].S})
			}
		}
	case "BatchWriteItem":
		for _, table := range in.RequestItems {
			var writes []struct{ PutRequest, DeleteRequest keyed }
			if err := json.Unmarshal(table, &writes); err != nil {
				return []access{{operation, ""}}
			}
			for _, w := range writes {
				all = append(all, access{operation, w.PutRequest.partition() + w.DeleteRequest.partition()})
			}
		}
	case "TransactWriteItems":
		for _, write := range in.TransactItems {
			for kind, k := range write {
				all = append(all, access{kind + "Item", k.partition()})
			}
		}
	default:
		all = append(all, access{operation, in.partition()})
	}
	return all
}

// encrypting is KMS, of which only the encryption context is looked at.
type encrypting struct{ context map[string]string }

func (k *encrypting) Encrypt(_ context.Context, in *kms.EncryptInput, _ ...func(*kms.Options)) (*kms.EncryptOutput,
	error) {
	k.context = in.EncryptionContext
	return &kms.EncryptOutput{CiphertextBlob: in.Plaintext}, nil
}

func (k *encrypting) Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	return nil, errors.New("nobody decrypts here")
}

// TestWhoMayUseTheKeysetKey: intake and api seal and cannot open, only dispatch opens, delivery does neither. The api
// opens one secret of letters, that of references. The contexts are those that package seal gives.
func TestWhoMayUseTheKeysetKey(t *testing.T) {
	k := &encrypting{}
	key := &seal.KMSKey{Client: k, KeyID: "key"}
	_, err := key.Wrap(t.Context(), matterID, []byte("keyset"))
	require.NoError(t, err)
	contexts := map[string]string{"keyset": k.context["associatedData"]}
	for _, secret := range []string{"reference", "code", "seed"} {
		_, err := key.WrapSecret(t.Context(), secret, []byte("secret"))
		require.NoError(t, err)
		contexts[secret] = k.context["associatedData"]
	}
	stack := readStack(t, readTemplate(t))
	for name, want := range map[string][]string{
		"api": {"kms:Decrypt reference", "kms:Encrypt keyset"}, "intake": {"kms:Encrypt keyset"},
		"dispatch": {
			"kms:Decrypt code", "kms:Decrypt keyset", "kms:Decrypt reference", "kms:Decrypt seed",
			"kms:Encrypt code", "kms:Encrypt reference", "kms:Encrypt seed",
		}, "delivery": nil, "verify": nil, "report": nil,
	} {
		var got []string
		for _, s := range stack.statements(t, name) {
			for _, action := range s.actions(t) {
				if !strings.HasPrefix(action, "kms:") {
					continue
				}
				for what, associated := range contexts {
					if ok, err := path.Match(s.Condition.Like.Context, associated); ok && err == nil {
						got = append(got, action+" "+what)
					}
				}
			}
		}
		slices.Sort(got)
		require.Equal(t, want, got, name)
	}
}

// TestEveryRoleIsDeniedScan: whatever a wider statement may once allow.
func TestEveryRoleIsDeniedScan(t *testing.T) {
	stack := readStack(t, readTemplate(t))
	for _, name := range []string{"api", "intake", "dispatch", "delivery", "verify", "report"} {
		require.True(t, slices.ContainsFunc(stack.statements(t, name), func(s statement) bool {
			return s.Effect == "Deny" && slices.Contains(s.actions(t), "dynamodb:Scan") &&
				slices.Contains(s.actions(t), "dynamodb:DeleteTable")
		}), name)
		for _, s := range stack.statements(t, name) {
			require.NotContains(t, strings.Join(s.actions(t), " "), "*", "%s: each action by its name", name)
		}
	}
}
