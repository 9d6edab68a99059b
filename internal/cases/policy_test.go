package cases_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/law"
	"lapse/internal/matter"
)

func TestLaw3_APleaHoldsForThePolicysDaysOfItsRecordWhateverIsConfiguredLater(t *testing.T) {
	for _, row := range []struct{ configured, days, later int }{
		{configured: 3, days: 3, later: 30}, {configured: 30, days: 30, later: 3}, {configured: 0, days: 10, later: 1},
	} {
		t.Run(fmt.Sprintf("%d days, then %d", row.configured, row.later), func(t *testing.T) {
			w := approved(t)
			w.in.Rules.PleaDays = row.configured
			plea := with(order("o1", object{"kind": "none"}), object{"kind": "plea"})
			answer := w.post("order.received", plea)
			end := morning.AddDate(0, 0, row.days)
			require.Equal(t, end, *answer.Order.Until)
			require.Contains(t, messages(answer.Findings)["K02"], fmt.Sprintf("holds for %d days", row.days))
			w.in.Rules.PleaDays = row.later
			w.post("disclosure.made", disclosure("d1", "u1"))
			w.due("u1", end.Format(time.RFC3339))
			require.Equal(t, end, w.agenda()["order o1"])
			require.Contains(t, w.why("u1").Restraints[0].Message, fmt.Sprintf("given %d days", row.days))
			w.at(end.Add(-10 * time.Second))
			require.Empty(t, w.mailed())
			w.at(end)
			require.Equal(t, []string{"u1"}, w.mailed())
		})
	}
}

func TestAPaperThatAPersonFindsAPleaHoldsForThePolicysDays(t *testing.T) {
	w := approved(t)
	w.in.Rules.PleaDays = 30
	w.post("order.received", order("o1", object{"kind": "none"}))
	w.post("order.assessed", object{"orderId": "o1", "verdict": "plea", "reason": "only a letter",
		"approvedBy": []string{"counsel:ak", "counsel:bl"}})
	require.Equal(t, morning.AddDate(0, 0, 30), w.agenda()["order o1"])
}

func TestARestraintWithoutAnEndIsReviewedAsOftenAsPolicySaysAndAStatuteYearly(t *testing.T) {
	w := newWorld(t)
	w.in.Rules.ReviewDays = 30
	w.post("order.received", order("o1", object{"kind": "none"}))
	w.post("order.received", with(order("o2", object{"kind": "none"}), object{"kind": "statute"}))
	unknown := with(issuer(), object{"country": "BR"})
	delete(unknown, "zone")
	w.post("request.received", with(request("u1"), object{"issuer": unknown}))
	w.in.Rules = law.DefaultPolicy()
	w.post("disclosure.made", with(disclosure("d1", "u1"),
		object{"basis": "consent", "note": "asked for by the customer"}))
	standing := w.view().Orders[0].ID
	require.Regexp(t, "^law-unverified-", standing)
	for _, days := range []int{30, 60} {
		require.Equal(t, morning.AddDate(0, 0, days), w.agenda()["order o1"])
		require.Equal(t, morning.AddDate(0, 0, days), w.agenda()["order "+standing])
		require.Equal(t, morning.AddDate(0, 0, 365), w.agenda()["order o2"])
		require.Equal(t, 2, w.at(morning.AddDate(0, 0, days)).Reviews)
	}
	require.Empty(t, w.mailed())
}

func TestE27_AChainIsFlaggedAtThePolicysDays(t *testing.T) {
	for days, want := range map[int]matter.Status{0: matter.Pass, 365: matter.Pass, 200: matter.Fail} {
		w := approved(t)
		w.in.Rules.ChainAlarmDays = days
		w.post("order.received", order("o1", through("2026-08-31")))
		answer := w.post("order.received", with(order("o2", through("2026-12-31")), object{"extends": "o1"}))
		require.Equal(t, want, statuses(answer.Findings)["K17"], "%d days", days)
	}
}

func messages(findings []matter.Finding) map[string]string {
	out := map[string]string{}
	for _, f := range findings {
		out[f.Check] = f.Message
	}
	return out
}
