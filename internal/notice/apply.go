package notice

import (
	"cmp"
	"slices"
	"time"
)

// Effect says what an act did to a notice.
type Effect int

// The effects.
const (
	// Refused: the act is not allowed on the notice as it stands. Nothing changes.
	Refused Effect = iota
	// Repeated: this act was applied before, and its answer was lost. Nothing changes.
	Repeated
	// Applied: the act was applied.
	Applied
)

// Apply is the state machine of notices. It returns the notice after the act, and the act's effect. The receiver does
// not change. Every store replaces a notice by the result of Apply, over the revision that was read.
//
// A second OpReopen is refused, not Repeated. So is a second report of SES, except a delay.
//
// An act is applied from the states of the state table (Transitions), and on these conditions:
//   - OpClaim: Next of the notice is not after At, there are fewer attempts than Limit, no decision of a person Waits,
//     and from Unknown only if the last token is After.
//   - OpRelease, OpUnsure: Token is the last token. OpLost: and the lease ended before At.
//   - OpComplete and the reports of SES: Token is one of the attempts, and its mail has not bounced. A delivery or a
//     complaint may still come after an OpReturn, until the next attempt. OpReturn after a delivery: never. OpComplete
//     and OpSend: SES was not known to have taken the mail. OpBounce, OpReturn and OpReject: the notice rests on this
//     attempt.
//   - OpFail and OpWithhold from Unknown: Token is the last token. OpUnconfirm: sent at least ConfirmWindow before At.
//   - OpReopen: the notice is Owed.
//   - OpHold and OpFree of a notice that is over: it is Owed. They leave its state and what it says of its end.
//   - OpDecide: always. It is written in the transaction of its version, so it is the latest. OpHold, OpFree,
//     OpCancel and OpTell: no decision of this version or a later one was carried out before.
//   - OpRestore: SES was not known to have taken the attempt's mail. The notice rests on no mail accepted after At, and
//     on no later OpDoubt of another attempt. The notice need not know the attempt, which may have been made after the
//     instant that the table was restored to.
//   - OpDoubt: the notice does not know the attempt, which began (At) after every mail and every OpDoubt that the
//     notice rests on: the mail before it had come back. A running attempt and a person's hold stay.
//
// OpComplete, OpRestore, OpDoubt or a report of SES may find a notice whose state it cannot change. Then Apply records
// the news in the attempt only, and the act counts as applied. So every outcome is recorded (law 8), and an old attempt
// moves no notice that went on.
func (n Notice) Apply(a Act) (Notice, Effect) {
	switch {
	case a.Token == "" && a.Op.concernsAttempt():
		return n, Refused
	case a.repeated(&n):
		return n, Repeated
	}
	after := n
	after.Attempts = slices.Clone(n.Attempts)
	after.Revision++
	switch {
	case n.moves(a):
		a.move(&after)
	case a.news(n.Attempt(a.Token)) && !(a.Op == OpReturn && n.State == Delivered):
		a.recordOutcome(after.attemptOf(a))
	default:
		return n, Refused
	}
	return after, Applied
}

// concernsAttempt reports whether the op is about one attempt. If so, its act has to name the attempt.
func (o Op) concernsAttempt() bool {
	return !slices.Contains([]Op{OpFail, OpWithhold, OpUnconfirm, OpReopen, OpLate, OpDecide, OpHold, OpFree, OpCancel,
		OpTell}, o)
}

// Allows reports whether the act can be applied to the notice as it stands, or was applied before.
func (n Notice) Allows(a Act) bool {
	_, effect := n.Apply(a)
	return effect != Refused
}

// moves reports whether the act may move the notice.
func (n *Notice) moves(a Act) bool {
	return slices.Contains(a.Op.From(), n.State) && a.allowed(n)
}

// Takes reports whether the state table allows the op in the notice's state.
func (n *Notice) Takes(o Op) bool { return slices.Contains(o.From(), n.State) }

