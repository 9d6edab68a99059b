package cases_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/matter"
)

// only is the one restraint that covers u1.
func (w *world) only() inquire.WhyRestraint {
	w.t.Helper()
	y := w.why("u1")
	require.Len(w.t, y.Restraints, 1)
	r := y.Restraints[0]
	require.NotEmpty(w.t, r.Citation)
	require.Contains(w.t, y.Text, r.Source+" rests on "+r.Rule.Citation+" ("+r.Rule.ID+").")
	return r
}

// secret is a request of the country with the instrument.
func (w *world) secret(country, instrument string) {
	who := with(issuer(), object{"country": country})
	delete(who, "zone")
	w.post("request.received", with(request("u1"), object{"instrument": instrument, "issuer": who}))
}

func german(basis string) object {
	return object{"issuer": object{"name": "AG Tiergarten", "role": "court", "country": "DE", "zone": "Europe/Berlin"},
		"legalBasis": basis, "signedOn": "2026-03-02"}
}

func TestWhyNamesTheRuleBehindEveryRestraintAndTheChecksThatDecided(t *testing.T) {
	half := object{"kind": "period", "n": 6, "unit": "months", "from": "signed"}
	year := object{"kind": "period", "n": 12, "unit": "months", "from": "signed"}
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
			func(w *world) { w.post("request.received", request("u1")); w.unreadable() },
			inquire.RuleView{ID: "policy-unread",
				Citation: "the provider's policy: a paper that could not be read holds until two persons have declared it void",
				Says:     "could not be read"},
			matter.OrderOpenEnded, map[string]matter.Status{"L01": matter.NeedsPerson},
		},
		"a court's order within its law's maximum": {
			func(w *world) {
				w.post("request.received", request("u1"))
				w.post("order.received", with(order("o1", half), german("§ 95a Abs. 6 StPO")))
			},
			inquire.RuleView{ID: "DE-95a6", Citation: "StPO § 95a(6)", Says: "may forbid the provider", End: "required",
				Maximum: "6 months", Renewal: "3 months"},
			matter.OrderInForce, map[string]matter.Status{"K01": matter.Pass, "K02": matter.Pass, "K04": matter.Pass,
				"K05": matter.Pass},
		},
		"a court's order over it": {
			func(w *world) {
				w.post("request.received", request("u1"))
				w.post("order.received", with(order("o1", year), german("§ 95a Abs. 6 StPO")))
			},
			inquire.RuleView{ID: "DE-95a6", Citation: "StPO § 95a(6)", Says: "may forbid the provider", End: "required",
				Maximum: "6 months", Renewal: "3 months"},
			matter.OrderInForceDeficient, map[string]matter.Status{"K01": matter.Pass, "K02": matter.Pass, "K04": matter.Pass,
				"K05": matter.Fail},
		},
		"an order that nobody has read, under a law nobody knows": {
			func(w *world) {
				w.post("request.received", request("u1"))
				o := with(order("o1", through("2026-08-31")), object{"legalBasis": "some act"})
				delete(o, "signed")
				w.post("order.received", o)
			},
			inquire.RuleView{ID: "policy-order", Citation: "the provider's policy: an order holds to its stated end",
				Says: "No verified rule stands behind it"},
			matter.OrderReceived, map[string]matter.Status{"K01": matter.Unknown, "K02": matter.Pass, "K04": matter.Pass,
				"K05": matter.Unknown},
		},
		"a plea, and the days that policy gives it": {
			func(w *world) {
				w.in.Rules.PleaDays = 4
				w.post("request.received", request("u1"))
				w.post("order.received", with(order("o1", object{"kind": "none"}), object{"kind": "plea", "legalBasis": ""}))
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
	w.post("exception.requested", exception("ex-1", "provider_interest", "2026-03-20T00:00:00Z"))
	r := w.only()
	require.Equal(t, "policy-exception-provider-interest", r.Rule.ID)
	require.Contains(t, r.Rule.Citation, "Notice policy 2026-01")
	require.Contains(t, r.Rule.Says, "until a review")
	require.Equal(t, string(matter.ExceptionRequested), r.State)
	require.NotNil(t, r.Checks)
	require.Empty(t, r.Checks)
	w.post("exception.approved", approval("ex-1", "counsel:bl"))
	require.Equal(t, string(matter.ExceptionActive), w.only().State)
}

// unreadable brings an order with a field that nobody knows over the bus.
func (w *world) unreadable() {
	w.t.Helper()
	w.in.Dead = discard{}
	raw, err := json.Marshal(object{
		"specversion": "1.0", "id": "ev-bad", "source": "legal.example", "type": "lapse.order.received.v1", "subject": mat,
		"data": with(order("o1", through("2026-08-31")), object{"untill": "2026-08-31"}),
	})
	require.NoError(w.t, err)
	require.NoError(w.t, w.in.Deliver(w.ctx, intake.Message{Raw: raw, DetailType: "lapse.order.received.v1", Queued: w.now,
		Principal: "tester"}))
}

// discard is a dead-letter queue at which nobody looks.
type discard struct{}

func (discard) Put(context.Context, []byte, []event.Fault) error { return nil }
