package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

func noticeLaws() []law {
	return []law{
		{"notices: every field comes back, in whatever state one is put", noticeFields},
		{"notices: a second put changes nothing of the notice", noticeOnce},
		{"notices: no caller can change what is stored", noticeCopies},
		{"notices: of racing puts one stands whole", noticeRace},
		{"notices: a put brings its row, beside those that stand", noticeRow},
		{"notices: pages of any size give each of 130 once, by id, of their matter alone", noticePages},
		{"notices: 130 of two matters come back together", noticesTogether},
		{"notices: a page after a cursor goes on although notices came in between", noticePagesGrow},
	}
}

func fullNotice() notice.Notice {
	n := sampleNotice(sampleMatter, "u1")
	n.Kind, n.Former, n.ReplacedAt = notice.Moved, 3, at(3)
	n.State, n.Reason, n.Next, n.Lease, n.Token = notice.Sending, "x", at(10), at(20), "t2"
	n.Attempts = []notice.Attempt{
		{Token: "t1", Claimed: at(2), Head: 3, Rules: "r1", Due: at(1), Outcome: "accepted", At: at(4), WasUnknown: true,
			MessageID: "m1", Bounced: at(8), Dead: true, Contact: "2.1", Spare: true,
			Letter: strings.Repeat("a1", 32), Form: strings.Repeat("b2", 32),
			Recipient: matter.Recipient{Role: matter.Admin, Tenant: "t1", Mailbox: "mailbox"}},
		{Token: "t2", Claimed: at(5), Head: 4, Rules: "r2", Due: at(1)}}
	n.MessageID, n.SentAt, n.DeliveredAt = "m1", at(4), at(6)
	n.Changed, n.CarriedOut, n.Decision, n.Holding = at(9), 5, 6, true
	n.LastSign, n.LastSignAt, n.LateOrder, n.LateAt = "delay", at(7), "ord-9", at(8)
	return n
}

// put puts the notice with a row and requires it to be stored as given.
func put(t require.TestingT, s store.Store, ctx context.Context, n notice.Notice) {
	require.NoError(t, s.PutRows(ctx, rowOf(n, at(100))))
	require.NoError(t, s.PutNotice(ctx, n))
	got, err := s.Notice(ctx, n.ID)
	require.NoError(t, err)
	same(t, n, got)
}

func noticeFields(t *testing.T, s store.Store) {
	filled(t, fullNotice())
	put(t, s, t.Context(), fullNotice())
	bare := notice.Notice{ID: notice.ID(nil, sampleMatter, "d1", "bare"), Revision: 1, Matter: sampleMatter,
		Disclosure: "d1", Part: 1,
		Subject: "bare", State: notice.Scheduled}
	put(t, s, t.Context(), bare)
	for _, state := range notice.States() {
		n := sampleNotice(sampleMatter, "in state "+string(state))
		n.State = state
		put(t, s, t.Context(), n)
	}
}

func noticeOnce(t *testing.T, s store.Store) {
	n := fullNotice()
	put(t, s, t.Context(), n)
	again := sampleNotice(sampleMatter, "u1")
	require.Equal(t, n.ID, again.ID)
	again.Language = "de"
	require.NoError(t, s.PutRows(t.Context(), rowOf(again, at(100))))
	require.NoError(t, s.PutNotice(t.Context(), again))
	got, err := s.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	same(t, n, got)
}

func noticeCopies(t *testing.T, s store.Store) {
	given := fullNotice()
	put(t, s, t.Context(), given)
	given.Attempts[0].Token = "spoiled"
	refused := notice.Act{Op: notice.OpClaim, Token: "t9", At: at(1), Next: at(61)}
	reads := map[string]func() (notice.Notice, error){
		"notice": func() (notice.Notice, error) { return s.Notice(t.Context(), given.ID) },
		"apply": func() (notice.Notice, error) {
			n, _, err := s.Apply(t.Context(), notice.Notice{ID: given.ID}, refused)
			return n, err
		},
		"page": func() (notice.Notice, error) {
			page, _, err := s.Notices(t.Context(), sampleMatter, "", 1)
			require.Len(t, page, 1)
			return page[0], err
		},
	}
	for range 2 {
		for name, read := range reads {
			got, err := read()
			require.NoError(t, err, name)
			same(t, fullNotice(), got, name)
			got.Attempts[0].Token = "spoiled"
		}
	}
}

