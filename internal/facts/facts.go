// Package facts holds what the transparency report counts: plain facts with instants, one row a matter or a part of it.
// Package reckon derives them from the records, package store keeps the rows, package transparency counts them.
package facts

import (
	"fmt"
	"slices"
	"time"

	"lapse/internal/matter"
)

// Row is the facts of one matter, or a part of them: a matter with many subjects has further rows that hold notices
// only. Every row repeats the matter's country and request type. Rows hold instants and no state, so a row changes only
// when a record changes, and the same row serves every half.
//
// A row holds no name, no address and no document. The matter's id names the row in errors and reaches no file.
type Row struct {
	// Matter is the matter's id.
	Matter string `json:"matter"`
	// Country is the issuer's of the request, ISO 3166-1 alpha-2; ZZ where it is unknown. RequestType is the
	// instrument.
	// Both are as of the freeze; of a matter that became secret, as they stood before.
	Country     string `json:"country"`
	RequestType string `json:"type"`
	// Known is true once the request itself is recorded. A matter without it is counted nowhere.
	Known bool `json:"known,omitempty"`
	// SecretSince is when it was recorded that the request is, or ever was, nsl or fisa, or that an order of the matter
	// rests on such a law or on a rule with existence "secret". It is zero for an ordinary matter. From then on the facts
	// of the row stay as they were, so that a revision of an earlier half shows no change.
	SecretSince time.Time `json:"secretSince,omitzero"`
	// Request is in the matter's first row only.
	Request    *MatterFact     `json:"request,omitempty"`
	Orders     []OrderFact     `json:"orders,omitempty"`
	Notices    []NoticeFact    `json:"notices,omitempty"`
	Challenges []ChallengeFact `json:"challenges,omitempty"`
	// Security is in the first row of a matter that the bands count.
	Security *SecurityFact `json:"security,omitempty"`
}

// MatterFact is the request of a matter.
type MatterFact struct {
	// ReceivedAt is the request's receivedAt.
	ReceivedAt time.Time `json:"receivedAt"`
	// ProcessedAt is the earliest of the closing, a decision to reject, redirect or note it withdrawn, and the first
	// disclosure; zero where none has happened. Answered.ProcessedAt computes it.
	ProcessedAt time.Time `json:"processedAt,omitzero"`
	// Outcome is set where ProcessedAt is. Answered.Outcome computes it.
	Outcome Outcome `json:"outcome,omitempty"`
	// Specified is the number of accounts that the request names: its subjects and its unmatched identifiers.
	Specified int `json:"specified"`
	// WithData counts the distinct subjects of whom data was handed over, by class, type and country. A subject of
	// whom nothing was held is not among them.
	WithData []AccountFact `json:"withData,omitempty"`
}

// AccountFact counts accounts that are alike.
type AccountFact struct {
	// Class is one of AccountClasses. Type is the provider's own word, "" where none was recorded. Country is the
	// account's, ZZ where it is unknown.
	Class   string `json:"class"`
	Type    string `json:"type,omitempty"`
	Country string `json:"country"`
	N       int    `json:"n"`
}

// AccountsWithData is the number of accounts of which data was handed over.
func (m *MatterFact) AccountsWithData() int {
	n := 0
	for _, a := range m.WithData {
		n += a.N
	}
	return n
}

// OrderFact is one paper that asks for silence.
type OrderFact struct {
	// ID is the order's id.
	ID string `json:"id"`
	// Standing is true for a standing restraint, which no court issued. It is not counted.
	Standing bool `json:"standing,omitempty"`
	// Country is the issuer's of the order. Kind is one of OrderKinds, as assessed.
	Country string `json:"country"`
	Kind    string `json:"kind"`
	// Void is true where two persons declared the paper void. A void paper was neither received nor held.
	Void bool `json:"void,omitempty"`
	// RecordedAt is when Lapse recorded the order.
	RecordedAt time.Time `json:"recordedAt"`
	// StartsAt is the first instant of the stated start, zero where the paper covers from the beginning. SignedAt is
	// the first instant of the day of signature, zero where it is unknown.
	StartsAt time.Time `json:"startsAt,omitzero"`
	SignedAt time.Time `json:"signedAt,omitzero"`
	// Until is the computed end, the latest over the disclosures; zero where none is known.
	Until time.Time `json:"until,omitzero"`
	// DateMissing is true where Until is not known because nobody recorded the day that a period runs from. Such an order
	// names its end, and is none without an end date.
	DateMissing bool `json:"dateMissing,omitempty"`
	// EndedAt is when a court or the authority ended it (effectiveAt), zero where nobody did.
	EndedAt time.Time `json:"endedAt,omitzero"`
	// Deficient is true where a check of severity "deficient" failed. Extends is true where the paper extends another.
	Deficient bool `json:"deficient,omitempty"`
	Extends   bool `json:"extends,omitempty"`
	// ChallengedAt is the first filedAt of a challenge of the order, zero where there is none.
	ChallengedAt time.Time `json:"challengedAt,omitzero"`
}

