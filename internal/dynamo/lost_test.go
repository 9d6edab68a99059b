package dynamo_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
	"lapse/internal/matter"
	"lapse/internal/storetest"
)

// losing is a store each of whose requests loses its first answer, so that all that counts is the SDK's repetition.
// Reports of SES and final states, which matter.Move.Apply does not recognise as its own, go the safe way; what they
// leave behind is TestLostReplyLeavesWhatTheOpWants.
type losing struct {
	*dynamo.Store
	safe *dynamo.Store
}

// Move implements storetest.Notices.
func (l losing) Move(ctx context.Context, m matter.Move) (matter.Notice, bool, error) {
	own := []matter.Op{matter.OpClaim, matter.OpComplete, matter.OpRelease, matter.OpUnsure, matter.OpLost, matter.OpLate, matter.OpDelay}
	if slices.Contains(own, m.Op) {
		return l.Store.Move(ctx, m)
	}
	return l.safe.Move(ctx, m)
}

func loseFirst(_ string, _ int, again bool) fate { return fate{lost: !again} }

func TestStoreKeepsTheLawsOfStoresThoughEveryAnswerIsLostOnce(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		name := table(t)
		lossy := over(name, (&wire{decide: loseFirst}).on)
		return losing{lossy, over(name)}
	})
}

// signed are a notice and the ops of SES or the sweep that move it from there.
func signed() []struct {
	from matter.NoticeState
	move matter.Move
} {
	move := func(op matter.Op) matter.Move {
		return matter.Move{Op: op, Token: "t1", Now: at(20), Next: at(900), MessageID: "m1", Reason: "why", Actor: "ses"}
	}
	unconfirm := move(matter.OpUnconfirm)
	unconfirm.Now = at(20).Add(2 * matter.ConfirmWindow)
	return []struct {
		from matter.NoticeState
		move matter.Move
	}{
		{matter.Sending, move(matter.OpSend)}, {matter.UnknownSent, move(matter.OpSend)}, {matter.Sending, move(matter.OpDelivery)},
		{matter.Sent, move(matter.OpDelivery)}, {matter.Delivered, move(matter.OpBounce)}, {matter.Sent, move(matter.OpComplaint)},
		{matter.Sending, move(matter.OpReject)}, {matter.Scheduled, move(matter.OpFail)}, {matter.Sent, unconfirm}, {matter.Bounced, move(matter.OpReopen)},
	}
}

func TestLostReplyLeavesWhatTheOpWants(t *testing.T) {
	name := table(t)
	safe, lossy := over(name), over(name, (&wire{decide: loseFirst}).on)
	for _, row := range signed() {
		n := sampleNotice(string(row.from) + string(row.move.Op))
		n.State, n.Token, n.Reason = row.from, "t1", matter.ReasonHardBounce
		n.Attempts = []matter.Attempt{{Token: "t1", Claimed: at(5)}}
		require.NoError(t, safe.PutNotice(t.Context(), n, rowOf(n, at(100))))
		row.move.Notice = n.ID
		want := n
		want.Attempts = slices.Clone(n.Attempts)
		require.True(t, row.move.Apply(&want), "%s from %s", row.move.Op, row.from)

		got, _, err := lossy.Move(t.Context(), row.move)
		require.NoError(t, err)
		require.Equal(t, want, got, "%s from %s", row.move.Op, row.from)
	}
}
