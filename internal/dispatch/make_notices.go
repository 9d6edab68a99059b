package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
)

// makeTries is how often one sweep makes the notices of a part anew because the restraints changed meanwhile.
const makeTries = 3

// makeNotices makes the notices of one part of a disclosure, in chunks. The row goes last, and only if the restraints
// stood still from the first chunk on. A change in between was planned for the notices that existed then, so the rows
// of all are put once more.
func (w *workPass) makeNotices(ctx context.Context, row agenda.Row) error {
	id := row.Matter
	d, err := w.store.Disclosure(ctx, id, row.Ref, row.Part)
	if err != nil {
		return fmt.Errorf("read disclosure %s: %w", row.ID(), err)
	}
	for range makeTries {
		head, err := w.freshHead(ctx, id)
		if err != nil {
			return err
		}
		if head.Version < d.Version || torn(head) {
			return fmt.Errorf("make the notices of disclosure %s: %w", row.ID(), errUnseen)
		}
		if done, err := w.makeChunks(ctx, &row, &d, head); err != nil || !done {
			return err
		}
		now, err := w.freshHead(ctx, id)
		if err != nil {
			return err
		}
		if now.Version == head.Version {
			return w.deleteRow(ctx, row)
		}
	}
	return nil
}

// makeChunks goes on where the row's cursor says, if that was under this head, and reports whether it came to the end.
func (w *workPass) makeChunks(ctx context.Context, row *agenda.Row, d *matter.Disclosure,
	head *matter.Head) (bool, error) {
	done := 0
	if row.CursorHead == head.Version {
		done, _ = strconv.Atoi(row.Cursor)
	}
	for chunk := range slices.Chunk(d.Targets[min(max(done, 0), len(d.Targets)):], matter.ChunkSize) {
		if w.over() {
			return false, nil
		}
		if made, err := w.makeChunk(ctx, d, head, chunk); err != nil || !made {
			return false, err
		}
		done += len(chunk)
		row.Cursor, row.CursorHead = strconv.Itoa(done), head.Version
		if done == len(d.Targets) {
			break
		}
		if err := w.store.PutRows(ctx, *row); err != nil {
			return false, fmt.Errorf("save the cursor of row %s: %w", row.ID(), err)
		}
	}
	return true, nil
}

// makeChunk makes the notices of some targets, and publishes them. It makes none while a subject and the head do not
// agree, because such notices could wait for too long; the next sweep goes on.
func (w *workPass) makeChunk(ctx context.Context, d *matter.Disclosure, head *matter.Head,
	chunk []string) (bool, error) {
	subjects, err := w.store.Subjects(ctx, d.Matter, chunk)
	if err != nil {
		return false, fmt.Errorf("read the subjects of disclosure %s.%s: %w", d.Matter, d.ID, err)
	}
	for _, s := range subjects {
		if !head.Agrees(&s) {
			return false, nil
		}
	}
	plan := owed.Plan{Eval: w.eval, Head: head, Now: w.wall(), Workers: w.workers}
	return true, owed.MakeNotices(ctx, w.store, plan, d, chunk, subjects, func(n *notice.Notice) {
		w.publishBestEffort(ctx, n.ID, event.NoticeScheduledDetail{Matter: n.Matter, Notice: n.ID})
	})
}
