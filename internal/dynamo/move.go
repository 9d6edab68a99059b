package dynamo

import (
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
	// What SES reports is written differently before and after the attempt's message id is known; it is known in all
	// but a few cases. Once known it stays, so the other form is tried at most once.
	for _, known := range []bool{true, false, true} {
		it, err := s.update(ctx, moveExpression(m, known).input(k))
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
	}
	return matter.Notice{}, false, matter.ErrBusy
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

// moveExpression is the update that the move makes; known says which form a report of SES takes.
func moveExpression(m matter.Move, known bool) *expression {
	e := newExpression()
	e.require("%s", oneOf(e, e.path(noticeState), m.Op.From()))
	moveConditions(e, m)
	if to := target(m); to != "" {
		e.set(e.path(noticeState), text(string(to)))
	}
	if m.Op != matter.OpLate && m.Op != matter.OpDelay {
		e.set(e.path(noticeReason), words(m.Reason))
		e.set(e.path(noticeActor), words(m.Actor))
		e.set(e.path(noticeChanged), instant(m.Now))
	}
	switch m.Op {
	case matter.OpSend, matter.OpDelivery, matter.OpBounce, matter.OpComplaint, matter.OpReject, matter.OpDelay:
		signEffect(e, m, known)
	default:
		moveEffect(e, m)
	}
	return e
}

// target is the state the move leads to by the state table, "" if it leaves the state.
func target(m matter.Move) matter.NoticeState {
	if m.Op == matter.OpRelease {
		return m.Back
	}
	for _, t := range matter.Transitions() {
		if t.Op == m.Op {
			return t.To
		}
	}
	return ""
}

// moveConditions adds those of matter.Move.Apply's comment.
func moveConditions(e *expression, m matter.Move) {
	lastToken := func(token string) string { return e.is(e.path(noticeToken), words(token)) }
	notUnknown := func() string { return e.path(noticeState) + " <> " + e.value(text(string(matter.UnknownSent))) }
	switch m.Op {
	case matter.OpClaim:
		e.require("%s", e.absentOr(e.path(noticeNext), "<=", instant(m.Now)))
		e.require("size(%s) < %s", e.path(noticeAttempts), e.value(whole(matter.MaxAttempts)))
		e.require("%s OR %s", notUnknown(), lastToken(m.Old))
	case matter.OpComplete, matter.OpRelease, matter.OpUnsure:
		e.require("%s", lastToken(m.Token))
	case matter.OpLost:
		e.require("%s", lastToken(m.Token))
		e.require("%s", e.absentOr(e.path(noticeLease), "<", instant(m.Now)))
	case matter.OpSend, matter.OpDelivery, matter.OpBounce, matter.OpComplaint, matter.OpReject, matter.OpDelay:
		e.require("attribute_exists(%s)", e.path(noticeAttempts, m.Token))
	case matter.OpFail:
		e.require("%s OR %s", notUnknown(), lastToken(m.Token))
	case matter.OpUnconfirm:
		e.require("%s", e.absentOr(e.path(noticeSent), "<=", instant(m.Now.Add(-matter.ConfirmWindow))))
	case matter.OpReopen:
		state, reason := e.path(noticeState), e.path(noticeReason)
		e.require("%s AND %s OR %s AND %s",
			e.is(state, text(string(matter.Failed))), e.is(reason, text(matter.ReasonNoContact)),
			e.is(state, text(string(matter.Bounced))), e.is(reason, text(matter.ReasonHardBounce)))
	case matter.OpHold, matter.OpFree, matter.OpCancel:
		e.require("%s", e.absentOr(e.path(noticeAct), "<", whole(m.Head)))
	case matter.OpLate:
		e.require("attribute_not_exists(%s)", e.path(noticeLate))
	}
}

// moveEffect adds what the ops of Lapse itself change beside state, reason and actor.
func moveEffect(e *expression, m matter.Move) {
	lease := func(v types.AttributeValue) { e.set(e.path(noticeLease), v) }
	next := func() { e.set(e.path(noticeNext), instant(m.Next)) }
	switch m.Op {
	case matter.OpClaim:
		e.set(e.path(noticeToken), words(m.Token))
		lease(instant(m.Next))
		e.set(e.path(noticeAttempts, m.Token), attemptValue(matter.Attempt{Claimed: m.Now, Head: m.Head, Rules: m.Rules, Due: m.Due}))
	case matter.OpComplete:
		lease(nil)
		e.set(e.path(noticeMessage), words(m.MessageID))
		e.set(e.path(noticeSent), instant(m.Now))
		settle(e, m, "accepted")
		e.set(e.path(noticeAttempts, m.Token, attemptMessage), words(m.MessageID))
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
	case matter.OpHold, matter.OpFree, matter.OpCancel:
		e.set(e.path(noticeAct), whole(m.Head))
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

// signEffect adds what a report of SES changes. An attempt whose message id is known keeps it, and its outcome; any
// other learns both from the report.
func signEffect(e *expression, m matter.Move, known bool) {
	e.set(e.path(noticeSign), text(string(m.Op)))
	e.set(e.path(noticeSignAt), instant(m.Now))
	if m.Op == matter.OpDelay {
		return
	}
	e.set(e.path(noticeLease), nil)
	if m.Op == matter.OpReject {
		settle(e, m, "rejected")
		return
	}
	message := e.path(noticeAttempts, m.Token, attemptMessage)
	if known {
		e.require("attribute_exists(%s)", message)
		e.sets = append(e.sets, e.path(noticeMessage)+" = "+message)
	} else {
		e.require("attribute_not_exists(%s)", message)
		settle(e, m, "accepted")
		e.set(message, words(m.MessageID))
		e.set(e.path(noticeMessage), words(m.MessageID))
	}
	e.keepOr(e.path(noticeSent), instant(m.Now))
	if m.Op == matter.OpDelivery {
		e.set(e.path(noticeDelivered), instant(m.Now))
	}
}
