package memory

import (
	"slices"

	"lapse/internal/matter"
	"lapse/internal/store"
)

// head is a stored head; apart says of each restraint whether its lists stand in an item of their own.
type head struct {
	matter.Head
	apart []bool
}

type coversKey struct {
	restraint string
	revision  int
}

// covers is the item of one restraint's lists at one revision. It never changes.
type covers struct{ subjects, unknown, mailboxes []string }

// newHead makes the stored form of a head. Long lists are left to items of their own, as in the real store, so that a
// reader can meet a head without them.
func newHead(h matter.Head) *head {
	out := &head{Head: cloneHead(h), apart: make([]bool, len(h.Restraints))}
	for i := range out.Restraints {
		r := &out.Restraints[i]
		if out.apart[i] = store.LongList(r); out.apart[i] {
			r.Subjects, r.Unknown, r.Mailboxes = nil, nil, nil
		}
	}
	return out
}

// read joins the head with the lists that stand apart. A restraint without its lists is torn.
func (r *records) read() matter.Head {
	h := cloneHead(r.head.Head)
	for i := range h.Restraints {
		if !r.head.apart[i] {
			continue
		}
		x := &h.Restraints[i]
		c, ok := r.covers[coversKey{x.ID, x.Revision}]
		if !ok {
			x.Torn = true
			continue
		}
		x.Subjects, x.Unknown = slices.Clone(c.subjects), slices.Clone(c.unknown)
		x.Mailboxes = slices.Clone(c.mailboxes)
	}
	return h
}

// listsOf returns the lists of a stored restraint, or nil if the head does not hold the restraint.
func (r *records) listsOf(id string) *covers {
	for i, x := range r.head.Restraints {
		if x.ID != id {
			continue
		}
		if r.head.apart[i] {
			c := r.covers[coversKey{id, x.Revision}]
			return &c
		}
		return &covers{x.Subjects, x.Unknown, x.Mailboxes}
	}
	return nil
}
