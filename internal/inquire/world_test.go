package inquire_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/inquire"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

const aMatter = "mat-2026-0001"

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// world is the service over a store in memory that the test writes to directly.
type world struct {
	*inquire.Service
	t     *testing.T
	store *memory.Store
	now   time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, store: &memory.Store{}, now: start}
	w.Service = &inquire.Service{Now: func() time.Time { return w.now }, Store: w.store}
	t.Cleanup(func() { require.Empty(t, w.store.Violations) })
	return w
}

// commit records a change of the matter; it fills in version, receipt and ledger entry.
func (w *world) commit(id string, c store.Change) {
	w.t.Helper()
	h, err := w.store.Open(w.t.Context(), matter.Head{Matter: id, State: matter.AwaitingRequest})
	require.NoError(w.t, err)
	c.Head.Matter, c.Head.Version = id, h.Version+1
	c.Receipt.Key = fmt.Sprintf("%s-%d", id, c.Head.Version)
	c.Entry.Matter, c.Entry.Seq = id, c.Head.Version
	require.NoError(w.t, w.store.Commit(w.t.Context(), c))
}

// disclosed records a disclosure of one subject and returns its notice, not yet made.
func (w *world) disclosed(id, disclosure string, at time.Time, restraints ...matter.Restraint) notice.Notice {
	w.t.Helper()
	d := matter.Disclosure{
		Matter: id, ID: disclosure, Part: 1, Facts: matter.DisclosureFacts{Basis: "consent", At: at},
		Targets: []matter.Target{{Subject: "u1", Role: matter.User}}, Recorded: at,
	}
	w.commit(id, store.Change{
		Head: matter.Head{State: matter.Disclosed,
			Restraints: restraints}, Disclosure: &d, Request: &matter.Request{Matter: id},
		Subject: &matter.Subject{Matter: id, ID: "u1", Known: true, Class: matter.Consumer},
	})
	return notice.New(&d, d.Targets[0], "en", "en-1")
}

// made puts the notice with a row at the instant.
func (w *world) made(n notice.Notice, at time.Time) {
	w.t.Helper()
	require.NoError(w.t, w.store.PutNotice(w.t.Context(), n, agenda.ForNotice(n.Matter, n.ID, at, 1)))
}

func (w *world) row(kind agenda.Kind, id string, at time.Time) {
	w.t.Helper()
	require.NoError(w.t, w.store.PutRow(w.t.Context(),
		agenda.Row{At: at, Kind: kind, Matter: aMatter, Ref: id, Planned: 1}))
}

func (w *world) move(id string, a notice.Act) {
	w.t.Helper()
	_, moved, err := w.store.Apply(w.t.Context(), notice.Notice{ID: id}, a)
	require.NoError(w.t, err)
	require.True(w.t, moved, a.Op)
}

// until is a court order for everybody that ends at the instant; zero is no end.
func until(id string, end time.Time) matter.Restraint {
	e := matter.End{Kind: matter.EndInstant, At: end}
	if end.IsZero() {
		e = matter.End{Kind: matter.EndNone}
	}
	return matter.Restraint{
		ID: id, Kind: matter.CourtOrder, Revision: 1, All: true, Recorded: start, Until: end,
		Paper: matter.Paper{End: e, Country: "US", Zone: "America/Los_Angeles"},
	}
}

// item is the item of a row that stands where it will be visited.
func item(r agenda.Row) inquire.Item {
	return inquire.Item{At: r.At, Kind: r.Kind, ID: r.ID(), Matter: r.Matter, Ref: r.Ref}
}
