package owed

import (
	"context"
	"fmt"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Contact is the contact that a notice is mailed to next.
type Contact struct {
	matter.SealedContact
	// Name says which of the subject's contacts it is, and Spare whether another one follows (notice.Attempt).
	Name  string
	Spare bool
	// Country is the subject's.
	Country string
	// Moved says that a former contact of the subject may have to be told when a notice goes to this one.
	Moved bool
}

// NextContact returns the contact of the subject that the notice is mailed to next. ok is false where there is none.
func NextContact(n *notice.Notice, s *matter.Subject) (c Contact, ok bool) {
	c.SealedContact, c.Name, c.Spare, ok = n.Contact(s)
	c.Country, c.Moved = s.Country, n.Kind == notice.Told && len(s.Former) > 0
	return c, ok
}

// SubjectOf reads the subject of the notice; one without an id where there is none.
func SubjectOf(ctx context.Context, s store.Subjects, n *notice.Notice) (matter.Subject, error) {
	subjects, err := s.Subjects(ctx, n.Matter, []string{n.Subject})
	if err != nil {
		return matter.Subject{}, fmt.Errorf("read the subject of notice %s: %w", n.ID, err)
	}
	return subjects[n.Subject], nil
}

// Revive puts a notice that is owed back to scheduled, where it is Payable. It returns the notice as it stands
// afterwards, and what is left to do about it: Open where it goes on. Somebody else may have put it back first, or this
// very act did and its answer was lost.
//
// The row is put first, planned under the given head version, because an open notice has one at every instant.
func Revive(ctx context.Context, s interface {
	store.Subjects
	store.Notices
	store.Agenda
}, n notice.Notice, planned int, now time.Time) (after notice.Notice, debt Debt, err error) {
	var subject matter.Subject
	if n.Owed() {
		if subject, err = SubjectOf(ctx, s, &n); err != nil {
			return n, Unpayable, err
		}
	}
	if debt = Of(&n, &subject, now); debt != Payable {
		return n, debt, nil
	}
	at := matter.Ceil(now)
	row := Row(&n, at, planned)
	row.Revision++ // that of the notice once it is put back
	if err := s.PutRows(ctx, row); err != nil {
		return n, debt, fmt.Errorf("put row of notice %s: %w", n.ID, err)
	}
	after, _, err = Apply(ctx, s, &n, notice.Reopen(at))
	if err != nil {
		return n, debt, err
	}
	return after, Of(&after, &subject, now), nil
}
