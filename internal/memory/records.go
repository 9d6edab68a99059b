package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

type partKey struct {
	disclosure string
	part       int
}

// entry returns the stored entry itself.
func (r *records) entry(seq int) (ledger.Entry, bool) {
	i, ok := r.entryIndex(seq)
	if !ok {
		return ledger.Entry{}, false
	}
	return r.entries[i], true
}

func (r *records) entryIndex(seq int) (int, bool) {
	return slices.BinarySearchFunc(r.entries, seq, func(e ledger.Entry, seq int) int { return cmp.Compare(e.Seq, seq) })
}

func (r *records) putEntry(e ledger.Entry) {
	i, ok := r.entryIndex(e.Seq)
	if ok {
		r.entries[i] = e
		return
	}
	r.entries = slices.Insert(r.entries, i, e)
}

// Entry implements store.Ledger.
func (s *Store) Entry(ctx context.Context, id string, seq int) (ledger.Entry, error) {
	return call(ctx, s, "Entry", fmt.Sprintf("%s@%d", id, seq), func() (ledger.Entry, error) {
		e, ok := s.look(id).entry(seq)
		if !ok {
			return ledger.Entry{}, store.ErrNotFound
		}
		return cloneEntry(e), nil
	})
}

// Entries implements store.Ledger.
func (s *Store) Entries(ctx context.Context, id string, after, limit int) ([]ledger.Entry, error) {
	return call(ctx, s, "Entries", id, func() ([]ledger.Entry, error) {
		r := s.look(id)
		from, _ := r.entryIndex(after + 1)
		return each(r.entries[from:min(from+limit, len(r.entries))], cloneEntry), nil
	})
}

// DropPending implements store.Ledger.
func (s *Store) DropPending(ctx context.Context, id string, seq int) error {
	return s.do(ctx, "DropPending", fmt.Sprintf("%s@%d", id, seq), func() error {
		r := s.look(id)
		i, ok := r.entryIndex(seq)
		if !ok {
			return store.ErrNotFound
		}
		r.entries[i].Pending = nil
		if r.head != nil && r.head.Pending == seq {
			r.head.Pending = 0
		}
		return nil
	})
}

// Request implements store.Matters.
func (s *Store) Request(ctx context.Context, id string) (matter.Request, error) {
	return call(ctx, s, "Request", id, func() (matter.Request, error) {
		if r := s.look(id).request; r != nil {
			return cloneRequest(*r), nil
		}
		return matter.Request{}, store.ErrNotFound
	})
}

// Orders implements store.Matters.
func (s *Store) Orders(ctx context.Context, id string) ([]matter.Order, error) {
	return call(ctx, s, "Orders", id, func() ([]matter.Order, error) {
		return listed(s.look(id).orders, cloneOrder), nil
	})
}

// listed are copies of the values of a map, in the order of its keys; nil where there is none.
func listed[T any](m map[string]T, clone func(T) T) []T {
	if len(m) == 0 {
		return nil
	}
	out := make([]T, 0, len(m))
	for _, id := range slices.Sorted(maps.Keys(m)) {
		out = append(out, clone(m[id]))
	}
	return out
}

// Exceptions implements store.Matters.
func (s *Store) Exceptions(ctx context.Context, id string) ([]matter.Exception, error) {
	return call(ctx, s, "Exceptions", id, func() ([]matter.Exception, error) {
		return listed(s.look(id).exceptions, cloneException), nil
	})
}

// Approval implements store.Approvals.
func (s *Store) Approval(ctx context.Context, id, approval string) (ledger.Approval, error) {
	return call(ctx, s, "Approval", id+"."+approval, func() (ledger.Approval, error) {
		return found(s.look(id).approvals, approval, cloneApproval)
	})
}

// Approvals implements store.Approvals.
func (s *Store) Approvals(ctx context.Context, id string) ([]ledger.Approval, error) {
	return call(ctx, s, "Approvals", id, func() ([]ledger.Approval, error) {
		return listed(s.look(id).approvals, cloneApproval), nil
	})
}

