package notice

import (
	"time"
)

// Op names one way to change a notice. Its string stands in logs and metrics, and for a report of SES also in the
// notice's history.
type Op string

// The ops.
const (
	// OpClaim starts an attempt: it owns the notice until its lease ends.
	OpClaim Op = "claim"
	// OpComplete records that SES accepted the attempt's mail.
	OpComplete Op = "complete"
	// OpRelease gives an attempt back that is known not to have reached SES. It does not count as an attempt.
	OpRelease Op = "release"
	// OpUnsure records that SES may or may not have taken the attempt's mail.
	OpUnsure Op = "unsure"
	// OpLost is OpUnsure by somebody else, after the lease has ended.
	OpLost Op = "lost"
	// OpSend to OpDelay are the reports of SES about a known attempt.
	OpSend      Op = "send"
	OpDelivery  Op = "delivery"
	OpBounce    Op = "bounce"
	OpComplaint Op = "complaint"
	OpReject    Op = "reject"
	OpDelay     Op = "delay"
	// OpReturn is a bounce after which there is still something to try: the same address later, or the next one.
	OpReturn Op = "return"
	// OpFail ends a notice that cannot be mailed. Its reason says why.
	OpFail Op = "fail"
	// OpUnconfirm ends a sent notice without any sign in ConfirmWindow.
	OpUnconfirm Op = "unconfirm"
	// OpReopen puts a notice that is still owed back, after a new verified contact.
	OpReopen Op = "reopen"
	// OpLate leaves the state and keeps the evidence that an order came after the mail.
	OpLate Op = "late"
	// OpDecide records that a person's decision to hold or cancel is on the ledger. No attempt begins until it is carried
	// out.
	OpDecide Op = "decide"
	// OpHold, OpFree and OpCancel carry out a person's decision: hold the notice, let a held one go, never send it.
	OpHold   Op = "hold"
	OpFree   Op = "free"
	OpCancel Op = "cancel"
	// OpRestore records, in a table restored to an instant before it, an acceptance that the log tells of (Trace).
	OpRestore Op = "restore"
	// OpDoubt is the same for an attempt of which the log says that nobody knows whether SES took its mail.
	OpDoubt Op = "doubt"
)

// The actors of what no person caused.
const (
	ActorLapse    = "lapse"
	ActorSES      = "ses"
	ActorOperator = "operator"
)

// Act is one thing that happens to a notice, with its arguments. The constructors make it: each takes exactly the
// arguments that its op needs. Notice.Apply says what an act does and when it may.
type Act struct {
	Op Op
	// At is when it happened.
	At time.Time
	// Token is the attempt's; After the token of the unknown attempt that a claim follows.
	Token, After string
	// Next is the lease's end for OpClaim, else the earliest next attempt.
	Next time.Time
	// Back is the state that OpRelease leads to: Scheduled or Retry.
	Back      State
	MessageID string
	Reason    string
	Actor     string
	// Version is the matter version that recorded a person's decision, and orders such acts. For an op that makes an
	// attempt, Version, Rules and Due are the evaluation that the attempt rested on.
	Version int
	Rules   string
	Due     time.Time
	// Contact and Spare are those of the attempt that OpClaim, OpRestore or OpDoubt makes.
	Contact string
	Spare   bool
	// Dead says of an OpReturn that the attempt's contact is not to be tried again. An OpBounce always means so.
	Dead bool
	// Order is the late order, for OpLate.
	Order string
	// Limit is how many attempts a claim allows; zero is MaxAttempts.
	Limit int
}

// Claim begins the attempt, which owns the notice until its lease ends. after is the token of the last attempt where
// its outcome is unknown. limit is the notice's (Notice.Limit) as it was read: bounces only raise it, so an old one is
// safe.
func Claim(a Attempt, after string, lease time.Time, limit int) Act {
	c := attempting(OpClaim, a)
	c.After, c.Next, c.Limit, c.Actor = after, lease, limit, ActorLapse
	return c
}

