package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/intake"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

func TestTheGuardWarnsOfGuardedDataInALaterPart(t *testing.T) {
	w := newWorld(t)
	b := worldtest.With(worldtest.Subject("u2"), object{"accountClass": "enterprise", "tenant": "bolt"})
	w.Post(worldtest.RequestAbout(worldtest.Subject("u1"), b))
	w.Post(worldtest.Comply())
	w.Post(worldtest.Order("ord-1", "u2").Endless())
	require.Equal(t, matter.OrderInForceDeficient, w.order("ord-1").State)
	_, err := w.Take(worldtest.Disclosure("d0", "u2"))
	require.Error(t, err, "the guard")
	w.Post(worldtest.Disclosure("d1", "u1"))
	answer := w.Post(worldtest.Disclosure("d1", "u2"))
	require.Contains(t, warned(answer), intake.AgainstPolicy)
}
