package reckon

import (
	"encoding/json"
	"slices"
	"time"

	"lapse/internal/event"
	"lapse/internal/facts"
	"lapse/internal/ledger"
	"lapse/internal/matter"
)

// posted is what the entries of all types say that is counted. The ledger keeps an event's data as it was posted.
type posted struct {
	Instrument     *string    `json:"instrument"`
	Issuer         *issuer    `json:"issuer"`
	ReceivedAt     *time.Time `json:"receivedAt"`
	Unmatched      *int       `json:"unmatched"`
	Selectors      *int       `json:"selectors"`
	FisaTitle      *string    `json:"fisaTitle"`
	CallRecords    *bool      `json:"fisaCallRecords"`
	FirstOfProduct *bool      `json:"firstOfProduct"`
	Decision       string     `json:"decision"`
	Outcome        string     `json:"outcome"`
	At             time.Time  `json:"at"`

	ChallengeID string    `json:"challengeId"`
	OrderID     string    `json:"orderId"`
	Route       string    `json:"route"`
	Grounds     []string  `json:"grounds"`
	FiledAt     time.Time `json:"filedAt"`
	DecidedAt   time.Time `json:"decidedAt"`

	DisclosureID string   `json:"disclosureId"`
	Content      bool     `json:"content"`
	Categories   []string `json:"categories"`
	NoData       []string `json:"noData"`
	NoticeID     string   `json:"noticeId"`

	Subjects json.RawMessage `json:"subjects"`
}

type issuer struct {
	Country string `json:"country"`
}

type subject struct {
	ID          string `json:"id"`
	Class       string `json:"accountClass"`
	AccountType string `json:"accountType"`
	Country     string `json:"country"`
}

// security is what the request says for the bands.
type security struct {
	kind, title    string
	callRecords    *bool
	firstOfProduct bool
}

// entry takes over what the entry says. What follows once the matter is one of national security is taken for the bands
// alone.
func (r *Reckoning) entry(e *ledger.Entry) error {
	if !effective(e) {
		return nil
	}
	var p posted
	if err := json.Unmarshal(e.Data, &p); err != nil {
		return err
	}
	switch e.Type {
	case event.RequestReceived, event.RequestAmended:
		return r.requested(e, &p)
	case event.RequestDecided:
		if r.ordinaryAt(e.At) {
			r.answered.Decisions = append(r.answered.Decisions,
				facts.DecisionFact{Decision: p.Decision, At: e.At, Outcome: facts.Outcome(p.Outcome)})
		}
	case event.RequestClosed:
		r.answered.Closing, r.answered.ClosedAt = facts.Outcome(p.Outcome), p.At
	case event.DisclosureMade:
		return r.disclosure(e, &p)
	case event.RequestChallenged, event.OrderChallenged:
		if r.ordinaryAt(e.At) {
			r.challenged(e, &p)
		}
	case event.NoticeHeld, event.NoticeObjected:
		if spans := r.holds[p.NoticeID]; len(spans) == 0 || !spans[len(spans)-1].Until.IsZero() {
			r.holds[p.NoticeID] = append(spans, facts.Span{Reason: facts.ByPerson, From: e.At})
		}
	case event.NoticeReleased, event.NoticeCancelled:
		if spans := r.holds[p.NoticeID]; len(spans) > 0 && spans[len(spans)-1].Until.IsZero() {
			spans[len(spans)-1].Until = e.At
		}
	case event.NoticeTold:
		r.told[p.NoticeID] = p.At
	}
	return nil
}

// effective reports whether what the entry says has taken effect: an event that asks for another person has none, but
// for an emergency disclosure, which has happened.
func effective(e *ledger.Entry) bool {
	return e.Approval == nil || e.Approval.Step == ledger.StepTaken ||
		slices.ContainsFunc(e.Wrote, func(w ledger.Wrote) bool { return w.Kind == ledger.Disclosure })
}

// ordinaryAt reports whether what was recorded at the instant is for the ordinary tables.
func (r *Reckoning) ordinaryAt(t time.Time) bool { return r.secret.IsZero() || t.Before(r.secret) }

