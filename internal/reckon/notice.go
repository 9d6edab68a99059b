package reckon

import (
	"encoding/json"
	"slices"
	"time"

	"lapse/internal/facts"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// group counts units that are alike.
type group struct {
	index map[string]int
	units []facts.NoticeFact
}

func (g *group) add(f facts.NoticeFact) error {
	key, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if i, ok := g.index[string(key)]; ok {
		g.units[i].N = g.units[i].Units() + 1
		return nil
	}
	if g.index == nil {
		g.index = map[string]int{}
	}
	g.index[string(key)] = len(g.units)
	g.units = append(g.units, f)
	return nil
}

// told is a notice in advance that SES took and that did not come back: when, whether a sign of delivery came, and the
// first disclosure about the subject after it.
type told struct {
	at        time.Time
	confirmed bool
	first     time.Time
	counted   bool
}

// Ahead takes a notice before all are counted, where people of the matter were told ahead: which of them were, and what
// the first disclosure about each was.
func (r *Reckoning) Ahead(n *notice.Notice) {
	if r.ahead == nil {
		r.ahead = map[string]*told{}
	}
	t := r.ahead[n.Subject]
	if t == nil {
		t = &told{}
		r.ahead[n.Subject] = t
	}
	if n.Kind == notice.Advance {
		switch n.State {
		case notice.Sent, notice.Delivered, notice.Complained, notice.Unconfirmed:
			t.at, t.confirmed = accepted(n), n.State == notice.Delivered || n.State == notice.Complained
		}
	} else if t.first.IsZero() || n.Base.Before(t.first) {
		t.first = n.Base
	}
}

// advance takes a notice in advance. It is a unit of its own only where no disclosure about its subject followed.
func (r *Reckoning) advance(n *notice.Notice) error {
	t := r.ahead[n.Subject]
	if t == nil || t.at.IsZero() || !t.first.IsZero() || !r.ordinaryAt(t.at) {
		return nil
	}
	return r.notices.add(facts.NoticeFact{AdvanceAt: t.at, Confirmed: t.confirmed})
}

// toldAhead marks the unit of the first disclosure about a subject who was told before it.
func (r *Reckoning) toldAhead(n *notice.Notice, f *facts.NoticeFact) {
	t := r.ahead[n.Subject]
	if t == nil || t.at.IsZero() || t.counted || !n.Base.Equal(t.first) || t.at.After(n.Base) || !r.ordinaryAt(t.at) {
		return
	}
	t.counted, f.AdvanceAt, f.Confirmed = true, t.at, t.confirmed
}

// Notice takes a notice, and its subject as it stands. A security message tells nobody of a disclosure, and is not
// counted.
func (r *Reckoning) Notice(n *notice.Notice, s *matter.Subject) error {
	if n.Kind == notice.Moved {
		return nil
	}
	r.seen++
	if !n.State.Terminal() || n.Owed() {
		r.open = true
	}
	if !r.ordinaryAt(n.Created) {
		return nil
	}
	if n.Kind == notice.Advance {
		return r.advance(n)
	}
	f := facts.NoticeFact{DisclosedAt: n.Base, Spans: r.spans(n, s)}
	switch n.State {
	case notice.Sent, notice.Delivered, notice.Complained, notice.Unconfirmed:
		f.Closing, f.ClosedAt = facts.Told, accepted(n)
		f.Confirmed = n.State == notice.Delivered || n.State == notice.Complained
	case notice.Cancelled:
		f.Closing, f.ClosedAt = facts.Cancelled, n.Changed
	case notice.ToldOtherwise:
		f.Closing, f.ClosedAt = facts.ToldOtherwise, r.told[n.ID]
		if f.ClosedAt.IsZero() {
			f.ClosedAt = n.Changed
		}
	}
	if f.Closing != facts.StillOwed && f.ClosedAt.IsZero() {
		f.ClosedAt = n.Created
	}
	if !r.ordinaryAt(f.ClosedAt) {
		f.Closing, f.ClosedAt, f.Confirmed = facts.StillOwed, time.Time{}, false
	}
	r.toldAhead(n, &f)
	return r.notices.add(f)
}

// accepted is when SES took the mail that counts.
func accepted(n *notice.Notice) time.Time {
	if !n.SentAt.IsZero() {
		return n.SentAt
	}
	for _, a := range n.Attempts {
		if a.Outcome == notice.OutcomeAccepted {
			return a.At
		}
	}
	return n.DeliveredAt
}

// spans are what stood in the way of telling. A restraint stands in the way from its recording on: before it, nobody
// knew of it.
func (r *Reckoning) spans(n *notice.Notice, about *matter.Subject) []facts.Span {
	var out []facts.Span
	for _, i := range r.eval.Covering(&r.head, restraint.TargetOf(n, about)) {
		s := facts.Span{Reason: facts.ByOrder, From: later(i.From, i.Recorded), Until: i.Until}
		switch {
		case i.Origin.Standing():
			s.Reason = facts.ByStatute
		case !i.Origin.Paper():
			s.Reason = facts.ByException
		}
		out = append(out, s)
	}
	out = append(out, undeliverable(n)...)
	out = append(out, r.holds[n.ID]...)
	out = slices.DeleteFunc(out, func(s facts.Span) bool {
		return !s.Until.IsZero() && (!s.Until.After(s.From) || !s.Until.After(n.Base))
	})
	for i := range out {
		if out[i].From.Before(n.Base) {
			out[i].From = time.Time{} // whatever stood before the disclosure, so that units are alike
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// undeliverable are the stretches in which no mail could reach the recipient: from the acceptance of a mail that came
// back for good to the next attempt, and while the notice has failed.
func undeliverable(n *notice.Notice) []facts.Span {
	var out []facts.Span
	for i, a := range n.Attempts {
		if a.Bounced.IsZero() || !a.Dead {
			continue
		}
		s := facts.Span{Reason: facts.Undeliverable, From: a.At}
		switch {
		case i+1 < len(n.Attempts):
			s.Until = n.Attempts[i+1].Claimed
		case n.State != notice.Bounced && n.State != notice.Failed:
			s.Until = n.Changed
		}
		out = append(out, s)
	}
	if over := n.State == notice.Failed || n.State == notice.Bounced; over &&
		!slices.ContainsFunc(out, func(s facts.Span) bool { return s.Until.IsZero() }) {
		from := n.Changed
		if a := n.Attempt(n.Token); n.State == notice.Bounced && a != nil {
			from = a.At
		}
		out = append(out, facts.Span{Reason: facts.Undeliverable, From: from})
	}
	return out
}
