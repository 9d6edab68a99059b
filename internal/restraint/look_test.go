package restraint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/notice"
	"lapse/internal/restraint"
)

func TestWhereANoticesRowStands(t *testing.T) {
	now := tuesday
	for name, row := range map[string]struct {
		change func(*notice.Notice)
		at     string
	}{
		"scheduled: at its due":                     {func(*notice.Notice) {}, "2026-04-01T04:00:00Z"},
		"retry before its due: at its due":          {func(n *notice.Notice) { n.State, n.Next = notice.Retry, at(t, now) }, "2026-04-01T04:00:00Z"},
		"retry with a long backoff: at its next":    {func(n *notice.Notice) { n.State, n.Next = notice.Retry, at(t, "2026-04-02T00:00:00Z") }, "2026-04-02T00:00:00Z"},
		"unknown: at the end of the wait":           {func(n *notice.Notice) { n.State, n.Next = notice.Unknown, at(t, "2026-04-02T00:00:00Z") }, "2026-04-02T00:00:00Z"},
		"sending: when the lease ends":              {func(n *notice.Notice) { n.State, n.Lease = notice.Sending, at(t, "2026-03-03T12:00:30Z") }, "2026-03-03T12:00:30Z"},
		"sent: when it becomes unconfirmed":         {func(n *notice.Notice) { n.State, n.SentAt = notice.Sent, at(t, now) }, "2026-03-10T12:00:00Z"},
		"held by a person: at the next review":      {func(n *notice.Notice) { n.State = notice.Held }, "2026-06-01T12:00:00Z"},
		"delivered: nowhere":                        {func(n *notice.Notice) { n.State = notice.Delivered }, ""},
		"failed: nowhere until somebody reopens it": {func(n *notice.Notice) { n.State = notice.Failed }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, tuesday)
			s.file(now, paper("o", through(t, "2026-03-31")))
			n := s.notice()
			row.change(n)
			look, open := restraint.NewEvaluator().Look(n, &s.head, at(t, now))
			require.Equal(t, row.at != "", open)
			require.Equal(t, at(t, row.at), look)
		})
	}
}

func TestANoticeThatIsOwedAgainIsDueAnew(t *testing.T) {
	s := begin(t, tuesday)
	n := s.notice()
	n.Token, n.Attempts = "tok", []notice.Attempt{{Token: "tok", Outcome: "accepted", Due: s.base}}
	n.State = notice.Bounced
	s.file("2026-03-05T00:00:00Z", paper("o", through(t, "2026-06-30")))
	due, known := restraint.NewEvaluator().NoticeDue(n, &s.head, at(t, "2026-03-06T00:00:00Z"))
	require.True(t, known)
	require.Equal(t, s.base, due, "that of the evaluation its mail rested on")
	n.State = notice.Scheduled
	due, known = restraint.NewEvaluator().NoticeDue(n, &s.head, at(t, "2026-03-06T00:00:00Z"))
	require.True(t, known)
	require.Equal(t, at(t, "2026-07-01T04:00:00Z"), due)
}
