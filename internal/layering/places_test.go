package layering

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/letter"
	"lapse/internal/matter"
)

// The tests of this file go with the pages of CONTRIBUTING.md, "Adding an event type" and the rest: each fails where
// one place of the page was forgotten. What has its places is taken from the code, never from a list kept here.

// text is a file of the repository.
func text(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", path))
	require.NoError(t, err)
	return string(raw)
}

// glob lists the files of the repository that match.
func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", pattern))
	require.NoError(t, err)
	return files
}

// of lists the sources of a package, its tests or the others.
func of(t *testing.T, name string, tests bool) []source {
	t.Helper()
	all := slices.DeleteFunc(sources(t), func(s source) bool { return s.pkg.name() != name || s.test != tests })
	require.NotEmpty(t, all, name)
	return all
}

// literals are the string literals of the files.
func literals(all []source) map[string]bool {
	found := map[string]bool{}
	for _, s := range all {
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok {
				if value, err := strconv.Unquote(l.Value); err == nil {
					found[value] = true
				}
			}
			return true
		})
	}
	return found
}

// mention reports whether one of the files holds the text.
func mention(all []source, text string) bool {
	return slices.ContainsFunc(all, func(s source) bool { return strings.Contains(string(s.text), text) })
}

func TestEveryEventTypeHasItsPlaces(t *testing.T) {
	constants := typeConstants(t)
	require.Len(t, event.Types(), len(constants), "event.Types() lists every constant of event.Type")
	envelope := text(t, "events/schema/envelope.json")
	template := text(t, "template.yaml")
	tests := slices.Concat(of(t, "internal/intake", true), of(t, "internal/cases", true))
	byData := map[reflect.Type][]event.Type{}
	for _, e := range event.Types() {
		name := strings.TrimSuffix(strings.TrimPrefix(string(e), "lapse."), ".v1")
		require.NotEmpty(t, constants[e], "%s has a constant in internal/event", e)
		require.Len(t, glob(t, "events/schema/"+name+".json"), 1, "%s has a schema", e)
		require.NotEmpty(t, glob(t, "events/schema/"+name+"/invalid-*.json"), "%s has samples of bad events", e)
		require.Contains(t, envelope, strconv.Quote(string(e)), "the envelope's schema lists the type")
		require.Contains(t, template, "- "+string(e)+"\n", "the bus's rule for intake lists %s", e)
		require.True(t, mention(tests, name) || takes(t, tests, constants[e]), "a test of intake, or a case, takes %s", e)

		valid := glob(t, "events/schema/"+name+"/valid-*.json")
		require.NotEmpty(t, valid, "%s has samples of good events", e)
		raw, err := os.ReadFile(valid[0])
		require.NoError(t, err)
		decoded, err := events.Decode(raw, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		require.NoError(t, err, "%s", valid[0])
		data := reflect.TypeOf(decoded.Data)
		require.NotNil(t, data, "events.Decode has a struct for the data of %s", e)
		byData[data] = append(byData[data], e)
	}
	planned := typeCases(of(t, "internal/intake", false))
	verbs := slices.DeleteFunc(sources(t), func(s source) bool {
		return s.test || s.pkg.name() == "events" || s.pkg.name() == "internal/event"
	})
	for data, types := range byData {
		require.True(t, planned[data.String()], "intake plans no event of %v, whose data is a %s", types, data)
		for _, e := range types {
			if len(types) > 1 {
				used := slices.ContainsFunc(verbs, func(s source) bool { return s.selects("event", constants[e]) })
				require.True(t, used, "nothing tells %s from %v, whose data is a %s too", e, types, data)
			}
		}
	}
}

func TestEveryEventTypeSaysWhetherItForbidsMails(t *testing.T) {
	inFlight := slices.DeleteFunc(of(t, "internal/intake", false), func(s source) bool {
		return filepath.Base(s.name) != "inflight.go"
	})
	require.Len(t, inFlight, 1)
	for e, constant := range typeConstants(t) {
		require.True(t, inFlight[0].selects("event", constant), "forbids names %s: its answer waits for mails, or not", e)
	}
}

func TestEveryKindOfRowHasItsPlaces(t *testing.T) {
	constants := map[string]string{}
	for _, s := range of(t, "internal/agenda", false) {
		ast.Inspect(s.tree, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 || len(v.Names) != 1 {
				return true
			}
			if kind, typed := v.Type.(*ast.Ident); typed && kind.Name == "Kind" {
				value, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				constants[value] = v.Names[0].Name
			}
			return true
		})
	}
	require.Len(t, constants, len(agenda.Kinds()), "agenda.Kinds() lists every constant of agenda.Kind")
	glossary := text(t, "docs/glossary.md")
	for _, kind := range agenda.Kinds() {
		constant := constants[string(kind)]
		require.NotEmpty(t, constant, "%s has a constant", kind)
		require.Contains(t, glossary, "| `"+string(kind)+"` |", "the glossary says what a row of kind %s asks for", kind)
		for _, name := range []string{"internal/dispatch", "internal/site"} {
			if kind == agenda.Notice && name == "internal/dispatch" || kind == agenda.Count && name == "internal/site" {
				continue // the notice pass reads no other kind, and nobody is shown that something is counted
			}
			used := slices.ContainsFunc(of(t, name, false), func(s source) bool { return s.selects("agenda", constant) })
			require.True(t, used, "%s knows rows of kind %s", name, kind)
		}
	}
}

