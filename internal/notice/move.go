package notice

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Op is one way to move a notice. Every store applies the ops by the same table (Transitions) and the same rules
// (Move.Apply), as one conditional write.
type Op string

// The ops.
const (
	// OpClaim starts an attempt: it owns the notice until its lease ends.
	OpClaim Op = "claim"
	// OpComplete records that SES accepted the attempt's mail.
	OpComplete Op = "complete"
	// OpRelease gives an attempt back that is known not to have reached SES; it burns nothing.
	OpRelease Op = "release"
	// OpUnsure records that SES may or may not have taken the attempt's mail.
	OpUnsure Op = "unsure"
	// OpLost is OpUnsure by somebody else, after the lease has ended.
	OpLost Op = "lost"
	// OpSend to OpDelay are what SES reported later about a known attempt.
	OpSend      Op = "send"
	OpDelivery  Op = "delivery"
	OpBounce    Op = "bounce"
	OpComplaint Op = "complaint"
	OpReject    Op = "reject"
	OpDelay     Op = "delay"
	// OpReturn is a bounce after which there is still something to try: the same address later, or the next one.
	OpReturn Op = "return"
	// OpFail ends a notice that cannot be mailed; Reason says why.
	OpFail Op = "fail"
	// OpUnconfirm ends a sent notice without any sign in ConfirmWindow.
	OpUnconfirm Op = "unconfirm"
	// OpReopen puts a notice that is still owed back, after a new verified contact.
	OpReopen Op = "reopen"
	// OpLate leaves the state and keeps the evidence that an order came after the mail.
	OpLate Op = "late"
	// OpHold, OpFree and OpCancel are what a person decided about the notice: to hold it, to let a held one go, never
	// to send it. Their Head is the matter version that recorded the decision.
	OpHold   Op = "hold"
	OpFree   Op = "free"
	OpCancel Op = "cancel"
	// OpRestore records, in a table restored to an instant before it, an acceptance that the log tells of (Trace).
	OpRestore Op = "restore"
	// OpDoubt is the same for an attempt of which the log tells that nobody knows whether SES took its mail.
	OpDoubt Op = "doubt"
)

// Transition is one row of the state table: the op moves from any of From to To. An empty To leaves the state.
type Transition struct {
	Op   Op
	From []State
	To   State
}

// Transitions is the state table of notices. OpRelease goes to Scheduled where something blocks or pauses, to Retry
// where SES refused or was not reached; ops that would let a notice go on lead to Held while a person's hold stands.
// docs/state-machine.md is generated from it.
func Transitions() []Transition {
	open := []State{Scheduled, Sending, Retry, Unknown, Held}
	any := append(slices.Clone(open), Sent, Unconfirmed)
	return []Transition{
		{OpClaim, []State{Scheduled, Retry, Unknown}, Sending},
		{OpComplete, open, Sent},
		{OpRelease, []State{Sending}, Scheduled},
		{OpRelease, []State{Sending}, Retry},
		{OpUnsure, []State{Sending}, Unknown},
		{OpLost, []State{Sending}, Unknown},
		{OpSend, open, Sent},
		{OpDelivery, append(slices.Clone(any), Bounced), Delivered},
		{OpBounce, append(slices.Clone(any), Delivered), Bounced},
		{OpReturn, []State{Sent, Unconfirmed}, Held},
		{OpReturn, []State{Scheduled, Sending, Retry, Unknown, Sent, Unconfirmed}, Retry},
		{OpComplaint, append(slices.Clone(any), Delivered, Bounced), Complained},
		{OpReject, any, Failed},
		{OpDelay, any, ""},
		{OpFail, []State{Scheduled, Retry, Unknown}, Failed},
		{OpUnconfirm, []State{Sent}, Unconfirmed},
		{OpReopen, []State{Failed, Bounced}, Held},
		{OpReopen, []State{Failed, Bounced}, Scheduled},
		{OpHold, []State{Scheduled, Retry, Unknown, Held}, Held},
		{OpFree, []State{Held}, Scheduled},
		{OpCancel, []State{Scheduled, Retry, Unknown, Held}, Cancelled},
		{OpRestore, append(slices.Clone(any), Delivered, Bounced, Failed), Sent},
		{OpDoubt, []State{Sent, Unconfirmed, Delivered, Bounced, Failed}, Held},
		{OpDoubt, []State{Scheduled, Retry, Unknown, Sent, Unconfirmed, Delivered, Bounced, Failed}, Unknown},
		{OpLate, []State{Scheduled, Retry, Held, Sent, Unknown, Unconfirmed, Delivered, Bounced, Complained}, ""},
	}
}

