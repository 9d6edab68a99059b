package delivery

import (
	"testing"

	"lapse/internal/notice"

	"github.com/stretchr/testify/require"
)

// TestWhatIsCountedOfASign: alarms stand on these names. A mail that comes back for the moment is counted nowhere, and one
// refused for its content is no bounce: it says nothing about the address.
func TestWhatIsCountedOfASign(t *testing.T) {
	for _, row := range []struct {
		move notice.Move
		want string
	}{
		{notice.Move{Op: notice.OpDelivery, Reason: notice.ReasonDelivered}, "NoticesDelivered"},
		{notice.Move{Op: notice.OpComplaint, Reason: notice.ReasonComplained}, "NoticesComplained"},
		{notice.Move{Op: notice.OpReject, Reason: notice.ReasonRejected}, "NoticesRejected"},
		{notice.Move{Op: notice.OpBounce, Reason: notice.ReasonContent}, "NoticesRejected"},
		{notice.Move{Op: notice.OpReturn, Reason: notice.ReasonContent, Dead: true}, "NoticesRejected"},
		{notice.Move{Op: notice.OpBounce, Reason: notice.ReasonHardBounce}, "NoticesBounced"},
		{notice.Move{Op: notice.OpReturn, Reason: notice.ReasonSuppressed, Dead: true}, "NoticesBounced"},
		{notice.Move{Op: notice.OpReturn, Reason: notice.ReasonSoftBounce}, ""},
		{notice.Move{Op: notice.OpSend}, ""},
	} {
		require.Equal(t, row.want, metric(row.move), "%s %s", row.move.Op, row.move.Reason)
	}
}