// End is the order's real end, and whether somebody brought it about early. An ending later than the stated end
// lengthens nothing. The instant is zero while no end is known.
func (o *OrderFact) End() (at time.Time, early bool) {
	if !o.EndedAt.IsZero() && (o.Until.IsZero() || o.EndedAt.Before(o.Until)) {
		return o.EndedAt, true
	}
	return o.Until, false
}

// Reason says why a person could not be told during a span.
type Reason string

// The reasons, in their order of precedence: the first that applies at the end of a half names the cell.
const (
	// Undeliverable runs from the acceptance of a mail that came back, or from a failure, until the notice is reopened.
	Undeliverable Reason = "undeliverable"
	// ByOrder is any paper that covers the person: a binding order, one not yet read, and a plea too.
	ByOrder Reason = "order"
	// ByStatute is a standing restraint of the law.
	ByStatute Reason = "statute"
	// ByException is the provider's own exception.
	ByException Reason = "exception"
	// ByPerson runs from notice.held, or an objection, until notice.released.
	ByPerson Reason = "held"
)

// Restrains reports whether the reason is a restraint: something that forbids telling.
func (r Reason) Restrains() bool { return r == ByOrder || r == ByStatute || r == ByException }

// Span is a stretch of time [From, Until). A zero From is the beginning of time, a zero Until has no known end.
type Span struct {
	Reason Reason    `json:"reason"`
	From   time.Time `json:"from,omitzero"`
	Until  time.Time `json:"until,omitzero"`
}

// Covers reports whether the instant lies in the span.
func (s Span) Covers(t time.Time) bool {
	return !t.Before(s.From) && (s.Until.IsZero() || t.Before(s.Until))
}

// Closing says how a unit stopped being owed.
type Closing string

// The closings.
const (
	// StillOwed: none of the others.
	StillOwed Closing = ""
	// Told: SES accepted the mail, and no bounce or failure of it was recorded by the freeze.
	Told Closing = "told"
	// ToldOtherwise: a person was told by another way than mail.
	ToldOtherwise Closing = "otherwise"
	// Cancelled: two persons decided never to send it.
	Cancelled Closing = "cancelled"
)

// NoticeFact is one unit (matter, subject, disclosure), or N of them that are alike.
type NoticeFact struct {
	// DisclosedAt is the disclosure's instant. It is zero for an advance notice that no disclosure has followed yet.
	// A subject in noData is no unit.
	DisclosedAt time.Time `json:"disclosedAt,omitzero"`
	// AdvanceAt is when SES accepted the advance notice, where it counts as told. Only the first disclosure of the
	// subject after it carries it, so that it is counted once.
	AdvanceAt time.Time `json:"advanceAt,omitzero"`
	// Closing and ClosedAt are those of the ordinary notice: SES' acceptance, notice.told's instant, or the
	// cancellation.
	Closing  Closing   `json:"closing,omitempty"`
	ClosedAt time.Time `json:"closedAt,omitzero"`
	// Confirmed is true where a sign of delivery came for the mail that counts: the advance notice's where AdvanceAt is
	// set, else the ordinary one's.
	Confirmed bool `json:"confirmed,omitempty"`
	// Spans say what stood in the way of telling this subject and recipient, and when.
	Spans []Span `json:"spans,omitempty"`
	// N is how many units are alike; 0 means 1.
	N int `json:"n,omitempty"`
}

// Units is how many units the fact stands for.
func (n *NoticeFact) Units() int { return max(1, n.N) }