// byOp is the state table by op, made once; nobody changes it.
var byOp = sync.OnceValue(func() map[Op]Transition {
	table := map[Op]Transition{}
	for _, t := range Transitions() {
		table[t.Op] = t
	}
	return table
})

// From returns the states from which the op moves a notice; the caller must not change them.
func (o Op) From() []State { return byOp()[o].From }

// To returns the state the op leads to where no person's hold stands, "" if it leaves the state. OpRelease has two; Move.Back
// says which.
func (o Op) To() State { return byOp()[o].To }

// Resumes reports whether the op lets a notice go on, and so leads to Held while a person's hold stands.
func (o Op) Resumes() bool { return o == OpReturn || o == OpReopen || o == OpDoubt }

// Move is one op on one notice with its arguments; which of them an op uses is said at Apply.
type Move struct {
	Op     Op
	Notice string
	// Token is the attempt's token; Old is the token of the unknown attempt that a claim follows.
	Token, Old string
	Now        time.Time
	// Next is the lease's end for OpClaim, the earliest next attempt for OpRelease, OpUnsure, OpLost, OpReturn, OpReopen and
	// OpDoubt.
	Next time.Time
	// Back is Scheduled or Retry, for OpRelease.
	Back      State
	MessageID string
	Reason    string
	Actor     string
	// Head, Rules and Due are the evaluation an OpClaim rests on, and those an OpRestore or OpDoubt records; Head orders a person's acts.
	Head  int
	Rules string
	Due   time.Time
	// Order is the late order, for OpLate.
	Order string
	// Contact and Spare are those of the attempt that OpClaim, OpRestore or OpDoubt makes. Dead says of an OpReturn that the attempt's contact is
	// not to be tried again; of an OpBounce that goes without saying.
	Contact     string
	Spare, Dead bool
	// Limit is the notice's as it was read for an OpClaim; zero is MaxAttempts. Bounces only raise it, so an old one is safe.
	Limit int
}

// Apply moves the notice if the op's condition holds, and reports whether the op took effect: true too when this very
// op was applied before (its reply was lost), save for what SES reports and OpReopen, whose repetition is false and
// changes nothing. On false the notice is unchanged.
//
// Conditions, beside the state table:
//   - OpClaim: Next of the notice is not after m.Now, fewer attempts than m.Limit, no person's act Waits, and from
//     UnknownSent only if the last token is m.Old; or it is already the running attempt m.Token.
//   - OpRelease, OpUnsure: m.Token is the last token. OpLost: and the lease ended before m.Now.
//   - OpComplete and the ops of SES: m.Token is one of the attempts, and its mail has not bounced, save that a delivery or
//     a complaint may come after an OpReturn until the next attempt. OpReturn after a delivery: never. OpComplete, OpSend:
//     SES was not known to have taken its mail. OpBounce, OpReturn, OpReject: it is the attempt that the notice rests on.
//   - OpFail from UnknownSent: m.Token is the last token. OpUnconfirm: sent at least ConfirmWindow before m.Now.
//   - OpReopen: the notice is Owed.
//   - OpHold, OpFree, OpCancel: no act of a later version, or of this one, was carried out before.
//   - OpRestore: SES was not known to have taken the attempt's mail, and the notice rests on none accepted after m.Now, nor
//     on another's OpDoubt after it. The attempt may be unheard of: then it was made after the instant that the table was
//     restored to, so the notice had been open then, whatever its state is here.
//   - OpDoubt: the attempt is unheard of, and began (m.Now) after every mail and every OpDoubt that the notice rests on:
//     the mail before it had come back. A running attempt and a person's hold stay; what is heard of already stays as it is.
//
// Where OpComplete, OpRestore, OpDoubt or a sign from SES may not move the notice, the attempt alone learns what is new of it, and the op
// took effect: every outcome is recorded (law 8), and an old attempt moves no notice that has gone on since.
func (m Move) Apply(n *Notice) bool {
	switch {
	case m.applied(n):
		return true
	case m.Moves(n):
		m.effect(n)
		return true
	case m.news(n.Attempt(m.Token)) && !(m.Op == OpReturn && n.State == Delivered):
		m.outcome(m.attempt(n))
		return true
	}
	return false
}

