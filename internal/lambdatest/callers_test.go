package lambdatest_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lapse/internal/event"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// iamLike reports whether the value fits the pattern as IAM reads it: "*" stands for any text, slashes too.
func iamLike(pattern, value string) bool {
	parts := strings.Split(pattern, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(value)
}

// callerStatement is a statement of a managed policy of infra/callers.yaml.
type callerStatement struct {
	Sid       string                        `yaml:"Sid"`
	Effect    string                        `yaml:"Effect"`
	Action    scalars                       `yaml:"Action"`
	Resource  scalars                       `yaml:"Resource"`
	Condition map[string]map[string]scalars `yaml:"Condition"`
}

// scalars is one text or a list of them, whatever their tags.
type scalars []string

// UnmarshalYAML implements yaml.Unmarshaler.
func (s *scalars) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*s = scalars{n.Value}
		return nil
	}
	for _, c := range n.Content {
		*s = append(*s, c.Value)
	}
	return nil
}

// readCallers reads the statements of each policy of infra/callers.yaml.
func readCallers(t *testing.T) map[string][]callerStatement {
	t.Helper()
	text, err := os.ReadFile("../../infra/callers.yaml")
	require.NoError(t, err)
	var template struct {
		Resources map[string]struct {
			Properties struct {
				PolicyDocument struct {
					Statement []callerStatement `yaml:"Statement"`
				} `yaml:"PolicyDocument"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	require.NoError(t, yaml.Unmarshal(text, &template))
	all := map[string][]callerStatement{}
	for name, r := range template.Resources {
		all[name] = r.Properties.PolicyDocument.Statement
	}
	return all
}

// allows reports whether a statement allows the action on the resource, conditions aside.
func allows(all []callerStatement, action, resource string) bool {
	return slices.ContainsFunc(all, func(s callerStatement) bool {
		return s.Effect == "Allow" && slices.Contains(s.Action, action) &&
			slices.ContainsFunc(s.Resource, func(r string) bool { return iamLike(r, resource) })
	})
}

const (
	callerAPI = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiId}/$default/"
	callerBus = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${BusName}"
)

// contractTypes are the types of CloudEvents that Lapse takes or will take, without "lapse." and ".v1".
func contractTypes() []string {
	return strings.Fields(`request.received request.amended request.decided request.challenged request.closed
		disclosure.made order.received order.assessed order.challenged order.ended
		exception.requested exception.approved exception.renewed exception.ended contact.changed
		notice.objected notice.held notice.released notice.cancelled notice.told approval.given`)
}

// callerTypes are the types that each kind of caller may post.
func callerTypes() map[string][]string {
	return map[string][]string{
		"LegalSystem":   strings.Fields("request.received request.amended disclosure.made order.received notice.objected"),
		"AccountSystem": {"contact.changed"},
		"Reader":        nil,
		"NoCopies":      nil,
		"Counsel": strings.Fields(`request.decided request.challenged request.closed
			order.received order.assessed order.challenged order.ended
			exception.requested exception.approved exception.renewed exception.ended
			notice.objected notice.held notice.released notice.cancelled notice.told approval.given`),
	}
}

// TestEachCallerPostsItsTypesAlone: a stolen credential of the legal system or of the account system ends no order, and
// nobody has the route that takes every type.
func TestEachCallerPostsItsTypesAlone(t *testing.T) {
	callers := readCallers(t)
	require.Len(t, callers, len(callerTypes()))
	for name, types := range callerTypes() {
		for _, kind := range contractTypes() {
			posts := allows(callers[name], "execute-api:Invoke", callerAPI+"POST/v1/events/"+kind)
			require.Equal(t, slices.Contains(types, kind), posts, "%s posts %s", name, kind)
		}
		for _, request := range strings.Fields(`POST/v1/events POST/v1/events/ PUT/v1/events/order.ended POST/local/clock
			DELETE/v1/matters/m`) {
			require.False(t, allows(callers[name], "execute-api:Invoke", callerAPI+request), "%s: %s", name, request)
		}
		require.Equal(t, name == "Counsel", allows(callers[name], "execute-api:Invoke", callerAPI+"POST/v1/simulate"), name)
	}
}

// TestWhatEachCallerReads: the account system learns nothing of matters.
func TestWhatEachCallerReads(t *testing.T) {
	callers := readCallers(t)
	for request, readers := range map[string]string{
		"GET/v1/matters":                 "Counsel Reader",
		"GET/v1/matters/mat-1":           "Counsel LegalSystem Reader",
		"GET/v1/matters/mat-1/why":       "Counsel LegalSystem Reader",
		"GET/v1/notices/mat-1.n/preview": "Counsel Reader",
		"GET/v1/agenda":                  "Counsel Reader",
		"GET/v1/work":                    "Counsel Reader",
		"GET/v1/approvals":               "Counsel Reader",
		"GET/local/inbox":                "",
	} {
		var got []string
		for name, all := range callers {
			if allows(all, "execute-api:Invoke", callerAPI+request) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		require.Equal(t, readers, strings.Join(got, " "), request)
	}
}

// TestOnTheBusEachCallerSaysItsTypesAlone, and says one: ForAllValues alone would allow a call without any type.
func TestOnTheBusEachCallerSaysItsTypesAlone(t *testing.T) {
	types := callerTypes()
	for name, all := range readCallers(t) {
		onBus := name == "LegalSystem" || name == "AccountSystem"
		require.Equal(t, onBus, allows(all, "events:PutEvents", callerBus), name)
		for _, s := range all {
			if !slices.Contains(s.Action, "events:PutEvents") {
				continue
			}
			var full []string
			for _, kind := range types[name] {
				full = append(full, "lapse."+kind+".v1")
			}
			require.ElementsMatch(t, full, s.Condition["ForAllValues:StringEquals"]["events:detail-type"], name)
			require.Equal(t, scalars{"false"}, s.Condition["Null"]["events:detail-type"], name)
			require.Len(t, s.Condition, 2)
		}
	}
}

// TestTheBusTakesWhatItsCallersMaySay: the parameters' defaults are what the policies of the callers allow.
func TestTheBusTakesWhatItsCallersMaySay(t *testing.T) {
	var template struct {
		Parameters map[string]struct {
			Type    string `yaml:"Type"`
			Default string `yaml:"Default"`
		} `yaml:"Parameters"`
	}
	require.NoError(t, yaml.Unmarshal(readTemplate(t), &template))
	for parameter, caller := range map[string]string{"BusLegalTypes": "LegalSystem", "BusAccountTypes": "AccountSystem"} {
		p := template.Parameters[parameter]
		require.Equal(t, "CommaDelimitedList", p.Type)
		var want []string
		for _, kind := range callerTypes()[caller] {
			want = append(want, "lapse."+kind+".v1")
		}
		require.ElementsMatch(t, want, strings.Split(p.Default, ","), parameter)
	}
}

// TestEveryTypeHasARouteOfItsOwn, else IAM could not grant it alone.
func TestEveryTypeHasARouteOfItsOwn(t *testing.T) {
	var api struct {
		Events map[string]struct {
			Properties struct {
				Path   string `yaml:"Path"`
				Method string `yaml:"Method"`
			} `yaml:"Properties"`
		} `yaml:"Events"`
	}
	readStack(t, readTemplate(t)).properties(t, "api", "Function", &api)
	var routes, want []string
	for _, e := range api.Events {
		routes = append(routes, e.Properties.Method+" "+e.Properties.Path)
	}
	for _, kind := range contractTypes() {
		want = append(want, "POST /v1/events/"+kind)
	}
	require.ElementsMatch(t, append(want, "POST /v1/events", "ANY /{proxy+}"), routes)
	// One permission of at most 600 bytes a route has to fit into 20 KB, Lambda's limit of a function's policy.
	require.LessOrEqual(t, len(routes)*600, 20<<10)
	for _, known := range event.Types() {
		kind, _ := strings.CutPrefix(strings.TrimSuffix(string(known), ".v1"), "lapse.")
		require.Contains(t, want, "POST /v1/events/"+kind)
	}
}

// TestWhoeverMayUseEventBridgeArchivesNothing of the bus, and does not rewrite its policy, unless CloudFormation does.
func TestWhoeverMayUseEventBridgeArchivesNothing(t *testing.T) {
	var denied []string
	for _, s := range readCallers(t)["NoCopies"] {
		require.Equal(t, "Deny", s.Effect)
		require.Contains(t, s.Resource, callerBus, s.Sid)
		denied = append(denied, s.Action...)
	}
	require.Subset(t, denied, strings.Fields(`events:CreateArchive events:UpdateArchive
		events:PutPermission events:RemovePermission`))
}
