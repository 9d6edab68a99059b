package dynamo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"lapse/internal/notice"
	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Move implements storetest.Notices. The update's condition and effect are those of notice.Move.Apply; where the
// condition does not hold the answer brings the notice as it stands, and Apply itself says on it whether this very op
// is what made it so. So the SDK's repetition of an op whose answer was lost succeeds and writes nothing.
func (s *Store) Move(ctx context.Context, m notice.Move) (notice.Notice, bool, error) {
	n, ok, err := s.move(ctx, m)
	if err != nil {
		return notice.Notice{}, false, fmt.Errorf("%s notice %s: %w", m.Op, m.Notice, err)
	}
	return n, ok, nil
}

func (s *Store) move(ctx context.Context, m notice.Move) (notice.Notice, bool, error) {
	k, err := noticeKey(m.Notice)
	if err != nil {
		return notice.Notice{}, false, err
	}
	if m.Token == "" && ofAttempt(m.Op) {
		return notice.Notice{}, false, errors.New("the op concerns an attempt and names none")
	}
	// A notice stands so that the first form fits in all but a few cases. Where it does not, the answer says which one
	// does; what it tells apart changes at most once or twice in an attempt's life.
	tried, f := 0, form{moves: true, known: knowing(m.Op), fresh: m.Op == notice.OpRestore || m.Op == notice.OpDoubt}
	for {
		it, err := s.update(ctx, moveExpression(m, f).input(k))
		if err == nil {
			n, err := readNotice(it)
			return n, err == nil, err
		}
		failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
		if !ok {
			return notice.Notice{}, false, err
		}
		if len(failed.Item) == 0 {
			return notice.Notice{}, false, store.ErrNotFound
		}
		stands, err := readNotice(failed.Item)
		if err != nil {
			return notice.Notice{}, false, err
		}
		if allowed, changes := judge(m, stands); !allowed || !changes {
			return stands, allowed, nil
		}
		if tried++; tried == 4 {
			return notice.Notice{}, false, store.ErrBusy
		}
		f = fitting(m, stands)
	}
}

// form is which of its updates a move takes: whether it moves the notice or only records what became of the attempt,
// and whether SES is known to have taken the attempt's mail, so that a report of SES leaves outcome and message id. fresh
// is set where the notice does not know the attempt at all, holding where a person's hold stands.
type form struct{ moves, known, fresh, holding bool }

// knowing are the ops that mostly come once SES is known to have taken the mail.
func knowing(op notice.Op) bool {
	return slices.Contains([]notice.Op{notice.OpDelivery, notice.OpBounce, notice.OpReturn, notice.OpComplaint, notice.OpReject, notice.OpDelay}, op)
}

// fitting is the form for the notice as it stands.
func fitting(m notice.Move, n notice.Notice) form {
	a := n.Attempt(m.Token)
	return form{moves: m.Moves(&n), known: a != nil && a.MessageID != "", fresh: a == nil, holding: n.Holding}
}

// ofAttempt reports whether the op concerns the attempt of its token.
func ofAttempt(op notice.Op) bool {
	return !slices.Contains([]notice.Op{notice.OpFail, notice.OpUnconfirm, notice.OpReopen, notice.OpLate, notice.OpHold, notice.OpFree, notice.OpCancel}, op)
}

// judge applies the move to a copy of the notice: whether it is allowed, and whether it would change anything.
func judge(m notice.Move, n notice.Notice) (allowed, changes bool) {
	after := n
	after.Attempts = slices.Clone(n.Attempts)
	allowed = m.Apply(&after)
	return allowed, !reflect.DeepEqual(after, n)
}

