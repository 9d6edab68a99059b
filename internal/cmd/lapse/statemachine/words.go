package statemachine

import (
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// meanings returns the meaning of each op in words.
func meanings() map[notice.Op]string {
	return map[notice.Op]string{
		notice.OpClaim: "An attempt starts and owns the notice until its lease ends. None starts while a recorded hold " +
			"is not carried out.",
		notice.OpComplete: "SES accepted the attempt's mail.",
		notice.OpRelease: "The attempt is given back and does not count: to `scheduled` if a restraint or a pause " +
			"stops it, to `retry` if SES refused it or was not reached.",
		notice.OpDecide: "A person's decision to hold or cancel the notice is on the ledger. No attempt begins until " +
			"the decision is carried out.",
		notice.OpUnsure:   "SES may or may not have taken the mail. The notice waits for the Send event.",
		notice.OpLost:     "The attempt's lease ended without an outcome. Another process records the same.",
		notice.OpSend:     "SES reports that it took a known attempt's mail.",
		notice.OpDelivery: "SES reports that the recipient's server took the mail.",
		notice.OpBounce:   "SES reports that the mail came back, and nothing is left to try.",
		notice.OpReturn: "SES reports that the mail came back. It is tried again later, or at the next contact. The " +
			"notice is held while a person holds it.",
		notice.OpComplaint: "SES reports that the recipient complained, so the mail was delivered.",
		notice.OpReject:    "SES reports that it threw the mail away, or refuses it for good in its answer.",
		notice.OpDelay:     "SES reports a delay. It is kept as the last report.",
		notice.OpFail: "The notice cannot be mailed: no verified contact (still owed, and a new one reopens it), " +
			"refused for good, or too many attempts.",
		notice.OpWithhold: "A notice in advance may not go when it is to go: a restraint covers the recipient, counsel " +
			"decided otherwise, or data was handed over. It is not revived.",
		notice.OpUnconfirm: "SES took the mail and reported nothing for seven days.",
		notice.OpReopen: "A new verified contact puts back a notice that is still owed. It is held while a person " +
			"holds it.",
		notice.OpHold: "A person holds the notice, with a reason. One that is over and still owed stays as it is: a new " +
			"contact then leads to `held`.",
		notice.OpFree:    "Two persons release a held notice. One that is over and still owed stays as it is.",
		notice.OpCancel:  "Two persons decided never to send the notice.",
		notice.OpTell:    "The recipient was told by another way than mail: two persons say so, or one with a document.",
		notice.OpRestore: "The log tells that SES took a mail that the restored table does not know of.",
		notice.OpDoubt: "The log tells that SES may have taken a mail that the restored table does not know of. The " +
			"notice is held while a person holds it.",
		notice.OpLate: "An order that covers the notice was recorded after its mail had gone. This is evidence only.",
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
