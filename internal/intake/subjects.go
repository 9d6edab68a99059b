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
// is recorded. Those that another event recorded are replaced after the transaction, from the ledger entry. It returns
// the subjects as they will stand.
func (p requestPlanner) subjects(ctx context.Context, d *draft, posted []matter.PostedSubject,
	amendment bool) ([]matter.Subject, error) {
	if len(posted) == 0 {
		return nil, nil
	}
	h, key := d.head(), ledger.ReceiptKey(d.ev.Source, d.ev.ID)
	ids := make([]string, len(posted))
	for i, x := range posted {
		ids[i] = x.ID
	}
	recorded, err := p.Store.Subjects(ctx, h.Matter, ids)
	if err != nil {
		return nil, fmt.Errorf("read the subjects of %s: %w", h.Matter, err)
	}
	var fresh, pending []matter.Subject
	for _, x := range posted {
		sub, err := p.seal(ctx, h, x, key)
		if err != nil {
			return nil, err
		}
		was, have := recorded[x.ID]
		if have && was.Event == key && (was.Revision > 0 || was.Erased) {
			// This very event was recorded meanwhile; putting its subjects once more would undo what followed.
			return nil, fmt.Errorf("put the subjects of %s: %w", h.Matter, store.ErrRace)
		}
		if !have || was.Event == key && !was.Erased && was.Erasing == 0 {
			fresh = append(fresh, sub)
			h.Subjects++
			continue
		}
		known, err := p.known(ctx, was)
		if err != nil {
			return nil, err
		}
		if !known {
			h.Subjects++
		}
		pending = append(pending, d.replacing(was, sub, amendment, known || was.Revision > 0))
	}
	if err := p.warnOfContacts(ctx, d, pending); err != nil {
		return nil, err
	}
	d.warnOfUnverified(fresh)
	if len(pending) > 0 {
		d.change.Entry.Pending = pending
		d.replan()
	}
	return slices.Concat(fresh, pending), p.put(ctx, h.Matter, fresh)
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
func (p requestPlanner) seal(ctx context.Context, h *matter.Head, x matter.PostedSubject,
	posted string) (matter.Subject, error) {
	sub := matter.Subject{
		Matter: h.Matter, ID: x.ID, Known: true, Class: x.Class, Tenant: x.Tenant, Country: x.Country, Language: x.Language,
		TellUser: p.Rules.TellsUser(x.Tenant), Event: posted,
	}
	contacts, err := p.sealContacts(ctx, h, x.ID, x.Contacts)
	sub.Contacts = contacts
	return sub, err
}

// learn takes subjects that an event brings, or whose contacts it changes, as they will stand. Those that the matter
// knows leave the unknown lists of its restraints. Where a restraint names one, its tenant and its mailboxes are
// linked, because a recipient may share them. The lists stand in an item of their own where they are long. Where the
// change has no room for that item, the restraint goes on covering everybody, or begins to. One that only gained a
// tenant keeps its revision.
func (d *draft) learn(subjects []matter.Subject) {
	h := d.head()
	h.Restraints = slices.Clone(h.Restraints)
	for i := range h.Restraints {
		r := &h.Restraints[i]
		was := *r
		d.name(r, subjects)
		known, linked := len(r.Unknown) < len(was.Unknown), !slices.Equal(r.Tenants, was.Tenants)
		listed := known || len(r.Mailboxes) > len(was.Mailboxes)
		apart := d.change.Apart(&was) || d.change.Apart(r)
		switch {
		case listed && apart && !d.hasRoomFor(1):
			r.Unknown, r.Mailboxes, r.Spread = was.Unknown, was.Mailboxes, h.Version
			d.warn("still_covers_everybody", fmt.Sprintf("Order %s names more people than could be looked up at once. It "+
				"covers everybody in the matter until a person has assessed it.", r.ID))
		case listed, linked && !apart && !r.Torn:
			r.Revision = h.Version
		case linked:
			r.Linked = h.Version // an order that comes so to cover whom it did not may come after a mail
		}
		if listed || linked || r.Spread == h.Version {
			d.replan()
		}
	}
}

// name links the tenants and mailboxes of those subjects whom the restraint names, and takes those that the matter
// knows off its unknown list. Nothing is ever taken away, because somebody who has left a tenant or a mailbox may still
// share it.
func (d *draft) name(r *matter.Restraint, subjects []matter.Subject) {
	named, have := setOf(r.Subjects), setOf(r.Mailboxes)
	tenants, boxes := r.Tenants, slices.Clone(r.Mailboxes)
	unknown := r.Unknown
	for i := range subjects {
		s := &subjects[i]
		if s.Known && slices.Contains(unknown, s.ID) {
			unknown = slices.DeleteFunc(slices.Clone(unknown), func(id string) bool { return id == s.ID })
		}
		if _, ok := named[s.ID]; !ok && !r.Torn {
			continue
		}
		tenants = withTenant(tenants, s.Tenant)
		for _, c := range s.Contacts {
			if _, ok := have[c.Mailbox]; !ok && c.Mailbox != "" {
				have[c.Mailbox] = struct{}{}
				boxes = append(boxes, c.Mailbox)
			}
		}
	}
	r.Tenants, r.Unknown = tenants, unknown
	if len(store.Fitting(slices.Concat(r.Subjects, r.Unknown), boxes)) == len(boxes) {
		r.Mailboxes = boxes
	} else if r.Spread == 0 {
		r.Spread = d.head().Version
	}
}

func setOf(list []string) map[string]struct{} {
	set := make(map[string]struct{}, len(list))
	for _, x := range list {
		set[x] = struct{}{}
	}
	return set
}

// hasRoomFor reports whether the change has room for n items more beside the row of a re-plan.
func (d *draft) hasRoomFor(n int) bool {
	if !d.replanned() {
		n++
	}
	return d.change.Room() >= n
}
