package restraint_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// TestAnUnapprovedDisclosureHoldsItsOwnNotices: those of another disclosure go, and where nobody knows of which
// disclosure somebody is asked about, the hold covers.
func TestAnUnapprovedDisclosureHoldsItsOwnNotices(t *testing.T) {
	hold := matter.Restraint{ID: "unapproved-1", Origin: matter.OriginUnapproved, Kind: matter.Unapproved, All: true,
		Disclosure: "d1", Recorded: at(t, tuesday), Paper: matter.Paper{End: none()}}
	h := matter.Head{Restraints: []matter.Restraint{hold}}
	e := restraint.NewEvaluator()
	for disclosure, holds := range map[string]bool{"d1": true, "d2": false, "": true} {
		target := restraint.Target{Subject: "u1", Role: matter.User, Disclosure: disclosure}
		require.Equal(t, holds, len(e.Covering(&h, target)) == 1, disclosure)
	}
	own := restraint.Target{Subject: "u1", Role: matter.User, Disclosure: "d1"}
	says := func() string { return e.Reasons(&h, nil, own, at(t, tuesday).Add(time.Hour))[0].Message }
	require.Equal(t, "The emergency disclosure d1 is recorded, and its notices wait until a second person has approved "+
		"it.", says())
	h.Restraints[0].Ended = at(t, tuesday).Add(time.Minute)
	require.Equal(t, "The emergency disclosure d1 waited for a second person, who has approved it.", says())
}