// moveExpression is the update that the move makes in this form. Each form has the conditions under which it fits.
func moveExpression(m notice.Move, f form) *expression {
	e := newExpression()
	moves := &expression{operands: e.operands}
	moves.require("%s", oneOf(e, e.path(noticeState), m.Op.From()))
	moveConditions(moves, m)
	if reported(m.Op) {
		outcome(e, m, f)
		if !f.moves {
			e.require("%s", moves.unmet())
			if m.Op == notice.OpReturn {
				e.require("%s <> %s", e.path(noticeState), e.value(text(string(notice.Delivered))))
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
	if m.Op != notice.OpLate && m.Op != notice.OpDelay {
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
func reported(op notice.Op) bool {
	return op == notice.OpComplete || op == notice.OpRestore || op == notice.OpDoubt || op == notice.OpSend || knowing(op)
}

// target is the state the move leads to by the state table, "" if it leaves the state.
func target(m notice.Move, holding bool) notice.State {
	switch {
	case m.Op == notice.OpRelease:
		return m.Back
	case holding && m.Op.Resumes():
		return notice.Held
	}
	return m.Op.To()
}

// moveConditions adds those of notice.Move.Apply's comment.
func moveConditions(e *expression, m notice.Move) {
	lastToken := func(token string) string { return e.is(e.path(noticeToken), words(token)) }
	notUnknown := func() string { return e.path(noticeState) + " <> " + e.value(text(string(notice.Unknown))) }
	switch m.Op {
	case notice.OpClaim:
		e.require("%s", e.absentOr(e.path(noticeNext), "<=", instant(m.Now)))
		e.require("size(%s) < %s", e.path(noticeAttempts), e.value(whole(cmp.Or(m.Limit, notice.MaxAttempts))))
		e.require("%s OR %s", notUnknown(), lastToken(m.Old))
		asked, act := e.path(noticeAsked), e.path(noticeAct)
		e.require("attribute_not_exists(%s) OR attribute_exists(%s) AND %s <= %s", asked, act, asked, act)
	case notice.OpRelease, notice.OpUnsure:
		e.require("%s", lastToken(m.Token))
	case notice.OpLost:
		e.require("%s", lastToken(m.Token))
		e.require("%s", e.absentOr(e.path(noticeLease), "<", instant(m.Now)))
	case notice.OpRestore:
		e.require("%s", e.absentOr(e.path(noticeSent), "<=", instant(m.Now)))
		e.require("%s OR NOT (%s)", lastToken(m.Token), doubted(e, m))
	case notice.OpDoubt:
		e.require("attribute_not_exists(%s)", e.path(noticeAttempts, m.Token))
		e.require("%s", e.absentOr(e.path(noticeSent), "<", instant(m.Now)))
		e.require("NOT (%s)", doubted(e, m))
	case notice.OpBounce, notice.OpReturn, notice.OpReject:
		states := oneOf(e, e.path(noticeState), notice.RestOnMail())
		mail := e.path(noticeMessage) + " = " + e.path(noticeAttempts, m.Token, attemptMessage)
		e.require("(%s) AND %s OR NOT (%s) AND %s", states, mail, states, lastToken(m.Token))
	case notice.OpFail:
		e.require("%s OR %s", notUnknown(), lastToken(m.Token))
	case notice.OpUnconfirm:
		e.require("%s", e.absentOr(e.path(noticeSent), "<=", instant(m.Now.Add(-notice.ConfirmWindow))))
	case notice.OpReopen:
		state, reason := e.path(noticeState), e.path(noticeReason)
		e.require("%s AND %s OR %s",
			e.is(state, text(string(notice.Failed))), e.is(reason, text(notice.ReasonNoContact)), e.is(state, text(string(notice.Bounced))))
	case notice.OpHold, notice.OpFree, notice.OpCancel:
		e.require("%s", e.absentOr(e.path(noticeAct), "<", whole(m.Head)))
	case notice.OpLate:
		e.require("attribute_not_exists(%s)", e.path(noticeLate))
	}
}

// doubted is the condition that the notice rests on an OpDoubt of an attempt that began after the move's instant.
func doubted(e *expression, m notice.Move) string {
	return fmt.Sprintf("%s AND %s AND %s > %s", oneOf(e, e.path(noticeState), []notice.State{notice.Unknown, notice.Held}),
		e.is(e.path(noticeReason), text(notice.ReasonRestored)), e.path(noticeChanged), e.value(instant(m.Now)))
}

// moveEffect adds what the ops of Lapse itself change beside state, reason and actor.
func moveEffect(e *expression, m notice.Move) {
	lease := func(v types.AttributeValue) { e.set(e.path(noticeLease), v) }
	next := func() { e.set(e.path(noticeNext), instant(m.Next)) }
	switch m.Op {
	case notice.OpClaim:
		e.set(e.path(noticeToken), words(m.Token))
		lease(instant(m.Next))
		e.set(e.path(noticeAttempts, m.Token), attemptValue(notice.Attempt{
			Claimed: m.Now, Head: m.Head, Rules: m.Rules, Due: m.Due, Contact: m.Contact, Spare: m.Spare,
		}))
	case notice.OpRelease:
		next()
		e.set(e.path(noticeToken), nil)
		lease(nil)
		e.set(e.path(noticeAttempts, m.Token), nil)
	case notice.OpUnsure, notice.OpLost:
		next()
		lease(nil)
		settle(e, m, "unknown")
		e.set(e.path(noticeAttempts, m.Token, attemptUnknown), &types.AttributeValueMemberBOOL{Value: true})
	case notice.OpReopen:
		next()
		e.set(e.path(noticeToken), nil)
	case notice.OpHold, notice.OpFree, notice.OpCancel:
		e.set(e.path(noticeAct), whole(m.Head))
		var hold types.AttributeValue
		if m.Op == notice.OpHold {
			hold = &types.AttributeValueMemberBOOL{Value: true}
		}
		e.set(e.path(noticeHolding), hold)
	case notice.OpLate:
		e.set(e.path(noticeLate), words(m.Order))
		e.set(e.path(noticeLateAt), instant(m.Now))
	}
}

// settle writes the attempt's outcome.
func settle(e *expression, m notice.Move, outcome string) {
	e.set(e.path(noticeAttempts, m.Token, attemptOutcome), text(outcome))
	e.set(e.path(noticeAttempts, m.Token, attemptAt), instant(m.Now))
}

// outcome adds what SES's answer or report says of the attempt, on the condition that this is not recorded yet. An
// attempt whose message id is known keeps it, and its outcome unless it was rejected; any other learns both.
func outcome(e *expression, m notice.Move, f form) {
	attempt := e.path(noticeAttempts, m.Token)
	if f.fresh {
		e.require("attribute_not_exists(%s)", attempt)
		a := notice.Attempt{
			Claimed: m.Now, Head: m.Head, Rules: m.Rules, Due: m.Due, Outcome: "accepted", At: m.Now, MessageID: m.MessageID,
			Contact: m.Contact, Spare: m.Spare,
		}
		if m.Op == notice.OpDoubt {
			a.Outcome, a.MessageID, a.WasUnknown = "unknown", "", true
		}
		e.set(attempt, attemptValue(a))
		return
	}
	e.require("attribute_exists(%s)", attempt)
	part := func(name string) string { return e.path(noticeAttempts, m.Token, name) }
	switch m.Op {
	case notice.OpDelivery, notice.OpComplaint:
		e.require("attribute_not_exists(%s) OR %s AND %s", part(attemptBounced),
			oneOf(e, e.path(noticeState), []notice.State{notice.Retry, notice.Held}), e.is(e.path(noticeToken), words(m.Token)))
	case notice.OpDelay, notice.OpBounce, notice.OpReturn:
		e.require("attribute_not_exists(%s)", part(attemptBounced))
	case notice.OpReject:
		e.require("attribute_not_exists(%s)", part(attemptBounced))
		e.require("attribute_not_exists(%s) OR %s <> %s", part(attemptOutcome), part(attemptOutcome), e.value(text("rejected")))
	}
	if m.Op == notice.OpDelay {
		return
	}
	if m.Op == notice.OpBounce || m.Op == notice.OpReturn {
		e.set(part(attemptBounced), instant(m.Now))
		if m.Dead || m.Op == notice.OpBounce {
			e.set(part(attemptDead), &types.AttributeValueMemberBOOL{Value: true})
		}
	}
	if m.Op == notice.OpReject {
		settle(e, m, "rejected")
	}
	if f.known {
		e.require("attribute_exists(%s)", part(attemptMessage))
		return
	}
	e.require("attribute_not_exists(%s)", part(attemptMessage))
	e.set(part(attemptMessage), words(m.MessageID))
	if m.Op != notice.OpReject {
		settle(e, m, "accepted")
	}
}

// signEffect adds what SES's answer or report changes beside the attempt.
func signEffect(e *expression, m notice.Move, known bool) {
	if m.Op == notice.OpDoubt {
		e.set(e.path(noticeToken), words(m.Token))
		e.set(e.path(noticeNext), instant(m.Next))
		return
	}
	if m.Op == notice.OpRestore {
		e.set(e.path(noticeToken), words(m.Token))
	} else if m.Op != notice.OpComplete {
		e.set(e.path(noticeSign), text(string(m.Op)))
		e.set(e.path(noticeSignAt), instant(m.Now))
	}
	if m.Op == notice.OpDelay {
		return
	}
	e.set(e.path(noticeLease), nil)
	switch m.Op {
	case notice.OpReject:
		return
	case notice.OpReturn:
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
	if m.Op == notice.OpDelivery {
		e.set(e.path(noticeDelivered), instant(m.Now))
	}
}
