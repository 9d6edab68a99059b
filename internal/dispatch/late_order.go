package dispatch

import (
	"context"

	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// recordLateOrder keeps the evidence of an order that came after the mail: recorded or changed under a later version
// than the attempt rested on, and covering the time of the attempt. That the mail came back does not matter. Nothing is
// recalled, and counsel hears of it. The restraints' lists have to be readable for that.
func (w *noticeWriter) recordLateOrder(ctx context.Context, n *notice.Notice, head *matter.Head) error {
	if !n.Takes(notice.OpLate) || n.LateOrder != "" || torn(head) {
		return nil
	}
	order, late := w.lateOrder(n, head)
	if !late {
		return nil
	}
	_, ok, err := w.apply(ctx, n, notice.Late(order, matter.Floor(w.wall())))
	if err != nil {
		return err
	}
	if ok {
		w.tally.add(func(r *Report) { r.LateOrders++ })
		w.log.Warn("sweep: an order came after the mail", "id", n.ID, "order", order)
		w.publishBestEffort(ctx, n.ID, event.NoticeLateOrderDetail{Matter: n.Matter, Order: order, Notice: n.ID})
	}
	return nil
}

// lateOrder finds the restraint, if any, that would have held an attempt which reached SES or may have.
func (w *noticeWriter) lateOrder(n *notice.Notice, head *matter.Head) (order string, late bool) {
	for _, a := range n.Attempts {
		if a.Outcome == notice.OutcomeRejected || a.Head >= head.Version {
			continue
		}
		for _, i := range w.eval.Covering(head, restraint.TargetAt(n, a.Recipient)) {
			if _, ours := i.Kind.Exception(); ours || i.Origin == matter.OriginUnapproved {
				continue // a hold of our own did not bind the mail before it was decided
			}
			r, _ := head.Restraint(i.Source)
			if r.Changed() > a.Head && (i.Covers(a.Claimed) ||
				n.MessageID != "" && a.MessageID == n.MessageID && i.Covers(n.SentAt)) {
				return i.Source, true
			}
		}
	}
	return "", false
}
