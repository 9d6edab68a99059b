package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// noticePass visits the rows of notices, the oldest first.
type noticePass struct {
	*noticeWriter
	sender *sender
	// frozen leaves every notice as it is, because the table is a copy.
	frozen bool
	// atMostOnce leaves a notice of unknown outcome to a person.
	atMostOnce bool
}

const (
	// inspectTries is how often one visit inspects its notice anew because the matter changed meanwhile.
	inspectTries = 3
	// writeTakes bounds the time between a row that is put ahead of its notice's change and that change, with the
	// difference of two clocks: the function that does it runs for less than a minute.
	writeTakes = 5 * time.Minute
	// countedPages is how many pages of a partition are counted while nothing can be sent: some 100,000 rows in all, so
	// that a pause of weeks with a backlog of a million costs less to watch than to send.
	countedPages = 64
)

// run visits the rows of all shards, the oldest first, with a bounded number of workers.
func (w *noticePass) run(ctx context.Context) {
	var g sync.WaitGroup
	shards := make([]chan *page, agenda.NoticeShards)
	for shard := range shards {
		if !w.group.has(shard) {
			continue
		}
		// A page each is read ahead.
		shards[shard] = make(chan *page, 1)
		g.Go(func() {
			defer close(shards[shard])
			w.readShard(ctx, shard, shards[shard])
		})
	}
	visits := make(chan visit)
	g.Go(func() {
		defer close(visits)
		mergePages(shards, visits)
	})
	for range w.workers {
		g.Go(func() {
			for v := range visits {
				w.visit(ctx, v)
			}
		})
	}
	g.Wait()
}

// readShard passes the pages of a shard on. While nothing can be sent, a visit to the first page keeps the head of the
// agenda tidy, and the rest is only counted: no row may be sent before an older one that was passed over. A counted row
// counts as waiting. That is an upper bound, because an order may cover the notice, or it waits for a report of SES.
func (w *noticePass) readShard(ctx context.Context, shard int, out chan<- *page) {
	read, counting := 0, false
	for rows := range w.pages(ctx, false, shard) {
		if counting = counting || read > 0 && w.sender.gate.closed(); !counting {
			out <- w.sender.flights.board(rows)
		} else if read < countedPages {
			w.tally.add(func(r *Report) { r.Due, r.Waiting = r.Due+len(rows), r.Waiting+len(rows) })
		} else {
			w.tally.add(func(r *Report) { r.AtCapacity = true })
			return
		}
		read++
	}
}

// visit inspects the notice of one row, again where the matter changed meanwhile.
func (w *noticePass) visit(ctx context.Context, v visit) {
	defer w.sender.flights.land(ctx, v)
	w.tally.add(func(r *Report) { r.Due++ })
	if w.over() {
		w.tally.add(func(r *Report) { r.Waiting, r.AtCapacity = r.Waiting+1, true })
		w.tally.overdue(v.row.At, w.upTo)
		return
	}
	for try := range inspectTries {
		err := w.inspect(ctx, v, try > 0)
		if err == nil {
			return
		}
		if !errors.Is(err, errStale) {
			w.recordFailure("visit a notice", v.row.ID(), err)
			return
		}
	}
	// It changes all the time, or parts of it do not agree: the row stays, and what is overdue shows.
	w.tally.add(func(r *Report) { r.Contended++ })
	w.tally.overdue(v.row.At, w.upTo)
}

// inspect does what the state of the row's notice and the restraints call for. The row is deleted only when the notice
// needs none here any more.
func (w *noticePass) inspect(ctx context.Context, v visit, again bool) error {
	row := v.row
	n, err := w.noticeFor(ctx, v, again)
	if errors.Is(err, store.ErrNotFound) {
		return w.postponeOrphan(ctx, v.row, err)
	}
	if err != nil {
		return fmt.Errorf("read notice %s: %w", row.Ref, err)
	}
	if n.Revision < row.Revision && w.wall().Before(row.At.Add(writeTakes)) {
		if !again {
			return errStale
		}
		// Whoever put the row is about to change the notice. Taken away now, the row would be missing then.
		w.tally.add(func(r *Report) { r.Contended++ })
		return nil
	}
	if n.State.Terminal() && !n.State.Accepted() {
		return w.finish(ctx, v, &n)
	}
	head, err := w.headFor(ctx, row, &n)
	if err != nil {
		return err
	}
	if n.State.Accepted() && torn(head) {
		// Nobody can tell just now whether an order came too late.
		w.tally.add(func(r *Report) { r.Blocked++ })
		return nil
	}
	// A re-plan that saw the attempt still running leaves the question to the next visit.
	if err := w.recordLateOrder(ctx, &n, head); err != nil {
		return err
	}
	switch {
	case n.State.Terminal():
		return w.finish(ctx, v, &n)
	case n.State == notice.Sent:
		return w.awaitReport(ctx, v, &n)
	case n.State == notice.Sending:
		return w.endLostAttempt(ctx, v, &n)
	case n.Waits():
		return w.carryOutDecision(ctx, v, &n)
	}
	return w.decide(ctx, v, &n, head)
}

// headFor is the head that a visit rests on. The row may be planned under a later version than the remembered head.
// Moved by the remembered one, the row would be lost, so the head is read afresh then.
func (w *noticePass) headFor(ctx context.Context, row agenda.Row, n *notice.Notice) (*matter.Head, error) {
	head, err := w.head(ctx, n.Matter)
	if err == nil && head.Version < row.Planned {
		return w.freshHead(ctx, n.Matter)
	}
	return head, err
}