func (r *Reckoning) requested(e *ledger.Entry, p *posted) error {
	if p.Instrument != nil && (*p.Instrument == "nsl" || *p.Instrument == "fisa") {
		if r.ordinaryAt(e.At) {
			r.secret = e.At
		}
		r.security.kind = *p.Instrument
	}
	r.bands(p)
	if p.ReceivedAt != nil && (r.earliest.IsZero() || p.ReceivedAt.Before(r.earliest)) {
		r.earliest = *p.ReceivedAt
	}
	if r.request == nil {
		r.request = &facts.MatterFact{}
	}
	if p.ReceivedAt != nil {
		r.request.ReceivedAt = *p.ReceivedAt
	}
	if p.Unmatched != nil {
		r.unmatched = *p.Unmatched
	}
	if r.ordinaryAt(e.At) {
		if p.Instrument != nil {
			r.kind = *p.Instrument
		}
		if p.Issuer != nil {
			r.country = p.Issuer.Country
		}
	}
	if len(p.Subjects) == 0 {
		return nil
	}
	var list []subject
	if err := json.Unmarshal(p.Subjects, &list); err != nil {
		return err
	}
	for _, s := range list {
		r.subjects[s.ID] = account{s.Class, s.AccountType, s.Country}
	}
	return nil
}

func (r *Reckoning) bands(p *posted) {
	if p.Selectors != nil {
		r.selectors = p.Selectors
	}
	if p.FisaTitle != nil {
		r.security.title = *p.FisaTitle
	}
	if p.CallRecords != nil {
		r.security.callRecords = p.CallRecords
	}
	if p.FirstOfProduct != nil {
		r.security.firstOfProduct = *p.FirstOfProduct
	}
}

// disclosure takes a part of a disclosure. A subject of whom nothing was held is not one with data.
func (r *Reckoning) disclosure(e *ledger.Entry, p *posted) error {
	var ids []string
	if err := json.Unmarshal(p.Subjects, &ids); err != nil {
		return err
	}
	r.disclosed[p.DisclosureID] = p.At
	if !r.ordinaryAt(e.At) {
		return nil
	}
	without := map[string]bool{}
	for _, id := range p.NoData {
		without[id] = true
	}
	n := 0
	for _, id := range ids {
		if !without[id] {
			r.withData[id] = true
			n++
		}
	}
	preserved := !slices.ContainsFunc(p.Categories, func(c string) bool { return c != "preservation" })
	r.answered.Disclosures = append(r.answered.Disclosures,
		facts.DisclosureFact{At: p.At, Content: p.Content, WithData: n, Preserved: preserved})
	if r.answered.Closing.Contradicted(r.answered.Disclosures) {
		r.answered.Closing, r.answered.ClosedAt = "", time.Time{} // the event that contradicted it opened the request again
	}
	return nil
}

// challenged takes a challenge, or what became of one: the same id, or the same route and filing of an order, again.
func (r *Reckoning) challenged(e *ledger.Entry, p *posted) {
	about, key := "request", "request\x00"+p.ChallengeID
	if p.OrderID != "" {
		about, key = "order", "order\x00"+p.OrderID+"\x00"+p.Route+"\x00"+p.FiledAt.UTC().String()
	}
	c := r.contested[key]
	if c == nil {
		c = &facts.ChallengeFact{About: about, FiledAt: p.FiledAt}
		r.contested[key] = c
		r.filed = append(r.filed, key)
	}
	if len(p.Grounds) > 0 {
		c.Grounds = nil
		for _, code := range p.Grounds {
			if code = facts.GroundOf(code); !slices.Contains(c.Grounds, code) {
				c.Grounds = append(c.Grounds, code)
			}
		}
	}
	if c.Outcome == "" {
		c.Outcome = matter.ChallengePending
	}
	if decided := matter.ChallengeOutcome(p.Outcome); decided != "" && decided != matter.ChallengePending {
		c.Outcome, c.DecidedAt = decided, p.DecidedAt
		if p.DecidedAt.IsZero() {
			c.DecidedAt = e.At
		}
	}
}
