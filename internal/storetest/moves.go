package storetest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/notice"
	"lapse/internal/store"
)

func moveLaws() []law {
	return []law{
		{"apply: every op from every state, allowed and refused, is what notice.Apply makes of it",
			moveTable},
		{"apply: repeating an op as after a lost reply changes nothing, and the attempt's own ops answer true", moveRepeats},
		{"apply: any sequence of ops is notice.Apply step by step", moveSequences},
		{"apply: of 16 racing claims exactly one gets the notice", moveRacingClaims},
		{"apply: racing signs of SES leave one whole result", moveRacingSigns},
	}
}

// ops returns the ops of the state table.
func ops() []notice.Op {
	var all []notice.Op
	for _, t := range notice.Transitions() {
		all = append(all, t.Op)
	}
	return all
}

// applied applies the act in the store and in the model. It requires the same effect and the same notice of both, and
// returns the notice.
func applied(t require.TestingT, s store.Store, ctx context.Context, n notice.Notice,
	a notice.Act) (notice.Notice, bool) {
	want, effect := n.Apply(a)
	got, ok, err := s.Apply(ctx, notice.Notice{ID: n.ID}, a)
	require.NoError(t, err)
	require.Equal(t, effect != notice.Refused, ok, "%s from %s: %+v", a.Op, n.State, a)
	same(t, want, got, "%s from %s: %+v", a.Op, n.State, a)
	stored, err := s.Notice(ctx, n.ID)
	require.NoError(t, err)
	same(t, want, stored, "stored after %s from %s", a.Op, n.State)
	return want, ok
}

// variants returns notices in the state that differ where the op's condition looks. The first has the attempts "t1" and
// "t2". Another has no attempt, where the state allows that.
func variants(state notice.State, op notice.Op) []notice.Notice {
	tried := triedNotice(state)
	all := []notice.Notice{tried}
	if state != notice.Unknown && state != notice.Sending {
		fresh := sampleNotice(sampleMatter, "u1")
		fresh.State = state
		all = append(all, fresh)
	}
	if op.Resumes() {
		holding := tried
		holding.Holding = true
		if op == notice.OpReopen {
			holding.Reason = notice.ReasonNoContact
		}
		all = append(all, holding)
	}
	return append(all, looksAt(op, tried)...)
}

// triedNotice returns a notice in the state with the attempts "t1", whose outcome is unknown, and "t2".
func triedNotice(state notice.State) notice.Notice {
	n := sampleNotice(sampleMatter, "u1")
	n.State, n.Next, n.Token = state, at(50), "t2"
	n.Attempts = []notice.Attempt{
		{Token: "t1", Claimed: at(2), Head: 3, Rules: "r1", Due: at(1), Outcome: "unknown", At: at(4), WasUnknown: true},
		{Token: "t2", Claimed: at(5), Head: 4, Rules: "r2", Due: at(1)}}
	switch state {
	case notice.Sending:
		n.Lease = at(60)
	case notice.Unknown:
		n.Attempts[1].Outcome, n.Attempts[1].At, n.Attempts[1].WasUnknown = "unknown", at(20), true
	case notice.Sent, notice.Unconfirmed, notice.Delivered, notice.Bounced, notice.Complained:
		n.Attempts[1].Outcome, n.Attempts[1].At, n.Attempts[1].MessageID = "accepted", at(20), "m2"
		n.MessageID, n.SentAt = "m2", at(20)
	}
	if state == notice.Bounced {
		n.Attempts[1].Bounced = at(30)
	}
	return n
}

