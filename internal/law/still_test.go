package law

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// Issue 16, point 10: the end of one hold that leaves another standing says so.
func TestPoint10TheEndOfOneHoldNamesWhatStillHolds(t *testing.T) {
	require.Empty(t, StillHeld(nil))
	said := StillHeld([]Hold{
		{ID: "law-us-18-2709c", Origin: matter.OriginStatute, Citation: "18 U.S.C. 2709(c), 3511"},
		{ID: "law-unverified-gb", Origin: matter.OriginUnverified, Citation: Unanswered},
		{ID: "law-unstated-us-v3", Origin: matter.OriginUnstated, Citation: Unstated},
		{ID: "law-refused-ab", Origin: matter.OriginUnreadable, Citation: Unread},
		{ID: "ord-2", Until: instant(t, "2027-05-01T04:00:00Z")},
	})
	for _, want := range []string{
		"law-us-18-2709c (18 U.S.C. 2709(c), 3511) holds until a court lifts it or the authority permits telling",
		"law-unverified-gb (" + Unanswered + ") holds until two persons declare it void",
		"law-refused-ab (" + Unread + ") holds until two persons declare it void",
		"law-unstated-us-v3 (" + Unstated + ") holds until an amendment names a legal basis",
		"ord-2 holds until 2027-05-01T04:00:00Z.",
	} {
		require.Contains(t, said, want)
	}
}

// Issue 16, point 11: a challenge has the rule's route, clock and standard, and lists as failed only what failed.
func TestPoint11AChallengeHasTheRulesRouteAndReproachesOnlyWhatFailed(t *testing.T) {
	b := book(t)
	letter, _ := b.Rule("US-NSL")
	require.Equal(t, "30 days", RouteOf(letter).Clock)
	require.Equal(t, "the Government", RouteOf(letter).ClockOn)
	order, _ := b.Rule("US-2705b")
	require.Equal(t, Route{Route: order.Challenge, Standard: order.Standard}, RouteOf(order))
	require.NotEmpty(t, order.Challenge)

	o := american(t)
	o.NamesProcess, o.CourtFindings = new(false), ""
	sorted := Sort(Check(filed(t, o)))
	require.Equal(t, []string{"K03"}, checkIDs(sorted.Failed))
	require.Equal(t, []string{"K08", "K09"}, checkIDs(sorted.Unknown))
	require.Equal(t, []string{"K10", "K18", "K20"}, checkIDs(sorted.NeedsPerson))
}

func checkIDs(findings []matter.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Check)
	}
	return out
}
