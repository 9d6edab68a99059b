package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/inquire"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

// only is the one restraint that covers u1.
func (w *world) only() inquire.WhyRestraint {
	w.T.Helper()
	y := w.why("u1")
	require.Len(w.T, y.Restraints, 1)
	r := y.Restraints[0]
	require.NotEmpty(w.T, r.Citation)
	require.Contains(w.T, y.Text, r.Source+" rests on "+r.Rule.Citation+" ("+r.Rule.ID+").")
	return r
}

// secret is a request of the country with the instrument.
func (w *world) secret(country, instrument string) {
	w.Post(worldtest.Request("u1").Under(instrument).From(worldtest.Of(country)))
}

// german is an order of a German court for so many months.
func german(months int) worldtest.Event {
	return worldtest.Order("o1").For(months, "months", "signed").SignedOn("2026-03-02").
		From(worldtest.Berlin()).Citing("§ 95a Abs. 6 StPO")
}

func TestWhyNamesTheRuleBehindEveryRestraintAndTheChecksThatDecided(t *testing.T) {
	for name, c := range map[string]struct {
		make func(*world)
		rule inquire.RuleView // Says is looked for within what the rule says
		// state and the checks that decided it, with their outcomes
		state  matter.OrderState
		checks map[string]matter.Status
	}{
		"secrecy by statute": {
			func(w *world) { w.secret("US", "pen_register") }, inquire.RuleView{ID: "US-PEN", Citation: "18 U.S.C. 3123(d)",
				Says: "sealed", End: "open"},
			matter.OrderOpenEnded, map[string]matter.Status{"L01": matter.NeedsPerson},
		},
		"a country without a verified rule": {
			func(w *world) { w.secret("BR", "subpoena") },
			inquire.RuleView{ID: "policy-unverified",
				Citation: "the provider's policy: what no verified rule answers is held until counsel has",
				Says:     "Nobody has verified"},
			matter.OrderOpenEnded, map[string]matter.Status{"L01": matter.NeedsPerson},
		},
		"an order that could not be read": {
			func(w *world) { w.Post(worldtest.Request("u1")); w.unreadable() },
			inquire.RuleView{ID: "policy-unread",
				Citation: "the provider's policy: a paper that could not be read holds until two persons have declared it void",
				Says:     "could not be read"},
			matter.OrderOpenEnded, map[string]matter.Status{"L01": matter.NeedsPerson},
		},
		"a court's order within its law's maximum": {
			func(w *world) {
				w.Post(worldtest.Request("u1"))
				w.Post(german(6))
			},
			inquire.RuleView{ID: "DE-95a6", Citation: "StPO § 95a(6)", Says: "may forbid the provider", End: "required",
				Maximum: "6 months", Renewal: "3 months"},
			matter.OrderInForce, map[string]matter.Status{"K01": matter.Pass, "K02": matter.Pass, "K04": matter.Pass,
				"K05": matter.Pass},
		},
		"a court's order over it": {
			func(w *world) {
				w.Post(worldtest.Request("u1"))
				w.Post(german(12))
			},
			inquire.RuleView{ID: "DE-95a6", Citation: "StPO § 95a(6)", Says: "may forbid the provider", End: "required",
				Maximum: "6 months", Renewal: "3 months"},
			matter.OrderInForceDeficient, map[string]matter.Status{"K01": matter.Pass, "K02": matter.Pass, "K04": matter.Pass,
				"K05": matter.Fail},
		},
		"an order that nobody has read, under a law nobody knows": {
			func(w *world) {
				w.Post(worldtest.Request("u1"))
				w.Post(worldtest.Order("o1").Citing("some act").Without("signed"))
			},
			inquire.RuleView{ID: "policy-order", Citation: "the provider's policy: an order holds to its stated end",
				Says: "No verified rule stands behind it"},
			matter.OrderReceived, map[string]matter.Status{"K01": matter.Unknown, "K02": matter.Pass, "K04": matter.Pass,
				"K05": matter.Unknown},
		},
		"a plea, and the days that policy gives it": {
			func(w *world) {
				w.Intake.Rules.PleaDays = 4
				w.Post(worldtest.Request("u1"))
				w.Post(worldtest.Order("o1").Endless().Kind("plea").Citing(""))
			},
			inquire.RuleView{ID: "policy-plea", Citation: "the provider's policy: a letter that asks for silence binds nobody",
				Says: "It binds nobody. The authority has 4 days"},
			matter.OrderPlea, map[string]matter.Status{"K01": matter.Pass, "K02": matter.Fail, "K04": matter.NotApplicable,
				"K05": matter.NotApplicable},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.make(w)
			r := w.only()
			require.Contains(t, r.Rule.Says, c.rule.Says)
			c.rule.Says = r.Rule.Says
			require.Equal(t, c.rule, r.Rule)
			require.Equal(t, string(c.state), r.State)
			require.Equal(t, c.checks, statuses(r.Checks))
			for _, f := range r.Checks {
				require.NotEmpty(t, f.Citation, f.Check)
			}
		})
	}
}

func TestWhyNamesThePolicyBehindAnException(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Exception("ex-1", "provider_interest", "2026-03-20T00:00:00Z"))
	r := w.only()
	require.Equal(t, "policy-exception-provider-interest", r.Rule.ID)
	require.Contains(t, r.Rule.Citation, "Notice policy 2026-01")
	require.Contains(t, r.Rule.Says, "until a review")
	require.Equal(t, string(matter.ExceptionRequested), r.State)
	require.NotNil(t, r.Checks)
	require.Empty(t, r.Checks)
	w.Post(worldtest.Approval("ex-1", "counsel:bl"))
	require.Equal(t, string(matter.ExceptionActive), w.only().State)
}

// unreadable brings an order with a field that nobody knows over the bus.
func (w *world) unreadable() {
	w.T.Helper()
	require.NoError(w.T, w.Deliver(worldtest.Order("o1").With(object{"untill": "2026-08-31"}).By("")))
	require.Len(w.T, w.Dead.Events, 1)
}
