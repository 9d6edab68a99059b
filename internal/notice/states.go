package notice

import (
	"slices"
	"sync"
)

// State is the state of one notice.
type State string

// The states of a notice (docs/state-machine.md).
const (
	Scheduled   State = "scheduled"
	Sending     State = "sending"
	Retry       State = "retry"
	Unknown     State = "unknown"
	Held        State = "held"
	Sent        State = "sent"
	Delivered   State = "delivered"
	Bounced     State = "bounced"
	Complained  State = "complained"
	Unconfirmed State = "unconfirmed"
	Failed      State = "failed"
	Cancelled   State = "cancelled"
	Withheld    State = "withheld"
	// ToldOtherwise: the recipient was told by another way than mail. The reason is that way.
	ToldOtherwise State = "told_otherwise"
)

// States lists every state, in the order of a notice's life.
func States() []State {
	return []State{Scheduled, Sending, Retry, Unknown, Held, Sent, Delivered, Bounced, Complained, Unconfirmed, Failed,
		Cancelled, Withheld, ToldOtherwise}
}

// Terminal reports whether Lapse itself does nothing more about a notice in this state. A later report of SES still
// moves unconfirmed, and moves delivered to bounced or complained. A new contact moves some back to scheduled.
func (s State) Terminal() bool {
	return slices.Contains([]State{Delivered, Complained, Bounced, Failed, Unconfirmed, Cancelled, Withheld,
		ToldOtherwise}, s)
}

// Accepted reports whether SES took the mail, or may have.
func (s State) Accepted() bool {
	return slices.Contains([]State{Sent, Unknown, Unconfirmed, Delivered, Bounced, Complained}, s)
}

// restsOnMail reports whether the state follows from one mail, the one of the notice's MessageID. Reports about other
// attempts do not change such a state.
func (s State) restsOnMail() bool { return slices.Contains([]State{Sent, Unconfirmed, Delivered}, s) }

// Transition is one row of the state table: the op moves a notice from any state of From to a state of To. An op
// without To leaves the state.
type Transition struct {
	Op   Op
	From []State
	To   []State
}

// Transitions returns the state table of notices, one row an op. A second state in To is for a notice that a person
// holds (OpReturn, OpReopen, OpDoubt), or for an attempt that SES refused or that did not reach SES (OpRelease). OpHold
// and OpFree leave the state of a notice that is over and still owed.
// docs/state-machine.md is generated from the table.
func Transitions() []Transition {
	waiting := []State{Scheduled, Retry, Unknown}
	open := []State{Scheduled, Sending, Retry, Unknown, Held}
	mailed := append(slices.Clone(open), Sent, Unconfirmed)
	owed := []State{Failed, Bounced}
	with := func(states []State, more ...State) []State { return append(slices.Clone(states), more...) }
	return []Transition{
		{OpClaim, waiting, []State{Sending}},
		{OpComplete, open, []State{Sent}},
		{OpRelease, []State{Sending}, []State{Scheduled, Retry}},
		{OpUnsure, []State{Sending}, []State{Unknown}},
		{OpLost, []State{Sending}, []State{Unknown}},
		{OpSend, open, []State{Sent}},
		{OpDelivery, with(mailed, owed...), []State{Delivered}},
		{OpBounce, with(mailed, Delivered), []State{Bounced}},
		{OpReturn, []State{Scheduled, Sending, Retry, Unknown, Sent, Unconfirmed}, []State{Retry, Held}},
		{OpComplaint, with(mailed, Delivered, Failed, Bounced), []State{Complained}},
		{OpReject, mailed, []State{Failed}},
		{OpDelay, mailed, nil},
		{OpFail, waiting, []State{Failed}},
		{OpWithhold, waiting, []State{Withheld}},
		{OpUnconfirm, []State{Sent}, []State{Unconfirmed}},
		{OpReopen, owed, []State{Scheduled, Held}},
		{OpDecide, States(), nil},
		{OpHold, with(waiting, Held, Failed, Bounced), []State{Held, Failed, Bounced}},
		{OpFree, []State{Held, Failed, Bounced}, []State{Scheduled, Failed, Bounced}},
		{OpCancel, with(waiting, Held), []State{Cancelled}},
		{OpTell, with(waiting, Held, Sent, Delivered, Bounced, Complained, Unconfirmed, Failed, Withheld),
			[]State{ToldOtherwise}},
		{OpRestore, with(mailed, Delivered, Bounced, Failed), []State{Sent}},
		{OpDoubt, with(waiting, Sent, Unconfirmed, Delivered, Bounced, Failed), []State{Unknown, Held}},
		{OpLate, []State{Scheduled, Retry, Held, Sent, Unknown, Unconfirmed, Delivered, Bounced, Complained}, nil},
	}
}

// rows is the state table by op, made once. Nobody changes it.
var rows = sync.OnceValue(func() map[Op]Transition {
	table := map[Op]Transition{}
	for _, t := range Transitions() {
		table[t.Op] = t
	}
	return table
})

// From returns the states from which the op moves a notice. The caller must not change them.
func (o Op) From() []State { return rows()[o].From }

// To returns the state that the op leads to, for a notice that nobody holds. It is "" if the op leaves the state.
// OpRelease has two: Act.Back says which.
func (o Op) To() State {
	if to := rows()[o].To; len(to) > 0 {
		return to[0]
	}
	return ""
}

// Resumes reports whether the op lets a notice go on. Such an op leads to Held while a person holds the notice.
func (o Op) Resumes() bool { return slices.Contains(rows()[o].To, Held) && o.To() != Held }
