package notice

import (
	"time"

	"lapse/internal/matter"
)

// Op names one way to change a notice. Its string stands in logs and metrics. The string of a report of SES stands in
// the notice's history too.
type Op string

// The ops.
const (
	// OpClaim starts an attempt. The attempt owns the notice until its lease ends.
	OpClaim Op = "claim"
	// OpComplete records that SES accepted the attempt's mail.
	OpComplete Op = "complete"
	// OpRelease gives back an attempt that is known not to have reached SES. It does not count as an attempt.
	OpRelease Op = "release"
	// OpUnsure records that SES may or may not have taken the attempt's mail.
	OpUnsure Op = "unsure"
	// OpLost is OpUnsure by another process, after the lease has ended.
	OpLost Op = "lost"
	// OpSend to OpDelay are the reports of SES about a known attempt.
	OpSend      Op = "send"
	OpDelivery  Op = "delivery"
	OpBounce    Op = "bounce"
	OpComplaint Op = "complaint"
	OpReject    Op = "reject"
	OpDelay     Op = "delay"
	// OpReturn is a bounce with another try to come: the same address later, or the next address.
	OpReturn Op = "return"
	// OpFail ends a notice that cannot be mailed. Its reason says why.
	OpFail Op = "fail"
	// OpWithhold ends a notice in advance that may not go any more. Its reason says why.
	OpWithhold Op = "withhold"
	// OpUnconfirm ends a sent notice about which SES reported nothing in ConfirmWindow.
	OpUnconfirm Op = "unconfirm"
	// OpReopen puts back a notice that is still owed, after a new verified contact.
	OpReopen Op = "reopen"
	// OpLate leaves the state as it is. It keeps the evidence that an order came after the mail.
	OpLate Op = "late"
	// OpDecide records a person's decision to hold or cancel. No attempt begins until the decision is carried out.
	OpDecide Op = "decide"
	// OpHold, OpFree and OpCancel carry out a person's decision: hold the notice, release a held one, never send it. A
	// hold of a notice that is over and still owed leaves its state: a new contact then leads to Held.
	OpHold   Op = "hold"
	OpFree   Op = "free"
	OpCancel Op = "cancel"
	// OpTell carries out what a person reported: the recipient was told by another way than mail.
	OpTell Op = "tell"
	// OpRestore records an acceptance from the log (Trace), in a table restored to an instant before it.
	OpRestore Op = "restore"
	// OpDoubt records an attempt from the log, in such a table, whose outcome nobody knows.
	OpDoubt Op = "doubt"
)

// The actors of changes that no person caused.
const (
	ActorLapse    = "lapse"
	ActorSES      = "ses"
	ActorOperator = "operator"
)

// Act is one change of a notice, with its arguments. Each constructor takes exactly the arguments that its op needs.
// Notice.Apply describes the effect and the conditions of each.
type Act struct {
	Op Op
	// At is when it happened.
	At time.Time
	// Token is the attempt's token. After is the token of the unknown attempt that a claim follows.
	Token, After string
	// Next is the lease's end for OpClaim. For other ops it is the earliest next attempt.
	Next time.Time
	// Back is the state that OpRelease leads to: Scheduled or Retry.
	Back      State
	MessageID string
	Reason    Reason
	Actor     string
	// Version is the matter version that recorded a person's decision; it orders such acts. For an op that makes an
	// attempt, Version, Rules and Due are the evaluation that the attempt rested on.
	Version int
	Rules   string
	Due     time.Time
	// Contact, Spare and Recipient are those of the attempt that OpClaim, OpRestore or OpDoubt makes.
	Contact   string
	Spare     bool
	Recipient matter.Recipient
	// Letter and Form are those of the attempt that OpClaim makes.
	Letter, Form string
	// Dead, for OpReturn, means that the attempt's contact is not tried again. OpBounce always means so.
	Dead bool
	// Order is the late order, for OpLate.
	Order string
	// Limit bounds the attempts of the notice for a claim. Zero is MaxAttempts.
	Limit int
}

// Claim begins the attempt, which owns the notice until its lease ends. after is the token of the last attempt if its
// outcome is unknown. limit is the notice's Limit as it was read. An old limit is safe, because bounces only raise it.
func Claim(a Attempt, after string, lease time.Time, limit int) Act {
	c := attempting(OpClaim, a)
	c.After, c.Next, c.Limit, c.Actor = after, lease, limit, ActorLapse
	return c
}

// Complete records that SES accepted the attempt's mail, under this message id.
func Complete(token, messageID string, at time.Time) Act {
	return Act{Op: OpComplete, Token: token, MessageID: messageID, At: at, Actor: ActorLapse}
}

// Release gives back an attempt because of a hold or a pause. The next attempt may begin at once.
func Release(token string, at time.Time) Act {
	return Act{Op: OpRelease, Token: token, At: at, Next: at, Back: Scheduled, Actor: ActorLapse}
}