// looksAt returns copies of the notice that differ in the fields that the op's condition reads.
func looksAt(op notice.Op, tried notice.Notice) (all []notice.Notice) {
	with := func(change func(*notice.Notice)) {
		n := tried
		n.Attempts = slices.Clone(tried.Attempts)
		change(&n)
		all = append(all, n)
	}
	switch op {
	case notice.OpClaim:
		with(func(n *notice.Notice) {
			for i := len(n.Attempts); i < notice.MaxAttempts; i++ {
				n.Attempts = append(n.Attempts, notice.Attempt{Token: fmt.Sprint("t", i+1), Claimed: at(5 + i),
					Outcome: "unknown", At: at(20), WasUnknown: true})
			}
		})
		for _, carriedOut := range []int{0, 6, 7, 8} {
			with(func(n *notice.Notice) { n.Decision, n.CarriedOut = 7, carriedOut })
		}
	case notice.OpReopen:
		for _, r := range []notice.Reason{notice.ReasonNoContact, notice.ReasonHardBounce, notice.ReasonSuppressed} {
			with(func(n *notice.Notice) { n.Reason = r })
		}
	case notice.OpDecide:
		with(func(n *notice.Notice) { n.Decision = 9 })
		with(func(n *notice.Notice) { n.Decision = 7 })
	case notice.OpHold, notice.OpFree, notice.OpCancel, notice.OpTell:
		with(func(n *notice.Notice) { n.CarriedOut = 9 })
		with(func(n *notice.Notice) { n.CarriedOut = 7 })
		with(func(n *notice.Notice) { n.Reason, n.Holding = notice.ReasonNoContact, op == notice.OpFree })
	case notice.OpLate:
		with(func(n *notice.Notice) { n.LateOrder, n.LateAt = "ord-9", at(30) })
	case notice.OpComplete, notice.OpSend, notice.OpDelivery, notice.OpBounce, notice.OpReturn, notice.OpComplaint,
		notice.OpReject, notice.OpDelay, notice.OpRestore, notice.OpDoubt:
		all = heardBefore(tried)
	}
	return all
}

// heardBefore returns the notice as it stands after the outcome of its earlier attempt was recorded. For an unknown
// notice it adds notices whose doubtful attempt came from the log.
func heardBefore(tried notice.Notice) (all []notice.Notice) {
	for _, outcome := range []notice.Attempt{
		{Outcome: "accepted", At: at(30), MessageID: "m1"},
		{Outcome: "accepted", At: at(30), MessageID: "m1", Bounced: at(40)},
		{Outcome: "rejected", At: at(30), MessageID: "m1"},
	} {
		heard := tried
		heard.Attempts = slices.Clone(tried.Attempts)
		a := &heard.Attempts[0]
		a.Outcome, a.At, a.MessageID, a.Bounced = outcome.Outcome, outcome.At, outcome.MessageID, outcome.Bounced
		rests := heard
		rests.MessageID = "m1" // beside the later one
		all = append(all, heard, rests)
	}
	if tried.State == notice.Unknown {
		for _, began := range []int{65, 75} { // before and after the op that follows
			restored := tried
			restored.Reason, restored.Changed = notice.ReasonRestored, at(began)
			all = append(all, restored)
		}
	}
	return all
}

// arguments returns acts of one op that differ where its condition looks.
func arguments(op notice.Op) []notice.Act {
	fit := notice.Act{Op: op, Token: "t2", At: at(70), Next: at(130), MessageID: "m2", Reason: "why", Actor: "lapse"}
	switch op {
	case notice.OpClaim:
		fit.Token, fit.After, fit.Version, fit.Rules, fit.Due = "t9", "t2", 7, "r7", at(60)
		fit.Contact, fit.Spare = "2.1", true
		wrongOld, early, onTime, running := fit, fit, fit, fit
		wrongOld.After, early.At, onTime.At, running.Token = "t1", at(49), at(50), "t2"
		return []notice.Act{fit, wrongOld, early, onTime, running}
	case notice.OpRelease:
		retry := fit
		fit.Back, retry.Back = notice.Scheduled, notice.Retry
		return withTokens(fit, retry)
	case notice.OpLost:
		atLease, early := fit, fit
		atLease.At, early.At = at(60), at(59)
		return withTokens(fit, atLease, early)
	case notice.OpUnconfirm:
		short, exact := fit, fit
		short.At, exact.At = at(20).Add(notice.ConfirmWindow-time.Second), at(20).Add(notice.ConfirmWindow)
		fit.At = at(21).Add(notice.ConfirmWindow)
		return []notice.Act{fit, short, exact}
	case notice.OpDecide, notice.OpHold, notice.OpFree, notice.OpCancel, notice.OpTell:
		fit.Token, fit.Version = "", 7
		later := fit
		later.Version = 10
		return []notice.Act{fit, later}
	case notice.OpRestore, notice.OpDoubt:
		fit.Token, fit.MessageID, fit.Version, fit.Rules, fit.Due = "t9", "m9", 7, "r7", at(60)
		fit.Contact, fit.Spare = "2.1", true
		early, same, known, otherMail := fit, fit, fit, fit
		early.At, same.At, known.Token, otherMail.Token, otherMail.MessageID = at(10), at(20), "t2", "t1", "m1"
		return []notice.Act{fit, early, same, known, otherMail}
	case notice.OpReturn:
		dead := fit
		dead.Dead = true
		return append(withTokens(fit), withTokens(dead)...)
	case notice.OpLate:
		fit.Order = "ord-9"
		other := fit
		other.Order = "ord-8"
		return []notice.Act{fit, other}
	}
	otherMessage := fit
	otherMessage.MessageID = "m3"
	return withTokens(fit, otherMessage)
}