// awaitReport waits for a report about a sent notice, and ends the notice after notice.ConfirmWindow without one.
func (w *noticePass) awaitReport(ctx context.Context, v visit, n *notice.Notice) error {
	end, now := confirmRow(n), w.wall()
	if end.At.After(now) {
		w.move(ctx, v, end)
		return nil
	}
	over, ok, err := w.apply(ctx, n, notice.Unconfirm(matter.Floor(now)))
	if err != nil {
		return err
	}
	if ok {
		w.tally.add(func(r *Report) { r.Unconfirmed++ })
	}
	return w.finish(ctx, v, &over)
}

// endLostAttempt leaves a running attempt alone while its lease lasts. Afterwards its outcome is unknown.
func (w *noticePass) endLostAttempt(ctx context.Context, v visit, n *notice.Notice) error {
	now := matter.Floor(w.wall())
	if !n.Lease.Before(now) {
		w.tally.add(func(r *Report) { r.Contended++ })
		return nil
	}
	return w.markUnknown(ctx, v, n, notice.Lost(n.Token, now))
}

// carryOutDecision carries out a person's decision that stands on the ledger only. An attempt was running then, or the
// process that recorded the decision was cut off. The notice is inspected again afterwards. After a restore to an
// instant between two writes, the entry may be missing, or be about something else. Then a person has to look, because
// nobody knows any more what was decided.
func (w *noticePass) carryOutDecision(ctx context.Context, v visit, n *notice.Notice) error {
	entry, err := w.store.Entry(ctx, n.Matter, n.Decision)
	if errors.Is(err, store.ErrNotFound) {
		return w.postponeOrphan(ctx, v.row, err)
	}
	if err != nil {
		return fmt.Errorf("read ledger entry %d of matter %s: %w", n.Decision, n.Matter, err)
	}
	if decides, err := entry.Decides(n.ID); err != nil || !decides {
		return firstError(err, fmt.Errorf("ledger entry %d of matter %s decides nothing about notice %s, which waits for it",
			n.Decision, n.Matter, n.ID))
	}
	return firstError(w.carryOut(ctx, &entry), errStale)
}

// decide decides about a notice that no attempt is running for: it waits, it is sent, or it cannot be mailed.
func (w *noticePass) decide(ctx context.Context, v visit, n *notice.Notice, head *matter.Head) error {
	now := w.wall()
	subject, err := w.subjectFor(ctx, v, n, head)
	if err != nil {
		return err
	}
	covering := w.eval.Covering(head, restraint.TargetOf(n, subject))
	free := n.State != notice.Held && restraint.Clear(covering, n.Opens(), now)
	if n.Kind == notice.Advance && n.State != notice.Held && !n.Next.After(now) && !now.Before(n.Opens()) {
		if reason := withheld(free, head); reason != "" {
			return w.withhold(ctx, v, n, head, reason)
		}
	}
	if !free {
		w.tally.add(func(r *Report) { r.Blocked++ })
	}
	if !free || n.Next.After(now) {
		return w.moveToNextVisit(ctx, v, n, subject, head, now)
	}
	due, _ := restraint.Due(covering, n.Base, now)
	since := due
	if n.Created.After(due) {
		since = n.Created
	}
	w.tally.overdue(since, now)
	switch {
	case w.frozen:
		// Not failed for want of a contact either: a copy may lack one that came later.
		w.tally.add(func(r *Report) { r.Waiting++ })
		return nil
	case len(n.Attempts) >= n.Limit():
		return w.failUnlessStale(ctx, v, n, head, notice.ReasonAttempts)
	case n.State == notice.Unknown && w.atMostOnce:
		w.tally.add(func(r *Report) { r.Held++ })
		at := matter.Ceil(now.Add(revisitAfter))
		w.move(ctx, v, owed.Row(n, at, head.Version))
		return nil
	}
	to, ok := owed.NextContact(n, subject)
	if !ok {
		return w.failUnlessStale(ctx, v, n, head, notice.ReasonNoContact)
	}
	return w.sender.send(ctx, &attempt{visit: v, notice: *n, head: head, subject: subject, due: due, contact: to})
}

// withheld is why a notice in advance may not go any more, "" where it may. Only matters that counsel decided to comply
// with, and that nothing was handed over of yet, have somebody told ahead.
func withheld(free bool, head *matter.Head) notice.Reason {
	switch {
	case !free:
		return notice.ReasonCovered
	case head.State != matter.Approved:
		return notice.ReasonOvertaken
	}
	return ""
}

// withhold ends a notice in advance that may not go. It is not revived: the letter after the disclosure tells.
func (w *noticePass) withhold(ctx context.Context, v visit, n *notice.Notice, head *matter.Head,
	reason notice.Reason) error {
	if w.frozen || torn(head) || head.Version < v.row.Planned {
		return nil
	}
	over, ok, err := w.apply(ctx, n, notice.Withhold(reason, n.Token, matter.Floor(w.wall())))
	if err != nil || !ok {
		return err
	}
	return w.finish(ctx, v, &over)
}

// failUnlessStale ends a notice that needs another channel. The end is announced, which tells somebody too. So the
// restraints are read afresh, and a matter that changed is errStale.
func (w *noticePass) failUnlessStale(ctx context.Context, v visit, n *notice.Notice, head *matter.Head,
	reason notice.Reason) error {
	fresh, err := w.freshHead(ctx, n.Matter)
	if err != nil {
		return err
	}
	if fresh.Version != head.Version {
		return errStale
	}
	return w.markFailed(ctx, v, n, notice.Fail(reason, n.Token, matter.Floor(w.wall())), "")
}
