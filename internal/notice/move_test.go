package notice_test

import (
	"slices"
	"testing"
	"time"

	"lapse/internal/notice"

	"github.com/stretchr/testify/require"
)

var moveStart = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// course applies moves a minute apart, each of which has to take effect.
type course struct {
	t *testing.T
	n notice.Notice
	k int
}

func newCourse(t *testing.T) *course { return &course{t: t, n: notice.Notice{State: notice.Scheduled}} }

func (c *course) try(op notice.Op, token string, reason notice.Reason) bool {
	c.k++
	now := moveStart.Add(time.Duration(c.k) * time.Minute)
	m := notice.Act{Op: op, Token: token, After: c.n.Token, At: now, Next: now, MessageID: "message of " + token,
		Reason: reason}
	after, effect := c.n.Apply(m)
	c.n = after
	return effect != notice.Refused
}

func (c *course) do(token string, ops ...notice.Op) {
	c.t.Helper()
	for _, op := range ops {
		require.True(c.t, c.try(op, token, ""), "%s %s from %s", op, token, c.n.State)
	}
}

// bounced is a notice whose mail a came back, and that a new contact put back.
func bounced(t *testing.T) *course {
	c := newCourse(t)
	c.do("a", notice.OpClaim, notice.OpComplete)
	require.True(t, c.try(notice.OpBounce, "a", notice.ReasonHardBounce))
	require.Equal(t, notice.Bounced, c.n.State)
	c.do("", notice.OpReopen)
	return c
}

func TestSignsOfAMailThatCameBackMoveNothing(t *testing.T) {
	signs := []notice.Op{notice.OpSend, notice.OpDelivery, notice.OpBounce, notice.OpComplaint, notice.OpReject,
		notice.OpDelay}
	for _, b := range [][]notice.Op{nil, {notice.OpClaim}, {notice.OpClaim, notice.OpUnsure},
		{notice.OpClaim, notice.OpComplete}} {
		c := bounced(t)
		c.do("b", b...)
		before := c.n
		before.Attempts = slices.Clone(c.n.Attempts)
		for _, op := range signs {
			require.False(t, c.try(op, "a", notice.ReasonHardBounce), "%s in %s", op, c.n.State)
			require.Equal(t, before, c.n)
		}
		if len(b) > 0 {
			c.do("b", notice.OpDelivery)
			require.Equal(t, notice.Delivered, c.n.State)
			require.Equal(t, "message of b", c.n.MessageID)
		}
	}
}

func TestABounceOfTheOldAddressLeavesANoticePutBackForANewOne(t *testing.T) {
	c := newCourse(t)
	c.do("a", notice.OpClaim, notice.OpUnsure)
	require.True(t, c.try(notice.OpFail, c.n.Token, notice.ReasonNoContact))
	c.do("", notice.OpReopen)
	require.True(t, c.try(notice.OpBounce, "a", notice.ReasonHardBounce))
	require.Equal(t, notice.Scheduled, c.n.State)
	require.NotZero(t, c.n.Attempts[0].Bounced)
}

func TestABounceOfAnEarlierAttemptLeavesTheLaterOne(t *testing.T) {
	for _, b := range [][]notice.Op{{notice.OpClaim}, {notice.OpClaim, notice.OpUnsure},
		{notice.OpClaim, notice.OpComplete}, {notice.OpClaim, notice.OpDelivery}} {
		for _, op := range []notice.Op{notice.OpBounce, notice.OpReject} {
			c := newCourse(t)
			c.do("a", notice.OpClaim, notice.OpUnsure)
			c.do("b", b...)
			state := c.n.State
			require.True(t, c.try(op, "a", notice.ReasonHardBounce))
			require.Equal(t, state, c.n.State)
			require.NotEqual(t, "unknown", c.n.Attempts[0].Outcome, "recorded all the same")
			if state != notice.Delivered {
				c.do("b", notice.OpDelivery)
			}
			require.Equal(t, notice.Delivered, c.n.State)
		}
	}
}

func TestADeliveryWinsOverTheBounceOfAnotherAttempt(t *testing.T) {
	c := newCourse(t)
	c.do("a", notice.OpClaim, notice.OpUnsure)
	c.do("b", notice.OpClaim)
	c.do("a", notice.OpSend)
	c.do("b", notice.OpComplete)
	require.True(t, c.try(notice.OpBounce, "a", notice.ReasonHardBounce))
	require.Equal(t, notice.Bounced, c.n.State)
	c.do("b", notice.OpDelivery)
	require.Equal(t, notice.Delivered, c.n.State)
	require.Equal(t, c.n.Attempts[1].At, c.n.SentAt)
}

func TestAnAcceptedAttemptBesideAnEarlierOneIsRecorded(t *testing.T) {
	for _, settled := range [][]notice.Op{{notice.OpSend}, {notice.OpDelivery}, {notice.OpComplaint},
		{notice.OpSend, notice.OpBounce}} {
		for _, op := range []notice.Op{notice.OpComplete, notice.OpSend} {
			c := newCourse(t)
			c.do("a", notice.OpClaim, notice.OpUnsure)
			c.do("b", notice.OpClaim)
			c.do("a", settled...)
			before := c.n
			c.do("b", op)
			b := c.n.Attempts[1]
			require.Equal(t, notice.OutcomeAccepted, b.Outcome)
			require.Equal(t, "message of b", b.MessageID)
			require.Equal(t, moveStart.Add(time.Duration(c.k)*time.Minute), b.At)
			c.n.Attempts, before.Attempts = nil, nil
			before.Revision++
			require.Equal(t, before, c.n, "the notice stays the earlier one's")
		}
	}
}

func TestWhatIsOwed(t *testing.T) {
	owed := func(s notice.State, reason notice.Reason) bool {
		n := notice.Notice{State: s, Reason: reason}
		return n.Owed()
	}
	require.True(t, owed(notice.Failed, notice.ReasonNoContact))
	require.True(t, owed(notice.Bounced, notice.ReasonHardBounce))
	require.True(t, owed(notice.Bounced, notice.ReasonSuppressed), "another address may take mail")
	require.True(t, owed(notice.Bounced, notice.ReasonSoftBounce), "we have given up, and nobody was told")
	require.True(t, owed(notice.Failed, notice.ReasonRejected), "another address may take mail")
	require.False(t, owed(notice.Failed, notice.ReasonAttempts))
}

func TestAttemptsStandInTheOrderOfTheirClaims(t *testing.T) {
	n := notice.Notice{State: notice.Retry, Attempts: []notice.Attempt{{Token: "a", Claimed: moveStart.Add(time.Second)}}}
	n, effect := n.Apply(notice.Claim(notice.Attempt{Token: "b", Claimed: moveStart}, "", moveStart.Add(notice.LeaseTime),
		0))
	require.Equal(t, notice.Applied, effect, "by a clock that is behind")
	require.Equal(t, "b", n.Attempts[0].Token)
	require.Equal(t, "b", n.Token, "it is the last one all the same")
}
