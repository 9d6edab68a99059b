package statemachine

import (
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// meanings returns the meaning of each op in words.
func meanings() map[notice.Op]string {
	return map[notice.Op]string{
		notice.OpClaim: "an attempt starts and owns the notice until its lease ends; none does while a hold on record " +
			"is not carried out",
		notice.OpComplete: "SES accepted the attempt's mail",
		notice.OpRelease: "given back, and not counted as an attempt: to `scheduled` where something blocks or sending " +
			"is paused, to `retry` where SES refused it or was not reached",
		notice.OpDecide: "a person's decision to hold or cancel it is on the ledger; no attempt begins until it is " +
			"carried out",
		notice.OpUnsure:   "SES may or may not have taken the mail; it waits for the Send event",
		notice.OpLost:     "the attempt's lease ended without a word: the same, recorded by somebody else",
		notice.OpSend:     "SES reports that it took a known attempt's mail",
		notice.OpDelivery: "SES reports that the recipient's server took it",
		notice.OpBounce:   "SES reports that it came back, and there is nothing left to try",
		notice.OpReturn: "SES reports that it came back: it is tried again later, or at the next contact; held, while " +
			"a person holds it",
		notice.OpComplaint: "SES reports that the recipient complained: it was delivered",
		notice.OpReject:    "SES reports that it threw the mail away",
		notice.OpDelay:     "SES reports a delay; kept as the last sign",
		notice.OpFail: "it cannot be mailed: no verified contact (still owed, and a new one puts it back), refused " +
			"for good, or too many attempts",
		notice.OpUnconfirm: "no sign for seven days after SES took it",
		notice.OpReopen:    "a new verified contact puts a notice that is still owed back; held, while a person holds it",
		notice.OpHold:      "a person holds it, with a reason",
		notice.OpFree:      "two persons let a held notice go",
		notice.OpCancel:    "two persons decided never to send it",
		notice.OpRestore:   "the log tells that SES took a mail which the restored table does not know of",
		notice.OpDoubt: "the log tells that nobody knows whether SES took a mail which the restored table does not " +
			"know of; held, while a person holds it",
		notice.OpLate: "an order was recorded after the mail that would have covered it: evidence, nothing is recalled",
	}
}

// matterState is a state of a matter with the decision that leads to it, "" if none does.
type matterState struct {
	state    matter.State
	decision string
	meaning  string
}

func matterStates() []matterState {
	return []matterState{
		{matter.AwaitingRequest, "", "an order or a contact came first; orders block all the same"},
		{matter.Received, "", "the request is recorded and waits for counsel's decision"},
		{matter.Approved, "comply, comply_in_part",
			"counsel decided to comply, wholly or in part: a compelled disclosure may follow"},
		{matter.Challenged, "challenge", "counsel challenges the request"},
		{matter.Rejected, "reject", "counsel refused"},
		{matter.Redirected, "redirect", "the authority was sent to the customer"},
		{matter.Withdrawn, "withdrawn", "the authority withdrew the request"},
		{matter.Disclosed, "", "data of at least one subject was handed over: notices are owed"},
	}
}
