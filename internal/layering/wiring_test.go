package layering

import (
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOnlyWireBuildsServices: the functions and the local stack get their services from internal/wire, so that they do
// not differ in rules, terms or metrics. Each service is built in one place. What is for tests only may build its own.
func TestOnlyWireBuildsServices(t *testing.T) {
	var services []string
	for name, floor := range floors() {
		if floor == verb {
			services = append(services, name)
		}
	}
	require.NotEmpty(t, services)
	built := map[string][]string{}
	for _, s := range sources(t) {
		if s.test || floors()[s.pkg.name()] == nothing {
			continue
		}
		for _, service := range services {
			if s.builds(module+"/"+service, "Service") {
				built[service] = append(built[service], s.pkg.name())
			}
		}
	}
	for _, service := range services {
		require.Len(t, built[service], 1, "%s is built in %v", service, built[service])
		require.True(t, strings.HasPrefix(built[service][0], "internal/wire/"), "%s builds %s", built[service][0], service)
	}
}

// TestFunctionsAndTheLocalStackAreWired by the same packages: each that a function imports the local stack imports too.
func TestFunctionsAndTheLocalStackAreWired(t *testing.T) {
	const prefix = module + "/internal/wire/"
	stack, used := map[string]bool{}, 0
	for _, p := range packages(t) {
		if p.name() == "internal/cmd/lapse" {
			for _, path := range p.Imports {
				stack[path] = true
			}
		}
	}
	for _, p := range packages(t) {
		if floors()[p.name()] != function {
			continue
		}
		wired := slices.DeleteFunc(slices.Clone(p.Imports),
			func(path string) bool { return !strings.HasPrefix(path, prefix) })
		require.Len(t, wired, 1, "%s has one package that builds its services", p.name())
		require.True(t, stack[wired[0]], "the local stack is not built by %s, as %s is", wired[0], p.name())
		used++
	}
	require.NotZero(t, used)
}

// builds reports whether the file has a literal of the named type of the package with that import path.
func (s source) builds(path, name string) bool {
	found, packages := false, s.imported()
	ast.Inspect(s.tree, func(n ast.Node) bool {
		c, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if e, ok := c.Type.(*ast.SelectorExpr); ok && e.Sel.Name == name {
			id, plain := e.X.(*ast.Ident)
			found = found || plain && packages[id.Name] == path
		}
		return true
	})
	return found
}
