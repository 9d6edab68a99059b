package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/sesmail"
	"lapse/internal/worldtest"
)

// TestASlowRequestHandsNoMailOverUnderAnOrderThatBegins: the order was recorded two days before it begins. The request
// to SES may take its whole time, and still SES has the mail before.
func TestASlowRequestHandsNoMailOverUnderAnOrderThatBegins(t *testing.T) {
	begins := worldtest.Instant(t, "2026-03-05T05:00:00Z")
	for _, before := range []time.Duration{time.Second, 4 * time.Second, 12 * time.Second, restraint.HandOver,
		time.Minute} {
		w := approved(t)
		w.Post(worldtest.Order("o1").With(object{"startsOn": "2026-03-05"}))
		w.Post(worldtest.Disclosure("d1", "u1"))
		w.SES.Sending = func(notice.Mail) { w.Advance(sesmail.Timeout) }
		w.Set(begins.Add(-before))
		w.Sweep()
		for _, m := range w.SES.Mails() {
			require.True(t, m.At.Before(begins), "SES got the mail at %s, %s after the check began", m.At, before)
		}
		require.Equal(t, before > restraint.HandOver, len(w.SES.Mails()) == 1, "%s before the order begins", before)
	}
}
