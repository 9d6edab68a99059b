package memory

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"lapse/internal/notice"
	"lapse/internal/store"
)

// noticeID orders the notices of a matter.
type noticeID string

func (a noticeID) compare(b noticeID) int { return cmp.Compare(a, b) }

// Notice implements store.Notices.
func (s *Store) Notice(ctx context.Context, id string) (notice.Notice, error) {
	return call(ctx, s, "Notice", id, func() (notice.Notice, error) {
		n := s.notices[id]
		if n == nil {
			return notice.Notice{}, store.ErrNotFound
		}
		return cloneNotice(*n), nil
	})
}

// NoticesOf implements store.Notices.
func (s *Store) NoticesOf(ctx context.Context, ids []string) (map[string]notice.Notice, error) {
	return call(ctx, s, "NoticesOf", strings.Join(ids, " "), func() (map[string]notice.Notice, error) {
		out := make(map[string]notice.Notice, len(ids))
		for _, id := range ids {
			if n := s.notices[id]; n != nil {
				out[id] = cloneNotice(*n)
			}
		}
		return out, nil
	})
}

// Peek yields the notices of a matter as stored. It is for simulations that inspect the store after every step. The
// caller must not change the notices, and nothing else may use the store meanwhile.
func (s *Store) Peek(id string) iter.Seq[*notice.Notice] {
	return func(yield func(*notice.Notice) bool) {
		for x := range s.look(id).notices.after("") {
			if !yield(s.notices[string(x)]) {
				return
			}
		}
	}
}

// PeekAt returns one notice as Peek does, or nil if there is none.
func (s *Store) PeekAt(id string) *notice.Notice { return s.notices[id] }

type page[T any] struct {
	items []T
	next  string
}

// Notices implements store.Notices. The cursor is the last id of the page.
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

// PutNotice implements store.Notices.
func (s *Store) PutNotice(ctx context.Context, n notice.Notice) error {
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

type applied struct {
	notice notice.Notice
	ok     bool
}

// Apply implements store.Notices. It applies the act to the stored notice, whatever notice the caller holds. The
// DynamoDB store reaches the same result by trying again.
func (s *Store) Apply(ctx context.Context, n notice.Notice, a notice.Act) (notice.Notice, bool, error) {
	out, err := call(ctx, s, "Apply "+string(a.Op), n.ID, func() (applied, error) {
		stands := s.notices[n.ID]
		if stands == nil {
			return applied{}, store.ErrNotFound
		}
		if s.writing["N#"+n.ID] {
			return applied{}, store.ErrBusy
		}
		if !whole(a.At, a.Next, a.Due) {
			return applied{}, s.violated("%s of notice %s with an instant with a fraction of a second", a.Op, n.ID)
		}
		after, effect := stands.Apply(a)
		if err := s.keepsDelivered(stands, &after, a.Op); err != nil {
			return applied{}, err
		}
		if effect == notice.Applied {
			*stands = after
		}
		return applied{cloneNotice(after), effect != notice.Refused}, nil
	})
	return out.notice, out.ok, err
}

// keepsDelivered returns an error if the op would send a delivered notice again.
func (s *Store) keepsDelivered(before, after *notice.Notice, op notice.Op) error {
	restores := op == notice.OpRestore || op == notice.OpDoubt
	arrived := []notice.State{notice.Delivered, notice.Bounced, notice.Complained, notice.ToldOtherwise}
	if before.State == notice.Delivered && !restores && !slices.Contains(arrived, after.State) {
		return s.violated("%s moves the delivered notice %s to %s", op, before.ID, after.State)
	}
	return nil
}