// withTokens returns the acts. It adds the first one again for an earlier attempt and for an attempt that never was.
func withTokens(moves ...notice.Act) []notice.Act {
	earlier, never := moves[0], moves[0]
	earlier.Token, earlier.MessageID, never.Token = "t1", "m1", "t-never"
	return append(moves, earlier, never)
}

// Acts yields acts on notices as they come about: every op from every state, with arguments that fit and that do not.
func Acts() iter.Seq2[notice.Notice, notice.Act] {
	return func(yield func(notice.Notice, notice.Act) bool) {
		for _, state := range notice.States() {
			for _, op := range ops() {
				for _, n := range variants(state, op) {
					for _, a := range arguments(op) {
						if op == notice.OpClaim && state != notice.Sending && n.Attempt(a.Token) != nil {
							continue // a token is new in every attempt
						}
						if !yield(n, a) {
							return
						}
					}
				}
			}
		}
	}
}

// moveTable takes one notice in each state through one act of each op that is allowed and one that is refused. What
// acts do is the pure machine's, whose own test plays all of Acts; a store has to replace whole notices.
func moveTable(t *testing.T, s store.Store) {
	type kind struct {
		state  notice.State
		op     notice.Op
		effect notice.Effect
	}
	count, seen := 0, map[kind]bool{}
	for n, a := range Acts() {
		_, effect := n.Apply(a)
		if k := (kind{n.State, a.Op, effect}); seen[k] {
			continue
		} else {
			seen[k] = true
		}
		count++
		n.Subject = fmt.Sprint("u", count)
		n.ID = notice.ID(nil, sampleMatter, "d1", n.Subject)
		require.NoError(t, s.PutRows(t.Context(), rowOf(n, at(100))))
		require.NoError(t, s.PutNotice(t.Context(), n))
		applied(t, s, t.Context(), n, a)
	}
	require.Greater(t, count, len(ops())*len(notice.States()), "most ops are both allowed and refused")
}

func moveRepeats(t *testing.T, s store.Store) {
	own := []notice.Op{notice.OpClaim, notice.OpComplete, notice.OpRelease, notice.OpUnsure, notice.OpLost, notice.OpLate,
		notice.OpDelay,
		notice.OpDecide, notice.OpHold, notice.OpFree, notice.OpCancel, notice.OpTell, notice.OpRestore, notice.OpDoubt}
	count, done := 0, map[notice.Op]bool{}
	for _, state := range notice.States() {
		for _, op := range ops() {
			for _, n := range variants(state, op) {
				count++
				n.Subject = fmt.Sprint("u", count)
				n.ID = notice.ID(nil, sampleMatter, "d1", n.Subject)
				m := arguments(op)[0]
				require.NoError(t, s.PutRows(t.Context(), rowOf(n, at(100))))
				require.NoError(t, s.PutNotice(t.Context(), n))
				after, ok := applied(t, s, t.Context(), n, m)
				if !ok {
					continue
				}
				again, ok := applied(t, s, t.Context(), after, m)
				same(t, after, again, "%s from %s repeated", op, state)
				if slices.Contains(own, op) {
					require.True(t, ok, "%s from %s repeated", op, state)
				}
				done[op] = true
			}
		}
	}
	for _, op := range ops() {
		require.True(t, done[op], "%s never took place", op)
	}
}

