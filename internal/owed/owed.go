// Package owed holds the steps that several verbs take for what is owed: they make the notices of a disclosure, write
// the subjects that an event left pending, choose the contact that is written to next, and put a notice back. Verbs
// never call each other, so a step that two of them need stands here.
//
// Each step is a function over the store's interfaces. It may be repeated, and a caller that is cut off leaves an
// agenda row from which the sweep makes up for the rest.
package owed

import (
	"context"
	"errors"
	"fmt"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// rowsAtOnce is how many rows are put at the same time.
const rowsAtOnce = 16

// WritePendingSubjects writes the subjects that the recorded entry still holds. It puts a row that looks after the
// contacts of each where it may have changed them (agenda.Moved), and then drops the subjects from the entry. It
// returns the ids of those that it skipped because a later event changed them.
func WritePendingSubjects(ctx context.Context, s interface {
	store.Subjects
	store.Ledger
	store.Agenda
}, e *ledger.Entry) (skipped []string, err error) {
	if len(e.Pending) == 0 {
		return nil, nil
	}
	if skipped, err = s.PutSubjects(ctx, e.Pending); err != nil {
		return nil, fmt.Errorf("write the pending subjects of matter %s: %w", e.Matter, err)
	}
	amended := event.Type(e.Type) == event.RequestAmended
	err = Each(len(e.Pending), rowsAtOnce, func(i int) error {
		if !amended && len(e.Pending[i].Former) == 0 {
			return nil
		}
		return s.PutRows(ctx, agenda.ForMoved(e.Matter, e.Pending[i].ID, e.Seq, e.At))
	})
	if err != nil {
		return skipped, fmt.Errorf("look after the contacts of ledger entry %d of matter %s: %w", e.Seq, e.Matter, err)
	}
	if err := s.DropPending(ctx, e.Matter, e.Seq); err != nil {
		return skipped, fmt.Errorf("drop the pending subjects of ledger entry %d of matter %s: %w", e.Seq, e.Matter, err)
	}
	return skipped, nil
}

// applyTries is how often an act is applied before its lost answer counts as an error.
const applyTries = 3

// Apply applies the act to the notice, and asks again where the answer is lost: every act recognises its own result. It
// returns what store.Notices.Apply returns.
func Apply(ctx context.Context, s store.Notices, n *notice.Notice, a notice.Act) (after notice.Notice, ok bool,
	err error) {
	for range applyTries {
		after, ok, err = s.Apply(ctx, *n, a)
		if err == nil || errors.Is(err, store.ErrNotFound) || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return after, ok, fmt.Errorf("%s notice %s: %w", a.Op, n.ID, err)
	}
	return after, ok, nil
}
