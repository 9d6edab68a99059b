package matter

import "time"

// OrderKind is the kind of a paper. Four kinds look alike and differ: a court's order, a statute that forbids without
// any order, an agency's certification, and a plea, which binds nobody.
type OrderKind string

// The kinds of paper.
const (
	CourtOrder    OrderKind = "court_order"
	Certification OrderKind = "certification"
	Statute       OrderKind = "statute"
	Plea          OrderKind = "plea"
)

// Unapproved is the kind of the restraint that holds the notices of an emergency disclosure until two persons have
// decided. No paper has it.
const Unapproved OrderKind = "unapproved"

// OrderState is an order's state, computed when asked from its findings, its ends and the clock
// (docs/state-machine.md).
type OrderState string

// The states of an order. Everything blocks while it covers now, except OrderVoid, and OrderPlea once its grace has
// passed since Lapse recorded it.
const (
	OrderReceived         OrderState = "received"
	OrderPlea             OrderState = "plea"
	OrderOpenEnded        OrderState = "open_ended"
	OrderInForceDeficient OrderState = "in_force_deficient"
	OrderPendingStart     OrderState = "pending_start"
	OrderInForce          OrderState = "in_force"
	OrderExpired          OrderState = "expired"
	// OrderEnded is ended early by a court or the authority; the reason is the Ending's How.
	OrderEnded OrderState = "ended"
	OrderVoid  OrderState = "void"
)

const (
	// PleaGrace is how long a plea holds after Lapse recorded it, at most, where its restraint says nothing else: ten days
	// of 24 h in which the authority can bring an order.
	PleaGrace = 10 * 24 * time.Hour
	// OpenEndedReview is the time between two reviews of an order without a known end, where its restraint says nothing
	// else: 90 days, the period by which 18 U.S.C. 2705(a) lets a delay be renewed.
	OpenEndedReview = 90 * 24 * time.Hour
)

// Verdict is a person's answer to findings that no check can decide.
type Verdict string

// The verdicts; Plea and Void need two persons.
const (
	VerdictBinding Verdict = "binding"
	VerdictPlea    Verdict = "plea"
	VerdictVoid    Verdict = "void"
)

// Issuer is who signed a request or an order.
type Issuer struct {
	Name string `json:"name"`
	// Role is one of the issuer roles: court, judge, magistrate, prosecutor, police, agency, ...
	Role string `json:"role"`
	// Country is ISO 3166-1 alpha-2, ZZ unknown; Region is ISO 3166-2 and chooses no zone; Zone is the court's IANA zone.
	Country string `json:"country"`
	Region  string `json:"region,omitempty"`
	Zone    string `json:"zone,omitempty"`
	Contact string `json:"contact,omitempty"`
}

// Assessment is one recorded verdict.
type Assessment struct {
	Verdict    Verdict   `json:"verdict"`
	Reason     string    `json:"reason"`
	ApprovedBy []string  `json:"approvedBy"`
	Override   *End      `json:"untilOverride,omitempty"`
	Verified   *Verified `json:"verified,omitempty"`
	Actor      string    `json:"actor,omitempty"`
	At         time.Time `json:"at"`
	// Version is the matter version that recorded it.
	Version int `json:"version"`
}

// Verified says who verified that a paper is genuine, how, and when.
type Verified struct {
	By     string    `json:"by"`
	Method string    `json:"method"`
	At     time.Time `json:"at"`
}

// Ending is a recorded end by a court or the authority.
type Ending struct {
	// How is "lifted", "vacated" or "permitted".
	How         string    `json:"how"`
	EffectiveAt time.Time `json:"effectiveAt"`
	Digest      string    `json:"documentSha256"`
	// By is who ended it, "court" or "authority"; "" where nobody has said.
	By         string    `json:"by,omitempty"`
	ApprovedBy []string  `json:"approvedBy"`
	At         time.Time `json:"at"`
}

// Order is a delayed-notice order as recorded, with its findings. Its effect on notices stands in the head, as the
// Restraint of the same id.
type Order struct {
	Matter string
	ID     string
	// Digest identifies the order's content, so that the same id with other content is refused.
	Digest string
	// Received is the paper as it was posted.
	Received PostedOrder
	// Recorded is the instant, Version the matter version at which Lapse recorded it; Revision the version of the last
	// change.
	Recorded          time.Time
	Version, Revision int
	Findings          []Finding
	// Extended is set when a later order extends this one.
	Extended    bool
	Assessments []Assessment
	Endings     []Ending
	Challenges  []OrderChallenge
	// Receipt is the key of the receipt that holds the answer given when it was recorded.
	Receipt string
}

// Status is the outcome of one check.
type Status string

// The outcomes of a check.
const (
	Pass          Status = "pass"
	Fail          Status = "fail"
	Unknown       Status = "unknown"
	NotApplicable Status = "not_applicable"
	NotEffective  Status = "not_effective"
	NeedsPerson   Status = "needs_person"
)

// Severity says what a failed check does to an order.
type Severity string

// The severities: a failed binding check leaves the order unread (it blocks), a deficient one is challenged, advice
// changes nothing. None of them shortens a hold.
const (
	Binding   Severity = "binding"
	Deficient Severity = "deficient"
	Advice    Severity = "advice"
)

// Finding is the result of one check, with its evidence and its source.
type Finding struct {
	Check    string   `json:"check"`
	Status   Status   `json:"status"`
	Severity Severity `json:"severity"`
	Citation string   `json:"citation"`
	Message  string   `json:"message"`
	// Evidence is never null in JSON.
	Evidence Evidence `json:"evidence"`
}

// Evidence is what a finding rests on, by name.
type Evidence map[string]any

// MarshalJSON writes an object, empty where there is no evidence.
func (e Evidence) MarshalJSON() ([]byte, error) {
	if e == nil {
		return []byte("{}"), nil
	}
	return JSON(map[string]any(e))
}
