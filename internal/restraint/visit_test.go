package restraint_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

func TestWhereANoticesRowStands(t *testing.T) {
	now := tuesday
	for name, row := range map[string]struct {
		change func(*notice.Notice)
		at     string
	}{
		"scheduled: at its due": {func(*notice.Notice) {}, "2026-04-01T04:00:00Z"},
		"retry before its due: at its due": {func(n *notice.Notice) { n.State, n.Next = notice.Retry, at(t, now) },
			"2026-04-01T04:00:00Z"},
		"retry with a long backoff: at its next": {func(n *notice.Notice) {
			n.State, n.Next = notice.Retry,
				at(t, "2026-04-02T00:00:00Z")
		}, "2026-04-02T00:00:00Z"},
		"unknown: at the end of the wait": {func(n *notice.Notice) {
			n.State, n.Next = notice.Unknown,
				at(t, "2026-04-02T00:00:00Z")
		}, "2026-04-02T00:00:00Z"},
		"sending: when the lease ends": {func(n *notice.Notice) {
			n.State, n.Lease = notice.Sending,
				at(t, "2026-03-03T12:00:30Z")
		}, "2026-03-03T12:00:30Z"},
		"sent: when it becomes unconfirmed": {func(n *notice.Notice) {
			n.State, n.SentAt = notice.Sent,
				at(t, now)
		}, "2026-03-10T12:00:00Z"},
		"held by a person: at the next review": {func(n *notice.Notice) { n.State = notice.Held },
			"2026-06-01T12:00:00Z"},
		"delivered: nowhere":                        {func(n *notice.Notice) { n.State = notice.Delivered }, ""},
		"failed: nowhere until somebody reopens it": {func(n *notice.Notice) { n.State = notice.Failed }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, tuesday)
			s.file(now, paper("o", through(t, "2026-03-31")))
			n := s.notice()
			row.change(n)
			visit, open := restraint.NewEvaluator().NextVisit(n, u1(), &s.head, at(t, now))
			require.Equal(t, row.at != "", open)
			require.Equal(t, at(t, row.at), visit)
		})
	}
}

func TestARestraintThatAsksCounselIsReviewedAsOftenAsAnOrderWithoutAnEnd(t *testing.T) {
	for origin, days := range map[matter.Origin]int{
		matter.OriginStatute: 365, matter.OriginOrder: 365, matter.OriginUnverified: 90, matter.OriginUnstated: 90,
		matter.OriginUnreadable: 90,
	} {
		r := matter.Restraint{ID: "law-x", Origin: origin, Kind: matter.Statute, All: true,
			Paper: matter.Paper{End: matter.End{Kind: matter.EndNone}}, Recorded: at(t, tuesday)}
		i := restraint.NewEvaluator().Ends(&r, time.Time{})
		require.Equal(t, origin, i.Origin)
		require.Equal(t, at(t, tuesday).AddDate(0, 0, days), i.NextReview(at(t, tuesday)), string(origin))
	}
}

func TestANoticeThatIsOwedAgainIsDueAnew(t *testing.T) {
	s := begin(t, tuesday)
	n := s.notice()
	n.Token, n.Attempts = "tok", []notice.Attempt{{Token: "tok", Outcome: "accepted", Due: s.base}}
	n.State = notice.Bounced
	s.file("2026-03-05T00:00:00Z", paper("o", through(t, "2026-06-30")))
	due, known := restraint.NewEvaluator().NoticeDue(n, u1(), &s.head, at(t, "2026-03-06T00:00:00Z"))
	require.True(t, known)
	require.Equal(t, s.base, due, "that of the evaluation its mail rested on")
	n.State = notice.Scheduled
	due, known = restraint.NewEvaluator().NoticeDue(n, u1(), &s.head, at(t, "2026-03-06T00:00:00Z"))
	require.True(t, known)
	require.Equal(t, at(t, "2026-07-01T04:00:00Z"), due)
}

// While a challenge is pending the order comes up when the other side's time to answer is over.
func TestAnOrderComesUpWhenTheClockOfAChallengeHasRun(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", through(t, "2026-06-30")))
	o := s.order("o")
	o.Challenges = []matter.OrderChallenge{
		{Outcome: matter.ChallengePending, Clock: at(t, "2026-03-20T00:00:00Z")},
		{Outcome: matter.ChallengePending, Clock: at(t, "2026-03-10T00:00:00Z")},
		{Outcome: matter.ChallengePending, Clock: at(t, "2026-03-01T00:00:00Z")},
		{Outcome: "decided", Clock: at(t, "2026-03-05T00:00:00Z")},
	}
	visit, open := restraint.NewEvaluator().NextOrderVisit(o, &s.head, at(t, tuesday))
	require.True(t, open)
	require.Equal(t, at(t, "2026-03-10T00:00:00Z"), visit, "the first clock that still runs")
	o.Challenges = o.Challenges[2:]
	visit, open = restraint.NewEvaluator().NextOrderVisit(o, &s.head, at(t, tuesday))
	require.True(t, open)
	require.Equal(t, at(t, "2026-07-01T04:00:00Z"), visit, "no clock runs, so it comes up at its end")
}
