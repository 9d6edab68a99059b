package intake

import (
	"context"
	"fmt"
	"slices"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// subjects seals the posted subjects. Those not recorded yet are put at once: they count for nothing before the event
// is recorded. Those that another event recorded are replaced after the transaction, from the ledger entry.
func (p requestPlanner) subjects(ctx context.Context, d *draft, posted []matter.PostedSubject, amendment bool) error {
	if len(posted) == 0 {
		return nil
	}
	h, key := d.head(), ledger.ReceiptKey(d.ev.Source, d.ev.ID)
	ids := make([]string, len(posted))
	for i, x := range posted {
		ids[i] = x.ID
	}
	recorded, err := p.Store.Subjects(ctx, h.Matter, ids)
	if err != nil {
		return fmt.Errorf("read the subjects of %s: %w", h.Matter, err)
	}
	var fresh, pending []matter.Subject
	for _, x := range posted {
		sub, err := p.seal(h, x, key)
		if err != nil {
			return err
		}
		was, have := recorded[x.ID]
		if have && was.Event == key && (was.Revision > 0 || was.Erased) {
			// This very event was recorded meanwhile; putting its subjects once more would undo what followed.
			return fmt.Errorf("put the subjects of %s: %w", h.Matter, store.ErrRace)
		}
		if !have || was.Event == key && !was.Erased && was.Erasing == 0 {
			fresh = append(fresh, sub)
			h.Subjects++
			continue
		}
		known, err := p.known(ctx, was)
		if err != nil {
			return err
		}
		if !known {
			h.Subjects++
		}
		pending = append(pending, d.replacing(was, sub, amendment, known || was.Revision > 0))
	}
	if err := p.warnOfContacts(ctx, d, pending); err != nil {
		return err
	}
	d.warnOfUnverified(fresh)
	if len(pending) > 0 {
		d.change.Entry.Pending = pending
		d.replan()
	}
	return p.put(ctx, h.Matter, fresh)
}

// put stores new subjects. The error is store.ErrRace if another event has recorded one meanwhile.
func (p requestPlanner) put(ctx context.Context, id string, fresh []matter.Subject) error {
	skipped, err := p.Store.PutSubjects(ctx, fresh)
	if err == nil && len(skipped) > 0 {
		err = store.ErrRace
	}
	return wrap(err, "put the subjects of %s", id)
}

// replacing is a posted subject as it takes the place of the recorded one. Contacts recorded before the request win
// over the request's. An amendment's win over both, except where they were erased; it replaces a contact then, if the
// event that brought that one is recorded.
func (d *draft) replacing(was, sub matter.Subject, amendment, recorded bool) matter.Subject {
	gone := was.Erased || was.Erasing > 0
	if gone && len(sub.Contacts) > 0 {
		d.warn("contacts_erased", fmt.Sprintf("The contacts of subject %s are erased, or will be; those posted here are "+
			"not kept. contact.changed records new ones.", sub.ID))
	}
	switch {
	case gone || was.Revision > 0 && !amendment && len(was.Contacts) > 0:
		sub.Contacts, sub.Erased, sub.Erasing, sub.Former = was.Contacts, was.Erased, was.Erasing, was.Former
	case recorded:
		sub.Succeed(&was, d.head().Version, d.now)
	}
	if was.Revision > 0 && !amendment && was.Language != "" {
		sub.Language = was.Language
	}
	sub.Revision = d.head().Version
	return sub
}

// seal turns a posted subject into its form at rest.
func (p requestPlanner) seal(h *matter.Head, x matter.PostedSubject, posted string) (matter.Subject, error) {
	sub := matter.Subject{
		Matter: h.Matter, ID: x.ID, Known: true, Class: x.Class, Tenant: x.Tenant, Country: x.Country, Language: x.Language,
		Event: posted,
	}
	contacts, err := p.sealContacts(h, x.ID, x.Contacts)
	sub.Contacts = contacts
	return sub, err
}

// learn takes the posted subjects off the unknown lists of the matter's restraints. It also links the tenants of those
// whom a restraint names, because a recipient may serve several subjects of a tenant. A list that stands in an item of
// its own is written anew where it changes. Where the change has no room for that item, the restraint goes on covering
// everybody, and one that only gained a tenant keeps its revision.
func (d *draft) learn(posted []matter.PostedSubject) {
	h := d.head()
	h.Restraints = slices.Clone(h.Restraints)
	for i := range h.Restraints {
		r := &h.Restraints[i]
		left, tenants := learned(r, posted)
		known, linked := len(left) < len(r.Unknown), !slices.Equal(tenants, r.Tenants)
		apart := d.change.Apart(r)
		r.Tenants = tenants
		switch {
		case known && apart && !d.hasRoomFor(1):
			known = false
			if linked {
				r.Linked = h.Version
			}
			d.warn("still_covers_everybody", fmt.Sprintf("Order %s names more people than could be looked up at once. It "+
				"covers everybody in the matter until a person has assessed it.", r.ID))
		case known, linked && !apart && !r.Torn:
			r.Unknown, r.Revision = left, h.Version
		case linked:
			r.Linked = h.Version // an order that comes so to cover whom it did not may come after a mail
		}
		if known || linked {
			d.replan()
		}
	}
}

// hasRoomFor reports whether the change has room for n items more beside the row of a re-plan.
func (d *draft) hasRoomFor(n int) bool {
	if !d.replanned() {
		n++
	}
	return d.change.Room() >= n
}

// learned are the names that the restraint still does not know, and its tenants, once the posted subjects are known.
func learned(r *matter.Restraint, posted []matter.PostedSubject) (unknown, tenants []string) {
	unknown = slices.DeleteFunc(slices.Clone(r.Unknown), func(id string) bool {
		return slices.ContainsFunc(posted, func(x matter.PostedSubject) bool { return x.ID == id })
	})
	tenants = r.Tenants
	for _, x := range posted {
		if r.Torn || slices.Contains(r.Subjects, x.ID) {
			tenants = withTenant(tenants, x.Tenant)
		}
	}
	return unknown, tenants
}