// Moves reports whether the op's condition for moving the notice holds.
func (m Move) Moves(n *Notice) bool {
	return slices.Contains(m.Op.From(), n.State) && m.allowed(n)
}

// applied recognises the result of this very op.
func (m Move) applied(n *Notice) bool {
	a := n.Attempt(m.Token)
	switch m.Op {
	case OpClaim:
		return n.State == Sending && n.Token == m.Token
	case OpComplete, OpRestore:
		return a != nil && a.MessageID != "" && a.MessageID == m.MessageID
	case OpRelease:
		return a == nil
	case OpDoubt:
		return a != nil
	case OpUnsure, OpLost:
		return n.State == Unknown && n.Token == m.Token
	case OpFail:
		return n.State == Failed && n.Reason == m.Reason
	case OpUnconfirm:
		return n.State == Unconfirmed
	case OpLate:
		return n.LateOrder == m.Order
	case OpHold, OpFree, OpCancel:
		return m.Head > 0 && n.Act == m.Head
	}
	return false
}

// news reports whether the op says something of the attempt that is not recorded yet.
func (m Move) news(a *Attempt) bool {
	if a == nil {
		return m.Op == OpRestore || m.Op == OpDoubt
	}
	switch m.Op {
	case OpComplete, OpRestore, OpSend, OpDelivery, OpComplaint:
		return a.MessageID == ""
	case OpBounce, OpReturn:
		return a.Bounced.IsZero()
	case OpReject:
		return a.Bounced.IsZero() && a.Outcome != "rejected"
	}
	return false
}

// restsOn reports whether the state follows from the attempt: it runs or was the last of unknown outcome, or its mail
// is the one that counts.
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

func (m Move) allowed(n *Notice) bool {
	switch m.Op {
	case OpClaim:
		return !n.Next.After(m.Now) && len(n.Attempts) < cmp.Or(m.Limit, MaxAttempts) && !n.Waits() && (n.State != Unknown || n.Token == m.Old)
	case OpRelease, OpUnsure:
		return n.Token == m.Token
	case OpLost:
		return n.Token == m.Token && n.Lease.Before(m.Now)
	case OpComplete, OpSend:
		return m.news(n.Attempt(m.Token))
	case OpRestore:
		return m.news(n.Attempt(m.Token)) && !n.SentAt.After(m.Now) && (n.Token == m.Token || !n.doubted(m.Now))
	case OpDoubt:
		return m.news(n.Attempt(m.Token)) && n.SentAt.Before(m.Now) && !n.doubted(m.Now)
	case OpBounce, OpReturn, OpReject:
		return m.news(n.Attempt(m.Token)) && n.restsOn(m.Token)
	case OpDelivery, OpComplaint, OpDelay:
		a := n.Attempt(m.Token)
		// A report that the mail came back for now may overtake the one that it was delivered.
		return a != nil && (a.Bounced.IsZero() || m.Op != OpDelay && (n.State == Retry || n.State == Held) && n.Token == m.Token)
	case OpFail:
		return n.State != Unknown || n.Token == m.Token
	case OpUnconfirm:
		return !n.SentAt.Add(ConfirmWindow).After(m.Now)
	case OpReopen:
		return n.Owed()
	case OpLate:
		return n.LateOrder == ""
	case OpHold, OpFree, OpCancel:
		return n.Act < m.Head
	}
	return false
}

