package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/sesmail"
)

// TestASlowRequestHandsNoMailOverUnderAnOrderThatBegins: the order was recorded two days before it begins. The request
// to SES may take its whole time, and still SES has the mail before.
func TestASlowRequestHandsNoMailOverUnderAnOrderThatBegins(t *testing.T) {
	begins := instant(t, "2026-03-05T05:00:00Z")
	for _, before := range []time.Duration{time.Second, 4 * time.Second, 12 * time.Second, restraint.HandOver,
		time.Minute} {
		w := approved(t)
		w.post("order.received", with(order("o1", through("2026-08-31")), object{"startsOn": "2026-03-05"}))
		w.post("disclosure.made", disclosure("d1", "u1"))
		w.sending = func(notice.Mail) { w.now = w.now.Add(sesmail.Timeout) }
		w.now = begins.Add(-before)
		_, err := w.out.Sweep(w.ctx)
		require.NoError(t, err)
		for _, m := range w.mails {
			require.True(t, m.at.Before(begins), "SES got the mail at %s, %s after the check began", m.at, before)
		}
		require.Equal(t, before > restraint.HandOver, len(w.mails) == 1, "%s before the order begins", before)
	}
}
