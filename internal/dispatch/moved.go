package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// visitMoved looks after the changed contacts of a subject. While a notice about the subject is owed, the change is
// announced. A former contact is told once a notice went to the contact that took its place: the row makes the security
// message, whose own row sends it (notice.NewMoved). A former contact is dropped when its message is over, or when none
// can be owed any more. The row stays until all are.
func (w *workPass) visitMoved(ctx context.Context, row agenda.Row) error {
	head, err := w.freshHead(ctx, row.Matter)
	if err != nil {
		return err
	}
	subjects, err := w.store.Subjects(ctx, row.Matter, []string{row.Ref})
	if err != nil {
		return fmt.Errorf("read a subject of matter %s: %w", row.Matter, err)
	}
	s := subjects[row.Ref]
	if head.Version < row.Planned || row.Version > 0 && s.Revision < row.Version && !s.Erased {
		return fmt.Errorf("look after the contacts of %s: %w", row.ID(), errUnseen)
	}
	if head.Pending > 0 {
		return nil // the next sweep looks again
	}
	notices, unmade, err := w.noticesAbout(ctx, head, row.Ref)
	if err != nil {
		return err
	}
	if row.Version > 0 && (unmade > 0 || concerned(notices, row.Version)) {
		d := event.ContactReplacedDetail{Matter: row.Matter, Version: row.Version, Subject: row.Ref}
		if err := w.publish(ctx, d); err != nil {
			return fmt.Errorf("announce that the contacts of %s changed: %w", row.ID(), err)
		}
	}
	if s.Former, err = w.tellFormer(ctx, head, &s, notices); err != nil {
		return err
	}
	if len(s.Former) == 0 {
		return w.deleteRow(ctx, row)
	}
	next := rescheduled(row, nextDaily(s.Former[0].Replaced, w.wall()), max(row.Planned, head.Version))
	next.Version = 0
	return w.moveRow(ctx, row, next)
}

// lookAfterFormer asks the next sweep to tell former contacts of the subject, now that a notice went elsewhere. Where
// that fails, their daily visit does it.
func (s *sender) lookAfterFormer(ctx context.Context, a *attempt) {
	if !a.contact.Moved {
		return
	}
	// Planned under no version: with that of the change it could take the place of the row that announces the change.
	row := agenda.ForMoved(a.notice.Matter, a.notice.Subject, 0, matter.Ceil(s.wall()))
	if err := s.store.PutRows(ctx, row); err != nil {
		s.recordFailure("look after a former contact", row.ID(), err)
	}
}

// concerned reports whether the change of the contacts at the version concerns one of the notices. It does if a notice
// is owed, or if its mail rested on the new contacts.
func concerned(notices []notice.Notice, version int) bool {
	return slices.ContainsFunc(notices, func(n notice.Notice) bool {
		return !n.State.Terminal() || n.Owed() ||
			slices.ContainsFunc(n.Attempts, func(a notice.Attempt) bool { return a.Head >= version })
	})
}

// nextDaily is the next of the daily visits that follow the instant. All rows about one subject meet there.
func nextDaily(from, now time.Time) time.Time {
	days := max(now.Sub(from), 0)/revisitAfter + 1
	return from.Add(days * revisitAfter)
}

// tellFormer makes the security messages that are owed to former contacts of the subject, and returns the former
// contacts that are still needed, once the others are dropped.
func (w *workPass) tellFormer(ctx context.Context, head *matter.Head, s *matter.Subject,
	notices []notice.Notice) ([]matter.Former, error) {
	if len(s.Former) == 0 {
		return nil, nil
	}
	a := &addresses{pass: w.pass, opener: w.opener, head: head, subject: s}
	left := *s
	left.Former = nil
	for i := range s.Former {
		needed, err := w.tell(ctx, a, i, notices)
		if err != nil {
			return nil, err
		}
		if needed {
			left.Former = append(left.Former, s.Former[i])
		}
	}
	if len(left.Former) == len(s.Former) {
		return left.Former, nil
	}
	err := w.store.KeepFormer(ctx, left)
	if errors.Is(err, store.ErrRace) {
		return s.Former, nil // something was recorded just now; the next visit looks at that
	}
	return left.Former, err
}