// ChallengeFact is one challenge of a request or an order (request.challenged, order.challenged).
type ChallengeFact struct {
	// About is "request" or "order".
	About string `json:"about"`
	// Grounds are codes; older codes are read by GroundOf, and one that stands twice counts once.
	Grounds []string `json:"grounds,omitempty"`
	// Class is one of ChallengeClasses: that of the matter's subjects.
	Class   string    `json:"class"`
	FiledAt time.Time `json:"filedAt"`
	// DecidedAt is set where the outcome is not pending.
	Outcome   matter.ChallengeOutcome `json:"outcome"`
	DecidedAt time.Time               `json:"decidedAt,omitzero"`
}

// Valid reports the first thing that cannot be counted.
func (r *Row) Valid() error {
	switch {
	case r.Matter == "":
		return fmt.Errorf("a row names no matter")
	case r.ordinary() && r.Security != nil:
		return fmt.Errorf("facts for the bands in an ordinary matter")
	case r.Known && r.SecretSince.IsZero() && !slices.Contains(RequestTypes(), r.RequestType):
		return fmt.Errorf("request type %q in an ordinary matter", r.RequestType)
	}
	if m := r.Request; m != nil {
		if err := m.valid(); err != nil {
			return err
		}
	}
	for i := range r.Orders {
		if o := &r.Orders[i]; o.RecordedAt.IsZero() || !slices.Contains(OrderKinds(), o.Kind) {
			return fmt.Errorf("order %s: no instant, or kind %q", o.ID, o.Kind)
		}
	}
	for i := range r.Notices {
		if n := &r.Notices[i]; (n.Closing == StillOwed) != n.ClosedAt.IsZero() {
			return fmt.Errorf("notice %d: closing %q and its instant do not fit", i, n.Closing)
		}
	}
	for i := range r.Challenges {
		if err := r.Challenges[i].valid(); err != nil {
			return err
		}
	}
	return nil
}

// ordinary reports whether the row is that of a matter that never was secret.
func (r *Row) ordinary() bool { return r.SecretSince.IsZero() }

func (m *MatterFact) valid() error {
	switch {
	case m.ReceivedAt.IsZero():
		return fmt.Errorf("request without receivedAt")
	case m.ProcessedAt.IsZero() != (m.Outcome == ""):
		return fmt.Errorf("outcome %q and processedAt do not fit", m.Outcome)
	case m.Outcome != "" && !slices.Contains(Outcomes(), m.Outcome):
		return fmt.Errorf("outcome %q is none", m.Outcome)
	case m.Specified < 0, m.AccountsWithData() > m.Specified:
		return fmt.Errorf("data of %d accounts, %d specified", m.AccountsWithData(), m.Specified)
	}
	for _, a := range m.WithData {
		if a.N < 0 || !slices.Contains(AccountClasses(), a.Class) {
			return fmt.Errorf("%d accounts of class %q", a.N, a.Class)
		}
	}
	return nil
}

func (c *ChallengeFact) valid() error {
	switch {
	case c.About != "request" && c.About != "order":
		return fmt.Errorf("challenge about %q", c.About)
	case !slices.Contains(ChallengeClasses(), c.Class):
		return fmt.Errorf("challenge of class %q", c.Class)
	case c.FiledAt.IsZero(), !slices.Contains(matter.ChallengeOutcomes(), c.Outcome),
		(c.Outcome == matter.ChallengePending) != c.DecidedAt.IsZero():
		return fmt.Errorf("challenge with outcome %q: its instants do not fit", c.Outcome)
	}
	return nil
}

// SecurityFact is one process of national security, for the bands and for nothing else.
type SecurityFact struct {
	// Kind is "nsl", "fisa", or "uk_warrant" for a warrant under the Investigatory Powers Act 2016.
	Kind       string    `json:"kind"`
	ReceivedAt time.Time `json:"receivedAt"`
	// Selectors is the request's number of selectors, else its subjects and unmatched identifiers.
	Selectors int `json:"selectors"`
	// Quashed is true where the request's outcome is quashed: nobody was required to comply with it.
	Quashed bool `json:"quashed,omitempty"`
	// Title is fisaTitle: I, III, IV, V or VII, "" where nobody recorded it. CallRecords is fisaCallRecords, nil where
	// nobody recorded it. FirstOfProduct is firstOfProduct.
	Title          string `json:"title,omitempty"`
	CallRecords    *bool  `json:"callRecords,omitempty"`
	FirstOfProduct bool   `json:"firstOfProduct,omitempty"`
}