func noticeRace(t *testing.T, s store.Store) {
	n := sampleNotice(sampleMatter, "u1")
	for _, err := range inParallel(t.Context(), 8, func(ctx context.Context, i int) error {
		mine := n
		mine.Language, mine.Template = fmt.Sprint("l", i), fmt.Sprint("v", i)
		return errors.Join(s.PutRows(ctx, rowOf(mine, at(100))), s.PutNotice(ctx, mine))
	}) {
		require.NoError(t, err)
	}
	got, err := s.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, got.Language[1:], got.Template[1:])
	n.Language, n.Template = got.Language, got.Template
	same(t, n, got)
	require.Len(t, allRows(t, s), 1)
}

func noticeRow(t *testing.T, s store.Store) {
	n := sampleNotice(sampleMatter, "u1")
	row := rowOf(n, at(100))
	row.Planned, row.Cursor = 5, "of version 5"
	require.NoError(t, s.PutRows(t.Context(), row))
	require.NoError(t, s.PutNotice(t.Context(), n))
	require.Equal(t, []agenda.Row{row}, allRows(t, s))
	sooner := rowOf(n, at(50))
	require.NoError(t, s.PutRows(t.Context(), sooner))
	require.NoError(t, s.PutNotice(t.Context(), n))
	require.Equal(t, []agenda.Row{sooner, row}, allRows(t, s), "a row at another instant is another row")
}

// pages reads all notices of a matter in pages of the given size.
func pages(t *testing.T, s store.Store, id string, size int) []notice.Notice {
	var all []notice.Notice
	for after := ""; ; {
		page, cursor, err := s.Notices(t.Context(), id, after, size)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), size)
		all = append(all, page...)
		if cursor == "" {
			return all
		}
		require.NotEqual(t, after, cursor)
		after = cursor
	}
}

// byID makes n notices of the matter and returns them, ordered by id.
func byID(t *testing.T, s store.Store, id string, n int) []notice.Notice {
	var all []notice.Notice
	for _, who := range subjectIDs("u", n) {
		x := sampleNotice(id, who)
		require.NoError(t, s.PutRows(t.Context(), rowOf(x, at(100))))
		require.NoError(t, s.PutNotice(t.Context(), x))
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b notice.Notice) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func noticePages(t *testing.T, s store.Store) {
	want := byID(t, s, sampleMatter, 130)
	byID(t, s, sampleMatter+"0", 3)
	byID(t, s, sampleMatter[:len(sampleMatter)-1], 3)
	for _, size := range []int{7, 65, 130, 1000} {
		same(t, want, pages(t, s, sampleMatter, size), "pages of %d", size)
	}
	require.Len(t, pages(t, s, sampleMatter+"0", 2), 3)
	require.Empty(t, pages(t, s, "mat-none", 2))
}

func noticePagesGrow(t *testing.T, s store.Store) {
	old := byID(t, s, sampleMatter, 20)
	first, cursor, err := s.Notices(t.Context(), sampleMatter, "", 10)
	require.NoError(t, err)
	same(t, old[:10], first)
	byID(t, s, sampleMatter, 40)
	rest, _, err := s.Notices(t.Context(), sampleMatter, cursor, 1000)
	require.NoError(t, err)
	for _, n := range old[10:] {
		require.True(t, slices.ContainsFunc(rest, func(r notice.Notice) bool { return r.ID == n.ID }),
			"a notice was passed over")
	}
	for _, n := range rest {
		require.Greater(t, n.ID, old[9].ID)
	}
}

func noticesTogether(t *testing.T, s store.Store) {
	ids, want := []string{"none", "none." + strings.Repeat("0", 64)}, map[string]notice.Notice{}
	for i := range 130 {
		n := sampleNotice(fmt.Sprint(sampleMatter, i%2), fmt.Sprint("u", i))
		require.NoError(t, s.PutRows(t.Context(), rowOf(n, at(100))))
		require.NoError(t, s.PutNotice(t.Context(), n))
		ids, want[n.ID] = append(ids, n.ID, n.ID), n
	}
	got, err := s.NoticesOf(t.Context(), ids)
	require.NoError(t, err)
	same(t, want, got)
	got, err = s.NoticesOf(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}
