package dynamo_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// TestAnEventThatSwellsIsKeptByTheEngineOrRefusedForItsSize: what Lapse measures before a transaction is what the
// engine measures. An order that is refused holds.
func TestAnEventThatSwellsIsKeptByTheEngineOrRefusedForItsSize(t *testing.T) {
	s := open(t)
	for name, e := range worldtest.Swollen() {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			w.Intake.Store = s
			id := "mat-" + strings.NewReplacer(" ", "-").Replace(name)
			for _, before := range []worldtest.Event{worldtest.Request("u1"), worldtest.Comply(),
				worldtest.Order("o1", "u1")} {
				w.Post(before.In(id).Named(name + string(before.Type)))
			}
			if e.Type == event.RequestReceived {
				id += "-other"
			}
			_, err := w.Take(e.In(id).Named(name))
			if err != nil {
				require.ErrorIs(t, err, store.ErrTooLarge)
			}
			held, ok := errors.AsType[*intake.Held](err)
			require.Equal(t, err != nil && e.Type == event.OrderReceived, ok)
			if ok {
				h, err := s.Head(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, held.Restraint, h.Restraints[len(h.Restraints)-1].ID)
			}
		})
	}
}
