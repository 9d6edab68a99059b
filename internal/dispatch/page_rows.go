package dispatch

import (
	"context"

	"lapse/internal/agenda"
)

// rowsAtOnce is how many planned rows of a page are written together.
const rowsAtOnce = 25

// move plans the row of a visit anew. The rows of a page are written together, the new ones first: an old row goes only
// once the new one is confirmed.
func (w *noticeWriter) move(ctx context.Context, v visit, to agenda.Row) {
	if !to.At.Equal(v.row.At) {
		w.change(ctx, v.page, v.row, to)
	}
}

// drop takes the row of a visit away.
func (w *noticeWriter) drop(ctx context.Context, v visit) { w.change(ctx, v.page, v.row) }

// change notes that a page's row is done with and what is put in its place, and writes what has gathered.
func (w *noticeWriter) change(ctx context.Context, p *page, old agenda.Row, put ...agenda.Row) {
	p.mu.Lock()
	p.put, p.gone = append(p.put, put...), append(p.gone, old)
	full := len(p.put) >= rowsAtOnce || len(p.gone) >= rowsAtOnce
	p.mu.Unlock()
	if full {
		w.writeRows(ctx, p)
	}
}

// writeRows writes what has gathered of a page's rows. Where the new ones are in doubt, the old ones stay.
func (p *pass) writeRows(ctx context.Context, of *page) {
	of.mu.Lock()
	put, gone := of.put, of.gone
	of.put, of.gone = nil, nil
	of.mu.Unlock()
	if len(put) > 0 {
		if err := p.store.PutRows(ctx, put...); err != nil {
			p.recordFailure("move rows", put[0].ID(), err)
			return
		}
		p.tally.add(func(r *Report) { r.Moved += len(put) })
	}
	if len(gone) > 0 {
		if err := p.store.DeleteRows(ctx, gone...); err != nil {
			p.recordFailure("delete rows", gone[0].ID(), err)
		}
	}
}

// superseded takes out of a page the rows that were planned anew for the same instant under a later version.
func superseded(page []agenda.Row) (current, old []agenda.Row) {
	for i, r := range page {
		if i+1 < len(page) && sameVisit(r, page[i+1]) {
			old = append(old, r)
		} else {
			current = append(current, r)
		}
	}
	return current, old
}

// sameVisit reports whether the later row asks for what the earlier one does: to visit a notice, or to count a matter,
// at one instant. A row for a revision that the later one does not know stays: it may be ahead of its notice.
func sameVisit(earlier, later agenda.Row) bool {
	return (earlier.Kind == agenda.Notice || earlier.Kind == agenda.Count) && earlier.Kind == later.Kind &&
		earlier.ID() == later.ID() && earlier.At.Equal(later.At) && earlier.Revision <= later.Revision
}
