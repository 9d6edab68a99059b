package restraint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/restraint"
)

func finding(check string, severity matter.Severity, status matter.Status) matter.Finding {
	return matter.Finding{Check: check, Severity: severity, Status: status}
}

// The rows stand in the order of precedence, as in docs/state-machine.md; each paper would also earn every state below its own.
func TestTheStatesOfAnOrderInTheirOrder(t *testing.T) {
	unsigned := finding("K01", matter.Binding, matter.Fail)
	unknown := finding("K01", matter.Binding, matter.Unknown)
	bad := finding("K99", matter.Deficient, matter.Fail)
	ahead, behind := day(t, "2026-04-01"), day(t, "2026-01-01")
	assessed := func(o *matter.Order) { o.Assessments = []matter.Assessment{{Verdict: matter.VerdictBinding}} }
	ended := func(how, effective string) func(*matter.Order, *matter.Restraint) {
		return func(o *matter.Order, r *matter.Restraint) {
			o.Endings, r.Ended = []matter.Ending{{How: how, EffectiveAt: at(t, effective)}}, at(t, effective)
		}
	}
	for _, row := range []struct {
		name     string
		kind     matter.OrderKind
		end      matter.End
		starts   matter.Date
		findings []matter.Finding
		change   func(*matter.Order, *matter.Restraint)
		want     matter.OrderState
	}{
		{"void before everything", matter.Plea, none(), ahead, []matter.Finding{unsigned}, func(o *matter.Order, r *matter.Restraint) {
			ended("lifted", tuesday)(o, r)
			r.Void = true
		}, matter.OrderVoid},
		{"lifted", matter.CourtOrder, none(), ahead, []matter.Finding{unsigned}, ended("lifted", tuesday), matter.OrderEnded},
		{"vacated", matter.CourtOrder, through(t, "2026-12-31"), ahead, nil, ended("vacated", "2026-03-01T00:00:00Z"), matter.OrderEnded},
		{"permitted", matter.Statute, none(), matter.Date{}, nil, ended("permitted", tuesday), matter.OrderEnded},
		{"an end ahead ends nothing yet", matter.CourtOrder, none(), matter.Date{}, nil, ended("lifted", "2026-03-04T00:00:00Z"), matter.OrderInForceDeficient},
		{"plea", matter.Plea, none(), ahead, []matter.Finding{unsigned, bad}, nil, matter.OrderPlea},
		{"past its end", matter.CourtOrder, through(t, "2026-03-02"), behind, []matter.Finding{unsigned, bad}, nil, matter.OrderExpired},
		{"statute with an end", matter.Statute, through(t, "2026-12-31"), ahead, []matter.Finding{unsigned, bad}, nil, matter.OrderOpenEnded},
		{"certification without an end", matter.Certification, none(), ahead, []matter.Finding{unsigned, bad}, nil, matter.OrderOpenEnded},
		{"court order without an end", matter.CourtOrder, none(), ahead, []matter.Finding{unsigned, bad}, nil, matter.OrderInForceDeficient},
		{"court order until an event", matter.CourtOrder, matter.End{Kind: matter.EndEvent}, ahead, []matter.Finding{unsigned}, nil, matter.OrderInForceDeficient},
		{"court order whose end cannot be determined", matter.CourtOrder, matter.End{Kind: matter.EndPeriod, N: 9, Unit: "days", From: "served"}, ahead, []matter.Finding{unsigned}, nil, matter.OrderInForceDeficient},
		{"start ahead", matter.CourtOrder, through(t, "2026-12-31"), ahead, []matter.Finding{unsigned, bad}, nil, matter.OrderPendingStart},
		{"start ahead of a certification", matter.Certification, through(t, "2026-12-31"), ahead, nil, nil, matter.OrderPendingStart},
		{"binding check failed", matter.CourtOrder, through(t, "2026-12-31"), behind, []matter.Finding{bad, unsigned}, nil, matter.OrderReceived},
		{"binding check unknown", matter.CourtOrder, through(t, "2026-12-31"), behind, []matter.Finding{bad, unknown}, nil, matter.OrderReceived},
		{"a verdict settles the binding checks", matter.CourtOrder, through(t, "2026-12-31"), behind, []matter.Finding{unsigned}, func(o *matter.Order, _ *matter.Restraint) { assessed(o) }, matter.OrderInForce},
		{"and not the others", matter.CourtOrder, through(t, "2026-12-31"), behind, []matter.Finding{unsigned, bad}, func(o *matter.Order, _ *matter.Restraint) { assessed(o) }, matter.OrderInForceDeficient},
		{"other check failed", matter.CourtOrder, through(t, "2026-12-31"), behind, []matter.Finding{bad}, nil, matter.OrderInForceDeficient},
		{"other check unknown", matter.CourtOrder, through(t, "2026-12-31"), behind, []matter.Finding{finding("K15", matter.Deficient, matter.Unknown)}, nil, matter.OrderInForce},
		{"needs a person", matter.CourtOrder, through(t, "2026-12-31"), behind, []matter.Finding{finding("K10", matter.Deficient, matter.NeedsPerson)}, nil, matter.OrderInForce},
		{"advice", matter.CourtOrder, through(t, "2026-12-31"), behind, []matter.Finding{finding("date_ahead", matter.Advice, matter.Fail)}, nil, matter.OrderInForce},
		{"all is well", matter.CourtOrder, through(t, "2026-12-31"), behind, []matter.Finding{finding("K01", matter.Binding, matter.Pass)}, nil, matter.OrderInForce},
		{"a certification with an end", matter.Certification, through(t, "2026-12-31"), matter.Date{}, nil, nil, matter.OrderInForce},
		{"a period from a disclosure to come", matter.CourtOrder, matter.End{Kind: matter.EndPeriod, N: 9, Unit: "days", From: "disclosed"}, matter.Date{}, nil, nil, matter.OrderInForce},
		{"an absurd period from disclosure", matter.CourtOrder, matter.End{Kind: matter.EndPeriod, N: 0, Unit: "days", From: "disclosed"}, matter.Date{}, nil, nil, matter.OrderInForceDeficient},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := begin(t, tuesday)
			p := paper("o", row.end)
			p.Kind, p.StartsOn = row.kind, row.starts
			r := s.file("2026-03-02T12:00:00Z", p)
			o := s.order("o", row.findings...)
			if row.change != nil {
				row.change(o, r)
			}
			s.state(o, tuesday, row.want)
		})
	}
}

