package intake

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// records reads what is recorded of a matter.
type records struct{ *Service }

// head reads the head and makes sure that everything else may be planned on as well. The items of one transaction
// become visible one after the other, so the records that the last event wrote have to be readable. head also writes
// the subjects that this event left pending, because a later change would hide them. Nothing of an earlier event is
// left, because every event begins here. Errors: store.ErrNotFound where there is no head, store.ErrRace where a record
// cannot be read yet.
func (s records) head(ctx context.Context, id string) (matter.Head, error) {
	h, err := s.Store.Head(ctx, id)
	if err != nil || h.Version == 0 {
		return h, wrap(err, "read matter %s", id)
	}
	e, err := s.Store.Entry(ctx, id, h.Version)
	if err == nil {
		err = s.seen(ctx, &e)
	}
	if errors.Is(err, store.ErrNotFound) {
		return h, fmt.Errorf("version %d of matter %s is half recorded: %w", h.Version, id, store.ErrRace)
	}
	if err != nil {
		return h, fmt.Errorf("read version %d of matter %s: %w", h.Version, id, err)
	}
	if _, err = owed.WritePendingSubjects(ctx, s.Store, &e); err != nil {
		return h, err
	}
	h.Pending = 0
	return h, nil
}

// seen returns store.ErrNotFound where a record that the entry's transaction wrote cannot be read yet.
func (s records) seen(ctx context.Context, e *ledger.Entry) error {
	var orders []matter.Order
	if slices.ContainsFunc(e.Wrote, func(w ledger.Wrote) bool { return w.Kind == ledger.Order }) {
		var err error
		if orders, err = s.Store.Orders(ctx, e.Matter); err != nil {
			return err
		}
	}
	for _, w := range e.Wrote {
		version, err := s.version(ctx, e.Matter, w, orders)
		if err != nil {
			return err
		}
		if version < w.Version {
			return store.ErrNotFound
		}
	}
	return nil
}

// version is the version up to which the named record can be read, 0 where it cannot be read at all. Several orders may
// be asked for, so they are read once, before.
func (s records) version(ctx context.Context, id string, w ledger.Wrote, orders []matter.Order) (int, error) {
	switch w.Kind {
	case ledger.Request:
		r, err := s.Store.Request(ctx, id)
		return r.Version, err
	case ledger.Order:
		if o := orderOf(orders, w.ID); o != nil {
			return o.Revision, nil
		}
		return 0, nil
	case ledger.Exception:
		exceptions, err := s.Store.Exceptions(ctx, id)
		if x := exceptionOf(exceptions, w.ID); x != nil {
			return x.Revision, err
		}
		return 0, err
	case ledger.Approved:
		a, err := s.Store.Approval(ctx, id, w.ID)
		return a.Revision, err
	case ledger.Disclosure:
		parts, err := s.Store.Disclosures(ctx, id, w.ID)
		last := 0
		for _, part := range parts {
			last = max(last, part.Version)
		}
		return last, err
	case ledger.Subject:
		subjects, err := s.Store.Subjects(ctx, id, []string{w.ID})
		sub := subjects[w.ID]
		return max(sub.Revision, sub.Erasing), err // the mark of an erasure keeps the contacts' revision
	}
	return 0, fmt.Errorf("read %s %s of matter %s: no such kind of record", w.Kind, w.ID, id)
}

// open returns the matter's head, opening the matter if nobody has.
func (s records) open(ctx context.Context, id string) (matter.Head, error) {
	h, err := s.head(ctx, id)
	if !errors.Is(err, store.ErrNotFound) {
		return h, err
	}
	public, wrapped, err := s.Sealer.NewKeys(ctx, id)
	if err != nil {
		return matter.Head{}, fmt.Errorf("make keys for matter %s: %w", id, err)
	}
	h, err = s.Store.Open(ctx, matter.Head{Matter: id, State: matter.AwaitingRequest, PublicKeyset: public,
		WrappedKeyset: wrapped, Salt: s.salt()})
	return h, wrap(err, "open matter %s", id)
}

// salt is a new matter's salt.
func (s records) salt() []byte {
	if s.Salt != nil {
		return s.Salt()
	}
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails: https://pkg.go.dev/crypto/rand#Read
	return salt
}

// existing returns the head and the request of a matter whose request is recorded; else event.ErrPredecessor.
func (s records) existing(ctx context.Context, id string) (matter.Head, matter.Request, error) {
	h, err := s.head(ctx, id)
	if err == nil && h.State != matter.AwaitingRequest {
		r, err := s.request(ctx, &h)
		if err != nil {
			return h, matter.Request{}, err
		}
		return h, *r, nil
	}
	if err == nil || errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("the request of matter %s: %w", id, event.ErrPredecessor)
	}
	return matter.Head{}, matter.Request{}, err
}

// subjectsOf lists recorded subjects by id.
func subjectsOf(recorded map[string]matter.Subject) []matter.Subject {
	out := make([]matter.Subject, 0, len(recorded))
	for _, id := range slices.Sorted(maps.Keys(recorded)) {
		out = append(out, recorded[id])
	}
	return out
}

// request is the recorded request, nil while it is awaited.
func (s records) request(ctx context.Context, h *matter.Head) (*matter.Request, error) {
	if h.State == matter.AwaitingRequest {
		return nil, nil
	}
	r, err := s.Store.Request(ctx, h.Matter)
	if errors.Is(err, store.ErrNotFound) {
		// The head says that it is recorded, so it is only not visible yet.
		err = store.ErrRace
	}
	return &r, wrap(err, "read the request of %s", h.Matter)
}

// known reports whether the matter's recorded events know the subject. A subject that was put before its event's
// transaction counts only once that event is recorded. An erased subject was known when its erasure was recorded.
func (s records) known(ctx context.Context, sub matter.Subject) (bool, error) {
	if !sub.Known || sub.Revision > 0 || sub.Erased {
		return sub.Known, nil
	}
	_, err := s.Store.Receipt(ctx, sub.Event)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, wrap(err, "look for the event that brought a subject of %s", sub.Matter)
}

// lookup returns what is recorded of the ids, and the ids that the matter does not know, in the order given. An id of
// the second result is in the first only where a contact of it was recorded. Receipts are read once an event.
func (s records) lookup(ctx context.Context, id string, ids []string) (map[string]matter.Subject, []string, error) {
	recorded, err := s.Store.Subjects(ctx, id, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("read the subjects of %s: %w", id, err)
	}
	events := map[string]bool{}
	var unknown []string
	for _, x := range ids {
		sub, have := recorded[x]
		ok := have && sub.Known
		if ok && sub.Revision == 0 {
			if seen, asked := events[sub.Event]; asked {
				ok = seen
			} else if ok, err = s.known(ctx, sub); err != nil {
				return nil, nil, err
			}
			events[sub.Event] = ok
		}
		if !ok {
			unknown = append(unknown, x)
			if sub.Revision == 0 {
				delete(recorded, x)
			}
		}
	}
	return recorded, unknown, nil
}
