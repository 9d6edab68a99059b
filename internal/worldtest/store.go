package worldtest

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Head is the head of Matter.
func (w *World) Head() matter.Head {
	w.T.Helper()
	h, err := w.Store.Head(w.T.Context(), Matter)
	require.NoError(w.T, err)
	return h
}

// Commit records a change of the matter. It fills in the version, the receipt and the ledger entry, and opens the
// matter if need be.
func (w *World) Commit(matterID string, c store.Change) {
	w.T.Helper()
	ctx := w.T.Context()
	h, err := w.Store.Open(ctx, matter.Head{Matter: matterID, State: matter.AwaitingRequest, Salt: Salt()})
	require.NoError(w.T, err)
	c.Head.Matter, c.Head.Version, c.Head.Salt = matterID, h.Version+1, h.Salt
	c.Receipt.Key = fmt.Sprintf("%s-%d", matterID, c.Head.Version)
	c.Entry.Matter, c.Entry.Seq = matterID, c.Head.Version
	require.NoError(w.T, w.Store.Commit(ctx, c))
}

// Disclosed records the disclosure under these restraints, with its request and subject. It returns the notice of the
// first target, which is not made yet.
func (w *World) Disclosed(d matter.Disclosure, restraints ...matter.Restraint) notice.Notice {
	w.T.Helper()
	subject := Known(d.Targets[0])
	subject.Matter = d.Matter
	w.Commit(d.Matter, store.Change{
		Head: matter.Head{State: matter.Disclosed, Restraints: restraints}, Disclosure: &d,
		Request: &matter.Request{Matter: d.Matter}, Subject: &subject,
	})
	return Notice(d)
}

// Made stores the notice, with an agenda row at the instant.
func (w *World) Made(n notice.Notice, at time.Time) {
	w.T.Helper()
	require.NoError(w.T, w.Store.PutRows(w.T.Context(), agenda.ForNotice(n.Matter, n.ID, at, 1)))
	require.NoError(w.T, w.Store.PutNotice(w.T.Context(), n))
}

// Put puts an agenda row.
func (w *World) Put(r agenda.Row) {
	w.T.Helper()
	require.NoError(w.T, w.Store.PutRows(w.T.Context(), r))
}

// Notice is the stored notice to the user of a subject.
func (w *World) Notice(disclosure, subject string) notice.Notice {
	w.T.Helper()
	n, err := w.Store.Notice(w.T.Context(), NoticeID(disclosure, subject))
	require.NoError(w.T, err)
	return n
}

// NoticeID is the id of the notice to the user of a subject of Matter.
func NoticeID(disclosure, subject string) string {
	return notice.ID(Salt(), Matter, disclosure, subject)
}

// Move changes the notice by each act in turn, and wants each to be allowed.
func (w *World) Move(noticeID string, acts ...notice.Act) (n notice.Notice) {
	w.T.Helper()
	for _, a := range acts {
		moved, err := false, error(nil)
		n, moved, err = w.Store.Apply(w.T.Context(), notice.Notice{ID: noticeID}, a)
		require.NoError(w.T, err)
		require.True(w.T, moved, "%s is refused", a.Op)
	}
	return n
}

// Accepted makes an attempt at the notice, whose mail SES accepts a second later.
func (w *World) Accepted(noticeID, token string, at time.Time) {
	w.T.Helper()
	w.Move(noticeID, Claim(token, at), Complete(token, at.Add(time.Second)))
}

// Rows lists all agenda rows that the test keeps, whenever they stand, in no order.
func (w *World) Rows(keep func(agenda.Row) bool) []agenda.Row {
	w.T.Helper()
	var all []agenda.Row
	for shard := range agenda.NoticeShards {
		all = append(all, w.shard(false, shard)...)
	}
	for shard := range agenda.WorkShards {
		all = append(all, w.shard(true, shard)...)
	}
	return slices.DeleteFunc(all, func(r agenda.Row) bool { return !keep(r) })
}

// RowsOf lists the agenda rows of the kind; of a single item if an id is given.
func (w *World) RowsOf(kind agenda.Kind, id ...string) []agenda.Row {
	w.T.Helper()
	return w.Rows(func(r agenda.Row) bool {
		return r.Kind == kind && (len(id) == 0 || slices.Contains(id, r.ID()))
	})
}

func (w *World) shard(work bool, shard int) []agenda.Row {
	w.T.Helper()
	rows, next, err := w.Store.Rows(w.T.Context(), work, shard, Start().AddDate(1000, 0, 0), "", math.MaxInt32)
	require.NoError(w.T, err)
	require.Empty(w.T, next)
	return rows
}
