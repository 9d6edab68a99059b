package statemachine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/cmd/lapse/statemachine"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

func TestTheDocumentIsInStepWithTheCode(t *testing.T) {
	have, err := os.ReadFile("../../../../docs/state-machine.md")
	require.NoError(t, err)
	require.Equal(t, statemachine.Document(), string(have),
		"run: go run ./internal/cmd/lapse state-machine > docs/state-machine.md")
}

// constants lists the values of every constant of a type ("notice.State").
func constants(t *testing.T, of string) []string {
	t.Helper()
	folder, of, _ := strings.Cut(of, ".")
	names, err := filepath.Glob("../../../" + folder + "/*.go")
	require.NoError(t, err)
	var values []string
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == of {
				for _, value := range v.Values {
					s, err := strconv.Unquote(value.(*ast.BasicLit).Value)
					require.NoError(t, err)
					values = append(values, s)
				}
			}
			return true
		})
	}
	require.NotEmpty(t, values, of)
	return values
}

func TestEveryStateAndOpIsSpokenOf(t *testing.T) {
	notices, rest, ok := strings.Cut(statemachine.Document(), "## Orders")
	require.True(t, ok)
	orders, matters, ok := strings.Cut(rest, "## Matters")
	require.True(t, ok)
	for of, part := range map[string]string{"notice.State": notices, "notice.Op": notices, "matter.OrderState": orders,
		"matter.State": matters} {
		for _, value := range constants(t, of) {
			require.Contains(t, part, "| `"+value+"` |", of)
		}
	}
	require.NotContains(t, notices, "|  |", "a transition without a meaning")
}

// TestThePictureShowsWhatTheTableAllows: every arrow of the picture stands in the state table, and every state that a
// notice gets into stands in the picture.
func TestThePictureShowsWhatTheTableAllows(t *testing.T) {
	drawn := map[notice.State]bool{}
	for _, m := range statemachine.MainPath() {
		drawn[m.From], drawn[m.To] = true, true
		for _, op := range m.Ops {
			require.True(t, slices.ContainsFunc(notice.Transitions(), func(row notice.Transition) bool {
				return row.Op == op && slices.Contains(row.From, m.From) && slices.Contains(row.To, m.To)
			}), "%s from %s to %s", op, m.From, m.To)
		}
	}
	for _, row := range notice.Transitions() {
		for _, to := range row.To {
			require.True(t, drawn[to], "the picture has no state %s", to)
		}
	}
}

func TestTheTableOfOrderStatesIsWhatTheEvaluatorDoes(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	ahead := matter.Paper{End: matter.End{Kind: matter.EndInstant, At: now.Add(time.Hour)}, Country: "US",
		Zone: "America/Los_Angeles"}
	endless := matter.Paper{End: matter.End{Kind: matter.EndNone}, Country: "US", Zone: "America/Los_Angeles"}
	order := func(paper matter.Paper, findings ...matter.Finding) (matter.Order, matter.Restraint) {
		return matter.Order{ID: "o", Findings: findings},
			matter.Restraint{ID: "o", Kind: matter.CourtOrder, All: true, Paper: paper, Until: paper.End.At, Recorded: now}
	}
	ended := func(how string) func() (matter.Order, matter.Restraint) {
		return func() (matter.Order, matter.Restraint) {
			o, r := order(ahead)
			o.Endings = []matter.Ending{{How: how, EffectiveAt: now.Add(-time.Hour)}}
			r.Ended = now.Add(-time.Hour)
			return o, r
		}
	}
	unsigned := matter.Finding{Severity: matter.Binding, Status: matter.Fail}
	flawed := matter.Finding{Severity: matter.Deficient, Status: matter.Fail}
	// One order for each row of the table that meets the row's condition and, where it can, those of later rows.
	examples := []func() (matter.Order, matter.Restraint){
		func() (matter.Order, matter.Restraint) { o, r := order(endless, unsigned); r.Void = true; return o, r },
		ended("lifted"),
		func() (matter.Order, matter.Restraint) {
			o, r := order(endless, unsigned)
			r.Kind = matter.Plea
			return o, r
		},
		func() (matter.Order, matter.Restraint) {
			o, r := order(ahead, unsigned)
			r.Paper.End.At, r.Until = now.Add(-time.Hour), now.Add(-time.Hour)
			return o, r
		},
		func() (matter.Order, matter.Restraint) {
			o, r := order(ahead, unsigned)
			r.Paper.End.At, r.Until, r.Assessed = now.Add(-time.Hour), now.Add(-time.Hour), true
			return o, r
		},
		func() (matter.Order, matter.Restraint) {
			o, r := order(endless, unsigned)
			r.Kind = matter.Certification
			return o, r
		},
		func() (matter.Order, matter.Restraint) { return order(endless, unsigned) },
		func() (matter.Order, matter.Restraint) {
			p := ahead
			p.StartsOn, p.End.At = matter.Date{Year: 2026, Month: 4, Day: 1}, now.AddDate(1, 0, 0)
			o, r := order(p, unsigned)
			r.From = now.AddDate(0, 1, 0)
			return o, r
		},
		func() (matter.Order, matter.Restraint) { return order(ahead, unsigned, flawed) },
		func() (matter.Order, matter.Restraint) { return order(ahead, flawed) },
		func() (matter.Order, matter.Restraint) { return order(ahead) },
	}
	rules := restraint.OrderStates()
	require.Len(t, examples, len(rules))
	for i, rule := range rules {
		o, r := examples[i]()
		h := matter.Head{Restraints: []matter.Restraint{r}}
		e := restraint.NewEvaluator()
		require.Equal(t, rule.State, e.State(&o, &h, now), "row %d", i+1)
		covering := e.Covering(&h, restraint.Target{Subject: "u1", Role: matter.User, Disclosed: now.Add(-2 * time.Hour)})
		require.Equal(t, rule.Blocks, !restraint.Clear(covering, now.Add(-2*time.Hour), now), "row %d", i+1)
	}
}
