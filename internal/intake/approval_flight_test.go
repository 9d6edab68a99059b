package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/ledger"
	"lapse/internal/notice"
)

// The repetition of an approval that cancelled a notice says that nothing is in flight while the mail is.
func TestARepeatedApprovalNamesWhatFlies(t *testing.T) {
	w, n := flying(t)
	w.svc.Principals, w.svc.Wait = true, nil
	res, err := w.svc.Take(t.Context(), w.event("notice.cancelled", object{"noticeId": n.ID, "reason": "r"}), "http",
		"ann")
	require.NoError(t, err)
	require.NotNil(t, res.Waiting)
	given := w.event("approval.given", object{"approval": res.Waiting.Approval.ID, "reason": "r"})
	res, err = w.svc.Take(t.Context(), given, "http", "bob")
	require.NoError(t, err)
	require.Equal(t, []ledger.InFlight{{Notice: n.ID, Outcome: ledger.InDoubt}}, res.Answer.InFlight)
	res, err = w.svc.Take(t.Context(), given, "http", "bob")
	require.NoError(t, err)
	flies, err := w.store.Notice(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, notice.Sending, flies.State)
	require.Equal(t, []ledger.InFlight{{Notice: n.ID, Outcome: ledger.InDoubt}}, res.Answer.InFlight)
}
