package worldtest

import (
	"errors"
	"fmt"

	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/ledger"
)

// Door and Principal are what Take posts events through and as.
const (
	Door      = event.DoorHTTP
	Principal = "tester"
)

// Numbered is the event with the next id, if it has none.
func (w *World) Numbered(e Event) Event {
	if e.ID == "" {
		w.posts++
		e.ID = fmt.Sprintf("ev-%d", w.posts)
	}
	return e
}

// Take posts the event.
func (w *World) Take(e Event) (intake.Result, error) {
	w.T.Helper()
	return w.Intake.Take(w.T.Context(), w.Numbered(e).JSON(w.T), Door, Principal)
}

// Deliver brings the event over the bus, queued now.
func (w *World) Deliver(e Event) error {
	w.T.Helper()
	return w.Intake.Deliver(w.T.Context(), intake.Message{
		Raw: w.Numbered(e).JSON(w.T), DetailType: string(e.Type), Queued: w.Now(), Principal: Principal,
	})
}

// Post wants the event taken, and returns the answer.
func (w *World) Post(e Event) ledger.Answer {
	w.T.Helper()
	result, err := w.Take(e)
	require.NoError(w.T, err, "%s", e.Type)
	return result.Answer
}

// Fails wants the event to end in the error, with nothing recorded.
func (w *World) Fails(e Event, want error) {
	w.T.Helper()
	before, missing := w.Store.Head(w.T.Context(), e.Matter)
	_, err := w.Take(e)
	require.ErrorIs(w.T, err, want)
	after, stillMissing := w.Store.Head(w.T.Context(), e.Matter)
	require.Equal(w.T, missing == nil, stillMissing == nil)
	require.Equal(w.T, before, after)
}

// Refused wants the event refused with a fault at each pointer, in this order, and no other.
func (w *World) Refused(e Event, pointers ...string) {
	w.T.Helper()
	_, err := w.Take(e)
	faults, ok := errors.AsType[*event.Faults](err)
	require.True(w.T, ok, "%v", err)
	var found []string
	for _, f := range faults.List {
		found = append(found, f.Pointer)
	}
	require.Equal(w.T, pointers, found)
}

// Approved records a request about the subjects and the decision to comply.
func (w *World) Approved(subjects ...string) {
	w.T.Helper()
	w.Post(Request(subjects...))
	w.Post(Comply())
}

// Sweep sweeps once, and wants every step to succeed.
func (w *World) Sweep() dispatch.Report {
	w.T.Helper()
	r, err := w.Dispatch.Sweep(w.T.Context())
	require.NoError(w.T, err)
	require.Zero(w.T, r.Errors, w.Log.String())
	return r
}
