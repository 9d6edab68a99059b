package memory

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"lapse/internal/ledger"
	"lapse/internal/store"
)

// item is one write of a transaction.
type item struct {
	name  string
	write func()
}

// Commit implements store.Matters.
func (s *Store) Commit(ctx context.Context, c store.Change) error {
	return s.do(ctx, "Commit", c.Head.Matter, func() error {
		locks := []string{"M#" + c.Head.Matter}
		for _, r := range c.Receipts() {
			locks = append(locks, "E#"+r.Key)
		}
		if c.Decided != nil {
			locks = append(locks, "N#"+c.Decided.ID)
		}
		for _, l := range locks {
			if s.writing[l] {
				return store.ErrBusy
			}
		}
		r := s.of(c.Head.Matter)
		if err := s.condition(r, c); err != nil {
			return err
		}
		if err := errors.Join(c.Fits(), sized(c)); err != nil {
			return err
		}
		items := s.items(r, c)
		if s.Sequence != nil {
			items = resequenced(items, s.Sequence)
		}
		for _, l := range locks {
			put(&s.writing, l, true)
			defer delete(s.writing, l)
		}
		for i, it := range items {
			if i > 0 && s.Torn != nil {
				s.interrupt(i)
			}
			it.write()
		}
		return nil
	})
}

// interrupt calls Torn without the lock and takes it again even if the hook ends the goroutine, as a failed test does.
func (s *Store) interrupt(step int) {
	s.mu.Unlock()
	defer s.mu.Lock()
	s.Torn(step)
}

// condition says why the change cannot be made, if so.
func (s *Store) condition(r *records, c store.Change) error {
	if r.head == nil || r.head.Version != c.Head.Version-1 {
		return store.ErrRace
	}
	for _, receipt := range c.Receipts() {
		if _, ok := s.receipts[receipt.Key]; ok {
			return store.ErrRace
		}
	}
	if n := c.Decided; n != nil && (s.notices[n.ID] == nil || s.notices[n.ID].Revision != n.Revision-1) {
		return store.ErrRace
	}
	if x := c.Subject; x != nil && len(x.Former) > 0 && r.subjects[x.ID].Erased {
		return store.ErrRace
	}
	for _, x := range c.Head.Restraints {
		if x.Torn {
			return fmt.Errorf("restraint %s is torn: %w", x.ID, store.ErrRace)
		}
		if x.Revision == c.Head.Version {
			continue
		}
		if was := r.listsOf(x.ID); was == nil || !slices.Equal(was.subjects, x.Subjects) ||
			!slices.Equal(was.unknown, x.Unknown) || !slices.Equal(was.mailboxes, x.Mailboxes) {
			return s.violated("restraint %s of matter %s changed whom it covers at version %d and kept revision %d",
				x.ID, c.Head.Matter, c.Head.Version, x.Revision)
		}
	}
	if e, ok := r.entry(c.Entry.Seq); ok && !sameEntry(e, c.Entry) {
		return s.violated("entry %d of matter %s is overwritten with other content", c.Entry.Seq, c.Head.Matter)
	}
	for _, row := range c.Rows {
		if !whole(row.At) {
			return s.violated("row %s stands at an instant with a fraction of a second", row.ID())
		}
	}
	return nil
}

// sameEntry compares what the ledger may never change; Pending is none of it.
func sameEntry(a, b ledger.Entry) bool {
	a.Pending, b.Pending = nil, nil
	return reflect.DeepEqual(a, b)
}

// items lists the writes of a change in the order of Sequence's comment.
func (s *Store) items(r *records, c store.Change) []item {
	all := []item{
		{"head", func() { r.head = newHead(c.Head) }},
	}
	for i, receipt := range c.Receipts() {
		name := []string{"receipt", "receipt given"}[i]
		all = append(all, item{name, func() { put(&s.receipts, receipt.Key, cloneReceipt(receipt)) }})
	}
	all = append(all, item{"entry", func() { r.putEntry(cloneEntry(c.Entry)) }})
	if a := c.Approval; a != nil {
		all = append(all, item{"approval " + a.ID, func() { put(&r.approvals, a.ID, cloneApproval(*a)) }})
	}
	if c.Request != nil {
		all = append(all, item{"request", func() { r.request = new(cloneRequest(*c.Request)) }})
	}
	if d := c.Disclosure; d != nil {
		all = append(all, item{"disclosure", func() { put(&r.disclosures, partKey{d.ID, d.Part}, cloneDisclosure(*d)) }})
	}
	for _, o := range c.Orders {
		all = append(all, item{"order " + o.ID, func() { put(&r.orders, o.ID, cloneOrder(o)) }})
	}
	if x := c.Exception; x != nil {
		all = append(all, item{"exception " + x.ID, func() { put(&r.exceptions, x.ID, cloneException(*x)) }})
	}
	if c.Subject != nil {
		all = append(all, item{"subject " + c.Subject.ID,
			func() { put(&r.subjects, c.Subject.ID, cloneSubject(*c.Subject)) }})
	}
	if n := c.Decided; n != nil {
		all = append(all, item{"notice " + n.ID, func() { put(&s.notices, n.ID, new(cloneNotice(*n))) }})
	}
	for _, x := range c.Rows {
		all = append(all, item{"row " + x.ID(), func() { s.partition(x).put(newRow(x)) }})
	}
	for _, x := range c.Head.Restraints {
		if store.LongList(&x) && x.Revision == c.Head.Version {
			all = append(all, item{"covers " + x.ID, func() {
				put(&r.covers, coversKey{x.ID, x.Revision},
					covers{slices.Clone(x.Subjects), slices.Clone(x.Unknown), slices.Clone(x.Mailboxes)})
			}})
		}
	}
	return all
}

// resequenced puts the items in the order that the hook gives their names.
func resequenced(items []item, sequence func([]string)) []item {
	names := make([]string, len(items))
	place := map[string]int{}
	for i, it := range items {
		names[i] = it.name
	}
	sequence(names)
	for i, n := range names {
		place[n] = i
	}
	out := slices.Clone(items)
	slices.SortStableFunc(out, func(a, b item) int { return place[a.name] - place[b.name] })
	return out
}