// tell makes the security message to the i-th former contact, if it is owed. It reports whether the contact is still
// needed.
func (w *workPass) tell(ctx context.Context, a *addresses, i int, notices []notice.Notice) (needed bool, err error) {
	s, f := a.subject, &a.subject.Former[i]
	message, err := w.store.Notice(ctx, notice.MovedID(a.head.Salt, s.Matter, s.ID, f.Version))
	if err == nil {
		return !message.State.Terminal(), nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return false, fmt.Errorf("read the security message about subject %s of matter %s: %w", s.ID, s.Matter, err)
	}
	running := false
	for k := range notices {
		if notices[k].Refused(f.Name) {
			return false, nil
		}
		went, runs := notices[k].After(f)
		running = running || runs
		for _, attempt := range went {
			if same, err := a.same(ctx, i, attempt.Contact); err != nil {
				return false, err
			} else if same {
				continue
			}
			if told, err := a.toldBefore(ctx, i, &notices[k]); err != nil || told {
				return false, err
			}
			return true, w.makeMessage(ctx, a.head, s, f, &notices[k])
		}
	}
	_, first, ok := s.FirstContact()
	switch {
	case running:
		return true, nil
	case w.wall().After(f.Until()):
		return false, nil
	case !ok:
		return true, nil
	}
	same, err := a.same(ctx, i, first)
	return !same, err
}

// makeMessage makes the security message to the former contact, after the notice.
func (w *workPass) makeMessage(ctx context.Context, head *matter.Head, s *matter.Subject, f *matter.Former,
	n *notice.Notice) error {
	language, template, err := letter.Choose(s.Language, s.Country)
	if err != nil {
		return fmt.Errorf("choose the language of a security message in matter %s: %w", s.Matter, err)
	}
	m := notice.NewMoved(head.Salt, n, f, language, template, matter.Ceil(w.wall()))
	at, _ := w.eval.NextVisit(&m, s, head, w.wall())
	if err := w.store.PutRows(ctx, owed.Row(&m, at, head.Version)); err != nil {
		return fmt.Errorf("put the row of security message %s: %w", m.ID, err)
	}
	if err := w.store.PutNotice(ctx, m); err != nil {
		return fmt.Errorf("make security message %s: %w", m.ID, err)
	}
	w.tally.add(func(r *Report) { r.Security++ })
	return nil
}

// addresses compares the contacts of one subject, each opened once.
type addresses struct {
	*pass
	opener  Opener
	head    *matter.Head
	subject *matter.Subject
	opened  map[string]matter.Address
}

// same reports whether the i-th former contact has the address of the contact with the name. A contact that is not on
// record any more has another address.
func (a *addresses) same(ctx context.Context, i int, name string) (bool, error) {
	f := &a.subject.Former[i]
	if name == f.Name {
		return true, nil
	}
	for k, c := range a.subject.Contacts {
		if matter.ContactName(a.subject.Revision, k+1) == name {
			return a.equal(ctx, f, name, c)
		}
	}
	for k := range a.subject.Former {
		if other := &a.subject.Former[k]; other.Name == name {
			return a.equal(ctx, f, name, other.Contact())
		}
	}
	return false, nil
}

// toldBefore reports whether an earlier former contact with the address of the i-th is told after the same notice.
func (a *addresses) toldBefore(ctx context.Context, i int, n *notice.Notice) (bool, error) {
	for k := range i {
		other := &a.subject.Former[k]
		if went, _ := n.After(other); len(went) == 0 {
			continue
		}
		if same, err := a.equal(ctx, &a.subject.Former[i], other.Name, other.Contact()); err != nil || same {
			return same, err
		}
	}
	return false, nil
}

func (a *addresses) equal(ctx context.Context, f *matter.Former, name string, c matter.SealedContact) (bool, error) {
	mine, err := a.open(ctx, f.Name, f.Contact())
	if err != nil {
		return false, err
	}
	theirs, err := a.open(ctx, name, c)
	return err == nil && mine.Equal(theirs), err
}

// open opens the address of the contact with the name.
func (a *addresses) open(ctx context.Context, name string, c matter.SealedContact) (matter.Address, error) {
	if known, ok := a.opened[name]; ok {
		return known, nil
	}
	s := a.subject
	opened, err := a.opener.Open(ctx, s.Matter, a.head.WrappedKeyset, c.Sealed,
		matter.AssociatedData(s.Matter, s.ID, c.Role))
	if err != nil {
		return opened, fmt.Errorf("compare the contacts of subject %s of matter %s: %w", s.ID, s.Matter, err)
	}
	if a.opened == nil {
		a.opened = map[string]matter.Address{}
	}
	a.opened[name] = opened
	return opened, nil
}
