package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// TestADisclosureAheadOfTheClockWaitsForTheDifferenceOfClocks: the instant is another clock's, and ours may be ahead of
// that one.
func TestADisclosureAheadOfTheClockWaitsForTheDifferenceOfClocks(t *testing.T) {
	w := approved(t)
	ahead := w.Now().Add(10 * time.Minute)
	w.Post(worldtest.Disclosure("d1", "u1").At(ahead.Format(time.RFC3339)))
	w.Set(ahead)
	w.sweep()
	require.Empty(t, w.SES.Mails())
	w.Set(ahead.Add(matter.Margin - time.Second))
	w.sweep()
	require.Empty(t, w.SES.Mails())
	require.Equal(t, notice.Scheduled, w.notice("u1").State)
	w.Set(ahead.Add(matter.Margin))
	w.sweep()
	require.Len(t, w.SES.Mails(), 1)
}

// TestTheSameContentUnderANewIDLeavesAReceipt: from then on that id stands for this content.
func TestTheSameContentUnderANewIDLeavesAReceipt(t *testing.T) {
	w := approved(t)
	first := worldtest.Order("o1", "u1")
	w.Post(first)
	again := w.Post(first.Named("again"))
	require.True(t, again.Replayed)
	rec, err := w.Store.Receipt(t.Context(), ledger.ReceiptKey("legal.example", "again"))
	require.NoError(t, err)
	require.Equal(t, again.Version, rec.Version)
	w.Refused(worldtest.Order("o2", "u2").Named("again"), "/id")
}
