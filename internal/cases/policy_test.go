package cases_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

func TestLaw3_APleaHoldsForThePolicysDaysOfItsRecordWhateverIsConfiguredLater(t *testing.T) {
	for _, row := range []struct{ configured, days, later int }{
		{configured: 3, days: 3, later: 30}, {configured: 30, days: 30, later: 3}, {configured: 0, days: 10, later: 1},
	} {
		t.Run(fmt.Sprintf("%d days, then %d", row.configured, row.later), func(t *testing.T) {
			w := approved(t)
			w.Intake.Rules.PleaDays = row.configured
			plea := worldtest.Order("o1").Endless().Kind("plea")
			answer := w.Post(plea)
			end := morning.AddDate(0, 0, row.days)
			require.Equal(t, end, *answer.Order.Until)
			require.Contains(t, messages(answer.Findings)["K02"], fmt.Sprintf("holds for %d days", row.days))
			w.Intake.Rules.PleaDays = row.later
			w.Post(worldtest.Disclosure("d1", "u1"))
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
	w.Intake.Rules.PleaDays = 30
	w.Post(worldtest.Order("o1").Endless())
	w.Post(worldtest.Assessment("o1", "plea", "counsel:ak", "counsel:bl").Reason("only a letter"))
	require.Equal(t, morning.AddDate(0, 0, 30), w.agenda()["order o1"])
}

func TestARestraintWithoutAnEndIsReviewedAsOftenAsPolicySaysAndAStatuteYearly(t *testing.T) {
	w := newWorld(t)
	w.Intake.Rules.ReviewDays = 30
	w.Post(worldtest.Order("o1").Endless())
	w.Post(worldtest.Order("o2").Endless().Kind("statute"))
	w.Post(worldtest.Request("u1").From(worldtest.Of("BR")))
	w.Intake.Rules = law.DefaultPolicy()
	w.Post(worldtest.Disclosure("d1", "u1").Consented())
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
		w.Intake.Rules.ChainAlarmDays = days
		w.Post(worldtest.Order("o1"))
		answer := w.Post(worldtest.Order("o2").Through("2026-12-31").Extends("o1"))
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
