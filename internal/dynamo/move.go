package dynamo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"lapse/internal/matter"
)

// Move implements storetest.Notices. The update's condition and effect are those of matter.Move.Apply; where the
// condition does not hold the answer brings the notice as it stands, and Apply itself says on it whether this very op
// is what made it so. So the SDK's repetition of an op whose answer was lost succeeds and writes nothing.
func (s *Store) Move(ctx context.Context, m matter.Move) (matter.Notice, bool, error) {
	n, ok, err := s.move(ctx, m)
	if err != nil {
		return matter.Notice{}, false, fmt.Errorf("%s notice %s: %w", m.Op, m.Notice, err)
	}
	return n, ok, nil
}

func (s *Store) move(ctx context.Context, m matter.Move) (matter.Notice, bool, error) {
	k, err := noticeKey(m.Notice)
	if err != nil {
		return matter.Notice{}, false, err
	}
	if m.Token == "" && ofAttempt(m.Op) {
		return matter.Notice{}, false, errors.New("the op concerns an attempt and names none")
	}
	// A notice stands so that the first form fits in all but a few cases. Where it does not, the answer says which one
	// does; what it tells apart changes at most once or twice in an attempt's life.
	tried, f := 0, form{moves: true, known: knowing(m.Op), fresh: m.Op == matter.OpRestore || m.Op == matter.OpDoubt}
	for {
		it, err := s.update(ctx, moveExpression(m, f).input(k))
		if err == nil {
			n, err := readNotice(it)
			return n, err == nil, err
		}
		failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
		if !ok {
			return matter.Notice{}, false, err
		}
		if len(failed.Item) == 0 {
			return matter.Notice{}, false, matter.ErrNotFound
		}
		stands, err := readNotice(failed.Item)
		if err != nil {
			return matter.Notice{}, false, err
		}
		if allowed, changes := judge(m, stands); !allowed || !changes {
			return stands, allowed, nil
		}
		if tried++; tried == 4 {
			return matter.Notice{}, false, matter.ErrBusy
		}
		f = fitting(m, stands)
	}
}

// form is which of its updates a move takes: whether it moves the notice or only records what became of the attempt,
// and whether SES is known to have taken the attempt's mail, so that a report of SES leaves outcome and message id. fresh
// is set where the notice does not know the attempt at all, holding where a person's hold stands.
type form struct{ moves, known, fresh, holding bool }

// knowing are the ops that mostly come once SES is known to have taken the mail.
func knowing(op matter.Op) bool {
	return slices.Contains([]matter.Op{matter.OpDelivery, matter.OpBounce, matter.OpReturn, matter.OpComplaint, matter.OpReject, matter.OpDelay}, op)
}

// fitting is the form for the notice as it stands.
func fitting(m matter.Move, n matter.Notice) form {
	a := n.Attempt(m.Token)
	return form{moves: m.Moves(&n), known: a != nil && a.MessageID != "", fresh: a == nil, holding: n.Holding}
}

// ofAttempt reports whether the op concerns the attempt of its token.
func ofAttempt(op matter.Op) bool {
	return !slices.Contains([]matter.Op{matter.OpFail, matter.OpUnconfirm, matter.OpReopen, matter.OpLate, matter.OpHold, matter.OpFree, matter.OpCancel}, op)
}

// judge applies the move to a copy of the notice: whether it is allowed, and whether it would change anything.
func judge(m matter.Move, n matter.Notice) (allowed, changes bool) {
	after := n
	after.Attempts = slices.Clone(n.Attempts)
	allowed = m.Apply(&after)
	return allowed, !reflect.DeepEqual(after, n)
}

// moveExpression is the update that the move makes in this form. Each form has the conditions under which it fits.
func moveExpression(m matter.Move, f form) *expression {
	e := newExpression()
	moves := &expression{operands: e.operands}
	moves.require("%s", oneOf(e, e.path(noticeState), m.Op.From()))
	moveConditions(moves, m)
	if reported(m.Op) {
		outcome(e, m, f)
		if !f.moves {
			e.require("%s", moves.unmet())
			if m.Op == matter.OpReturn {
				e.require("%s <> %s", e.path(noticeState), e.value(text(string(matter.Delivered))))
			}
			return e
		}
	}
	e.conditions = append(e.conditions, moves.conditions...)
	if m.Op.Resumes() {
		e.require(map[bool]string{true: "attribute_exists(%s)", false: "attribute_not_exists(%s)"}[f.holding], e.path(noticeHolding))
	}
	if to := target(m, f.holding); to != "" {
		e.set(e.path(noticeState), text(string(to)))
	}
	if m.Op != matter.OpLate && m.Op != matter.OpDelay {
		e.set(e.path(noticeReason), words(m.Reason))
		e.set(e.path(noticeActor), words(m.Actor))
		e.set(e.path(noticeChanged), instant(m.Now))
	}
	if reported(m.Op) {
		signEffect(e, m, f.known)
	} else {
		moveEffect(e, m)
	}
	return e
}

