package law_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// "make docs" runs these tests with -update, which writes the documents instead of comparing them.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write docs/law.md and docs/example-orders.md")
	os.Exit(m.Run())
}

func inStep(t *testing.T, name, want string) {
	t.Helper()
	path := "../../docs/" + name
	if update() {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	have, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(have), "run: make docs")
}

func TestTheLawsDocumentIsInStepWithTheRules(t *testing.T) {
	b, err := law.Load()
	require.NoError(t, err)
	doc := b.Document()
	inStep(t, "law.md", doc)
	for _, j := range b.Jurisdictions() {
		for _, r := range j.Rules {
			require.Equal(t, 1, strings.Count(doc, "\n### "+r.ID+": "), "one section a rule")
			require.Contains(t, doc, r.Text)
			require.Contains(t, doc, r.Citation)
		}
	}
	for _, k := range law.Checks() {
		require.Contains(t, doc, "| "+k.ID+" | ")
	}
}

// recorded is when Lapse records the examples.
func recorded() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// answer puts an order through the calendar, the checks and the states, as intake does.
func answer(b *law.Book, c told) (matter.OrderState, time.Time, []matter.Finding) {
	now, eval := recorded(), restraint.NewEvaluator()
	clean, notes := calendar.Clean(c.order, now, b.Rolls(c.order.Issuer.Country))
	r := eval.Reading(clean, time.Time{})
	h := &matter.Head{Restraints: []matter.Restraint{{
		ID: c.order.OrderID, Kind: c.order.Kind, All: true, Paper: clean, From: r.From, Until: r.Until, Recorded: now,
	}}}
	findings := law.Check(law.Paper{
		Order: c.order, Time: clean, Endless: eval.Endless(clean), Notes: append(notes, r.Notes...), Request: c.request,
		Book: b, Policy: law.DefaultPolicy(), Now: now,
	})
	o := &matter.Order{ID: c.order.OrderID, Received: c.order, Findings: findings, Recorded: now}
	return eval.State(o, h, now), eval.Ends(&h.Restraints[0], time.Time{}).Until, findings
}

func TestThirtyExampleOrdersFromTwelveSystems(t *testing.T) {
	b, err := law.Load()
	require.NoError(t, err)
	orders := exampleOrders()
	countries := map[string]bool{}
	var w strings.Builder
	fmt.Fprintf(&w, "# Example orders, and what Lapse answered\n\nMade by a test from the real checks (`make docs`), as "+
		"recorded at %s. The orders are invented. Times are UTC.\n\nA failed check says whose fault it is: the *paper*'s, "+
		"or that of the provider's own *record*.\n", recorded().Format(time.RFC3339))
	for i, c := range orders {
		state, ends, findings := answer(b, c)
		var fails []string
		for _, f := range findings {
			if f.Status == matter.Fail {
				fails = append(fails, f.Check)
			}
		}
		require.Equal(t, c.want, state, c.title)
		require.Equal(t, c.fails, fails, c.title)
		countries[c.order.Issuer.Country] = true
		describe(&w, i+1, c, state, ends, findings)
	}
	require.Len(t, orders, 30)
	require.GreaterOrEqual(t, len(countries), 12)
	inStep(t, "example-orders.md", w.String())
}

func describe(w *strings.Builder, n int, c told, state matter.OrderState, ends time.Time, findings []matter.Finding) {
	fmt.Fprintf(w, "\n## %d. %s\n\n%s It cites %s.\n\n", n, c.title, c.story, cmp.Or(c.order.LegalBasis, "no law"))
	holds := "It holds until a court or the authority ends it: no end is known."
	if !ends.IsZero() {
		holds = "It holds until " + ends.Format(time.RFC3339) + "."
	}
	fmt.Fprintf(w, "**State `%s`**, because %s. %s\n\n", state, because(state, findings), holds)
	passed := 0
	w.WriteString("| check | outcome | severity | why | citation |\n|---|---|---|---|---|\n")
	for _, f := range findings {
		if f.Status == matter.Pass || f.Status == matter.NotApplicable {
			passed++
			continue
		}
		outcome := strings.ReplaceAll(string(f.Status), "_", " ")
		if fault := law.FaultOf(f); fault != "" {
			outcome += ": " + string(fault)
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", f.Check, outcome, f.Severity, f.Message, f.Citation)
	}
	fmt.Fprintf(w, "\n%d other checks passed or do not apply.\n", passed)
}

// because is the condition of the first row of the state's table that fits the findings.
func because(state matter.OrderState, findings []matter.Finding) string {
	endless := false
	for _, f := range findings {
		endless = endless || f.Check == "K04" && f.Status != matter.Pass
	}
	for _, rule := range restraint.OrderStates() {
		if strings.HasPrefix(rule.When, "it ends before Lapse recorded it") {
			continue // none of the examples is mistyped
		}
		if rule.State == state && (state != matter.OrderInForceDeficient || endless == strings.HasPrefix(rule.When,
			"no end")) {
			if rule.When == "none of these" {
				return "no check failed that decides it, its start has come and its end has not"
			}
			return rule.When
		}
	}
	return "no row of the table fits"
}
