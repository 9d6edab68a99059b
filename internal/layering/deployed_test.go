package layering

import (
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryFunctionHasItsPlaces(t *testing.T) {
	var functions []string
	for name, floor := range floors() {
		if floor == function {
			functions = append(functions, strings.TrimPrefix(name, "functions/"))
		}
	}
	require.Len(t, functions, len(glob(t, "functions/*/main.go")), "one folder, one function")
	template, makefile := text(t, "template.yaml"), text(t, "Makefile")
	links, wiring := text(t, "internal/wire/links_test.go"), text(t, "internal/wire/wire_test.go")
	calls := "\n" + text(t, "internal/lambdatest/testdata/calls.txt")
	_, list, found := strings.Cut(makefile, "\nFUNCTIONS := ")
	require.True(t, found)
	list, _, _ = strings.Cut(list, "\n")
	for _, f := range functions {
		resource := strings.ToUpper(f[:1]) + f[1:]
		require.Contains(t, floors(), "internal/wire/"+f, "wire has a package that builds %s", f)
		require.Contains(t, links, strconv.Quote(f)+":", "the test of links says what %s is not linked with", f)
		require.Contains(t, wiring, "errs["+strconv.Quote(f)+"]", "a test builds %s from its environment", f)
		for _, r := range []string{resource + "Function", resource + "Role", resource + "Logs"} {
			require.Contains(t, template, "\n  "+r+":\n", "template.yaml defines %s", r)
		}
		throttles := regexp.MustCompile(`MetricName: Throttles, .*!Ref ` + resource + `Function`)
		require.Regexp(t, throttles, template, "the alarm on throttles counts %s", f)
		require.Contains(t, strings.Fields(list), f, "FUNCTIONS of the Makefile")
		require.Contains(t, makefile, "\nbuild-"+resource+"Function:\n", "sam build asks for the target")
		require.NotEmpty(t, glob(t, "events/"+f+"-*.json"), "%s has a sample event", f)
		require.NotEmpty(t, glob(t, "internal/lambdatest/testdata/"+f+"-*.json"), "%s has a sample's expectations", f)
		require.Contains(t, calls, "\n"+f+" ", "make calls")
	}
	for _, list := range stringLists(of(t, "internal/lambdatest", true)) {
		named := slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !slices.Contains(functions, s) })
		if len(named) > 2 {
			require.ElementsMatch(t, functions, named, "a test of internal/lambdatest goes through all functions")
		}
	}
}

// stringLists are the values of the []string literals of the files.
func stringLists(all []source) [][]string {
	var lists [][]string
	for _, s := range all {
		ast.Inspect(s.tree, func(n ast.Node) bool {
			c, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			array, ok := c.Type.(*ast.ArrayType)
			if !ok {
				return true
			}
			if elem, ok := array.Elt.(*ast.Ident); !ok || elem.Name != "string" {
				return true
			}
			var list []string
			for _, e := range c.Elts {
				if l, ok := e.(*ast.BasicLit); ok {
					if value, err := strconv.Unquote(l.Value); err == nil {
						list = append(list, value)
					}
				}
			}
			lists = append(lists, list)
			return true
		})
	}
	return lists
}

// TestEverySESEventHasItsPlaces: the template asks SES for each event, delivery knows each by the name that it has on
// the bus, and each that the stand-in can play is asked for and has a test.
func TestEverySESEventHasItsPlaces(t *testing.T) {
	m := regexp.MustCompile(`MatchingEventTypes: \[(.*)\]`).FindStringSubmatch(text(t, "template.yaml"))
	require.NotNil(t, m)
	asked := map[string]bool{}
	known, tests := literals(of(t, "internal/delivery", false)), of(t, "internal/delivery", true)
	for _, name := range strings.Split(m[1], ", ") {
		asked[onTheBus(name)] = true
		require.True(t, known[onTheBus(name)], "delivery does not know %s", name)
		require.True(t, mention(tests, strconv.Quote(onTheBus(name))), "no test of delivery takes %s", name)
	}
	played := 0
	for _, s := range of(t, "internal/mailbox", false) {
		ast.Inspect(s.tree, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Names) != 1 || len(v.Values) != 1 || !strings.HasPrefix(v.Names[0].Name, "event") {
				return true
			}
			if l, ok := v.Values[0].(*ast.BasicLit); ok {
				if name, err := strconv.Unquote(l.Value); err == nil {
					require.True(t, asked[name], "the mailbox plays %q, which template.yaml does not ask SES for", name)
					played++
				}
			}
			return true
		})
	}
	require.NotZero(t, played)
}

// onTheBus is the eventType of an event whose name in an event destination is given. SES writes one of them in two
// words ("Contents of event data that Amazon SES publishes to Amazon SNS" in the SES developer guide).
func onTheBus(name string) string {
	if name == "RENDERING_FAILURE" {
		return "Rendering Failure"
	}
	words := strings.Split(strings.ToLower(name), "_")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}