// reported reports whether the op tells what SES answered or reported about an attempt, or that nobody knows.
func reported(op matter.Op) bool {
	return op == matter.OpComplete || op == matter.OpRestore || op == matter.OpDoubt || op == matter.OpSend || knowing(op)
}

// target is the state the move leads to by the state table, "" if it leaves the state.
func target(m matter.Move, holding bool) matter.NoticeState {
	switch {
	case m.Op == matter.OpRelease:
		return m.Back
	case holding && m.Op.Resumes():
		return matter.Held
	}
	return m.Op.To()
}

// moveConditions adds those of matter.Move.Apply's comment.
func moveConditions(e *expression, m matter.Move) {
	lastToken := func(token string) string { return e.is(e.path(noticeToken), words(token)) }
	notUnknown := func() string { return e.path(noticeState) + " <> " + e.value(text(string(matter.UnknownSent))) }
	switch m.Op {
	case matter.OpClaim:
		e.require("%s", e.absentOr(e.path(noticeNext), "<=", instant(m.Now)))
		e.require("size(%s) < %s", e.path(noticeAttempts), e.value(whole(cmp.Or(m.Limit, matter.MaxAttempts))))
		e.require("%s OR %s", notUnknown(), lastToken(m.Old))
		asked, act := e.path(noticeAsked), e.path(noticeAct)
		e.require("attribute_not_exists(%s) OR attribute_exists(%s) AND %s <= %s", asked, act, asked, act)
	case matter.OpRelease, matter.OpUnsure:
		e.require("%s", lastToken(m.Token))
	case matter.OpLost:
		e.require("%s", lastToken(m.Token))
		e.require("%s", e.absentOr(e.path(noticeLease), "<", instant(m.Now)))
	case matter.OpRestore:
		e.require("%s", e.absentOr(e.path(noticeSent), "<=", instant(m.Now)))
		e.require("%s OR NOT (%s)", lastToken(m.Token), doubted(e, m))
	case matter.OpDoubt:
		e.require("attribute_not_exists(%s)", e.path(noticeAttempts, m.Token))
		e.require("%s", e.absentOr(e.path(noticeSent), "<", instant(m.Now)))
		e.require("NOT (%s)", doubted(e, m))
	case matter.OpBounce, matter.OpReturn, matter.OpReject:
		states := oneOf(e, e.path(noticeState), matter.RestOnMail())
		mail := e.path(noticeMessage) + " = " + e.path(noticeAttempts, m.Token, attemptMessage)
		e.require("(%s) AND %s OR NOT (%s) AND %s", states, mail, states, lastToken(m.Token))
	case matter.OpFail:
		e.require("%s OR %s", notUnknown(), lastToken(m.Token))
	case matter.OpUnconfirm:
		e.require("%s", e.absentOr(e.path(noticeSent), "<=", instant(m.Now.Add(-matter.ConfirmWindow))))
	case matter.OpReopen:
		state, reason := e.path(noticeState), e.path(noticeReason)
		e.require("%s AND %s OR %s",
			e.is(state, text(string(matter.Failed))), e.is(reason, text(matter.ReasonNoContact)), e.is(state, text(string(matter.Bounced))))
	case matter.OpHold, matter.OpFree, matter.OpCancel:
		e.require("%s", e.absentOr(e.path(noticeAct), "<", whole(m.Head)))
	case matter.OpLate:
		e.require("attribute_not_exists(%s)", e.path(noticeLate))
	}
}

// doubted is the condition that the notice rests on an OpDoubt of an attempt that began after the move's instant.
func doubted(e *expression, m matter.Move) string {
	return fmt.Sprintf("%s AND %s AND %s > %s", oneOf(e, e.path(noticeState), []matter.NoticeState{matter.UnknownSent, matter.Held}),
		e.is(e.path(noticeReason), text(matter.ReasonRestored)), e.path(noticeChanged), e.value(instant(m.Now)))
}

// moveEffect adds what the ops of Lapse itself change beside state, reason and actor.
func moveEffect(e *expression, m matter.Move) {
	lease := func(v types.AttributeValue) { e.set(e.path(noticeLease), v) }
	next := func() { e.set(e.path(noticeNext), instant(m.Next)) }
	switch m.Op {
	case matter.OpClaim:
		e.set(e.path(noticeToken), words(m.Token))
		lease(instant(m.Next))
		e.set(e.path(noticeAttempts, m.Token), attemptValue(matter.Attempt{
			Claimed: m.Now, Head: m.Head, Rules: m.Rules, Due: m.Due, Contact: m.Contact, Spare: m.Spare,
		}))
	case matter.OpRelease:
		next()
		e.set(e.path(noticeToken), nil)
		lease(nil)
		e.set(e.path(noticeAttempts, m.Token), nil)
	case matter.OpUnsure, matter.OpLost:
		next()
		lease(nil)
		settle(e, m, "unknown")
		e.set(e.path(noticeAttempts, m.Token, attemptUnknown), &types.AttributeValueMemberBOOL{Value: true})
	case matter.OpReopen:
		next()
		e.set(e.path(noticeToken), nil)
	case matter.OpHold, matter.OpFree, matter.OpCancel:
		e.set(e.path(noticeAct), whole(m.Head))
		var hold types.AttributeValue
		if m.Op == matter.OpHold {
			hold = &types.AttributeValueMemberBOOL{Value: true}
		}
		e.set(e.path(noticeHolding), hold)
	case matter.OpLate:
		e.set(e.path(noticeLate), words(m.Order))
		e.set(e.path(noticeLateAt), instant(m.Now))
	}
}