// repeated reports whether the notice already shows the result of this act.
func (a Act) repeated(n *Notice) bool {
	known := n.Attempt(a.Token)
	switch a.Op {
	case OpClaim:
		return n.State == Sending && n.Token == a.Token
	case OpComplete, OpRestore:
		return known != nil && known.MessageID != "" && known.MessageID == a.MessageID
	case OpRelease:
		return known == nil
	case OpDoubt:
		return known != nil
	case OpUnsure, OpLost:
		return n.State == Unknown && n.Token == a.Token
	case OpFail:
		return n.State == Failed && n.Reason == a.Reason
	case OpWithhold:
		return n.State == Withheld && n.Reason == a.Reason
	case OpUnconfirm:
		return n.State == Unconfirmed
	case OpDelay:
		return n.Takes(OpDelay) && a.allowed(n) && n.LastSign == OpDelay && n.LastSignAt.Equal(a.At)
	case OpLate:
		return n.LateOrder == a.Order
	case OpDecide:
		return n.Decision == a.Version
	case OpHold, OpFree, OpCancel, OpTell:
		return a.Version > 0 && n.CarriedOut == a.Version
	}
	return false
}

// news reports whether the act brings a fact about the attempt that is not recorded yet.
func (a Act) news(known *Attempt) bool {
	if known == nil {
		return a.Op == OpRestore || a.Op == OpDoubt
	}
	switch a.Op {
	case OpComplete, OpRestore, OpSend, OpDelivery, OpComplaint:
		return known.MessageID == ""
	case OpBounce, OpReturn:
		return known.Bounced.IsZero()
	case OpReject:
		return known.Bounced.IsZero() && known.Outcome != OutcomeRejected
	}
	return false
}

// allowed reports whether the act's condition holds. The state table is checked apart.
func (a Act) allowed(n *Notice) bool {
	known := n.Attempt(a.Token)
	switch a.Op {
	case OpClaim:
		free := !n.Next.After(a.At) && len(n.Attempts) < cmp.Or(a.Limit, MaxAttempts) && !n.Waits()
		return free && (n.State != Unknown || n.Token == a.After)
	case OpRelease, OpUnsure:
		return n.Token == a.Token
	case OpLost:
		return n.Token == a.Token && n.Lease.Before(a.At)
	case OpComplete, OpSend:
		return a.news(known)
	case OpRestore:
		return a.news(known) && !n.SentAt.After(a.At) && (n.Token == a.Token || !n.doubted(a.At))
	case OpDoubt:
		return a.news(known) && n.SentAt.Before(a.At) && !n.doubted(a.At)
	case OpBounce, OpReturn, OpReject:
		return a.news(known) && n.restsOn(a.Token)
	case OpDelivery, OpComplaint:
		// The report of a temporary bounce may overtake the report of the delivery.
		return known != nil && (known.Bounced.IsZero() || (n.State == Retry || n.State == Held) && n.Token == a.Token)
	case OpDelay:
		return known != nil && known.Bounced.IsZero()
	case OpFail, OpWithhold:
		return n.State != Unknown || n.Token == a.Token
	case OpUnconfirm:
		return !n.SentAt.Add(ConfirmWindow).After(a.At)
	case OpReopen:
		return n.Owed()
	case OpLate:
		return n.LateOrder == ""
	case OpDecide:
		return true
	case OpHold, OpFree, OpCancel:
		return n.CarriedOut < a.Version && (!n.State.Terminal() || n.Owed())
	case OpTell:
		return n.CarriedOut < a.Version
	}
	return false
}