// PutOff gives back an attempt that SES refused, or that did not reach SES. The next attempt may begin at next.
func PutOff(token string, reason Reason, next, at time.Time) Act {
	return Act{Op: OpRelease, Token: token, Reason: reason, At: at, Next: next, Back: Retry, Actor: ActorLapse}
}

// Unsure records that nobody knows whether SES took the attempt's mail.
func Unsure(token string, at time.Time) Act {
	return Act{Op: OpUnsure, Token: token, At: at, Next: at.Add(ReconcileWindow), Actor: ActorLapse}
}

// Lost is Unsure for an attempt whose lease has ended.
func Lost(token string, at time.Time) Act {
	return Act{Op: OpLost, Token: token, At: at, Next: at.Add(ReconcileWindow), Actor: ActorLapse}
}

// Reported is a report of SES about the attempt's mail: OpSend, OpDelivery, OpBounce, OpComplaint, OpReject or OpDelay.
func Reported(op Op, token, messageID string, reason Reason, at time.Time) Act {
	return Act{Op: op, Token: token, MessageID: messageID, Reason: reason, At: at, Actor: ActorSES}
}

// Return is a bounce after which the notice is tried again at next. If dead is set, another contact is tried.
func Return(bounce Act, next time.Time, dead bool) Act {
	bounce.Op, bounce.Next, bounce.Dead = OpReturn, next, dead
	return bounce
}

// Fail ends a notice that cannot be mailed. token is the last attempt's token if its outcome is unknown.
func Fail(reason Reason, token string, at time.Time) Act {
	return Act{Op: OpFail, Reason: reason, Token: token, At: at, Actor: ActorLapse}
}

// Withhold ends a notice in advance: it is not sent, now or later. token is the last attempt's token if its outcome is
// unknown.
func Withhold(reason Reason, token string, at time.Time) Act {
	return Act{Op: OpWithhold, Reason: reason, Token: token, At: at, Actor: ActorLapse}
}

// Refuse ends the notice of a running attempt whose message SES refused for good in its answer.
func Refuse(token string, at time.Time) Act {
	return Act{Op: OpReject, Token: token, Reason: ReasonRejected, At: at, Actor: ActorLapse}
}

// Unconfirm ends a sent notice about which SES reported nothing.
func Unconfirm(at time.Time) Act {
	return Act{Op: OpUnconfirm, Reason: ReasonNoSign, At: at, Actor: ActorLapse}
}

// Reopen puts back a notice that is still owed. The next attempt may begin at once.
func Reopen(at time.Time) Act { return Act{Op: OpReopen, At: at, Next: at, Actor: ActorLapse} }

// Late keeps the evidence that the order came after the mail.
func Late(order string, at time.Time) Act {
	return Act{Op: OpLate, Order: order, At: at, Actor: ActorLapse}
}

// Decide records that the matter version holds a decision about the notice.
func Decide(version int) Act { return Act{Op: OpDecide, Version: version} }

// Hold carries out the decision of the matter version to hold the notice.
func Hold(version int, reason Reason, actor string, at time.Time) Act {
	return Act{Op: OpHold, Version: version, Reason: reason, Actor: actor, At: at}
}

// Free carries out the decision of the matter version to release a held notice.
func Free(version int, actor string, at time.Time) Act {
	return Act{Op: OpFree, Version: version, Actor: actor, At: at}
}

// Cancel carries out the decision of the matter version never to send the notice.
func Cancel(version int, reason Reason, actor string, at time.Time) Act {
	return Act{Op: OpCancel, Version: version, Reason: reason, Actor: actor, At: at}
}

// Tell carries out what the matter version reports: at this instant the recipient was told by the channel.
func Tell(version int, channel, actor string, at time.Time) Act {
	return Act{Op: OpTell, Version: version, Reason: Reason(channel), Actor: actor, At: at}
}

// Restore records the acceptance of the attempt from the log, in a table restored to an instant before it.
func Restore(a Attempt, messageID string) Act {
	r := attempting(OpRestore, a)
	r.MessageID, r.Reason, r.Actor = messageID, ReasonRestored, ActorOperator
	return r
}

// Doubt records an attempt from the log whose outcome nobody knows. The next attempt may begin at next.
func Doubt(a Attempt, next time.Time) Act {
	d := attempting(OpDoubt, a)
	d.Next, d.Reason, d.Actor = next, ReasonRestored, ActorOperator
	return d
}

// attempting returns the act of an op that makes the attempt.
func attempting(op Op, a Attempt) Act {
	return Act{
		Op: op, At: a.Claimed, Token: a.Token, Version: a.Head, Rules: a.Rules, Due: a.Due, Contact: a.Contact,
		Spare: a.Spare, Recipient: a.Recipient, Letter: a.Letter, Form: a.Form,
	}
}

// attempt returns the attempt that the act makes.
func (a Act) attempt() Attempt {
	return Attempt{
		Token: a.Token, Claimed: a.At, Head: a.Version, Rules: a.Rules, Due: a.Due, Contact: a.Contact, Spare: a.Spare,
		Recipient: a.Recipient, Letter: a.Letter, Form: a.Form,
	}
}
