package intake_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// refuse2 is refuse for an event that opens the matter all the same.
func (w *world) refuse2(kind string, data object, want error) {
	w.Helper()
	_, err := w.svc.Take(w.Context(), w.event(kind, data), "http", "arn:counsel")
	require.ErrorIs(w, err, want)
}

func TestTwoEventsAtOnceAreBothRecorded(t *testing.T) {
	w := asked(t)
	var group sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		group.Go(func() {
			// each of the two comes twice
			posted := raw(fmt.Sprintf("race-%d", i/2), "order.received", order(fmt.Sprintf("o%d", i/2)))
			for {
				if _, errs[i] = w.svc.Take(t.Context(), posted, "http", ""); !errors.Is(errs[i], store.ErrBusy) {
					return
				}
			}
		})
	}
	group.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Len(t, w.head().Restraints, 2)
	require.Equal(t, 4, w.head().Version)
	w.chain(4)
}

// stories are one event of every type with what it needs before it.
func stories() map[string]struct {
	before [][2]any
	kind   string
	data   object
} {
	type story = struct {
		before [][2]any
		kind   string
		data   object
	}
	base := [][2]any{{"request.received", request("u1", "u2", "u3")}, {"request.decided", decision("comply")},
		{"order.received", order("o1", "u1", "u9")}}
	return map[string]story{
		"a request": {nil, "request.received", with(request("u1"), object{"instrument": "nsl"})},
		"a request after contact": {[][2]any{{"contact.changed", contact("u1", "a@example.com")}}, "request.received",
			request("u1", "u2")},
		"an amendment": {base, "request.amended",
			object{"instrument": "fisa", "subjects": []object{subject("u1"), subject("u9")}}},
		"a decision":               {base, "request.decided", decision("reject")},
		"a disclosure":             {base, "disclosure.made", disclosure("d1", "u1", "u2")},
		"an order":                 {base, "order.received", with(order("o2", "u2"), object{"extends": "o1"})},
		"an order of a new matter": {nil, "order.received", order("o1", "u1")},
		"an assessment":            {base, "order.assessed", assessment("o1", "void", "counsel:ak", "counsel:bl")},
		"an ending":                {base, "order.ended", ending("o1", "2026-03-03T12:00:00Z")},
		"a contact":                {base, "contact.changed", contact("u1", "new@example.com")},
		"an erasure":               {base, "contact.changed", object{"subjectId": "u1", "erase": true}},
	}
}

// Every call to the store fails once, without and with effect; then the sender posts again. The event is recorded once.
func TestAnEventIsRecordedOnceWhateverCallFails(t *testing.T) {
	for name, s := range stories() {
		for _, effect := range []memory.Effect{memory.FailBefore, memory.FailAfter} {
			t.Run(fmt.Sprint(name, " ", effect), func(t *testing.T) {
				t.Parallel()
				for k := 0; ; k++ {
					if !failsAtCall(t, s.before, s.kind, s.data, k, effect) {
						require.Greater(t, k, 3, "the story makes calls")
						return
					}
				}
			})
		}
	}
}

// failsAtCall runs the story with call k failing, and reports whether there is such a call.
func failsAtCall(t *testing.T, before [][2]any, kind string, data object, k int, effect memory.Effect) bool {
	w := quietWorld(t)
	for _, b := range before {
		w.post(b[0].(string), b[1].(object))
	}
	var mu sync.Mutex
	calls, lostCommit := 0, false
	w.store.Fault = func(op, _ string) memory.Effect {
		mu.Lock()
		defer mu.Unlock()
		calls++
		if calls != k+1 {
			return memory.None
		}
		lostCommit = op == "Commit" && effect == memory.FailAfter
		return effect
	}
	posted := w.event(kind, data)
	first, err := w.svc.Take(t.Context(), posted, "http", "")
	failed := calls > k
	w.store.Fault = nil
	held := 0
	if err != nil {
		require.ErrorIs(t, err, memory.ErrInjected)
		held = w.heldMeanwhile(kind, lostCommit)
	}
	second, err := w.svc.Take(t.Context(), posted, "http", "")
	require.NoError(t, err)
	require.Equal(t, first.New || lostCommit, second.Answer.Replayed, "call %d", k)
	third, err := w.svc.Take(t.Context(), posted, "http", "")
	require.NoError(t, err)
	require.True(t, third.Answer.Replayed)
	second.Answer.Replayed, third.Answer.Replayed = false, false
	require.Equal(t, second.Answer, third.Answer)
	if first.New {
		require.JSONEq(t, encoded(t, first.Answer), encoded(t, second.Answer))
	}
	require.Equal(t, len(before)+1+held, w.head().Version)
	w.chain(len(before) + 1 + held)
	for _, r := range w.head().Restraints {
		require.True(t, r.Origin != matter.OriginUnreadable || !r.Ended.IsZero(), "the recorded order holds alone")
	}
	w.owed()
	return failed
}

// heldMeanwhile wants an order that was not recorded to hold everybody, and returns how many entries say so.
func (w *world) heldMeanwhile(kind string, recorded bool) int {
	w.Helper()
	if kind != "order.received" || recorded {
		return 0
	}
	h := w.head()
	last := h.Restraints[len(h.Restraints)-1]
	if last.Origin != matter.OriginUnreadable {
		return 0 // the answer was lost after the record
	}
	require.True(w, last.All)
	require.True(w, last.Until.IsZero())
	return 1
}

