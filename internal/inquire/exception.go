package inquire

import (
	"time"

	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// ExceptionView is one exception in an answer: the provider's own reason not to tell yet.
type ExceptionView struct {
	ID          string                `json:"id"`
	Kind        matter.ExceptionKind  `json:"kind"`
	State       matter.ExceptionState `json:"state"`
	Covers      matter.PostedCovers   `json:"covers"`
	Facts       string                `json:"facts"`
	RequestedBy string                `json:"requestedBy,omitempty"`
	RequestedAt time.Time             `json:"requestedAt"`
	// ReviewAt is the review, as policy bounds it. Until is when the exception ends by itself. It is earlier while nobody
	// has approved the exception.
	ReviewAt time.Time             `json:"reviewAt"`
	Until    time.Time             `json:"until"`
	Approved *matter.ExceptionAct  `json:"approved,omitempty"`
	Renewals []matter.ExceptionAct `json:"renewals,omitempty"`
	Ended    *matter.ExceptionAct  `json:"ended,omitempty"`
	Citation string                `json:"citation"`
}

// exception returns one exception for the instant of the question.
func (l *loadedMatter) exception(x *matter.Exception) ExceptionView {
	v := ExceptionView{
		ID: x.ID, Kind: x.Requested.Kind, State: l.eval.ExceptionState(x, &l.head, l.now), Covers: x.Requested.Covers,
		Facts: x.Requested.Facts, RequestedBy: x.RequestedBy, RequestedAt: x.Recorded, ReviewAt: x.ReviewAt,
		Until:    x.ReviewAt,
		Approved: x.Approval, Renewals: x.Renewals, Ended: x.Ending,
	}
	if r, ok := l.head.Restraint(x.ID); ok {
		v.Until = l.eval.Ends(r, time.Time{}).Until
		v.Citation = restraint.Citation(nil, r, &l.head)
	}
	return v
}
