package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// do does one row of work. Where its item is missing the row moves on: the items of one transaction become visible one
// after the other.
func (w *sweep) do(ctx context.Context, row agenda.Row) {
	err := w.doKind(ctx, row)
	switch {
	case err == nil:
		w.tally.add(func(r *Report) { r.Work++ })
	case errors.Is(err, errRunning):
		w.tally.add(func(r *Report) { r.Contended++ })
	case errors.Is(err, store.ErrNotFound) || errors.Is(err, errUnseen):
		if err := w.missing(ctx, row, err); err != nil {
			w.trouble(string(row.Kind), row.ID(), err)
		}
	default:
		w.trouble(string(row.Kind), row.ID(), err)
	}
}

// errUnseen says that a row tells of a change which the head does not show yet.
var errUnseen = errors.New("the change is not visible yet")

// errRunning says that a person's act has to wait for the end of an attempt; no other begins before it is carried out.
// Its row stays where it is, so that the page tells of the act, or the log of its coming too late, within a sweep of
// that end.
var errRunning = errors.New("an attempt is running")

func (w *sweep) doKind(ctx context.Context, row agenda.Row) error {
	switch row.Kind {
	case agenda.MakeNotices:
		return w.makeNotices(ctx, row)
	case agenda.Replan:
		return w.replan(ctx, row)
	case agenda.Order:
		return w.order(ctx, row)
	case agenda.Exception:
		return w.exception(ctx, row)
	case agenda.Erase:
		return w.erase(ctx, row)
	case agenda.Announce:
		return w.announce(ctx, row)
	}
	return fmt.Errorf("row %s: unknown kind %q", row.ID(), row.Kind)
}

// orphaned counts a row whose item is missing; after a day it is an alarm, for somebody's event was half recorded.
func (w *sweep) orphaned(row agenda.Row, since time.Time, err error) {
	late := w.upTo.Sub(since) >= alarmAfter
	w.tally.add(func(r *Report) {
		r.Orphans++
		if late {
			r.OrphanAlarms++
		}
	})
	w.Log.Warn("sweep: a row's item is missing", "kind", string(row.Kind), "id", row.ID(), "alarm", late, "error", err)
}

// erase drops a subject's contacts once nobody has to be told with them any more: every notice of every disclosure
// about the subject is finished, and there is one, or the matter was decided so that there will be none. A notice that
// is owed is not finished while new contacts have come that it was not tried with.
func (w *sweep) erase(ctx context.Context, row agenda.Row) error {
	id, subject := row.Matter, row.Ref
	head, err := w.freshHead(ctx, id)
	if err != nil {
		return err
	}
	subjects, err := w.Store.Subjects(ctx, id, []string{subject})
	if err != nil {
		return fmt.Errorf("read a subject of matter %s: %w", id, err)
	}
	s := subjects[subject]
	if s.Erasing == 0 {
		return w.drop(ctx, row) // the wish was carried out, and contacts have come since
	}
	owed, told, err := w.obligations(ctx, id, subject, &s)
	if err != nil {
		return err
	}
	none := head.State == matter.Rejected || head.State == matter.Redirected || head.State == matter.Withdrawn
	if owed > 0 || told == 0 && !none {
		at := matter.Ceil(w.wall().Add(relook))
		return w.place(ctx, row, again(row, at, max(row.Planned, head.Version)))
	}
	err = w.Store.Erase(ctx, id, subject, s.Revision, head.Version)
	if errors.Is(err, store.ErrRace) {
		return nil // something was recorded just now; the next sweep looks what it owes
	}
	if err != nil {
		return fmt.Errorf("erase %s: %w", row.ID(), err)
	}
	return w.drop(ctx, row)
}

// obligations counts the subject's notices that are not finished, made or not, and those that are.
func (w *sweep) obligations(ctx context.Context, id, subject string, s *matter.Subject) (owed, done int, err error) {
	all, err := w.Store.Disclosures(ctx, id, "")
	if err != nil {
		return 0, 0, fmt.Errorf("read the disclosures of matter %s: %w", id, err)
	}
	for i := range all {
		for _, t := range all[i].Targets {
			if t.Subject != subject {
				continue
			}
			n, err := w.Store.Notice(ctx, notice.ID(id, all[i].ID, subject, t.Role))
			switch {
			case err != nil && !errors.Is(err, store.ErrNotFound):
				return 0, 0, fmt.Errorf("read a notice of matter %s: %w", id, err)
			case err != nil, !n.State.Terminal(), n.Owed() && untried(&n, s):
				owed++
			default:
				done++
			}
		}
	}
	return owed, done, nil
}

// announce tells the bus what a recorded event led to, and goes only after the bus took it.
func (w *sweep) announce(ctx context.Context, row agenda.Row) error {
	if row.Matter == "" {
		if err := w.publish(ctx, "lapse.event.rejected", told{Digest: row.Ref}); err != nil {
			return err
		}
		return w.drop(ctx, row)
	}
	id, version := row.Matter, row.Version
	entry, err := w.Store.Entry(ctx, id, version)
	if err != nil {
		return fmt.Errorf("read ledger entry %s: %w", row.ID(), err)
	}
	var data struct {
		OrderID string `json:"orderId"`
	}
	if err := json.Unmarshal(entry.Data, &data); err != nil {
		return fmt.Errorf("read the data of ledger entry %s: %w", row.ID(), err)
	}
	detail := "lapse.request.reviewed"
	if data.OrderID != "" {
		detail = "lapse.order.checked"
	}
	if err := w.publish(ctx, detail, told{Matter: id, Version: version, Order: data.OrderID}); err != nil {
		return err
	}
	return w.drop(ctx, row)
}

// told is the detail of every event of Lapse: ids and codes, nothing else.
type told struct {
	Matter  string `json:"matter,omitempty"`
	Version int    `json:"version,omitempty"`
	Order   string `json:"order,omitempty"`
	Notice  string `json:"notice,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// Digest is a refused event's.
	Digest string `json:"digest,omitempty"`
}

func (w *sweep) publish(ctx context.Context, detailType string, t told) error {
	detail, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("write event %s of matter %s: %w", detailType, t.Matter, err)
	}
	if err := w.Bus.Announce(ctx, detailType, detail); err != nil {
		return fmt.Errorf("publish %s of matter %s: %w", detailType, t.Matter, err)
	}
	return nil
}

// tell publishes what happened to a notice, best effort: what counts stands in the notice.
func (w *sweep) tell(ctx context.Context, what string, n *notice.Notice, t told) {
	t.Matter, t.Notice = n.Matter, n.ID
	if err := w.publish(ctx, "lapse.notice."+what, t); err != nil {
		w.Log.Warn("sweep: a notice's event was not published", "id", n.ID, "event", what, "error", err)
	}
}
