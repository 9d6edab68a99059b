package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// answers has SES give this answer to every mail.
func (s *ses) answers(o notice.Outcome, code string) {
	s.answer = func(notice.Mail) (bool, error) { return false, &notice.SendError{Outcome: o, Code: code} }
}

// TestWhatFollowsEachAnswerOfSES: a row for each kind of answer, with the outcome that internal/sesmail reads in it.
func TestWhatFollowsEachAnswerOfSES(t *testing.T) {
	for _, row := range []struct {
		name    string
		outcome notice.Outcome
		code    string
		state   notice.State
		// attempts are those that count afterwards. paused says why nothing more is sent, "" where sending goes on.
		attempts int
		paused   string
		// again is when the notice may go again, and does if SES takes it then.
		again time.Duration
	}{
		{"the account is paused", notice.OutcomeAccount, "AccountSendingPausedException", notice.Scheduled, 0,
			"account:AccountSendingPausedException", 15 * time.Minute},
		{"the configuration set is paused", notice.OutcomeAccount, "ConfigurationSetSendingPausedException", notice.Scheduled,
			0, "account:ConfigurationSetSendingPausedException", 15 * time.Minute},
		{"the configuration set does not exist", notice.OutcomeAccount, "ConfigurationSetDoesNotExist", notice.Scheduled, 0,
			"account:ConfigurationSetDoesNotExist", 15 * time.Minute},
		{"the MAIL FROM domain is not verified", notice.OutcomeAccount, "MailFromDomainNotVerifiedException",
			notice.Scheduled, 0, "account:MailFromDomainNotVerifiedException", 15 * time.Minute},
		{"access is denied", notice.OutcomeAccount, "AccessDenied", notice.Scheduled, 0, "account:AccessDenied",
			15 * time.Minute},
		{"the token has expired", notice.OutcomeAccount, "ExpiredToken", notice.Scheduled, 0, "account:ExpiredToken",
			15 * time.Minute},
		{"our clock is off", notice.OutcomeAccount, "RequestExpired (clock off by -7m0s)", notice.Scheduled, 0,
			"account:RequestExpired (clock off by -7m0s)", 15 * time.Minute},
		{"the day's quota is used up", notice.OutcomeDaily, "Throttling", notice.Scheduled, 0, "daily_quota:Throttling",
			15 * time.Minute},
		{"the rate is exceeded", notice.OutcomeThrottled, "Throttling", notice.Retry, 0, "", 5 * time.Second},
		{"the request was not written", notice.OutcomeUnreached, "connection failed", notice.Retry, 0, "", 5 * time.Second},
		{"a message is rejected", notice.OutcomeRejected, "MessageRejected", notice.Retry, 0, "", 16 * time.Minute},
		{"a recipient is refused", notice.OutcomeRejected, "InvalidParameterValue", notice.Retry, 0, "", 16 * time.Minute},
		{"no answer", notice.OutcomeUnknown, "timeout", notice.Unknown, 1, "", notice.ReconcileWindow},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.open("u1")
			w.disclose("d1", "u1")
			w.mail.answers(row.outcome, row.code)
			require.Equal(t, row.paused, w.sweep().Paused)
			n := w.notice("d1", "u1")
			require.Equal(t, row.state, n.State)
			require.Len(t, n.Attempts, row.attempts)
			w.mail.answer = nil
			w.advance(row.again - time.Second)
			w.sweep()
			require.Zero(t, w.mail.count(), "not sooner")
			w.advance(time.Second)
			require.Empty(t, w.sweep().Paused)
			require.Equal(t, 1, w.mail.count())
			require.Equal(t, row.attempts+1, len(w.notice("d1", "u1").Attempts))
		})
	}
}

// TestAPauseOfWeeksBurnsNoAttempt: each probe is refused, and the notice goes with the first probe that is not.
func TestAPauseOfWeeksBurnsNoAttempt(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.answers(notice.OutcomeAccount, "AccountSendingPausedException")
	for range 3 * notice.MaxAttempts {
		w.sweep()
		require.Empty(t, w.notice("d1", "u1").Attempts)
		w.at(w.pause().ProbeAt)
	}
	w.mail.answer = nil
	require.Equal(t, 1, w.sweep().Sent)
}

// TestTheDaysQuotaIsForecastByTheDay, even if SES's last quota is older than the mails that used it up.
func TestTheDaysQuotaIsForecastByTheDay(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	w.mail.quota = store.Quota{PerSecond: 14, Per24h: 10, Sent24h: 0}
	w.open(names(10)...)
	w.disclose("d1", names(10)...)
	w.mail.answers(notice.OutcomeDaily, "Throttling")
	r := w.sweep()
	require.Equal(t, 10, r.Waiting)
	require.EqualValues(t, 24*3600, r.DrainSeconds)
	w.advance(time.Minute)
	r = w.sweep()
	require.Equal(t, "daily_quota:Throttling", r.Paused)
	require.EqualValues(t, 24*3600, r.DrainSeconds, "a later sweep knows it from the pause")
}

// TestAnUnknownOutcomeIsResolved by the first that comes: an event of SES, or time and then the policy.
func TestAnUnknownOutcomeIsResolved(t *testing.T) {
	unknown := func(t *testing.T, p dispatch.Policy) *world {
		w := newWorld(t)
		w.Settings.Policy = p
		w.open("u1")
		w.disclose("d1", "u1")
		w.mail.answers(notice.OutcomeUnknown, "timeout")
		require.Equal(t, 1, w.sweep().Unknown)
		w.mail.answer = nil
		return w
	}
	event := func(w *world, op notice.Op) notice.Notice {
		n := w.notice("d1", "u1")
		_, ok, err := w.store.Apply(t.Context(), notice.Notice{ID: n.ID},
			notice.Act{Op: op, Token: n.Token, At: matter.Floor(w.clock()), MessageID: "m", Actor: "ses"})
		require.NoError(t, err)
		require.True(t, ok)
		return w.notice("d1", "u1")
	}
	for name, p := range map[string]dispatch.Policy{"by default": "", "must_arrive": dispatch.MustArrive,
		"at_most_once": dispatch.AtMostOnce} {
		t.Run("by an event "+name, func(t *testing.T) {
			w := unknown(t, p)
			require.Equal(t, notice.Sent, event(w, notice.OpSend).State)
			w.advance(notice.ReconcileWindow)
			w.sweep()
			require.Zero(t, w.mail.count(), "no second mail")
		})
	}
	for name, p := range map[string]dispatch.Policy{"by default": "", "must_arrive": dispatch.MustArrive} {
		t.Run("by time "+name, func(t *testing.T) {
			w := unknown(t, p)
			w.advance(notice.ReconcileWindow)
			w.sweep()
			require.Equal(t, 1, w.mail.count())
			require.Contains(t, string(w.mail.mails[0].Raw), "repetition")
		})
	}
	t.Run("at_most_once holds it until an event comes", func(t *testing.T) {
		w := unknown(t, dispatch.AtMostOnce)
		for range 30 {
			w.advance(24 * time.Hour)
			require.Equal(t, 1, w.sweep().Held)
		}
		require.Equal(t, notice.Unknown, w.notice("d1", "u1").State)
		require.Len(t, w.rows(w.notice("d1", "u1").ID), 1, "law 2")
		require.Equal(t, notice.Delivered, event(w, notice.OpDelivery).State)
		require.Zero(t, w.mail.count())
	})
}
