package restraint

import "lapse/internal/matter"

// StateRule is one row of the table of order states. The first row whose condition holds gives the state.
type StateRule struct {
	State matter.OrderState
	// When is the condition, in words for docs/state-machine.md.
	When string
	// Blocks reports whether an order in this state forbids telling at the instant for which the state was computed.
	Blocks bool
	// Remark is a note for docs/state-machine.md.
	Remark string
}

// OrderStates is the table behind Evaluator.State, in the order in which the conditions are tried.
func OrderStates() []StateRule {
	return []StateRule{
		{matter.OrderVoid, "the last assessment is `void`", false, "needs two persons"},
		{matter.OrderEnded, "it was ended (`lifted`, `vacated` or `permitted`: the reason) from an instant that has come",
			false, "until that instant the order holds; also ends a statute's secrecy"},
		{matter.OrderPlea, "its kind is `plea`, or the last assessment says so", true,
			"to its stated end, and for `pleaDays` of the policy (10) x 24 h after Lapse recorded it at most; the state stays"},
		{matter.OrderReceived,
			"it ends before Lapse recorded it, or begins more than 90 days after, and nobody has assessed it",
			true, "a mistyped year looks so: it holds without an end, from the beginning, until a person has read it"},
		{matter.OrderExpired, "its `until` has come", false, ""},
		{matter.OrderOpenEnded, "its kind is `statute`, or it is a `certification` without an end", true,
			"reviewed regularly, until a court or the authority ends it"},
		{matter.OrderInForceDeficient, "no end can be determined: none, an event, or absurd or contradicted dates", true,
			"until a court or the authority ends it; a period from disclosure is an end"},
		{matter.OrderPendingStart, "its start lies ahead", false, "blocks from its start on"},
		{matter.OrderReceived, "a check of severity `binding` failed or is unknown, and nobody has assessed the order",
			true, "on the work list after 24 h"},
		{matter.OrderInForceDeficient, "a check of severity `deficient` failed", true,
			"to its stated end; a reason to challenge it"},
		{matter.OrderInForce, "none of these", true, "to its stated end"},
	}
}