// owed checks law 2: every target of every disclosure has its notice with a row, or the part has a make-notices row.
func (w *world) owed() {
	w.Helper()
	parts, err := w.store.Disclosures(w.Context(), mat, "")
	require.NoError(w, err)
	for _, d := range parts {
		if len(w.rowsOf(agenda.MakeNotices, agenda.ForMakeNotices(mat, d.ID, d.Part, w.now, 0).ID())) > 0 {
			continue
		}
		for _, target := range d.Targets {
			id := notice.ID(salt(), mat, d.ID, target)
			_, err := w.store.Notice(w.Context(), id)
			require.NoError(w, err)
			require.NotEmpty(w, w.rowsOf(agenda.Notice, id))
		}
	}
}

// A reader of half a transaction must not record on it: whatever the order in which the items become visible, and at
// whichever step the other event comes.
func TestNothingIsPlannedOnHalfATransaction(t *testing.T) {
	base := [][2]any{{"request.received", request("u1", "u2", "u3")}, {"request.decided", decision("comply")}}
	ordered := append(slices.Clone(base), [2]any{"order.received", order("o1", "u1", "u9")})
	for name, row := range map[string]struct {
		before        [][2]any
		first, second [2]any
		check         func(*world)
	}{
		"two parts of a disclosure": {base, [2]any{"disclosure.made", disclosure("d1", "u1")},
			[2]any{"disclosure.made", disclosure("d1", "u2")}, func(w *world) {
				parts, err := w.store.Disclosures(w.Context(), mat, "d1")
				require.NoError(w, err)
				require.Len(w, parts, 2)
				require.Equal(w, []int{1, 2}, []int{parts[0].Part, parts[1].Part})
				require.Len(w, w.notices(), 2)
			}},
		"an order twice": {base, [2]any{"order.received", order("o1")}, [2]any{"order.received", order("o1")},
			func(w *world) {
				require.Len(w, w.head().Restraints, 1)
				require.Equal(w, 3, w.head().Version)
			}},
		"an order and its end": {base, [2]any{"order.received", order("o1")},
			[2]any{"order.ended", ending("o1", "2026-03-03T12:00:00Z")}, func(w *world) {
				w.state("o1", matter.OrderEnded)
			}},
		"a verdict and an end": {ordered, [2]any{"order.assessed", assessment("o1", "binding", "counsel:ak")},
			[2]any{"order.ended", ending("o1", "2026-06-03T12:00:00Z")}, func(w *world) {
				require.Len(w, w.order("o1").Assessments, 1)
				require.Len(w, w.order("o1").Endings, 1)
			}},
		"a verdict and an extension": {ordered, [2]any{"order.assessed", assessment("o1", "binding", "counsel:ak")},
			[2]any{"order.received", with(order("o2"), object{"extends": "o1"})}, func(w *world) {
				require.Len(w, w.order("o1").Assessments, 1)
				require.True(w, w.order("o1").Extended)
			}},
		"a request and its decision": {nil, [2]any{"request.received", request("u1")},
			[2]any{"request.decided", decision("comply")}, func(w *world) {
				require.Equal(w, matter.Approved, w.head().State)
			}},
		"an amendment and a decision": {base, [2]any{"request.amended", object{"reference": "new"}},
			[2]any{"request.decided", decision("reject")}, func(w *world) {
				r, err := w.store.Request(w.Context(), mat)
				require.NoError(w, err)
				require.Equal(w, "new", r.Reference)
				require.Equal(w, matter.Reject, r.Decision.Decision)
			}},
		"a long list and an order": {base, [2]any{"order.received", order("o1", manyIDs(60)...)},
			[2]any{"order.received", order("o2", "u1")}, func(w *world) {
				require.Len(w, w.restraint("o1").Subjects, 60)
				require.True(w, w.covered("u3"))
			}},
		"a contact and an amendment": {base, [2]any{"contact.changed", contact("u1", "new@example.com")},
			[2]any{"request.amended", object{"subjects": []object{with(subject("u2"), object{"language": "de"})}}},
			func(w *world) {
				require.Equal(w, "new@example.com", w.address("u1", matter.User))
				require.Equal(w, "de", w.subject("u2").Language)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, reversed := range []bool{false, true} {
				for step := 1; step < 10; step++ {
					w := quietWorld(t)
					for _, b := range row.before {
						w.post(b[0].(string), b[1].(object))
					}
					w.torn(step, reversed, w.event(row.first[0].(string), row.first[1].(object)),
						w.event(row.second[0].(string), row.second[1].(object)))
					row.check(w)
					w.chain(w.head().Version)
				}
			}
		})
	}
}

// torn takes the first event and, when its transaction shows step items, lets the second plan on what it sees then.
// What the second commits waits for the first; where it is told to come again, it does.
func (w *world) torn(step int, reversed bool, first, second []byte) {
	w.Helper()
	w.svc.Wait = func(_ context.Context, lost int) error {
		if lost == 5 {
			return context.DeadlineExceeded // the first event waits for the second here
		}
		return nil
	}
	done, planned, finished := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	take := func() error {
		_, err := w.svc.Take(w.Context(), second, "http", "")
		return err
	}
	if reversed {
		w.store.Sequence = func(items []string) { slices.Reverse(items) }
	}
	started := false
	w.store.Torn = func(n int) {
		if n != step {
			return
		}
		started = true
		go func() { finished <- take() }()
		select {
		case <-planned:
		case err := <-finished:
			finished <- err
		}
	}
	firstCommits := true
	var once sync.Once
	w.store.Gate = func(store.Change) {
		if firstCommits {
			firstCommits = false
			return
		}
		once.Do(func() { close(planned) })
		<-done
	}
	_, err := w.svc.Take(w.Context(), first, "http", "")
	require.NoError(w, err)
	w.store.Torn = nil
	close(done)
	if !started {
		finished <- take()
	}
	for err = <-finished; errors.Is(err, store.ErrBusy) || errors.Is(err, event.ErrPredecessor); {
		err = take()
	}
	require.NoError(w, err)
	w.store.Gate, w.store.Sequence = nil, nil
}
