package intake

import (
	"context"
	"fmt"
	"slices"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
)

// contactPlanner plans the events about the contacts of a subject.
type contactPlanner struct{ planner }

// changed records a new address or language of a subject, or the wish to erase its contacts. An erasure waits, by an
// agenda row, until the subject's notices are over. By the re-plan row, new contacts also put a notice back that is
// still owed. The contact that was written to until now is kept for a while, because it may have to be told.
func (p contactPlanner) changed(ctx context.Context, ev event.Event, data *event.ContactChangedData) (plan, error) {
	h, err := p.open(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	recorded, unknown, err := p.lookup(ctx, ev.Matter, []string{data.SubjectID})
	if err != nil {
		return plan{}, err
	}
	if data.Erase {
		return p.erase(ctx, ev, h, data.SubjectID)
	}
	if len(unknown) > 0 && h.State != matter.AwaitingRequest {
		return plan{}, fmt.Errorf("the request does not know subject %s (an amendment adds subjects): %w", data.SubjectID,
			event.ErrPredecessor)
	}
	d := p.begin(ev, h)
	sub, have := recorded[data.SubjectID]
	if !have {
		sub = matter.Subject{Matter: h.Matter, ID: data.SubjectID}
	}
	was := sub
	if sub.Contacts, err = p.sealContacts(ctx, &h, sub.ID, data.Contacts); err != nil {
		return plan{}, err
	}
	if data.Language != "" {
		sub.Language = data.Language
	}
	if sub.Erased {
		sub.Erased, sub.Erasing = false, 0 // that wish was carried out; one that waits outlives new contacts
	}
	sub.TellUser = p.Rules.TellsUser(sub.Tenant)
	sub.Revision, sub.Event = d.head().Version, ledger.ReceiptKey(ev.Source, ev.ID)
	sub.Succeed(&was, d.head().Version, d.now)
	d.change.Subject = &sub
	d.head().Renewed, d.head().RenewedAt = sub.ID, sub.Revision
	d.replan()
	d.lookAfter(&sub)
	if err := p.warnOfContacts(ctx, d, []matter.Subject{sub}); err != nil {
		return plan{}, err
	}
	d.learn([]matter.Subject{sub}) // the last, because it takes what room the others leave
	return plan{draft: d}, nil
}

// erase marks the contacts of a subject to be erased, and leaves the erasing to the sweep: it waits for the subject's
// notices. The mark goes on whatever contacts there are, also on those of an event that was never recorded.
func (p contactPlanner) erase(ctx context.Context, ev event.Event, h matter.Head, subject string) (plan, error) {
	stored, err := p.Store.Subjects(ctx, h.Matter, []string{subject})
	if err != nil {
		return plan{}, fmt.Errorf("read subject %s of %s: %w", subject, h.Matter, err)
	}
	sub, have := stored[subject]
	if !have {
		return plan{}, fmt.Errorf("a contact of subject %s to erase: %w", subject, event.ErrPredecessor)
	}
	d := p.begin(ev, h)
	sub.Erasing = d.head().Version
	d.change.Subject = &sub
	d.row(agenda.ForErase(h.Matter, subject, d.now, d.head().Version))
	return plan{draft: d}, nil
}

// sealContacts seals posted contacts and leaves out one that is posted twice. Where one address fails another is tried,
// and nobody could see of two sealed contacts that they are the same.
func (p planner) sealContacts(ctx context.Context, h *matter.Head, subject string,
	posted []matter.Contact) ([]matter.SealedContact, error) {
	out := make([]matter.SealedContact, 0, len(posted))
	for i, c := range posted {
		same := func(x matter.Contact) bool { return x.Role == c.Role && x.Email == c.Email }
		if slices.ContainsFunc(posted[:i], same) {
			continue
		}
		c.Verified = slices.ContainsFunc(posted[i:], func(x matter.Contact) bool { return same(x) && x.Verified })
		sealed, err := p.Sealer.Seal(h.PublicKeyset, c.Email, matter.AssociatedData(h.Matter, subject, c.Role))
		if err != nil {
			return nil, fmt.Errorf("seal a contact of %s: %w", h.Matter, err)
		}
		mailbox, err := p.Mailboxes.Mailbox(ctx, h.Matter, c.Email)
		if err != nil {
			return nil, fmt.Errorf("name the mailbox of a contact of %s: %w", h.Matter, err)
		}
		out = append(out, matter.SealedContact{Role: c.Role, Verified: c.Verified, Sealed: sealed, Mailbox: mailbox})
	}
	return out, nil
}
