package layering

import (
	"go/ast"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAFunctionHasTheRealClock: no variable and no event may move the clock of a deployed function, since its clock is
// what keeps a notice from going out early. A function's main takes the machine's, the wiring hands on that one, and
// nothing sets another later.
func TestAFunctionHasTheRealClock(t *testing.T) {
	mains := map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		switch floors()[s.pkg.name()] {
		case function:
			for _, v := range s.clocks() {
				require.True(t, isSelector(v, "time", "Now"), "%s takes its clock from elsewhere than time.Now", s.name)
				mains[s.pkg.name()] = true
			}
		case wiring:
			for _, v := range s.clocks() {
				require.True(t, isSelector(v, "p", "Now"), "%s gives a service another clock than the process's", s.name)
			}
			require.False(t, s.selects("time", "Parse"), "%s reads an instant, from the environment perhaps", s.name)
		default:
			continue
		}
		require.False(t, s.setsNow(), "%s sets a clock anew", s.name)
	}
	for name, floor := range floors() {
		require.Equal(t, floor == function, mains[name], "%s has a clock", name)
	}
}

// clocks are the values given to fields named Now in composite literals.
func (s source) clocks() []ast.Expr {
	var all []ast.Expr
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			if key, plain := kv.Key.(*ast.Ident); plain && key.Name == "Now" {
				all = append(all, kv.Value)
			}
		}
		return true
	})
	return all
}

// setsNow reports whether the file assigns to anything's field named Now.
func (s source) setsNow() bool {
	found := false
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, left := range a.Lhs {
				e, field := left.(*ast.SelectorExpr)
				found = found || field && e.Sel.Name == "Now"
			}
		}
		return true
	})
	return found
}

func isSelector(e ast.Expr, x, sel string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != sel {
		return false
	}
	id, ok := s.X.(*ast.Ident)
	return ok && id.Name == x
}
