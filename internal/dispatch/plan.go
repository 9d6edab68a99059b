package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// makeNotices makes the notices of one part of a disclosure, in chunks. Its row goes last, and only if the restraints
// stood still from the first chunk on: a change in between has been planned for the notices there were, so the rows of
// all are put once more.
func (w *sweep) makeNotices(ctx context.Context, row agenda.Row) error {
	id := row.Matter
	d, err := w.Store.Disclosure(ctx, id, row.Ref, row.Part)
	if err != nil {
		return fmt.Errorf("read disclosure %s: %w", row.ID(), err)
	}
	for range checks {
		head, err := w.freshHead(ctx, id)
		if err != nil {
			return err
		}
		if head.Version < d.Version || torn(head) {
			return fmt.Errorf("disclosure %s: %w", row.ID(), errUnseen)
		}
		if done, err := w.makeChunks(ctx, &row, &d, head); err != nil || !done {
			return err
		}
		now, err := w.freshHead(ctx, id)
		if err != nil {
			return err
		}
		if now.Version == head.Version {
			return w.drop(ctx, row)
		}
	}
	return nil
}

// makeChunks goes on where the row's cursor says, if that was under this head, and reports whether it came to the end.
func (w *sweep) makeChunks(ctx context.Context, row *agenda.Row, d *matter.Disclosure,
	head *matter.Head) (bool, error) {
	done := 0
	if row.CursorHead == head.Version {
		done, _ = strconv.Atoi(row.Cursor)
	}
	for chunk := range slices.Chunk(d.Targets[min(max(done, 0), len(d.Targets)):], matter.ChunkSize) {
		if w.over() {
			return false, nil
		}
		if err := w.makeChunk(ctx, d, head, chunk); err != nil {
			return false, err
		}
		done += len(chunk)
		row.Cursor, row.CursorHead = strconv.Itoa(done), head.Version
		if done == len(d.Targets) {
			break
		}
		if err := w.Store.PutRow(ctx, *row); err != nil {
			return false, fmt.Errorf("keep how far row %s is: %w", row.ID(), err)
		}
	}
	return true, nil
}

func (w *sweep) makeChunk(ctx context.Context, d *matter.Disclosure, head *matter.Head, chunk []matter.Target) error {
	ids := make([]string, len(chunk))
	for i, t := range chunk {
		ids[i] = t.Subject
	}
	subjects, err := w.Store.Subjects(ctx, d.Matter, ids)
	if err != nil {
		return fmt.Errorf("read subjects of disclosure %s.%s: %w", d.Matter, d.ID, err)
	}
	return w.each(len(chunk), func(i int) error {
		s := subjects[chunk[i].Subject]
		language, template, err := letter.Choose(s.Language, s.Country)
		if err != nil {
			return fmt.Errorf("choose the letter of a notice of %s.%s: %w", d.Matter, d.ID, err)
		}
		n := notice.New(d, chunk[i], language, template)
		at, _ := w.eval.NextVisit(&n, head, w.wall())
		row := agenda.ForNotice(n.Matter, n.ID, at, head.Version)
		if err := w.Store.PutNotice(ctx, n, row); err != nil {
			return fmt.Errorf("make notice %s: %w", n.ID, err)
		}
		w.tell(ctx, "scheduled", &n, told{})
		return nil
	})
}

// each does something for 0 to below n, as many at once as there are workers, and all of it whatever fails; the error
// is one of those there were.
func (w *sweep) each(n int, do func(i int) error) error {
	var g errgroup.Group
	var next atomic.Int64
	for range min(n, w.workers) {
		g.Go(func() error {
			var failed error
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				failed = orElse(failed, do(i))
			}
			return failed
		})
	}
	return g.Wait()
}

// replan puts the row of every unfinished notice that the recorded change may concern where the restraints now say,
// believed there or not, and finds the mails an order came too late for: new contacts concern their subject, an
// amendment nobody unless it changed a restraint. Subjects that the recorded change replaces are written first.
func (w *sweep) replan(ctx context.Context, row agenda.Row) error {
	id, version := row.Matter, row.Version
	entry, err := w.Store.Entry(ctx, id, version)
	if err != nil {
		return fmt.Errorf("read ledger entry %d of matter %s: %w", version, id, err)
	}
	if err := w.settlePending(ctx, &entry); err != nil {
		return err
	}
	if err := w.act(ctx, &entry); err != nil {
		return err
	}
	head, err := w.freshHead(ctx, id)
	if err != nil {
		return err
	}
	if head.Version < version || torn(head) {
		return fmt.Errorf("re-plan %s: %w", row.ID(), errUnseen)
	}
	switch event.Type(entry.Type) {
	case event.ContactChanged:
		if err := w.replanSubject(ctx, &entry, head); err != nil {
			return err
		}
		return w.drop(ctx, row)
	case event.RequestAmended:
		if !slices.ContainsFunc(head.Restraints, func(r matter.Restraint) bool { return r.Revision == version }) {
			return w.drop(ctx, row)
		}
	}
	return w.replanMatter(ctx, row, head)
}