// effect writes what the op changes.
func (m Move) effect(n *Notice) {
	if to := m.Op.To(); to != "" {
		n.State = to
	}
	if n.Holding && m.Op.Resumes() {
		n.State = Held
	}
	if m.Op != OpLate && m.Op != OpDelay {
		n.Reason, n.Actor, n.Changed = m.Reason, m.Actor, m.Now
	}
	a := m.attempt(n)
	switch m.Op {
	case OpClaim:
		n.Token, n.Lease = m.Token, m.Next
		m.begin(n)
	case OpRelease:
		n.State, n.Next, n.Token, n.Lease = m.Back, m.Next, "", time.Time{}
		n.Attempts = slices.DeleteFunc(n.Attempts, func(a Attempt) bool { return a.Token == m.Token })
	case OpUnsure, OpLost:
		n.Next, n.Lease = m.Next, time.Time{}
		a.Outcome, a.At, a.WasUnknown = "unknown", m.Now, true
	case OpComplete, OpSend, OpDelivery, OpBounce, OpComplaint, OpReject, OpDelay:
		m.sign(n, a)
	case OpReturn:
		n.Next = m.Next
		m.sign(n, a)
	case OpRestore:
		n.Token = m.Token
		m.sign(n, a)
	case OpDoubt:
		n.Token, n.Next = m.Token, m.Next
		m.outcome(a)
	case OpReopen:
		n.Next, n.Token = m.Next, ""
	case OpHold, OpFree, OpCancel:
		n.Act, n.Holding = m.Head, m.Op == OpHold
	case OpLate:
		n.LateOrder, n.LateAt = m.Order, m.Now
	}
}

// attempt is the attempt that the move is about, or nil. OpRestore and OpDoubt bring one along that the notice does not know.
func (m Move) attempt(n *Notice) *Attempt {
	if (m.Op == OpRestore || m.Op == OpDoubt) && n.Attempt(m.Token) == nil {
		m.begin(n)
	}
	return n.Attempt(m.Token)
}

// begin adds the attempt that the move brings along. Attempts stand in the order of their claims, which clocks that differ
// need not be made in.
func (m Move) begin(n *Notice) {
	n.Attempts = append(n.Attempts, Attempt{
		Token: m.Token, Claimed: m.Now, Head: m.Head, Rules: m.Rules, Due: m.Due, Contact: m.Contact, Spare: m.Spare,
	})
	slices.SortFunc(n.Attempts, func(a, b Attempt) int { return cmp.Or(a.Claimed.Compare(b.Claimed), cmp.Compare(a.Token, b.Token)) })
}

// sign records what SES answered or reported about attempt a, whose mail the notice then rests on unless SES rejected it.
func (m Move) sign(n *Notice, a *Attempt) {
	if m.Op != OpComplete && m.Op != OpRestore {
		n.LastSign, n.LastSignAt = string(m.Op), m.Now
	}
	if m.Op == OpDelay {
		return
	}
	m.outcome(a)
	n.Lease = time.Time{}
	if m.Op == OpReject {
		return
	}
	n.MessageID, n.SentAt = a.MessageID, a.At
	if m.Op == OpDelivery {
		n.DeliveredAt = m.Now
	}
}

// outcome records what became of the attempt; every sign proves that SES took the mail.
func (m Move) outcome(a *Attempt) {
	if m.Op == OpDoubt {
		a.Outcome, a.At, a.WasUnknown = "unknown", m.Now, true
		return
	}
	if m.Op == OpReject {
		a.Outcome, a.At = "rejected", m.Now
	} else if a.MessageID == "" {
		a.Outcome, a.At = "accepted", m.Now
	}
	if a.MessageID == "" {
		a.MessageID = m.MessageID
	}
	if m.Op == OpBounce || m.Op == OpReturn {
		a.Bounced, a.Dead = m.Now, m.Dead || m.Op == OpBounce
	}
}
