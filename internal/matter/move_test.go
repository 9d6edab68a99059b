package matter_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

var moveStart = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// course applies moves a minute apart, each of which has to take effect.
type course struct {
	t *testing.T
	n matter.Notice
	k int
}

func newCourse(t *testing.T) *course { return &course{t: t, n: matter.Notice{State: matter.Scheduled}} }

func (c *course) try(op matter.Op, token, reason string) bool {
	c.k++
	now := moveStart.Add(time.Duration(c.k) * time.Minute)
	m := matter.Move{Op: op, Token: token, Old: c.n.Token, Now: now, Next: now, MessageID: "message of " + token, Reason: reason}
	return m.Apply(&c.n)
}

func (c *course) do(token string, ops ...matter.Op) {
	c.t.Helper()
	for _, op := range ops {
		require.True(c.t, c.try(op, token, ""), "%s %s from %s", op, token, c.n.State)
	}
}

// bounced is a notice whose mail a came back, and that a new contact put back.
func bounced(t *testing.T) *course {
	c := newCourse(t)
	c.do("a", matter.OpClaim, matter.OpComplete)
	require.True(t, c.try(matter.OpBounce, "a", matter.ReasonHardBounce))
	require.Equal(t, matter.Bounced, c.n.State)
	c.do("", matter.OpReopen)
	return c
}

func TestSignsOfAMailThatCameBackMoveNothing(t *testing.T) {
	signs := []matter.Op{matter.OpSend, matter.OpDelivery, matter.OpBounce, matter.OpComplaint, matter.OpReject, matter.OpDelay}
	for _, b := range [][]matter.Op{nil, {matter.OpClaim}, {matter.OpClaim, matter.OpUnsure}, {matter.OpClaim, matter.OpComplete}} {
		c := bounced(t)
		c.do("b", b...)
		before := c.n
		before.Attempts = slices.Clone(c.n.Attempts)
		for _, op := range signs {
			require.False(t, c.try(op, "a", matter.ReasonHardBounce), "%s in %s", op, c.n.State)
			require.Equal(t, before, c.n)
		}
		if len(b) > 0 {
			c.do("b", matter.OpDelivery)
			require.Equal(t, matter.Delivered, c.n.State)
			require.Equal(t, "message of b", c.n.MessageID)
		}
	}
}

func TestABounceOfTheOldAddressLeavesANoticePutBackForANewOne(t *testing.T) {
	c := newCourse(t)
	c.do("a", matter.OpClaim, matter.OpUnsure)
	require.True(t, c.try(matter.OpFail, c.n.Token, matter.ReasonNoContact))
	c.do("", matter.OpReopen)
	require.True(t, c.try(matter.OpBounce, "a", matter.ReasonHardBounce))
	require.Equal(t, matter.Scheduled, c.n.State)
	require.NotZero(t, c.n.Attempts[0].Bounced)
}

func TestABounceOfAnEarlierAttemptLeavesTheLaterOne(t *testing.T) {
	for _, b := range [][]matter.Op{{matter.OpClaim}, {matter.OpClaim, matter.OpUnsure}, {matter.OpClaim, matter.OpComplete}, {matter.OpClaim, matter.OpDelivery}} {
		for _, op := range []matter.Op{matter.OpBounce, matter.OpReject} {
			c := newCourse(t)
			c.do("a", matter.OpClaim, matter.OpUnsure)
			c.do("b", b...)
			state := c.n.State
			require.True(t, c.try(op, "a", matter.ReasonHardBounce))
			require.Equal(t, state, c.n.State)
			require.NotEqual(t, "unknown", c.n.Attempts[0].Outcome, "recorded all the same")
			if state != matter.Delivered {
				c.do("b", matter.OpDelivery)
			}
			require.Equal(t, matter.Delivered, c.n.State)
		}
	}
}

func TestADeliveryWinsOverTheBounceOfAnotherAttempt(t *testing.T) {
	c := newCourse(t)
	c.do("a", matter.OpClaim, matter.OpUnsure)
	c.do("b", matter.OpClaim)
	c.do("a", matter.OpSend)
	c.do("b", matter.OpComplete)
	require.True(t, c.try(matter.OpBounce, "a", matter.ReasonHardBounce))
	require.Equal(t, matter.Bounced, c.n.State)
	c.do("b", matter.OpDelivery)
	require.Equal(t, matter.Delivered, c.n.State)
	require.Equal(t, c.n.Attempts[1].At, c.n.SentAt)
}

func TestAnAcceptedAttemptBesideAnEarlierOneIsRecorded(t *testing.T) {
	for _, settled := range [][]matter.Op{{matter.OpSend}, {matter.OpDelivery}, {matter.OpComplaint}, {matter.OpSend, matter.OpBounce}} {
		for _, op := range []matter.Op{matter.OpComplete, matter.OpSend} {
			c := newCourse(t)
			c.do("a", matter.OpClaim, matter.OpUnsure)
			c.do("b", matter.OpClaim)
			c.do("a", settled...)
			before := c.n
			c.do("b", op)
			b := c.n.Attempts[1]
			require.Equal(t, "accepted", b.Outcome)
			require.Equal(t, "message of b", b.MessageID)
			require.Equal(t, moveStart.Add(time.Duration(c.k)*time.Minute), b.At)
			c.n.Attempts, before.Attempts = nil, nil
			require.Equal(t, before, c.n, "the notice stays the earlier one's")
		}
	}
}

func TestWhatIsOwed(t *testing.T) {
	owed := func(s matter.NoticeState, reason string) bool {
		n := matter.Notice{State: s, Reason: reason}
		return n.Owed()
	}
	require.True(t, owed(matter.Failed, matter.ReasonNoContact))
	require.True(t, owed(matter.Bounced, matter.ReasonHardBounce))
	require.True(t, owed(matter.Bounced, matter.ReasonSuppressed), "another address may take mail")
	require.True(t, owed(matter.Bounced, matter.ReasonSoftBounce), "we have given up, and nobody was told")
	require.False(t, owed(matter.Failed, matter.ReasonRejected))
	require.False(t, owed(matter.Failed, matter.ReasonAttempts))
}

func TestAttemptsStandInTheOrderOfTheirClaims(t *testing.T) {
	n := matter.Notice{State: matter.Retry, Attempts: []matter.Attempt{{Token: "a", Claimed: moveStart.Add(time.Second)}}}
	require.True(t, matter.Move{Op: matter.OpClaim, Token: "b", Now: moveStart}.Apply(&n), "by a clock that is behind")
	require.Equal(t, "b", n.Attempts[0].Token)
	require.Equal(t, "b", n.Token, "it is the last one all the same")
}
