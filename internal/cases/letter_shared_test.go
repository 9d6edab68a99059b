package cases_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/worldtest"
)

func TestALetterTellsOfNoChallengeOfAnothersOrder(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("ord-1", "u1"))
	w.Post(worldtest.Order("ord-2", "u2"))
	w.Post(worldtest.Challenge("ord-1", "motion", "2026-03-03T09:00:00Z"))
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	w.at(worldtest.AugustEnds())
	require.Equal(t, []string{"u1", "u2"}, w.mailed())
	said := map[string]bool{}
	for _, u := range []string{"u1", "u2"} {
		said[u] = strings.Contains(w.SES.Of(w.notice(u).ID)[0].Text(), "we challenged an order")
	}
	require.Equal(t, map[string]bool{"u1": true, "u2": false}, said)
}