// replanMatter is a re-plan of all notices, from where the row's cursor says.
func (w *sweep) replanMatter(ctx context.Context, row agenda.Row, head *matter.Head) error {
	id := head.Matter
	row.MissingSince = time.Time{}
	for planned := 0; ; {
		page, next, err := w.Store.Notices(ctx, id, row.Cursor, pageSize)
		if err != nil {
			return fmt.Errorf("read the notices of matter %s: %w", id, err)
		}
		if err := w.replanPage(ctx, page, head); err != nil {
			return err
		}
		if next == "" {
			return w.drop(ctx, row)
		}
		row.Cursor = next
		if err := w.Store.PutRow(ctx, row); err != nil {
			return fmt.Errorf("keep how far row %s is: %w", row.ID(), err)
		}
		if planned += len(page); planned >= replanned || w.over() {
			return nil
		}
	}
}

// settlePending writes the subjects that an amendment's entry still holds.
func (w *sweep) settlePending(ctx context.Context, entry *ledger.Entry) error {
	id, version := entry.Matter, entry.Seq
	if len(entry.Pending) == 0 {
		return nil
	}
	skipped, err := w.Store.PutSubjects(ctx, entry.Pending)
	if err != nil {
		return fmt.Errorf("write the amended subjects of matter %s: %w", id, err)
	}
	if len(skipped) > 0 {
		w.Log.Info("sweep: amended subjects were changed again since", "matter", id, "version", version, "subjects",
			strings.Join(skipped, " "))
	}
	if err := w.Store.DropPending(ctx, id, version); err != nil {
		return fmt.Errorf("settle ledger entry %d of matter %s: %w", version, id, err)
	}
	return nil
}

// act carries out what a person decided about a notice, where that is not done yet. While an attempt is running nobody
// can tell what becomes of the notice, so the row stays.
func (w *sweep) act(ctx context.Context, entry *ledger.Entry) error {
	d, ok, err := entry.Decision()
	if err != nil || !ok {
		return err
	}
	n, done, err := w.Store.Apply(ctx, notice.Notice{ID: d.Notice}, d.Act)
	switch {
	case err != nil:
		return fmt.Errorf("%s notice %s: %w", d.Act.Op, d.Notice, err)
	case !done && n.State == notice.Sending && n.CarriedOut < d.Act.Version:
		return fmt.Errorf("%s notice %s: %w", d.Act.Op, d.Notice, errRunning)
	case !done:
		w.Log.Warn("sweep: a person's decision came too late for a notice",
			"id", n.ID, "op", string(d.Act.Op), "state", string(n.State))
	}
	return nil
}

// replanSubject plans the notices of the one subject whose contacts the entry changed, and puts those that are still
// owed back, where the new contacts hold a verified one for them. A notice not made yet is made under the new contacts.
func (w *sweep) replanSubject(ctx context.Context, entry *ledger.Entry, head *matter.Head) error {
	var data struct {
		SubjectID string `json:"subjectId"`
	}
	if err := json.Unmarshal(entry.Data, &data); err != nil {
		return fmt.Errorf("read the data of ledger entry %d of matter %s: %w", entry.Seq, entry.Matter, err)
	}
	subjects, err := w.Store.Subjects(ctx, entry.Matter, []string{data.SubjectID})
	if err != nil {
		return fmt.Errorf("read a subject of matter %s: %w", entry.Matter, err)
	}
	if subjects[data.SubjectID].Revision < entry.Seq {
		return fmt.Errorf("the contacts of ledger entry %d of matter %s: %w", entry.Seq, entry.Matter, errUnseen)
	}
	all, err := w.Store.Disclosures(ctx, entry.Matter, "")
	if err != nil {
		return fmt.Errorf("read the disclosures of matter %s: %w", entry.Matter, err)
	}
	var notices []notice.Notice
	for i := range all {
		for _, t := range all[i].Targets {
			if t.Subject != data.SubjectID {
				continue
			}
			n, err := w.Store.Notice(ctx, notice.ID(entry.Matter, all[i].ID, t.Subject, t.Role))
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return fmt.Errorf("read a notice of matter %s: %w", entry.Matter, err)
			}
			if err := w.reopen(ctx, &n, head); err != nil {
				return err
			}
			notices = append(notices, n)
		}
	}
	return w.replanPage(ctx, notices, head)
}

