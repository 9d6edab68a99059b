package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

func (w *world) refusals() store.Refusals {
	c, err := w.store.Control(w.t.Context())
	require.NoError(w.t, err)
	return c.Refusals
}

// refuseOnly has SES refuse the messages of these notices and take all others.
func (s *ses) refuseOnly(ids ...string) {
	bad := map[string]bool{}
	for _, id := range ids {
		bad[id] = true
	}
	s.answer = func(m notice.Mail) (bool, error) {
		if bad[m.Notice] {
			return false, &notice.SendError{Outcome: notice.OutcomeRejected, Code: "Code"}
		}
		return true, nil
	}
}

// TestRefusalsAcrossSweepsPauseALowVolume: three notices a sweep, and SES refuses every one.
func TestRefusalsAcrossSweepsPauseALowVolume(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open(names(10)...)
	w.mail.refuse(notice.OutcomeRejected)
	for i, u := range names(10) {
		w.disclose(fmt.Sprint("d", i), u)
		r := w.sweep()
		require.Zero(t, r.Failed, "no mail was taken since, so the account may be the reason")
		require.Equal(t, i >= 2, w.pause() != (store.Pause{}), "sweep %d", i)
		w.advance(time.Minute)
	}
	require.Equal(t, "rejected:Code", w.pause().Reason())
	require.GreaterOrEqual(t, w.refusals().Count, 3)
	for range 40 {
		w.at(w.pause().ProbeAt)
		require.Zero(t, w.sweep().Failed, "a probe's refusal fails nobody")
	}
	w.mail.answer = nil
	w.at(w.pause().ProbeAt)
	w.sweep()
	w.advance(time.Hour)
	w.sweep()
	require.Equal(t, 10, w.mail.count(), "all are told once the account is mended")
	require.Zero(t, w.pause())
}

func TestManyRefusalsInOneSweepPauseTheAccount(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open(names(20)...)
	w.disclose("d1", names(20)...)
	w.mail.refuse(notice.OutcomeRejected)
	r := w.sweep()
	require.Zero(t, r.Failed)
	require.Equal(t, 20, r.Waiting)
	require.Equal(t, "rejected:Code", w.pause().Reason())
	require.Equal(t, store.Refusals{Count: 3, Code: "Code"}, w.refusals())
}

// TestARefusalIsTheMessagesOnceOthersAreTaken: SES refuses a message twice, and takes another mail in between.
func TestARefusalIsTheMessagesOnceOthersAreTaken(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open("u1", "u2", "u3")
	w.disclose("d1", "u1")
	w.makes()
	bad := w.notice("d1", "u1").ID
	w.mail.refuseOnly(bad)
	require.Zero(t, w.sweep().Failed)
	require.Equal(t, notice.Retry, w.notice("d1", "u1").State)
	w.advance(30 * time.Minute)
	require.Zero(t, w.sweep().Failed, "nothing says that the account is well")
	w.disclose("d2", "u2")
	w.advance(time.Minute)
	require.Equal(t, 1, w.sweep().Sent)
	w.advance(time.Hour)
	require.Equal(t, 1, w.sweep().Failed)
	n := w.notice("d1", "u1")
	require.Equal(t, notice.Failed, n.State)
	require.Equal(t, notice.ReasonRejected, n.Reason)
	require.Zero(t, w.pause())
	require.Contains(t, w.log.String(), `"code":"Code"`)
	require.Contains(t, w.bus.all(),
		fmt.Sprintf(`lapse.notice.undeliverable {"matter":%q,"notice":%q,"reason":"rejected"}`, aMatter, n.ID))
}

// TestARefusalAmongOthersFailsNobody: SES took a mail since the first refusal, and refused another since.
func TestARefusalAmongOthersFailsNobody(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open("u1", "u2", "u3")
	w.disclose("d1", "u1")
	w.mail.refuse(notice.OutcomeRejected)
	w.sweep()
	w.mail.answer = nil
	w.disclose("d2", "u2")
	w.advance(time.Minute)
	require.Equal(t, 1, w.sweep().Sent)
	w.mail.refuse(notice.OutcomeRejected)
	w.disclose("d3", "u3")
	w.advance(time.Minute)
	w.sweep()
	w.advance(time.Hour)
	require.Zero(t, w.sweep().Failed)
	require.Equal(t, notice.Retry, w.notice("d1", "u1").State)
}

// TestDifferentRefusalsAreNotAlike: each has its own reason, so no single one stops all mails.
func TestDifferentRefusalsAreNotAlike(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.open(names(6)...)
	w.disclose("d1", names(6)...)
	calls := 0
	w.mail.answer = func(notice.Mail) (bool, error) {
		calls++
		return false, &notice.SendError{Outcome: notice.OutcomeRejected, Code: fmt.Sprint("Code", calls%2)}
	}
	w.sweep()
	require.Equal(t, 6, calls)
	require.Zero(t, w.pause())
}

// TestRefusalsThatCannotBeKeptAreAFailedStep, and the sweep goes on.
func TestRefusalsThatCannotBeKeptAreAFailedStep(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "PutRefusals" {
			return memory.FailBefore
		}
		return memory.None
	}
	r := w.faultySweep()
	require.Equal(t, 1, r.Errors)
	require.Equal(t, 1, r.Sent)
	w.store.Fault = nil
	w.sweep()
	require.Zero(t, w.refusals().Accepted, "nothing was sent since")
}
