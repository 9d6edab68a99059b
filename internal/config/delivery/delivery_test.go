package delivery

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// TestWhatIsCountedOfASign: alarms stand on these names. A mail that comes back for the moment is counted nowhere, and one
// refused for its content is no bounce: it says nothing about the address.
func TestWhatIsCountedOfASign(t *testing.T) {
	for _, row := range []struct {
		move matter.Move
		want string
	}{
		{matter.Move{Op: matter.OpDelivery, Reason: matter.ReasonDelivered}, "NoticesDelivered"},
		{matter.Move{Op: matter.OpComplaint, Reason: matter.ReasonComplained}, "NoticesComplained"},
		{matter.Move{Op: matter.OpReject, Reason: matter.ReasonRejected}, "NoticesRejected"},
		{matter.Move{Op: matter.OpBounce, Reason: matter.ReasonContent}, "NoticesRejected"},
		{matter.Move{Op: matter.OpReturn, Reason: matter.ReasonContent, Dead: true}, "NoticesRejected"},
		{matter.Move{Op: matter.OpBounce, Reason: matter.ReasonHardBounce}, "NoticesBounced"},
		{matter.Move{Op: matter.OpReturn, Reason: matter.ReasonSuppressed, Dead: true}, "NoticesBounced"},
		{matter.Move{Op: matter.OpReturn, Reason: matter.ReasonSoftBounce}, ""},
		{matter.Move{Op: matter.OpSend}, ""},
	} {
		require.Equal(t, row.want, metric(row.move), "%s %s", row.move.Op, row.move.Reason)
	}
}
