package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// erase drops a subject's contacts once no notice needs them any more. Every notice of every disclosure
// about the subject is finished then. Where there is none, the matter was decided so that there will be none. A notice
// that is owed is not finished while there are contacts that it was not tried with. The security messages to former
// contacts are over as well.
func (w *workPass) erase(ctx context.Context, row agenda.Row) error {
	id, subject := row.Matter, row.Ref
	head, err := w.freshHead(ctx, id)
	if err != nil {
		return err
	}
	subjects, err := w.store.Subjects(ctx, id, []string{subject})
	if err != nil {
		return fmt.Errorf("read a subject of matter %s: %w", id, err)
	}
	s := subjects[subject]
	if s.Erasing == 0 && s.Revision > row.Planned {
		return w.deleteRow(ctx, row) // the wish was carried out, and contacts have come since
	}
	if s.Erasing == 0 {
		return nil // the mark of the wish cannot be read yet; the next sweep looks again
	}
	notices, unmade, err := w.noticesAbout(ctx, head, subject)
	if err != nil {
		return err
	}
	warned, err := w.formerWarned(ctx, head, &s, notices)
	if err != nil {
		return err
	}
	if !warned || unmade > 0 || len(notices) == 0 && !endsUntold(head.State) || unfinished(notices, &s, w.wall()) {
		at := matter.Ceil(w.wall().Add(revisitAfter))
		return w.moveRow(ctx, row, rescheduled(row, at, max(row.Planned, head.Version)))
	}
	err = w.store.Erase(ctx, id, subject, s.Revision, head.Version)
	if errors.Is(err, store.ErrRace) {
		return nil // something was recorded just now; the next sweep looks what it owes
	}
	if err != nil {
		return fmt.Errorf("erase %s: %w", row.ID(), err)
	}
	return w.deleteRow(ctx, row)
}

// formerWarned makes the security messages that are owed to the subject's former contacts, and reports whether all are
// over. A wish to be erased must not silence them: it may come from whoever changed the address.
func (w *workPass) formerWarned(ctx context.Context, head *matter.Head, s *matter.Subject,
	notices []notice.Notice) (bool, error) {
	left, err := w.tellFormer(ctx, head, s, notices)
	if err != nil {
		return false, err
	}
	for i := range left {
		_, err := w.store.Notice(ctx, notice.MovedID(head.Salt, s.Matter, s.ID, left[i].Version))
		switch {
		case err == nil:
			return false, nil
		case !errors.Is(err, store.ErrNotFound):
			return false, fmt.Errorf("read the security message about subject %s of matter %s: %w", s.ID, s.Matter, err)
		}
	}
	return true, nil
}

// endsUntold reports whether a matter in this state will never disclose anything.
func endsUntold(s matter.State) bool {
	return s == matter.Rejected || s == matter.Redirected || s == matter.Withdrawn
}

// unfinished reports whether one of the subject's notices still needs the subject's contacts, or may need the next one.
func unfinished(notices []notice.Notice, s *matter.Subject, now time.Time) bool {
	return slices.ContainsFunc(notices, func(n notice.Notice) bool { return owed.NeedsContacts(&n, s, now) })
}
