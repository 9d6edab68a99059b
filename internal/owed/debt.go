package owed

import (
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// Debt is what is left to do about a notice for its subject.
type Debt int

const (
	// Settled: nothing is left. The recipient was told, or a person decided otherwise, or nobody can be asked any more.
	Settled Debt = iota
	// Open: the notice is not over.
	Open
	// Watched: SES took the mail, reported nothing in notice.ConfirmWindow, and may still report that the mail came back.
	Watched
	// Unpayable: the notice is over and owed, and every contact of the subject was tried.
	Unpayable
	// Payable: the notice is over and owed, and the subject has a contact that it was not tried with. It goes on.
	Payable
)

// Of returns what is left to do about the notice, for its subject as it stands. Re-plan, sweep, erasure and hold all go
// by it. After a delivery only contacts that came later make a notice Payable, because somebody may have read the mail
// that came back. The subject matters only where the notice is Owed.
func Of(n *notice.Notice, s *matter.Subject, now time.Time) Debt {
	switch {
	case !n.State.Terminal():
		return Open
	case n.State == notice.Unconfirmed && signsEnd(n).After(now):
		return Watched
	case !n.Owed():
		return Settled
	}
	_, _, _, ok := n.Contact(s)
	read := !n.DeliveredAt.IsZero() && slices.ContainsFunc(n.Attempts,
		func(a notice.Attempt) bool { return a.Head >= s.Revision })
	if ok && !read {
		return Payable
	}
	return Unpayable
}

// NeedsContacts reports whether a contact of the subject may still be written to for the notice: while it goes on or
// will, and while the mail to one contact may come back and there is another.
func NeedsContacts(n *notice.Notice, s *matter.Subject, now time.Time) bool {
	switch Of(n, s, now) {
	case Open, Payable:
		return true
	case Watched:
		back := *n
		back.Attempts = slices.Clone(n.Attempts)
		for i := range back.Attempts {
			back.Attempts[i].Dead = back.Attempts[i].Dead || back.Attempts[i].MessageID == n.MessageID
		}
		_, _, _, another := back.Contact(s)
		return another
	case Settled, Unpayable:
	}
	return false
}

// visitEvery is the time between two visits to a notice that is owed and cannot be paid. A contact that comes puts the
// notice back by its own event. So the visits only make up for what was lost on the way.
const visitEvery = 30 * 24 * time.Hour

// SlowRow returns the agenda row of a notice that is over and not Settled. It stands at the next visit, counted from
// the end of the notice. Every caller computes the same instant. ok is false where the notice needs no such row.
func SlowRow(n *notice.Notice, planned int, now time.Time) (row agenda.Row, ok bool) {
	if !n.Owed() && n.State != notice.Unconfirmed {
		return row, false
	}
	at := firstSlow(n)
	if n.State == notice.Unconfirmed && !at.After(now) {
		return row, false
	}
	if behind := now.Sub(at); behind >= 0 {
		at = at.Add((behind/visitEvery + 1) * visitEvery)
	}
	return Row(n, at, planned), true
}

// Slow reports whether the row of a notice that is over is one of its slow rows. Such a row is put only after the end
// of the notice was announced.
func Slow(n *notice.Notice, row agenda.Row) bool { return !row.At.Before(firstSlow(n)) }

// firstSlow is when the first slow row of the notice stands.
func firstSlow(n *notice.Notice) time.Time {
	if n.State == notice.Unconfirmed {
		return signsEnd(n)
	}
	return matter.Ceil(n.Changed.Add(visitEvery))
}

// signsEnd is when no report about the notice's mail can come any more.
func signsEnd(n *notice.Notice) time.Time { return matter.Ceil(n.SentAt.Add(notice.SignWindow)) }