func TestAnOrderTheHeadDoesNotHoldIsUnread(t *testing.T) {
	s := begin(t, tuesday)
	o := &matter.Order{ID: "o"}
	s.state(o, tuesday, matter.OrderReceived)
	_, open := restraint.NewEvaluator().OrderLook(o, &s.head, at(t, tuesday))
	require.False(t, open)
}

func TestAnUnreadOrderIsLookedAtAfterADayAndThenAtItsEnd(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", through(t, "2026-03-31")))
	o := s.order("o", finding("K01", matter.Binding, matter.Unknown))
	for now, want := range map[string]string{
		tuesday: "2026-03-04T12:00:00Z", "2026-03-04T11:59:59Z": "2026-03-04T12:00:00Z", "2026-03-04T12:00:00Z": "2026-04-01T04:00:00Z",
		"2026-04-01T04:00:00Z": "",
	} {
		look, open := restraint.NewEvaluator().OrderLook(o, &s.head, at(t, now))
		require.Equal(t, want != "", open, now)
		require.Equal(t, at(t, want), look, now)
	}
	s.clear("2026-03-10T00:00:00Z", false)
}

func TestAnUnreadOrderThatEndsWithinADayIsLookedAtAtItsEnd(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", through(t, "2026-03-03")))
	o := s.order("o", finding("K01", matter.Binding, matter.Unknown))
	look, open := restraint.NewEvaluator().OrderLook(o, &s.head, at(t, tuesday))
	require.True(t, open)
	require.Equal(t, at(t, "2026-03-04T05:00:00Z"), look)
	_, open = restraint.NewEvaluator().OrderLook(o, &s.head, look)
	require.False(t, open)
}

func TestAVerdictReplacesThePapersKind(t *testing.T) {
	s := begin(t, tuesday)
	p := paper("o", none())
	p.Kind = matter.Plea
	r := s.file(tuesday, p)
	s.due(tuesday, "2026-03-13T12:00:00Z")
	r.Kind = matter.CourtOrder
	s.due(tuesday, "")
	s.state(s.order("o"), tuesday, matter.OrderInForceDeficient)
	r.Kind = matter.Plea
	s.due("2026-03-20T00:00:00Z", "2026-03-13T12:00:00Z")
	r.Void = true
	s.due("2026-03-04T00:00:00Z", tuesday)
}