// move writes the changes of the act.
func (a Act) move(n *Notice) {
	if n.State.Terminal() && (a.Op == OpHold || a.Op == OpFree) {
		n.CarriedOut, n.Holding = a.Version, a.Op == OpHold
		return
	}
	if to := a.Op.To(); to != "" {
		n.State = to
	}
	if n.Holding && a.Op.Resumes() {
		n.State = Held
	}
	if a.Op != OpLate && a.Op != OpDelay && a.Op != OpDecide {
		n.Reason, n.Actor, n.Changed = a.Reason, a.Actor, a.At
	}
	known := n.attemptOf(a)
	switch a.Op {
	case OpClaim:
		n.Token, n.Lease = a.Token, a.Next
		n.begin(a.attempt())
	case OpRelease:
		n.State, n.Next, n.Token, n.Lease = a.Back, a.Next, "", time.Time{}
		n.Attempts = slices.DeleteFunc(n.Attempts, func(t Attempt) bool { return t.Token == a.Token })
	case OpUnsure, OpLost:
		n.Next, n.Lease = a.Next, time.Time{}
		known.Outcome, known.At, known.WasUnknown = OutcomeUnknown, a.At, true
	case OpComplete, OpSend, OpDelivery, OpBounce, OpComplaint, OpReject, OpDelay:
		a.sign(n, known)
	case OpReturn:
		n.Next = a.Next
		a.sign(n, known)
	case OpRestore:
		n.Token = a.Token
		a.sign(n, known)
	case OpDoubt:
		n.Token, n.Next = a.Token, a.Next
		a.recordOutcome(known)
	case OpReopen:
		n.Next, n.Token = a.Next, ""
	case OpDecide:
		n.Decision = a.Version
	case OpHold, OpFree, OpCancel, OpTell:
		n.CarriedOut, n.Holding = a.Version, a.Op == OpHold
	case OpLate:
		n.LateOrder, n.LateAt = a.Order, a.At
	}
}

// attemptOf returns the act's attempt, or nil. OpRestore and OpDoubt bring along an attempt that the notice does not
// know.
func (n *Notice) attemptOf(a Act) *Attempt {
	if (a.Op == OpRestore || a.Op == OpDoubt) && n.Attempt(a.Token) == nil {
		n.begin(a.attempt())
	}
	return n.Attempt(a.Token)
}

// begin adds an attempt in the order of claims. Clocks of machines differ, so the order of the calls may be another.
func (n *Notice) begin(a Attempt) {
	n.Attempts = append(n.Attempts, a)
	slices.SortFunc(n.Attempts, func(a, b Attempt) int {
		return cmp.Or(a.Claimed.Compare(b.Claimed), cmp.Compare(a.Token, b.Token))
	})
}

// sign records SES' answer or report about the attempt. The notice then rests on the attempt's mail, unless SES
// rejected it.
func (a Act) sign(n *Notice, known *Attempt) {
	if a.Op != OpComplete && a.Op != OpRestore {
		n.LastSign, n.LastSignAt = a.Op, a.At
	}
	if a.Op == OpDelay {
		return
	}
	a.recordOutcome(known)
	n.Lease = time.Time{}
	if a.Op == OpReject {
		return
	}
	n.MessageID, n.SentAt = known.MessageID, known.At
	if a.Op == OpDelivery {
		n.DeliveredAt = a.At
	}
}

// recordOutcome records the outcome of the attempt. Every report proves that SES took the mail.
func (a Act) recordOutcome(known *Attempt) {
	if a.Op == OpDoubt {
		known.Outcome, known.At, known.WasUnknown = OutcomeUnknown, a.At, true
		return
	}
	if a.Op == OpReject {
		known.Outcome, known.At = OutcomeRejected, a.At
	} else if known.MessageID == "" {
		known.Outcome, known.At = OutcomeAccepted, a.At
	}
	if known.MessageID == "" {
		known.MessageID = a.MessageID
	}
	if a.Op == OpBounce || a.Op == OpReturn {
		known.Bounced, known.Dead = a.At, a.Dead || a.Op == OpBounce
	}
}

// restsOn reports whether the state follows from the attempt. It does if the attempt runs, was the last of unknown
// outcome, or sent the mail that counts.
func (n *Notice) restsOn(token string) bool {
	if !n.State.restsOnMail() {
		return n.Token == token
	}
	a := n.Attempt(token)
	return a != nil && a.MessageID != "" && a.MessageID == n.MessageID
}

// doubted reports whether the notice rests on an OpDoubt of an attempt that began after the instant.
func (n *Notice) doubted(after time.Time) bool {
	return (n.State == Unknown || n.State == Held) && n.Reason == ReasonRestored && n.Changed.After(after)
}