// typeConstants are the names of the constants of event.Type.
func typeConstants(t *testing.T) map[event.Type]string {
	t.Helper()
	names := map[event.Type]string{}
	for _, s := range of(t, "internal/event", false) {
		ast.Inspect(s.tree, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != len(v.Names) {
				return true
			}
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Type" {
				for i, value := range v.Values {
					l, ok := value.(*ast.BasicLit)
					require.True(t, ok)
					value, err := strconv.Unquote(l.Value)
					require.NoError(t, err)
					names[event.Type(value)] = v.Names[i].Name
				}
			}
			return true
		})
	}
	return names
}

// takes reports whether one of the tests calls a fixture of worldtest that makes events of the type with this constant.
func takes(t *testing.T, tests []source, constant string) bool {
	t.Helper()
	for _, s := range of(t, "internal/worldtest", false) {
		for _, d := range s.tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.Contains(string(s.text[f.Pos()-s.tree.FileStart:f.End()-s.tree.FileStart]), "event."+constant) {
				continue
			}
			if mention(tests, "worldtest."+f.Name.Name+"(") {
				return true
			}
		}
	}
	return false
}

// typeCases are the types that the files' type switches have a case for, such as *event.OrderEndedData.
func typeCases(all []source) map[string]bool {
	cases := map[string]bool{}
	for _, s := range all {
		ast.Inspect(s.tree, func(n ast.Node) bool {
			sw, ok := n.(*ast.TypeSwitchStmt)
			if !ok {
				return true
			}
			for _, clause := range sw.Body.List {
				for _, e := range clause.(*ast.CaseClause).List {
					if p, ok := e.(*ast.StarExpr); ok {
						if sel, ok := p.X.(*ast.SelectorExpr); ok {
							cases[fmt.Sprintf("*%s.%s", sel.X, sel.Sel.Name)] = true
						}
					}
				}
			}
			return true
		})
	}
	return cases
}

func TestEveryCheckHasItsPlaces(t *testing.T) {
	laws, openAPI := text(t, "docs/law.md"), text(t, "internal/httpapi/openapi.json")
	tests, intake := of(t, "internal/law", true), literals(of(t, "internal/intake", false))
	known := map[string]bool{}
	for i, c := range law.Checks() {
		require.Equal(t, fmt.Sprintf("K%02d", i+1), c.ID, "the codes count on, and none is used again")
		known[c.ID] = true
		require.Contains(t, laws, "\n| "+c.ID+" | ", "make docs")
		require.True(t, mention(tests, `"`+c.ID), "a test of internal/law has rows for %s", c.ID)
		if c.Severity == matter.Binding && !strings.HasPrefix(c.Fails, "never") {
			require.True(t, intake[c.ID], "a person's verdict in intake settles %s, which decides whether an order binds", c.ID)
		}
	}
	last := law.Checks()[len(law.Checks())-1].ID
	require.Contains(t, openAPI, "K01 to "+last+" are the checks of an order")
	for _, s := range sources(t) {
		if floors()[s.pkg.name()] != verb {
			continue
		}
		for literal := range literals([]source{s}) {
			if len(literal) == 3 && literal[0] == 'K' && strings.Trim(literal[1:], "0123456789") == "" {
				require.True(t, known[literal], "%s names %s, which is no check", s.name, literal)
			}
		}
	}
}

func TestEveryLanguageHasItsPlaces(t *testing.T) {
	openAPI, letters := text(t, "internal/httpapi/openapi.json"), glob(t, "internal/letter/templates/v2/*/letter.tmpl")
	require.Len(t, letters, len(letter.Languages()), "letter.Languages() lists every language there is a wording in")
	for _, lang := range letter.Languages() {
		require.Len(t, glob(t, "internal/letter/templates/v2/"+lang+"/letter.tmpl"), 1, "%s has a wording", lang)
		require.Len(t, glob(t, "internal/letter/templates/v2/"+lang+"/words.json"), 1, "%s has its words", lang)
		require.Len(t, glob(t, "internal/letter/cldr/"+lang+".json"), 1, "%s has the names of countries and months", lang)
		require.NotEmpty(t, glob(t, "internal/letter/testdata/v2/"+lang+"/*.txt"), "%s has golden letters", lang)
		require.Len(t, glob(t, "internal/verify/words/"+lang+".json"), 1, "%s has the words of the page of letters", lang)
		require.Contains(t, openAPI, strconv.Quote(lang), "the preview's parameter lang names %s", lang)
	}
}

// TestEveryStoreRunsTheSuite: what records a change on its own account is a store, and every store passes storetest.
func TestEveryStoreRunsTheSuite(t *testing.T) {
	stores := 0
	for name, floor := range floors() {
		if floor != edge && floor != standIn || name == "internal/storetest" || !commits(of(t, name, false)) {
			continue
		}
		stores++
		runs := slices.ContainsFunc(sources(t), func(s source) bool {
			return s.test && s.pkg.name() == name && s.selects("storetest", "Run")
		})
		require.True(t, runs, "no test of %s runs storetest.Run", name)
	}
	require.NotZero(t, stores)
}

// commits reports whether a type of the files has a method Commit that takes a store.Change.
func commits(all []source) bool {
	for _, s := range all {
		for _, d := range s.tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Commit" {
				continue
			}
			for _, p := range f.Type.Params.List {
				if isSelector(p.Type, "store", "Change") {
					return true
				}
			}
		}
	}
	return false
}