// Complete records that SES accepted the attempt's mail, under this message id.
func Complete(token, messageID string, at time.Time) Act {
	return Act{Op: OpComplete, Token: token, MessageID: messageID, At: at, Actor: ActorLapse}
}

// Release gives back an attempt that something holds or pauses. The next one may begin at once.
func Release(token string, at time.Time) Act {
	return Act{Op: OpRelease, Token: token, At: at, Next: at, Back: Scheduled, Actor: ActorLapse}
}

// PutOff gives back an attempt that SES refused or that did not reach it. The next one may begin at next.
func PutOff(token, reason string, next, at time.Time) Act {
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

// Reported is what SES reported about the attempt's mail: OpSend, OpDelivery, OpBounce, OpComplaint, OpReject or
// OpDelay.
func Reported(op Op, token, messageID, reason string, at time.Time) Act {
	return Act{Op: op, Token: token, MessageID: messageID, Reason: reason, At: at, Actor: ActorSES}
}

// Return is the bounce after which the notice is tried again at next: at the same contact, or at another if dead is
// set.
func Return(bounce Act, next time.Time, dead bool) Act {
	bounce.Op, bounce.Next, bounce.Dead = OpReturn, next, dead
	return bounce
}

// Fail ends a notice that cannot be mailed. token is the last attempt's where its outcome is unknown.
func Fail(reason, token string, at time.Time) Act {
	return Act{Op: OpFail, Reason: reason, Token: token, At: at, Actor: ActorLapse}
}

// Unconfirm ends a sent notice about whose mail SES reported nothing.
func Unconfirm(at time.Time) Act {
	return Act{Op: OpUnconfirm, Reason: ReasonNoSign, At: at, Actor: ActorLapse}
}

// Reopen puts back a notice that is still owed. The next attempt may begin at once.
func Reopen(at time.Time) Act { return Act{Op: OpReopen, At: at, Next: at, Actor: ActorLapse} }

// Late keeps the evidence that the order came after the mail.
func Late(order string, at time.Time) Act {
	return Act{Op: OpLate, Order: order, At: at, Actor: ActorLapse}
}

// Decide records that the matter version decided about the notice.
func Decide(version int) Act { return Act{Op: OpDecide, Version: version} }

// Hold carries out the decision of the matter version to hold the notice.
func Hold(version int, reason, actor string, at time.Time) Act {
	return Act{Op: OpHold, Version: version, Reason: reason, Actor: actor, At: at}
}

// Free carries out the decision of the matter version to let a held notice go.
func Free(version int, actor string, at time.Time) Act {
	return Act{Op: OpFree, Version: version, Actor: actor, At: at}
}

// Cancel carries out the decision of the matter version never to send the notice.
func Cancel(version int, reason, actor string, at time.Time) Act {
	return Act{Op: OpCancel, Version: version, Reason: reason, Actor: actor, At: at}
}

// Restore records the acceptance of the attempt, of which the log tells, in a table restored to an instant before it.
func Restore(a Attempt, messageID string) Act {
	r := attempting(OpRestore, a)
	r.MessageID, r.Reason, r.Actor = messageID, ReasonRestored, ActorOperator
	return r
}

// Doubt records the attempt, of whose outcome the log says that nobody knows it. The next one may begin at next.
func Doubt(a Attempt, next time.Time) Act {
	d := attempting(OpDoubt, a)
	d.Next, d.Reason, d.Actor = next, ReasonRestored, ActorOperator
	return d
}

// attempting is the act of the op that makes the attempt.
func attempting(op Op, a Attempt) Act {
	return Act{
		Op: op, At: a.Claimed, Token: a.Token, Version: a.Head, Rules: a.Rules, Due: a.Due, Contact: a.Contact,
		Spare: a.Spare,
	}
}

// attempt is the attempt that the act makes.
func (a Act) attempt() Attempt {
	return Attempt{
		Token: a.Token, Claimed: a.At, Head: a.Version, Rules: a.Rules, Due: a.Due, Contact: a.Contact, Spare: a.Spare,
	}
}
