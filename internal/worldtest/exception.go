package worldtest

import "lapse/internal/event"

// Exception is the provider's own exception with a review. It covers the subjects, everybody if there are none.
func Exception(id, kind, reviewAt string, subjects ...string) Event {
	return NewEvent(event.ExceptionRequested, Object{
		"exceptionId": id, "kind": kind, "covers": covers(subjects), "facts": "report pending", "reviewAt": reviewAt,
	})
}

// Approval is the approval of an exception.
func Approval(exception string, by ...string) Event {
	return NewEvent(event.ExceptionApproved, Object{"exceptionId": exception}).ApprovedBy(by...)
}

// Renewal puts off the review of an exception.
func Renewal(exception, reviewAt string) Event {
	return NewEvent(event.ExceptionRenewed, Object{"exceptionId": exception, "reviewAt": reviewAt}).ApprovedBy(Colleague)
}

// ExceptionEnd ends an exception.
func ExceptionEnd(exception, reason string) Event {
	return NewEvent(event.ExceptionEnded, Object{"exceptionId": exception, "reason": reason})
}