// settle writes the attempt's outcome.
func settle(e *expression, m matter.Move, outcome string) {
	e.set(e.path(noticeAttempts, m.Token, attemptOutcome), text(outcome))
	e.set(e.path(noticeAttempts, m.Token, attemptAt), instant(m.Now))
}

// outcome adds what SES's answer or report says of the attempt, on the condition that this is not recorded yet. An
// attempt whose message id is known keeps it, and its outcome unless it was rejected; any other learns both.
func outcome(e *expression, m matter.Move, f form) {
	attempt := e.path(noticeAttempts, m.Token)
	if f.fresh {
		e.require("attribute_not_exists(%s)", attempt)
		a := matter.Attempt{
			Claimed: m.Now, Head: m.Head, Rules: m.Rules, Due: m.Due, Outcome: "accepted", At: m.Now, MessageID: m.MessageID,
			Contact: m.Contact, Spare: m.Spare,
		}
		if m.Op == matter.OpDoubt {
			a.Outcome, a.MessageID, a.WasUnknown = "unknown", "", true
		}
		e.set(attempt, attemptValue(a))
		return
	}
	e.require("attribute_exists(%s)", attempt)
	part := func(name string) string { return e.path(noticeAttempts, m.Token, name) }
	switch m.Op {
	case matter.OpDelivery, matter.OpComplaint:
		e.require("attribute_not_exists(%s) OR %s AND %s", part(attemptBounced),
			oneOf(e, e.path(noticeState), []matter.NoticeState{matter.Retry, matter.Held}), e.is(e.path(noticeToken), words(m.Token)))
	case matter.OpDelay, matter.OpBounce, matter.OpReturn:
		e.require("attribute_not_exists(%s)", part(attemptBounced))
	case matter.OpReject:
		e.require("attribute_not_exists(%s)", part(attemptBounced))
		e.require("attribute_not_exists(%s) OR %s <> %s", part(attemptOutcome), part(attemptOutcome), e.value(text("rejected")))
	}
	if m.Op == matter.OpDelay {
		return
	}
	if m.Op == matter.OpBounce || m.Op == matter.OpReturn {
		e.set(part(attemptBounced), instant(m.Now))
		if m.Dead || m.Op == matter.OpBounce {
			e.set(part(attemptDead), &types.AttributeValueMemberBOOL{Value: true})
		}
	}
	if m.Op == matter.OpReject {
		settle(e, m, "rejected")
	}
	if f.known {
		e.require("attribute_exists(%s)", part(attemptMessage))
		return
	}
	e.require("attribute_not_exists(%s)", part(attemptMessage))
	e.set(part(attemptMessage), words(m.MessageID))
	if m.Op != matter.OpReject {
		settle(e, m, "accepted")
	}
}

// signEffect adds what SES's answer or report changes beside the attempt.
func signEffect(e *expression, m matter.Move, known bool) {
	if m.Op == matter.OpDoubt {
		e.set(e.path(noticeToken), words(m.Token))
		e.set(e.path(noticeNext), instant(m.Next))
		return
	}
	if m.Op == matter.OpRestore {
		e.set(e.path(noticeToken), words(m.Token))
	} else if m.Op != matter.OpComplete {
		e.set(e.path(noticeSign), text(string(m.Op)))
		e.set(e.path(noticeSignAt), instant(m.Now))
	}
	if m.Op == matter.OpDelay {
		return
	}
	e.set(e.path(noticeLease), nil)
	switch m.Op {
	case matter.OpReject:
		return
	case matter.OpReturn:
		e.set(e.path(noticeNext), instant(m.Next))
	}
	if known {
		e.sets = append(e.sets,
			e.path(noticeMessage)+" = "+e.path(noticeAttempts, m.Token, attemptMessage),
			e.path(noticeSent)+" = "+e.path(noticeAttempts, m.Token, attemptAt))
	} else {
		e.set(e.path(noticeMessage), words(m.MessageID))
		e.set(e.path(noticeSent), instant(m.Now))
	}
	if m.Op == matter.OpDelivery {
		e.set(e.path(noticeDelivered), instant(m.Now))
	}
}
