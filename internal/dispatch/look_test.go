package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/memory"
)

// TestAPageIsReadAtOnce: the reads of a sweep grow with its pages and not with its notices.
func TestAPageIsReadAtOnce(t *testing.T) {
	w := newWorld(t)
	all := names(300)
	w.open(all...)
	w.disclose("d1", all...)
	w.makes()
	w.advance(time.Second)
	looks := w.counted("NoticesOf", "SubjectsOf", "Heads", "Notice", "Subjects")
	require.Equal(t, len(all), w.sweep().Sent)
	require.LessOrEqual(t, looks.Load(), int64(3*agenda.NoticeShards))
}

// TestAnOldLookIsRenewed: where sending is slow, a page is read again instead of deciding by what was read long ago.
func TestAnOldLookIsRenewed(t *testing.T) {
	w := newWorld(t)
	w.Settings.Workers = 1
	all := names(160)
	w.open(all...)
	w.disclose("d1", all...)
	w.makes()
	w.advance(time.Second)
	looks := 0
	w.store.Fault = func(op, _ string) memory.Effect {
		switch op {
		case "Apply claim":
			w.advance(time.Second)
		case "NoticesOf":
			looks++
		}
		return memory.None
	}
	require.Equal(t, len(all), w.sweep().Sent)
	require.Greater(t, looks, agenda.NoticeShards, "ten notices of a page last ten seconds")
	require.LessOrEqual(t, looks, 3*agenda.NoticeShards)
}

// TestAnItemThatCannotBeReadHoldsUpNoOther: where a page cannot be read at once, each notice is read by itself.
func TestAnItemThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	for _, op := range []string{"NoticesOf", "Heads", "SubjectsOf"} {
		w := newWorld(t)
		all := names(20)
		w.open(all...)
		w.disclose("d1", all...)
		w.makes()
		w.advance(time.Second)
		w.store.Fault = failing(op, memory.FailBefore, 1_000)
		r := w.faultySweep()
		require.Equal(t, len(all), r.Sent, op)
		require.Positive(t, r.Errors, "it is no secret")
	}
}
