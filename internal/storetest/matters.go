package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

func matterLaws() []law {
	return []law{
		{"open: two racers get the same keys, and they stay", openOnce},
		{"open: a matter with recorded events keeps its head", openLater},
		{"not found is said as such", notFound},
		{"commit: the version moves by one and everything is written", commitWhole},
		{"commit: on another version it is a race and nothing is written", commitRace},
		{"commit: a receipt that exists is a race, nothing is written and the first answer stands", commitReceipt},
		{"commit: of racing writers of one version exactly one wins", commitRacers},
		{"commit: one event raced to two matters is recorded once", commitRacedEvent},
		{"commit: more items than a transaction writes are refused and nothing is written", commitTooMany},
		{"commit: an item that is too large is refused as such and nothing is written", commitTooLarge},
		{"commit: a row replaces the one that is the same", commitRows},
		{"commit: a notice that is held learns of it with the version, and of no change that was not made", commitHeld},
	}
}

// inParallel runs f n times at once and returns the errors in order.
func inParallel(ctx context.Context, n int, f func(ctx context.Context, i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(ctx, i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWins requires that exactly one of the errors is nil and every other one a lost race. It returns the index of the
// nil.
func oneWins(t *testing.T, errs []error) int {
	winner := -1
	for i, err := range errs {
		if err == nil {
			require.Equal(t, -1, winner, "two writers won")
			winner = i
			continue
		}
		require.ErrorIs(t, err, store.ErrRace)
	}
	require.NotEqual(t, -1, winner, "no writer won")
	return winner
}

func openOnce(t *testing.T, s store.Store) {
	got := make([]matter.Head, 4)
	errs := inParallel(t.Context(), len(got), func(ctx context.Context, i int) (err error) {
		got[i], err = s.Open(ctx, newHead(sampleMatter, fmt.Sprint("of racer ", i)))
		return err
	})
	stands, err := s.Head(t.Context(), sampleMatter)
	require.NoError(t, err)
	require.Zero(t, stands.Version)
	require.NotEmpty(t, stands.PublicKeyset)
	for i := range got {
		require.NoError(t, errs[i])
		same(t, stands, got[i])
	}
}

func openLater(t *testing.T, s store.Store) {
	h := committed(t, s, next(t, opened(t, s, sampleMatter), "e1"))
	got, err := s.Open(t.Context(), newHead(sampleMatter, "other"))
	require.NoError(t, err)
	same(t, h, got)
}

func notFound(t *testing.T, s store.Store) {
	ctx := t.Context()
	opened(t, s, sampleMatter)
	looks := map[string]func() error{
		"head":       func() error { _, err := s.Head(ctx, "mat-none"); return err },
		"receipt":    func() error { _, err := s.Receipt(ctx, ledger.ReceiptKey("legal.example", "none")); return err },
		"entry":      func() error { _, err := s.Entry(ctx, sampleMatter, 1); return err },
		"request":    func() error { _, err := s.Request(ctx, sampleMatter); return err },
		"disclosure": func() error { _, err := s.Disclosure(ctx, sampleMatter, "none", 1); return err },
		"notice": func() error {
			_, err := s.Notice(ctx, notice.ID(nil, sampleMatter, "d1", "u1"))
			return err
		},
		"apply": func() error {
			_, ok, err := s.Apply(ctx, notice.Notice{ID: notice.ID(nil, sampleMatter, "d1", "u1")},
				notice.Act{Op: notice.OpClaim, Token: "t", At: at(1), Next: at(61)})
			require.False(t, ok)
			return err
		},
		"drop pending": func() error { return s.DropPending(ctx, sampleMatter, 1) },
		"erase":        func() error { return s.Erase(ctx, sampleMatter, "none", 1, 0) },
	}
	for round := range 2 { // the second round finds mistakes of the first
		for name, look := range looks {
			require.ErrorIs(t, look(), store.ErrNotFound, "%s, round %d", name, round)
		}
	}
	empty(t, s)
}

// empty requires that the sample matter has a head and no other record.
func empty(t *testing.T, s store.Store) {
	ctx := t.Context()
	orders, err := s.Orders(ctx, sampleMatter)
	require.NoError(t, err)
	require.Empty(t, orders)
	disclosures, err := s.Disclosures(ctx, sampleMatter, "")
	require.NoError(t, err)
	require.Empty(t, disclosures)
	entries, err := s.Entries(ctx, sampleMatter, 0, 10)
	require.NoError(t, err)
	require.Empty(t, entries)
	subjects, err := s.Subjects(ctx, sampleMatter, []string{"u1", "none"})
	require.NoError(t, err)
	require.Empty(t, subjects)
	notices, cursor, err := s.Notices(ctx, sampleMatter, "", 10)
	require.NoError(t, err)
	require.Empty(t, notices)
	require.Empty(t, cursor)
	require.Empty(t, allRows(t, s))
}

// fullChange is a change of everything that an event may record, and of as many items as a transaction writes.
func fullChange(t *testing.T, h matter.Head, event string) store.Change {
	c := next(t, h, event)
	c.Request, c.Disclosure = sampleRequest(), sampleDisclosure("d1", 1, 3)
	c.Orders = []matter.Order{sampleOrder("ord-1"), sampleOrder("ord-2")}
	subject := sampleSubject("u1", c.Receipt.Key, c.Head.Version)
	c.Subject = &subject
	c.Rows = []agenda.Row{
		agenda.ForReplan(sampleMatter, c.Head.Version, at(100)),
		agenda.ForMakeNotices(sampleMatter, "d1", 1, at(100), c.Head.Version),
	}
	for version := 100; c.Room() > 0; version++ {
		c.Rows = append(c.Rows, agenda.ForAnnounce(sampleMatter, version, at(100)))
	}
	return c
}

// standsWhole requires all items of a fullChange to be recorded.
func standsWhole(t *testing.T, s store.Store, c store.Change) {
	ctx := t.Context()
	head, err := s.Head(ctx, sampleMatter)
	require.NoError(t, err)
	same(t, c.Head, head)
	receipt, err := s.Receipt(ctx, c.Receipt.Key)
	require.NoError(t, err)
	same(t, c.Receipt, receipt)
	entry, err := s.Entry(ctx, sampleMatter, c.Entry.Seq)
	require.NoError(t, err)
	same(t, c.Entry, entry)
	request, err := s.Request(ctx, sampleMatter)
	require.NoError(t, err)
	same(t, *c.Request, request)
	orders, err := s.Orders(ctx, sampleMatter)
	require.NoError(t, err)
	same(t, c.Orders, orders)
	disclosure, err := s.Disclosure(ctx, sampleMatter, "d1", 1)
	require.NoError(t, err)
	same(t, *c.Disclosure, disclosure)
	subjects, err := s.Subjects(ctx, sampleMatter, []string{"u1"})
	require.NoError(t, err)
	same(t, map[string]matter.Subject{"u1": *c.Subject}, subjects)
	require.ElementsMatch(t, c.Rows, allRows(t, s))
}

func commitWhole(t *testing.T, s store.Store) {
	standing := opened(t, s, sampleMatter)
	c := fullChange(t, standing, "e1")
	require.Equal(t, 1, committed(t, s, c).Version)
	standsWhole(t, s, c)
}

func commitRace(t *testing.T, s store.Store) {
	unopened := fullChange(t, newHead(sampleMatter, "k1"), "e0")
	require.ErrorIs(t, s.Commit(t.Context(), unopened), store.ErrRace, "a matter that was never opened")
	h := opened(t, s, sampleMatter)
	for version, why := range map[int]string{-1: "the same version", 1: "a version left out"} {
		ahead := h
		ahead.Version += version
		require.ErrorIs(t, s.Commit(t.Context(), fullChange(t, ahead, "e1")), store.ErrRace, why)
		same(t, h, opened(t, s, sampleMatter))
		empty(t, s)
		_, err := s.Receipt(t.Context(), ledger.ReceiptKey("legal.example", "e1"))
		require.ErrorIs(t, err, store.ErrNotFound)
	}
}

func commitReceipt(t *testing.T, s store.Store) {
	c := next(t, opened(t, s, sampleMatter), "e1")
	h := committed(t, s, c)
	again := fullChange(t, h, "e1")
	again.Receipt.Answer.Findings = []matter.Finding{sampleFinding()}
	require.ErrorIs(t, s.Commit(t.Context(), again), store.ErrRace)

	receipt, err := s.Receipt(t.Context(), c.Receipt.Key)
	require.NoError(t, err)
	same(t, c.Receipt, receipt)
	same(t, h, opened(t, s, sampleMatter))
	_, err = s.Entry(t.Context(), sampleMatter, again.Entry.Seq)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.Request(t.Context(), sampleMatter)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.Empty(t, allRows(t, s))
}

func commitRacers(t *testing.T, s store.Store) {
	h := opened(t, s, sampleMatter)
	for round := range 3 {
		changes := make([]store.Change, 8)
		for i := range changes {
			changes[i] = next(t, h, fmt.Sprintf("e%d of round %d", i, round))
		}
		winner := oneWins(t, inParallel(t.Context(), len(changes),
			func(ctx context.Context, i int) error { return s.Commit(ctx, changes[i]) }))
		h = changes[winner].Head
		same(t, h, opened(t, s, sampleMatter))
		for i, c := range changes {
			_, err := s.Receipt(t.Context(), c.Receipt.Key)
			if i == winner {
				require.NoError(t, err)
				continue
			}
			require.ErrorIs(t, err, store.ErrNotFound, "a loser left its receipt")
		}
	}
}

func commitRacedEvent(t *testing.T, s store.Store) {
	heads := []matter.Head{opened(t, s, "mat-a"), opened(t, s, "mat-b")}
	changes := []store.Change{next(t, heads[0], "e1"), next(t, heads[1], "e1")}
	winner := oneWins(t, inParallel(t.Context(), 2,
		func(ctx context.Context, i int) error { return s.Commit(ctx, changes[i]) }))
	same(t, heads[1-winner], opened(t, s, heads[1-winner].Matter))
}

func commitTooMany(t *testing.T, s store.Store) {
	h := opened(t, s, sampleMatter)
	c := fullChange(t, h, "e1")
	c.Rows = append(c.Rows, agenda.ForAnnounce(sampleMatter, 1, at(100)))
	err := s.Commit(t.Context(), c)
	require.ErrorContains(t, err, "17 items")
	require.NotErrorIs(t, err, store.ErrRace)
	same(t, h, opened(t, s, sampleMatter))
	empty(t, s)
}

func commitTooLarge(t *testing.T, s store.Store) {
	h := opened(t, s, sampleMatter)
	long := strings.Repeat("x", store.MaxItemBytes)
	for what, change := range map[string]func(*store.Change){
		"order":      func(c *store.Change) { c.Orders[1].Received.CourtFindings = long },
		"request":    func(c *store.Change) { c.Request.Offence = long },
		"disclosure": func(c *store.Change) { c.Disclosure.Facts.Note = long },
		"entry":      func(c *store.Change) { c.Entry.Data = json.RawMessage(`"` + long + `"`) },
		"receipt":    func(c *store.Change) { c.Receipt.Answer.Warnings = []ledger.Warning{{Message: long}} },
		"restraint": func(c *store.Change) {
			c.Rows = c.Rows[:1]
			c.Head.Restraints = []matter.Restraint{{ID: "o", Revision: 1, Subjects: subjectIDs(long[:1000], 400)}}
		},
	} {
		c := fullChange(t, h, "e1")
		change(&c)
		require.ErrorIs(t, s.Commit(t.Context(), c), store.ErrTooLarge, what)
		same(t, h, opened(t, s, sampleMatter))
		empty(t, s)
	}
	c := fullChange(t, h, "e1")
	c.Request.Offence = long[:store.MaxItemBytes-8<<10]
	require.NoError(t, s.Commit(t.Context(), c), "one that is a little smaller is kept")
	standsWhole(t, s, c)
}

func commitRows(t *testing.T, s store.Store) {
	c := next(t, opened(t, s, sampleMatter), "e1")
	row := agenda.ForOrder(sampleMatter, "ord-1", at(100), 9)
	row.Cursor = "old"
	require.NoError(t, s.PutRows(t.Context(), row))
	row.Cursor = "new"
	c.Rows = []agenda.Row{row}
	committed(t, s, c)
	require.Equal(t, c.Rows, allRows(t, s))
}

func commitHeld(t *testing.T, s store.Store) {
	h := opened(t, s, sampleMatter)
	n := sampleNotice(sampleMatter, "u1")
	put(t, s, t.Context(), n)
	c := next(t, h, "e1")
	decided, _ := n.Apply(notice.Decide(1))
	c.Decided = &decided
	h = committed(t, s, c)
	n = decided
	got, err := s.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	same(t, n, got)

	late := next(t, h, "e2")
	late.Head.Version++
	again, _ := n.Apply(notice.Decide(late.Head.Version))
	late.Decided = &again
	require.ErrorIs(t, s.Commit(t.Context(), late), store.ErrRace)
	unmade := next(t, h, "e2")
	other := sampleNotice(sampleMatter, "u2")
	unmade.Decided = &other
	require.ErrorIs(t, s.Commit(t.Context(), unmade), store.ErrRace, "there is no such notice")
	old := next(t, h, "e2")
	stale := n
	old.Decided = &stale
	require.ErrorIs(t, s.Commit(t.Context(), old), store.ErrRace, "the notice was written since")
	same(t, h, opened(t, s, sampleMatter))
	got, err = s.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	same(t, n, got)

	claim := notice.Act{Op: notice.OpClaim, Token: "t1", At: at(10), Next: at(70), Version: h.Version}
	_, ok, err := s.Apply(t.Context(), notice.Notice{ID: n.ID}, claim)
	require.NoError(t, err)
	require.False(t, ok, "its hold is on record")
}
