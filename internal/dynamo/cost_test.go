package dynamo_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dynamo"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// tokens, message ids and revisions as long as they are in production.
const (
	rules     = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	messageID = "0100018f2f1c6e5a-3f6c2d1e-9a4b-4c5d-8e7f-0a1b2c3d4e5f-000000"
)

func token(digit string) string { return strings.Repeat(digit, 32) }

// meter sums capacity units by kind.
type meter struct {
	mu            sync.Mutex
	reads, writes float64
	// dearest is the most that one write cost.
	dearest float64
}

func (m *meter) count(op string, units float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch op {
	case "GetItem", "BatchGetItem", "Query":
		m.reads += units
	default:
		m.writes += units
		m.dearest = max(m.dearest, units)
	}
}

// life takes a notice through a first attempt with an unknown outcome, if retried, to its delivery, as the dispatcher
// and the delivery function do, its agenda rows included.
func life(t *testing.T, s *dynamo.Store, retried bool) notice.Notice {
	n := sampleNotice("subject-7f3a9c")
	row := rowOf(n, at(100))
	require.NoError(t, s.PutRows(t.Context(), row))
	require.NoError(t, s.PutNotice(t.Context(), n))
	move := func(m notice.Act) {
		m.Actor = notice.ActorLapse
		var ok bool
		var err error
		n, ok, err = s.Apply(t.Context(), n, m)
		require.NoError(t, err)
		if m.Op == notice.OpSend { // the reply of SES came first, and the event changes nothing
			require.False(t, ok)
			return
		}
		require.True(t, ok, m.Op)
	}
	place := func(to agenda.Row) {
		require.NoError(t, s.PutRows(t.Context(), to))
		require.NoError(t, s.DeleteRows(t.Context(), row))
		row = to
	}
	claim := notice.Act{Op: notice.OpClaim, Token: token("b"), At: at(1100), Next: at(1160), Version: 12, Rules: rules,
		Due: at(90), Letter: strings.Repeat("c3", 32), Form: strings.Repeat("d4", 32)}
	if retried {
		first := claim
		first.Token, first.At, first.Next, claim.After = token("a"), at(100), at(160), token("a")
		move(first)
		require.NoError(t, s.PutIssued(t.Context(), store.Issued{Pair: strings.Repeat("3", 64), On: "2026-03-01"}))
		move(notice.Act{Op: notice.OpUnsure, Token: first.Token, At: at(102), Next: at(1002)})
		place(rowOf(n, at(1002)))
	}
	move(claim)
	issued := store.Issued{Pair: strings.Repeat("1", 64), Address: strings.Repeat("2", 64), On: "2026-03-01"}
	require.NoError(t, s.PutIssued(t.Context(), issued))
	move(notice.Act{Op: notice.OpComplete, Token: claim.Token, At: at(1101), MessageID: messageID})
	place(rowOf(n, at(1101).Add(notice.ConfirmWindow)))
	move(notice.Act{Op: notice.OpSend, Token: claim.Token, At: at(1102), MessageID: messageID})
	move(notice.Act{Op: notice.OpDelivery, Token: claim.Token, At: at(1104), MessageID: messageID})
	require.NoError(t, s.DeleteRows(t.Context(), row))
	require.Equal(t, notice.Delivered, n.State)
	return n
}

// TestAtMost9WriteUnitsANotice: one of them lets its reader check the letter; an attempt before it has one too.
func TestAtMost9WriteUnitsANotice(t *testing.T) {
	for _, c := range []struct {
		name    string
		retried bool
		writes  float64
	}{
		{"delivered at the first attempt", false, 9},
		{"delivered at the second, after an unknown outcome", true, 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, m := open(t), &meter{}
			s.Count = m.count
			life(t, s, c.retried)
			t.Logf("%g write units", m.writes)
			require.LessOrEqual(t, m.writes, c.writes)
			require.GreaterOrEqual(t, m.writes, 9.0, "the engine reports what is consumed")
			require.Equal(t, 1.0, m.dearest, "no write passes a kilobyte")
			require.LessOrEqual(t, m.reads, 1.0, "only the report that changes nothing is held against the notice as it stands")
		})
	}
}

func TestNoticeStaysUnderAKilobyte(t *testing.T) {
	name := table(t)
	n := life(t, over(name), true)
	require.Len(t, n.Attempts, 2)
	_, hash, _ := notice.SplitID(n.ID)
	bytes := dynamo.Size(raw(t, name, "M#"+worldtest.Matter, "N#"+hash))
	t.Logf("a delivered notice of two attempts has %d bytes", bytes)
	require.Less(t, bytes, 1024)
}

func TestCapacityIsAskedForOnlyWhereItIsCounted(t *testing.T) {
	s, m := open(t), &meter{}
	s.Count = m.count
	h := opened(t, s, worldtest.Matter)
	require.NoError(t, s.Commit(t.Context(), worldtest.Change(h, "e1")))
	_, err := s.Control(t.Context())
	require.NoError(t, err)
	_, err = s.Orders(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Greater(t, m.writes, 6.0, "a transaction costs twice its items")
	require.Positive(t, m.reads)
}