// reopen puts a notice that is still owed back, where there is a verified contact for it. The row goes first: a notice
// that is not finished has one.
func (w *sweep) reopen(ctx context.Context, n *notice.Notice, head *matter.Head) error {
	if !n.Owed() {
		return nil
	}
	if _, ok, err := w.contact(ctx, n); err != nil || !ok {
		return err
	}
	now := matter.Ceil(w.wall())
	if err := w.Store.PutRow(ctx, agenda.ForNotice(n.Matter, n.ID, now, head.Version)); err != nil {
		return fmt.Errorf("put row of notice %s: %w", n.ID, err)
	}
	moved, ok, err := w.apply(ctx, n, notice.Reopen(now))
	if ok {
		*n = moved
	}
	return err
}

func (w *sweep) replanPage(ctx context.Context, page []notice.Notice, head *matter.Head) error {
	return w.each(len(page), func(i int) error {
		n := &page[i]
		if err := w.lateOrder(ctx, n, head); err != nil {
			return err
		}
		row, open := w.planned(n, head)
		if !open {
			return nil
		}
		if err := w.Store.PutRow(ctx, row); err != nil {
			return fmt.Errorf("put row of notice %s: %w", n.ID, err)
		}
		return nil
	})
}

// planned is the row a notice has to have under this head; open is false where it needs none.
func (w *sweep) planned(n *notice.Notice, head *matter.Head) (row agenda.Row, open bool) {
	if n.State == notice.Sent {
		return confirmRow(n), true
	}
	at, open := w.eval.NextVisit(n, head, w.wall())
	return agenda.ForNotice(n.Matter, n.ID, at, head.Version), open
}

// confirmRow is the row at which a sent notice without a sign becomes unconfirmed. It depends on no restraint, so it is
// always planned under the version of the last attempt, and delivery can name it to delete it.
func confirmRow(n *notice.Notice) agenda.Row {
	row := agenda.ForNotice(n.Matter, n.ID, matter.Ceil(n.SentAt.Add(notice.ConfirmWindow)), 0)
	if k := len(n.Attempts); k > 0 {
		row.Planned = n.Attempts[k-1].Head
	}
	return row
}

// torn reports whether whom a restraint covers could not be read.
func torn(h *matter.Head) bool {
	return slices.ContainsFunc(h.Restraints, func(r matter.Restraint) bool { return r.Torn && !r.Void })
}

// lateOrder keeps the evidence of an order that came after the mail, also where that came back and the notice waits for
// another: recorded or changed under a later version than the attempt rested on, and covering the time of the attempt.
// Nothing is recalled; counsel hears of it. Whom an order covers has to be readable for that.
func (w *sweep) lateOrder(ctx context.Context, n *notice.Notice, head *matter.Head) error {
	if !n.Takes(notice.OpLate) || n.LateOrder != "" || torn(head) {
		return nil
	}
	order, late := w.late(n, head)
	if !late {
		return nil
	}
	_, ok, err := w.apply(ctx, n, notice.Late(order, matter.Floor(w.wall())))
	if err != nil {
		return err
	}
	if ok {
		w.tally.add(func(r *Report) { r.LateOrders++ })
		w.Log.Warn("sweep: an order came after the mail", "id", n.ID, "order", order)
		w.tell(ctx, "late_order", n, told{Order: order})
	}
	return nil
}

// late finds the restraint, if any, that would have held an attempt which reached SES or may have.
func (w *sweep) late(n *notice.Notice, head *matter.Head) (order string, late bool) {
	var covering []restraint.Interval
	for _, a := range n.Attempts {
		if a.Outcome == notice.OutcomeRejected || a.Head >= head.Version {
			continue
		}
		if covering == nil {
			covering = w.eval.Covering(head, restraint.TargetOf(n))
		}
		for _, i := range covering {
			if _, ours := i.Kind.Exception(); ours {
				continue // what we decided later ourselves did not bind the mail
			}
			r, _ := head.Restraint(i.Source)
			if r.Revision > a.Head && (i.Covers(a.Claimed) ||
				n.MessageID != "" && a.MessageID == n.MessageID && i.Covers(n.SentAt)) {
				return i.Source, true
			}
		}
	}
	return "", false
}
