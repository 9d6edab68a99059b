package memory

import (
	"maps"
	"slices"
)

// Copy returns a table of another id with the same items, like a table restored from a backup taken now. The copy has
// no hooks.
func (s *Store) Copy(id string) *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &Store{
		ID: id, matters: map[string]*records{}, receipts: maps.Clone(s.receipts), refusals: maps.Clone(s.refusals),
		control: s.control, proofs: s.proofs,
	}
	out.proofs.issued = maps.Clone(s.proofs.issued)
	for name, r := range s.matters {
		c := &records{
			covers: maps.Clone(r.covers), request: r.request, orders: maps.Clone(r.orders), exceptions: maps.Clone(r.exceptions),
			approvals:   maps.Clone(r.approvals),
			disclosures: maps.Clone(r.disclosures), subjects: maps.Clone(r.subjects), entries: slices.Clone(r.entries),
		}
		if r.head != nil {
			c.head = &head{Head: cloneHead(r.head.Head), apart: slices.Clone(r.head.apart)}
		}
		out.matters[name] = c
		for x := range r.notices.after("") {
			c.notices.put(x)
			put(&out.notices, string(x), new(cloneNotice(*s.notices[string(x)])))
		}
	}
	for i := range s.agenda {
		for x := range s.agenda[i].after(row{}) {
			out.agenda[i].put(x)
		}
	}
	return out
}
