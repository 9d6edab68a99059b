package owed

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
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
}

// NextContact reads the contact that the notice is mailed to next. ok is false where there is none.
func NextContact(ctx context.Context, s store.Subjects, n *notice.Notice) (c Contact, ok bool, err error) {
	subject, err := subjectOf(ctx, s, n)
	if err != nil {
		return c, false, err
	}
	c.SealedContact, c.Name, c.Spare, ok = n.Contact(&subject)
	c.Country = subject.Country
	return c, ok, nil
}

// subjectOf reads the subject of the notice; one without an id where there is none.
func subjectOf(ctx context.Context, s store.Subjects, n *notice.Notice) (matter.Subject, error) {
	subjects, err := s.Subjects(ctx, n.Matter, []string{n.Subject})
	if err != nil {
		return matter.Subject{}, fmt.Errorf("read the subject of notice %s: %w", n.ID, err)
	}
	return subjects[n.Subject], nil
}

// Revivable reports whether the notice is owed and its subject has a contact that the notice was not tried with. After
// a delivery, only contacts that came later count, because somebody may have read the mail that came back.
func Revivable(n *notice.Notice, s *matter.Subject) bool {
	if !n.Owed() {
		return false
	}
	_, _, _, ok := n.Contact(s)
	read := !n.DeliveredAt.IsZero() && slices.ContainsFunc(n.Attempts,
		func(a notice.Attempt) bool { return a.Head >= s.Revision })
	return ok && !read
}

// Revive puts a notice that is owed back to scheduled, where Revivable says so. It returns the notice as it stands
// afterwards, and whether the notice is open now. Somebody else may have put it back first, or this very act did and
// its answer was lost.
//
// The row is put first, planned under the given head version, because an open notice has one at every instant.
func Revive(ctx context.Context, s interface {
	store.Subjects
	store.Notices
	store.Agenda
}, n notice.Notice, planned int, now time.Time) (after notice.Notice, open bool, err error) {
	if !n.Owed() {
		return n, false, nil
	}
	subject, err := subjectOf(ctx, s, &n)
	if err != nil || !Revivable(&n, &subject) {
		return n, false, err
	}
	now = matter.Ceil(now)
	if err := s.PutRow(ctx, agenda.ForNotice(n.Matter, n.ID, now, planned)); err != nil {
		return n, false, fmt.Errorf("put row of notice %s: %w", n.ID, err)
	}
	after, _, err = Apply(ctx, s, &n, notice.Reopen(now))
	if err != nil {
		return n, false, err
	}
	return after, !after.State.Terminal(), nil
}