// Disclosure implements store.Matters.
func (s *Store) Disclosure(ctx context.Context, id, disclosure string, part int) (matter.Disclosure, error) {
	return call(ctx, s, "Disclosure", id+"."+disclosure, func() (matter.Disclosure, error) {
		return found(s.look(id).disclosures, partKey{disclosure, part}, cloneDisclosure)
	})
}

// Disclosures implements store.Matters.
func (s *Store) Disclosures(ctx context.Context, id, disclosure string) ([]matter.Disclosure, error) {
	return call(ctx, s, "Disclosures", id, func() ([]matter.Disclosure, error) {
		var all []matter.Disclosure
		for k, d := range s.look(id).disclosures {
			if disclosure == "" || k.disclosure == disclosure {
				all = append(all, d)
			}
		}
		slices.SortFunc(all, func(a, b matter.Disclosure) int {
			return cmp.Or(cmp.Compare(a.ID, b.ID),
				cmp.Compare(a.Part, b.Part))
		})
		return each(all, cloneDisclosure), nil
	})
}

// Subjects implements store.Subjects.
func (s *Store) Subjects(ctx context.Context, id string, ids []string) (map[string]matter.Subject, error) {
	return call(ctx, s, "Subjects", id, func() (map[string]matter.Subject, error) {
		out, stored := map[string]matter.Subject{}, s.look(id).subjects
		for _, x := range ids {
			if v, ok := stored[x]; ok {
				out[x] = cloneSubject(v)
			}
		}
		return out, nil
	})
}

// SubjectsOf implements store.Subjects.
func (s *Store) SubjectsOf(ctx context.Context,
	keys []store.SubjectKey) (map[store.SubjectKey]matter.Subject, error) {
	return call(ctx, s, "SubjectsOf", "", func() (map[store.SubjectKey]matter.Subject, error) {
		out := make(map[store.SubjectKey]matter.Subject, len(keys))
		for _, k := range keys {
			if v, ok := s.look(k.Matter).subjects[k.ID]; ok {
				out[k] = cloneSubject(v)
			}
		}
		return out, nil
	})
}

// PutSubjects implements store.Subjects.
func (s *Store) PutSubjects(ctx context.Context, subjects []matter.Subject) (skipped []string, err error) {
	for _, x := range subjects {
		err := s.do(ctx, "PutSubjects", x.Matter+"."+x.ID, func() error {
			r := s.of(x.Matter)
			old, ok := r.subjects[x.ID]
			gone := old.Erased && !x.Erased || old.Erasing > 0 && x.Erasing == 0 && !x.Erased
			if ok && (gone || old.Event != x.Event && old.Revision >= x.Revision) {
				skipped = append(skipped, x.ID)
				return nil
			}
			put(&r.subjects, x.ID, cloneSubject(x))
			return nil
		})
		if err != nil {
			return skipped, err
		}
	}
	return skipped, nil
}

// KeepFormer implements store.Subjects.
func (s *Store) KeepFormer(ctx context.Context, left matter.Subject) error {
	return s.do(ctx, "KeepFormer", left.Matter+"."+left.ID, func() error {
		r := s.look(left.Matter)
		x, ok := r.subjects[left.ID]
		if !ok {
			return store.ErrNotFound
		}
		if x.Revision != left.Revision || x.Erased {
			return store.ErrRace
		}
		x.Former = cloneSubject(left).Former
		r.subjects[left.ID] = x
		return nil
	})
}

// Erase implements store.Subjects. It also forgets the event that wrote the contacts, so that a late retry of it
// is skipped.
func (s *Store) Erase(ctx context.Context, id, subject string, revision, version int) error {
	return s.do(ctx, "Erase", id+"."+subject, func() error {
		r := s.look(id)
		x, ok := r.subjects[subject]
		if !ok {
			return store.ErrNotFound
		}
		if x.Revision != revision || r.head == nil || r.head.Version != version {
			return store.ErrRace
		}
		x.Contacts, x.Former, x.Erased, x.Event = nil, nil, true, ""
		r.subjects[subject] = x
		return nil
	})
}
