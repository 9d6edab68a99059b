package memory

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"lapse/internal/agenda"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// noticeID orders the notices of a matter.
type noticeID string

func (a noticeID) compare(b noticeID) int { return cmp.Compare(a, b) }

// Notice implements storetest.Notices.
func (s *Store) Notice(ctx context.Context, id string) (notice.Notice, error) {
	return call(ctx, s, "Notice", id, func() (notice.Notice, error) {
		n := s.notices[id]
		if n == nil {
			return notice.Notice{}, store.ErrNotFound
		}
		return cloneNotice(*n), nil
	})
}

// Peek gives the notices of a matter as they are stored, for simulations that look after every step at what stands. They
// may not be changed, and nothing else may use the store meanwhile.
func (s *Store) Peek(id string) iter.Seq[*notice.Notice] {
	return func(yield func(*notice.Notice) bool) {
		for x := range s.look(id).notices.after("") {
			if !yield(s.notices[string(x)]) {
				return
			}
		}
	}
}

// PeekAt is Peek for one notice, nil where there is none.
func (s *Store) PeekAt(id string) *notice.Notice { return s.notices[id] }

type page[T any] struct {
	items []T
	next  string
}

// Notices implements storetest.Notices. The cursor is the last id of the page.
func (s *Store) Notices(ctx context.Context, id, after string, limit int) ([]notice.Notice, string, error) {
	p, err := call(ctx, s, "Notices", id, func() (p page[notice.Notice], err error) {
		ids := &s.look(id).notices
		p.items = make([]notice.Notice, 0, min(limit, len(s.notices)))
		for x := range ids.after(noticeID(after)) {
			if len(p.items) == limit {
				p.next = p.items[limit-1].ID
				break
			}
			p.items = append(p.items, cloneNotice(*s.notices[string(x)]))
		}
		return p, nil
	})
	return p.items, p.next, err
}

// PutNotice implements storetest.Notices.
func (s *Store) PutNotice(ctx context.Context, n notice.Notice, r agenda.Row) error {
	if err := s.PutRow(ctx, r); err != nil {
		return err
	}
	return s.do(ctx, "PutNotice", n.ID, func() error {
		if s.notices[n.ID] != nil {
			return nil
		}
		if !whole(n.Base, n.Created, n.Next, n.Lease, n.SentAt, n.DeliveredAt) {
			return s.violated("notice %s holds an instant with a fraction of a second", n.ID)
		}
		put(&s.notices, n.ID, new(cloneNotice(n)))
		s.of(n.Matter).notices.put(noticeID(n.ID))
		return nil
	})
}

type moved struct {
	notice notice.Notice
	ok     bool
}

// Move implements storetest.Notices.
func (s *Store) Move(ctx context.Context, m notice.Move) (notice.Notice, bool, error) {
	out, err := call(ctx, s, "Move "+string(m.Op), m.Notice, func() (moved, error) {
		n := s.notices[m.Notice]
		if n == nil {
			return moved{}, store.ErrNotFound
		}
		if s.writing["N#"+m.Notice] {
			return moved{}, store.ErrBusy
		}
		if !whole(m.Now, m.Next, m.Due) {
			return moved{}, s.violated("%s of notice %s with an instant with a fraction of a second", m.Op, m.Notice)
		}
		after := cloneNotice(*n)
		ok := m.Apply(&after)
		if err := s.settled(n.State, after.State, m); err != nil {
			return moved{}, err
		}
		*n = after
		return moved{cloneNotice(after), ok}, nil
	})
	return out.notice, out.ok, err
}

// settled complains where a notice that is known to have been delivered would be sent again.
func (s *Store) settled(before, after notice.State, m notice.Move) error {
	restores := m.Op == notice.OpRestore || m.Op == notice.OpDoubt
	if before == notice.Delivered && !restores && !slices.Contains([]notice.State{notice.Delivered, notice.Bounced, notice.Complained}, after) {
		return s.violated("%s moves the delivered notice %s to %s", m.Op, m.Notice, after)
	}
	return nil
}
