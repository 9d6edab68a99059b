package layering

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// source is one Go file of the module.
type source struct {
	pkg  pkg
	name string
	test bool
	text []byte
	tree *ast.File
}

// parse reads every Go file of the module once for all tests.
var parse = sync.OnceValues(func() ([]source, error) {
	packages, err := list()
	if err != nil {
		return nil, err
	}
	var all []source
	for _, p := range packages {
		for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				return nil, err
			}
			tree, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			test := strings.HasSuffix(name, "_test.go")
			all = append(all, source{pkg: p, name: p.name() + "/" + name, test: test, text: text, tree: tree})
		}
	}
	return all, nil
})

func sources(t *testing.T) []source {
	t.Helper()
	all, err := parse()
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// selects reports whether the file names x.sel, x being the plain name of a package, or any value if it is "".
func (s source) selects(x, sel string) bool {
	found := false
	ast.Inspect(s.tree, func(n ast.Node) bool {
		e, ok := n.(*ast.SelectorExpr)
		if !ok || e.Sel.Name != sel {
			return true
		}
		id, plain := e.X.(*ast.Ident)
		found = found || x == "" || plain && id.Name == x
		return true
	})
	return found
}

func TestFilesAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if !s.test {
			require.LessOrEqual(t, bytes.Count(s.text, []byte("\n")), 400, "%s has too many lines", s.name)
		}
		if floors()[s.pkg.name()] == function {
			require.Less(t, bytes.Count(s.text, []byte("\n")), 40, "%s: a main wires and starts, nothing else", s.name)
		}
	}
}

func TestNoInitFunctions(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			require.False(t, ok && f.Recv == nil && f.Name.Name == "init", "%s has an init function", s.name)
		}
	}
}

// TestTimeIsGiven: code that asks the machine for the time cannot be replayed, and the local stack could not push its
// clock.
func TestTimeIsGiven(t *testing.T) {
	allowed := []string{
		"internal/lambdatest/lambdatest.go", // deadlines of real processes
		"internal/dynamo/ahead.go",          // measures the machine's clock, and decides nothing by it
	}
	for _, s := range sources(t) {
		floor := floors()[s.pkg.name()]
		if s.test || floor == function || floor == command || slices.Contains(allowed, s.name) {
			continue
		}
		for _, f := range []string{"Now", "Since", "Until"} {
			require.False(t, s.selects("time", f), "%s uses time.%s", s.name, f)
		}
	}
}

// TestNoFunctionScans: the one Scan lists matters for the local stack's start page. No function can reach it through
// its wiring, and template.yaml denies it to every role besides.
func TestNoFunctionScans(t *testing.T) {
	for _, s := range sources(t) {
		switch floors()[s.pkg.name()] {
		case function, wiring:
			require.False(t, s.selects("", "Scan") || s.selects("", "Matters"), "%s lists matters by Scan", s.name)
		case verb, pure, words:
			require.False(t, s.selects("", "Scan") && bytes.Contains(s.text, []byte("dynamodb")), "%s scans", s.name)
		}
	}
}
