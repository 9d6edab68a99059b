package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
)

// The codes of warnings about contacts.
const (
	// ContactReplaced warns that contacts changed while a notice was owed, which then goes to others than before.
	ContactReplaced = "contact_replaced"
	// NobodyToWriteTo warns that a notice is owed to somebody who has no verified contact.
	NobodyToWriteTo = "nobody_to_write_to"
	// NoVerifiedContact warns that a subject has no verified contact, before a notice is owed.
	NoVerifiedContact = "no_verified_contact"
)

// namedIDs is how many ids a warning names at most.
const namedIDs = 10

// enumerated lists some ids for a warning.
func enumerated(ids []string) string {
	if more := len(ids) - namedIDs; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:namedIDs], ", "), more)
	}
	return strings.Join(ids, ", ")
}

// lookAfter asks the sweep to look after a changed contact: while a notice is owed the change is announced, and the
// former contact may be told (agenda.Moved). A matter that owes nothing and has no former contact needs no look.
func (d *draft) lookAfter(s *matter.Subject) {
	if h := d.head(); len(s.Former) > 0 || h.Notices > 0 {
		d.row(agenda.ForMoved(h.Matter, s.ID, h.Version, d.now))
	}
}

// warnOfContacts warns of what the changed contacts of the subjects lead to, as they stand after the event.
func (p planner) warnOfContacts(ctx context.Context, d *draft, changed []matter.Subject) error {
	owing, err := p.owing(ctx, d, changed)
	if err != nil {
		return err
	}
	if len(owing) > 0 {
		d.warn(ContactReplaced, fmt.Sprintf("A notice about subject %s is still owed, or may be. It goes to the contacts as "+
			"they stand now. The address that was written to until now gets a security message after it.",
			enumerated(idsOf(owing))))
	}
	d.warnOfNobody(owing)
	d.warnOfUnverified(slices.DeleteFunc(slices.Clone(changed), func(s matter.Subject) bool {
		return slices.ContainsFunc(owing, func(o matter.Subject) bool { return o.ID == s.ID })
	}))
	return nil
}

// warnOfNobody warns of subjects whom a notice is owed to, and who cannot be written to.
func (d *draft) warnOfNobody(owing []matter.Subject) {
	if ids := idsOf(unreachable(owing)); len(ids) > 0 {
		d.warn(NobodyToWriteTo, fmt.Sprintf("Nobody can be written to about subject %s: no contact of whom is told is "+
			"verified. The notice is owed, and cannot go by mail. contact.changed records a verified contact.",
			enumerated(ids)))
	}
}

// warnOfUnverified warns of subjects who could not be written to if a notice were owed.
func (d *draft) warnOfUnverified(subjects []matter.Subject) {
	if ids := idsOf(unreachable(subjects)); len(ids) > 0 {
		d.warn(NoVerifiedContact, fmt.Sprintf("Subject %s has no verified contact of whom is told. A notice could not go by "+
			"mail. contact.changed records a verified contact.", enumerated(ids)))
	}
}

func idsOf(subjects []matter.Subject) []string {
	ids := make([]string, len(subjects))
	for i, s := range subjects {
		ids[i] = s.ID
	}
	return ids
}

// unreachable lists the subjects without anybody to write to. Whoever wants to be erased is left out.
func unreachable(subjects []matter.Subject) []matter.Subject {
	return slices.DeleteFunc(slices.Clone(subjects), func(s matter.Subject) bool {
		_, _, ok := s.FirstContact()
		return ok || s.Erased || s.Erasing > 0
	})
}

// owing lists those of the subjects about whom a notice is owed. Of a big matter, and of one whose notices are still
// being made, it lists them all: in doubt there is a warning too many.
func (p planner) owing(ctx context.Context, d *draft, subjects []matter.Subject) ([]matter.Subject, error) {
	h := d.head()
	if h.Notices == 0 || len(subjects) == 0 {
		return nil, nil
	}
	if h.Notices > searched {
		return subjects, nil
	}
	made, open := 0, map[string]bool{}
	for after := ""; ; {
		page, next, err := p.Store.Notices(ctx, h.Matter, after, 2*listed)
		if err != nil {
			return nil, fmt.Errorf("list the notices of %s: %w", h.Matter, err)
		}
		for i := range page {
			if page[i].Kind != notice.Told {
				continue
			}
			made++
			switch owed.Of(&page[i], &matter.Subject{}, d.now) {
			case owed.Open, owed.Payable, owed.Unpayable:
				open[page[i].Subject] = true
			case owed.Settled, owed.Watched:
			}
		}
		if after = next; after == "" {
			break
		}
	}
	if made < h.Notices {
		return subjects, nil
	}
	return slices.DeleteFunc(slices.Clone(subjects), func(s matter.Subject) bool { return !open[s.ID] }), nil
}
