package memory

import (
	"slices"

	"lapse/internal/matter"
)

// listLimit bounds the lists of subjects that the head's own item holds. A longer list stands in an item of its own, as
// in the DynamoDB store, so a reader can find a head without its lists.
const listLimit = 50

// head is a stored head. apart tells for each restraint whether its lists stand in an item of their own.
type head struct {
	matter.Head
	apart []bool
}

type coversKey struct {
	restraint string
	revision  int
}

// covers is the item of one restraint's lists at one revision. It never changes.
type covers struct{ subjects, unknown []string }

func large(r matter.Restraint) bool { return len(r.Subjects) > listLimit || len(r.Unknown) > listLimit }

// newHead makes the stored form of a head. Its long lists are stored apart.
func newHead(h matter.Head) *head {
	out := &head{Head: cloneHead(h), apart: make([]bool, len(h.Restraints))}
	for i := range out.Restraints {
		r := &out.Restraints[i]
		if out.apart[i] = large(*r); out.apart[i] {
			r.Subjects, r.Unknown = nil, nil
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
		return &covers{x.Subjects, x.Unknown}
	}
	return nil
}
