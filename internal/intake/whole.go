package intake

import (
	"context"
	"fmt"

	"lapse/internal/ledger"
)

// settle writes the subjects that a recorded entry still holds. Those that were changed since are skipped.
func (s *Service) settle(ctx context.Context, e *ledger.Entry) error {
	if len(e.Pending) == 0 {
		return nil
	}
	if _, err := s.Store.PutSubjects(ctx, e.Pending); err != nil {
		return fmt.Errorf("write the amended subjects of %s: %w", e.Matter, err)
	}
	return wrap(s.Store.DropPending(ctx, e.Matter, e.Seq), "settle ledger entry %d of %s", e.Seq, e.Matter)
}