// draw makes an act of a random op. It fits the notice about half the time.
func draw(rt *rapid.T, n notice.Notice, step int) notice.Act {
	m := notice.Act{Op: rapid.SampledFrom(ops()).Draw(rt, "op"),
		Back:      rapid.SampledFrom([]notice.State{notice.Scheduled, notice.Retry}).Draw(rt, "back"),
		MessageID: fmt.Sprint("m", rapid.IntRange(1, 3).Draw(rt, "message")),
		Reason: rapid.SampledFrom([]notice.Reason{"", notice.ReasonNoContact, notice.ReasonHardBounce, notice.ReasonRestored,
			"other"}).Draw(rt, "reason"),
		Actor: rapid.SampledFrom([]string{"", "lapse", "ses"}).Draw(rt, "actor"),
		Order: fmt.Sprint("ord-", rapid.IntRange(1, 2).Draw(rt, "order"))}
	if slices.Contains([]notice.Op{notice.OpDecide, notice.OpHold, notice.OpFree, notice.OpCancel, notice.OpTell}, m.Op) {
		m.Version = rapid.IntRange(1, step+1).Draw(rt, "version")
	}
	known := []string{"never", n.Token}
	for _, a := range n.Attempts {
		known = append(known, a.Token)
	}
	m.Token = rapid.SampledFrom(known).Draw(rt, "token")
	m.After = rapid.SampledFrom(known).Draw(rt, "old")
	if (m.Op == notice.OpRestore || m.Op == notice.OpDoubt) && rapid.Bool().Draw(rt, "unheard of") {
		m.Token = fmt.Sprint("token of step ", step)
		m.Version, m.Rules, m.Due = step, fmt.Sprint("r", step), at(step)
	}
	if m.Op == notice.OpClaim && (n.State != notice.Sending || rapid.Bool().Draw(rt, "fresh")) {
		m.Token = fmt.Sprint("token of step ", step)
		m.Version, m.Rules, m.Due = step, fmt.Sprint("r", step), at(step)
		m.Contact, m.Spare = rapid.SampledFrom([]string{"", "1.1", "1.2"}).Draw(rt, "contact"), rapid.Bool().Draw(rt, "spare")
	}
	m.Dead = rapid.Bool().Draw(rt, "dead")
	if m.Token == "" { // no attempt has an empty token
		m.Token = "never"
	}
	return m
}

func moveSequences(t *testing.T, s store.Store) {
	var runs int
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		n := sampleNotice(sampleMatter, fmt.Sprint("of run ", runs))
		require.NoError(rt, s.PutRows(t.Context(), rowOf(n, at(100))))
		require.NoError(rt, s.PutNotice(t.Context(), n))
		now := 0
		for step := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			m := draw(rt, n, step+1)
			now += rapid.SampledFrom([]int{1, 30, 61, 1000, 8 * 24 * 3600}).Draw(rt, "seconds")
			m.At, m.Next = at(now), at(now+rapid.SampledFrom([]int{0, 60, 900}).Draw(rt, "next"))
			n, _ = applied(rt, s, t.Context(), n, m)
		}
	})
}

func moveRacingClaims(t *testing.T, s store.Store) {
	n := sampleNotice(sampleMatter, "u1")
	put(t, s, t.Context(), n)
	var won atomic.Int32
	for _, err := range inParallel(t.Context(), 16, func(ctx context.Context, i int) error {
		got, ok, err := s.Apply(ctx, notice.Notice{ID: n.ID},
			notice.Act{Op: notice.OpClaim, Token: fmt.Sprint("t", i), At: at(10), Next: at(70)})
		if err == nil && ok {
			won.Add(1)
			if got.Token != fmt.Sprint("t", i) {
				err = fmt.Errorf("the winner %d was shown the claim of %s", i, got.Token)
			}
		}
		return err
	}) {
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, won.Load())
	got, err := s.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	require.Len(t, got.Attempts, 1)
	require.Equal(t, got.Token, got.Attempts[0].Token)
}

func moveRacingSigns(t *testing.T, s store.Store) {
	n := variants(notice.Sending, notice.OpSend)[0]
	put(t, s, t.Context(), n)
	signs := []notice.Act{
		{Op: notice.OpComplete, At: at(50)}, {Op: notice.OpSend, At: at(51)}, {Op: notice.OpDelivery, At: at(52)},
		{Op: notice.OpDelay, At: at(51)}, {Op: notice.OpUnsure, At: at(50), Next: at(900)}}
	for _, err := range inParallel(t.Context(), len(signs), func(ctx context.Context, i int) error {
		m := signs[i]
		m.Token, m.MessageID, m.Actor = "t2", "m2", notice.ActorSES
		_, _, err := s.Apply(ctx, notice.Notice{ID: n.ID}, m)
		return err
	}) {
		require.NoError(t, err)
	}
	got, err := s.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, notice.Delivered, got.State, "whatever the order, the delivery stands")
	require.Len(t, got.Attempts, 2)
	require.Equal(t, "m2", got.Attempts[1].MessageID)
	require.Equal(t, at(52), got.DeliveredAt)
}
