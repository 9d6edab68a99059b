package layering

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// exceptionsFile lists files that break a rule of the house still, one a line: the rule and the file. The list only
// gets shorter: a file that keeps the rule has to leave it, which LAPSE_RECORD=1 does.
const exceptionsFile = "testdata/exceptions.txt"

// The rules that have exceptions.
const (
	wide  = "wide"  // a line of more than 120 columns, a tab counting as one
	long  = "long"  // a production function of more than 60 lines
	cover = "cover" // a name in production code that hides one of Go's own
)

// requireRule requires that the files which break a rule are those that are listed. broken says where, by file.
func requireRule(t *testing.T, rule string, broken map[string]string) {
	t.Helper()
	text, err := os.ReadFile(exceptionsFile)
	require.NoError(t, err)
	var listed, others []string
	for line := range strings.Lines(string(text)) {
		r, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		if r != rule {
			others = append(others, line)
			continue
		}
		listed = append(listed, file)
	}
	for _, file := range slices.Sorted(maps.Keys(broken)) {
		require.True(t, slices.Contains(listed, file), "%s: %s", rule, broken[file])
	}
	kept := slices.DeleteFunc(slices.Clone(listed), func(file string) bool { return broken[file] == "" })
	if os.Getenv("LAPSE_RECORD") != "" && len(kept) < len(listed) {
		for _, file := range kept {
			others = append(others, rule+" "+file+"\n")
		}
		slices.Sort(others)
		require.NoError(t, os.WriteFile(exceptionsFile, []byte(strings.Join(others, "")), 0o644))
		listed = kept
	}
	require.Equal(t, kept, listed,
		"these files keep the rule %q now: LAPSE_RECORD=1 go test ./internal/layering takes them off the list", rule)
}

// TestLinesAreNarrow: 120 columns are what two windows beside each other show. Files that only some builds use count.
func TestLinesAreNarrow(t *testing.T) {
	broken := map[string]string{}
	for _, p := range packages(t) {
		for _, file := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles) {
			text, err := os.ReadFile(filepath.Join(p.Dir, file))
			require.NoError(t, err)
			n := 0
			for line := range bytes.Lines(text) {
				n++
				if utf8.RuneCount(bytes.TrimRight(line, "\n")) > 120 {
					broken[p.name()+"/"+file] = fmt.Sprintf("%s/%s:%d has more than 120 columns", p.name(), file, n)
				}
			}
		}
	}
	requireRule(t, wide, broken)
}

// TestFunctionsAreShort: what is longer than a page is more than one thought.
func TestFunctionsAreShort(t *testing.T) {
	broken := map[string]string{}
	for _, s := range sources(t) {
		for _, d := range s.tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || s.test {
				continue
			}
			body := s.text[f.Pos()-s.tree.FileStart : f.End()-s.tree.FileStart]
			if lines := bytes.Count(body, []byte("\n")) + 1; lines > 60 {
				broken[s.name] = fmt.Sprintf("%s: function %s has %d lines", s.name, f.Name.Name, lines)
			}
		}
	}
	requireRule(t, long, broken)
}

// TestNothingHidesGosOwn: where clear is a variable, a reader takes clear(m) for what it is not.
func TestNothingHidesGosOwn(t *testing.T) {
	broken := map[string]string{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, name := range s.declared() {
			if types.Universe.Lookup(name) != nil {
				broken[s.name] = fmt.Sprintf("%s declares %q", s.name, name)
			}
		}
	}
	requireRule(t, cover, broken)
}

// declared lists the names of a file's variables, constants, parameters, results, types and functions; methods and
// fields hide nothing.
func (s source) declared() (names []string) {
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok {
			names = append(names, id.Name)
		}
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if n.Tok == token.DEFINE {
					add(left)
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				add(n.Key)
				add(n.Value)
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				add(id)
			}
		case *ast.TypeSpec:
			add(n.Name)
		case *ast.FuncDecl:
			if n.Recv == nil {
				add(n.Name)
			} else {
				names = append(names, fieldNames(n.Recv)...)
			}
		case *ast.FuncType:
			names = append(names, fieldNames(n.TypeParams)...)
			names = append(names, fieldNames(n.Params)...)
			names = append(names, fieldNames(n.Results)...)
		}
		return true
	})
	return names
}

func fieldNames(list *ast.FieldList) (names []string) {
	if list == nil {
		return nil
	}
	for _, f := range list.List {
		for _, id := range f.Names {
			names = append(names, id.Name)
		}
	}
	return names
}

// TestTheRulesSeeWhatBreaksThem: a name that hides one of Go's own is found wherever it is declared.
func TestTheRulesSeeWhatBreaksThem(t *testing.T) {
	for name, text := range map[string]string{
		"a variable":    "func f() { len := 1; _ = len }",
		"a var":         "func f() { var len int; _ = len }",
		"a constant":    "const len = 1",
		"a parameter":   "func f(len int) {}",
		"a result":      "func f() (len int) { return 0 }",
		"a range":       "func f() { for len := range 3 { _ = len } }",
		"a value":       "func f(x []int) { for _, len := range x { _ = len } }",
		"a literal":     "func f() { _ = func(len int) {} }",
		"a type":        "type len struct{}",
		"a function":    "func len() {}",
		"a receiver":    "type t int\nfunc (len t) f() {}",
		"a type of any": "func f[len any]() {}",
	} {
		require.Contains(t, parsedText(t, text).declared(), "len", name)
	}
	for name, text := range map[string]string{
		"a method": "type t int\nfunc (t) len() {}", "a field": "type t struct{ len int }", "a use": "var _ = len(\"\")",
	} {
		require.NotContains(t, parsedText(t, text).declared(), "len", name)
	}
}

func parsedText(t *testing.T, text string) source {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, parser.SkipObjectResolution)
	require.NoError(t, err)
	return source{tree: tree}
}
