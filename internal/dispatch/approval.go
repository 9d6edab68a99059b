package dispatch

import (
	"context"
	"fmt"

	"lapse/internal/agenda"
	"lapse/internal/event"
)

// visitApproval counts an approval that has waited too long. The row that counts it stays, so every sweep counts it
// anew until somebody decides, or the approval lapses. The row at its end announces that it has lapsed.
func (w *workPass) visitApproval(ctx context.Context, row agenda.Row) error {
	a, err := w.store.Approval(ctx, row.Matter, row.Ref)
	if err != nil {
		return fmt.Errorf("read approval %s: %w", row.ID(), err)
	}
	now := w.wall()
	if a.Waits(now) {
		if !now.Before(a.Overdue()) {
			w.tally.add(func(r *Report) { r.Approvals++ })
		}
		return nil
	}
	if a.Lapsed(now) && row.At.Equal(a.Expires) {
		if err := w.publish(ctx, event.ApprovalLapsedDetail{Matter: row.Matter, Approval: a.ID}); err != nil {
			return fmt.Errorf("announce that approval %s has lapsed: %w", row.ID(), err)
		}
	}
	return w.deleteRow(ctx, row)
}
