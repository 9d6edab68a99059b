package statemachine

import "lapse/internal/notice"

// Move is one arrow of the picture: the acts that lead a notice from one state to another.
type Move struct {
	From, To notice.State
	Ops      []notice.Op
}

// MainPath returns the arrows of the picture: a notice's usual way and its most frequent detours. A test checks that
// the state table has every arrow.
func MainPath() []Move {
	return []Move{
		{notice.Scheduled, notice.Sending, []notice.Op{notice.OpClaim}},
		{notice.Sending, notice.Sent, []notice.Op{notice.OpComplete}},
		{notice.Sent, notice.Delivered, []notice.Op{notice.OpDelivery}},

		{notice.Sending, notice.Scheduled, []notice.Op{notice.OpRelease}},
		{notice.Sending, notice.Retry, []notice.Op{notice.OpRelease}},
		{notice.Retry, notice.Sending, []notice.Op{notice.OpClaim}},

		{notice.Sending, notice.Unknown, []notice.Op{notice.OpUnsure, notice.OpLost}},
		{notice.Unknown, notice.Sent, []notice.Op{notice.OpSend}},
		{notice.Unknown, notice.Sending, []notice.Op{notice.OpClaim}},

		{notice.Sent, notice.Retry, []notice.Op{notice.OpReturn}},
		{notice.Sent, notice.Bounced, []notice.Op{notice.OpBounce}},
		{notice.Sent, notice.Complained, []notice.Op{notice.OpComplaint}},
		{notice.Sent, notice.Unconfirmed, []notice.Op{notice.OpUnconfirm}},
		{notice.Bounced, notice.Scheduled, []notice.Op{notice.OpReopen}},

		{notice.Scheduled, notice.Held, []notice.Op{notice.OpHold}},
		{notice.Held, notice.Scheduled, []notice.Op{notice.OpFree}},
		{notice.Held, notice.Cancelled, []notice.Op{notice.OpCancel}},
		{notice.Scheduled, notice.Failed, []notice.Op{notice.OpFail}},
		{notice.Scheduled, notice.Withheld, []notice.Op{notice.OpWithhold}},
		{notice.Held, notice.ToldOtherwise, []notice.Op{notice.OpTell}},
		{notice.Failed, notice.Scheduled, []notice.Op{notice.OpReopen}},
	}
}
