package intake

import (
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// draft gathers one event's change.
type draft struct {
	ev     event.Event
	now    time.Time
	change store.Change
	answer ledger.Answer
	eval   *restraint.Evaluator
	// two says that the event needs two persons. before is the person who made the request that the event is about, "" for
	// nobody.
	two    bool
	before string
	// unanswered says that the event has no answer yet, so that the change writes no receipt.
	unanswered bool
	// other is another event that is answered alike, nil for none: an approved event and its approval are.
	other *event.Event
}

// head is the head as the change will leave it.
func (d *draft) head() *matter.Head { return &d.change.Head }

// row adds an agenda row to the change.
func (d *draft) row(r agenda.Row) { d.change.Rows = append(d.change.Rows, r) }

// replan asks the next sweep, once, to put the row of every unfinished notice anew.
func (d *draft) replan() {
	if !d.replanned() {
		d.row(agenda.ForReplan(d.head().Matter, d.head().Version, d.now))
	}
}

// replanned reports whether the change asks for a re-plan already.
func (d *draft) replanned() bool {
	return slices.ContainsFunc(d.change.Rows, func(r agenda.Row) bool { return r.Kind == agenda.Replan })
}

// warn adds a warning to the answer.
func (d *draft) warn(code, message string) {
	d.answer.Warnings = append(d.answer.Warnings, ledger.Warning{Code: code, Message: message})
}

// announce asks the next sweep to tell the bus about this version.
func (d *draft) announce() {
	d.row(agenda.ForAnnounce(d.head().Matter, d.head().Version, d.now))
}

// finish names what the change wrote in its ledger entry, chains the entry and makes the receipt.
func (d *draft) finish() (store.Change, error) {
	c := d.change
	if len(c.Entry.Pending) > 0 {
		c.Head.Pending = c.Head.Version
	}
	c.Entry.Findings, c.Entry.Wrote = d.answer.Findings, c.Wrote()
	if err := c.Entry.Chain(); err != nil {
		return c, fmt.Errorf("chain version %d of matter %s: %w", c.Head.Version, c.Head.Matter, err)
	}
	c.Head.LastHash = c.Entry.Hash
	if d.unanswered {
		return c, nil
	}
	c.Receipt = d.receipt(d.ev)
	if d.other != nil {
		c.Given = new(d.receipt(*d.other))
	}
	return c, nil
}

// receipt is the receipt of the event, with the draft's answer.
func (d *draft) receipt(ev event.Event) ledger.Receipt {
	return ledger.Receipt{
		Key: ledger.ReceiptKey(ev.Source, ev.ID), Digest: ev.Digest, Matter: d.head().Matter, Version: d.head().Version,
		Answer: d.answer, At: d.now,
	}
}
