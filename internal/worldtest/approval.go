package worldtest

import "lapse/internal/event"

// Given is another person's approval of what waits for one.
func Given(approval string) Event {
	return NewEvent(event.ApprovalGiven, Object{"approval": approval, "reason": "read the document"})
}
