// Package recount reads a matter's records in the order in which their facts are reckoned: its ledger, then its
// notices. The sweep reckons the report's rows so, and an operator's command counts them again.
package recount

import (
	"context"
	"errors"
	"fmt"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// pageSize is how many entries or notices are read at once.
const pageSize = 250

// ErrUnseen says that the ledger does not show yet what the head names.
var ErrUnseen = errors.New("an entry of the ledger is not visible yet")

// Records are the parts of a store that are read.
type Records interface {
	store.Matters
	store.Ledger
	store.Notices
	Subjects(ctx context.Context, id string, ids []string) (map[string]matter.Subject, error)
}

// Taker takes a matter's records: the entries of the ledger in their order, then the notices, each with its subject as
// it stands.
type Taker interface {
	Entry(e *ledger.Entry) error
	Notice(n *notice.Notice, s *matter.Subject) error
}

// Feed gives the taker all records of the head's matter. Once over returns true it stops between two pages of notices,
// and whole is false. The error matches ErrUnseen where an entry is missing, or is the store's or the taker's.
func Feed(ctx context.Context, s Records, head *matter.Head, into Taker, over func() bool) (whole bool, err error) {
	for seen := 0; seen < head.Version; {
		entries, err := s.Entries(ctx, head.Matter, seen, pageSize)
		if err != nil {
			return false, fmt.Errorf("read the ledger of matter %s: %w", head.Matter, err)
		}
		if len(entries) == 0 {
			return false, fmt.Errorf("read entry %d of matter %s: %w", seen+1, head.Matter, ErrUnseen)
		}
		for i := range entries {
			if err := into.Entry(&entries[i]); err != nil {
				return false, err
			}
			seen = entries[i].Seq
		}
	}
	if a, ok := into.(ahead); ok && head.Announced {
		first := func(n *notice.Notice, _ *matter.Subject) error { a.Ahead(n); return nil }
		if whole, err := notices(ctx, s, head, first, over); err != nil || !whole {
			return false, err
		}
	}
	return notices(ctx, s, head, into.Notice, over)
}

// ahead is a taker that has to see all notices before it takes one, where people of the matter were told ahead.
type ahead interface{ Ahead(n *notice.Notice) }

// notices gives take all notices of the head's matter.
func notices(ctx context.Context, s Records, head *matter.Head, take func(n *notice.Notice, s *matter.Subject) error,
	over func() bool) (whole bool, err error) {
	for cursor := ""; head.Notices > 0; {
		page, next, err := s.Notices(ctx, head.Matter, cursor, pageSize)
		if err != nil {
			return false, fmt.Errorf("read the notices of matter %s: %w", head.Matter, err)
		}
		ids := make([]string, len(page))
		for i := range page {
			ids[i] = page[i].Subject
		}
		subjects, err := s.Subjects(ctx, head.Matter, ids)
		if err != nil {
			return false, fmt.Errorf("read the subjects of some notices of matter %s: %w", head.Matter, err)
		}
		for i := range page {
			if err := take(&page[i], new(subjects[ids[i]])); err != nil {
				return false, fmt.Errorf("reckon notice %s: %w", page[i].ID, err)
			}
		}
		if cursor = next; cursor == "" {
			return true, nil
		}
		if over() {
			return false, nil
		}
	}
	return true, nil
}
