package event

// OutType is the detail type of an event that Lapse publishes on its bus.
type OutType string

// The types of the events that Lapse publishes, one schema each in events/schema/out. Each has a struct for its detail.
const (
	RequestReviewed     OutType = "lapse.request.reviewed"
	OrderChecked        OutType = "lapse.order.checked"
	OrderExpired        OutType = "lapse.order.expired"
	EventRejected       OutType = "lapse.event.rejected"
	NoticeScheduled     OutType = "lapse.notice.scheduled"
	NoticeSent          OutType = "lapse.notice.sent"
	NoticeDelivered     OutType = "lapse.notice.delivered"
	NoticeUndeliverable OutType = "lapse.notice.undeliverable"
	NoticeUnknown       OutType = "lapse.notice.unknown"
	NoticeLateOrder     OutType = "lapse.notice.late_order"
	ApprovalLapsed      OutType = "lapse.approval.lapsed"
	ContactReplaced     OutType = "lapse.contact.replaced"
)

// OutTypes lists every type that Lapse publishes.
func OutTypes() []OutType {
	return []OutType{
		RequestReviewed, OrderChecked, OrderExpired, EventRejected, NoticeScheduled, NoticeSent, NoticeDelivered,
		NoticeUndeliverable, NoticeUnknown, NoticeLateOrder, ApprovalLapsed, ContactReplaced,
	}
}

// Detail is the detail of an event that Lapse publishes. Its JSON holds ids and codes, nothing else. The struct decides
// the type, so no detail goes out under the type of another.
type Detail interface {
	OutType() OutType
}

// RequestReviewedDetail is the detail of request.reviewed: the version that the event made of the matter.
type RequestReviewedDetail struct {
	Matter  string `json:"matter"`
	Version int    `json:"version"`
}

// OrderCheckedDetail is the detail of order.checked: the version that the event made of the matter, and the order.
type OrderCheckedDetail struct {
	Matter  string `json:"matter"`
	Version int    `json:"version"`
	Order   string `json:"order"`
}

// OrderExpiredDetail is the detail of order.expired.
type OrderExpiredDetail struct {
	Matter string `json:"matter"`
	Order  string `json:"order"`
}

// EventRejectedDetail is the detail of event.rejected: the digest of the refused event.
type EventRejectedDetail struct {
	Digest string `json:"digest"`
}

// NoticeScheduledDetail is the detail of notice.scheduled.
type NoticeScheduledDetail struct {
	Matter string `json:"matter"`
	Notice string `json:"notice"`
}

// NoticeSentDetail is the detail of notice.sent.
type NoticeSentDetail struct {
	Matter string `json:"matter"`
	Notice string `json:"notice"`
}

// NoticeDeliveredDetail is the detail of notice.delivered: Reason is the notice's.
type NoticeDeliveredDetail struct {
	Matter string `json:"matter"`
	Notice string `json:"notice"`
	Reason string `json:"reason,omitempty"`
}

// NoticeUndeliverableDetail is the detail of notice.undeliverable: Reason is the notice's.
type NoticeUndeliverableDetail struct {
	Matter string `json:"matter"`
	Notice string `json:"notice"`
	Reason string `json:"reason,omitempty"`
}

// NoticeUnknownDetail is the detail of notice.unknown: Reason is the notice's, empty while its attempt may still be
// settled.
type NoticeUnknownDetail struct {
	Matter string `json:"matter"`
	Notice string `json:"notice"`
	Reason string `json:"reason,omitempty"`
}

// NoticeLateOrderDetail is the detail of notice.late_order: the order that came after the mail.
type NoticeLateOrderDetail struct {
	Matter string `json:"matter"`
	Order  string `json:"order"`
	Notice string `json:"notice"`
}

// ApprovalLapsedDetail is the detail of approval.lapsed: nobody has approved in time what one person had decided.
type ApprovalLapsedDetail struct {
	Matter   string `json:"matter"`
	Approval string `json:"approval"`
}

// ContactReplacedDetail is the detail of contact.replaced: the version that changed the contacts of the subject while a
// notice about the subject was owed.
type ContactReplacedDetail struct {
	Matter  string `json:"matter"`
	Version int    `json:"version"`
	Subject string `json:"subject"`
}

// OutType is RequestReviewed.
func (RequestReviewedDetail) OutType() OutType { return RequestReviewed }

// OutType is OrderChecked.
func (OrderCheckedDetail) OutType() OutType { return OrderChecked }

// OutType is OrderExpired.
func (OrderExpiredDetail) OutType() OutType { return OrderExpired }

// OutType is EventRejected.
func (EventRejectedDetail) OutType() OutType { return EventRejected }

// OutType is NoticeScheduled.
func (NoticeScheduledDetail) OutType() OutType { return NoticeScheduled }

// OutType is NoticeSent.
func (NoticeSentDetail) OutType() OutType { return NoticeSent }

// OutType is NoticeDelivered.
func (NoticeDeliveredDetail) OutType() OutType { return NoticeDelivered }

// OutType is NoticeUndeliverable.
func (NoticeUndeliverableDetail) OutType() OutType { return NoticeUndeliverable }

// OutType is NoticeUnknown.
func (NoticeUnknownDetail) OutType() OutType { return NoticeUnknown }

// OutType is NoticeLateOrder.
func (NoticeLateOrderDetail) OutType() OutType { return NoticeLateOrder }

// OutType is ApprovalLapsed.
func (ApprovalLapsedDetail) OutType() OutType { return ApprovalLapsed }

// OutType is ContactReplaced.
func (ContactReplacedDetail) OutType() OutType { return ContactReplaced }
