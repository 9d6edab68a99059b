package inquire

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// ChallengeView holds everything that counsel needs to challenge an order: the paper, its faults and their rules, its
// dates, the orders that it extends, and the challenges so far.
type ChallengeView struct {
	Matter string `json:"matter"`
	// AsOf is the instant of the question. Every state and end is computed for it.
	AsOf    time.Time       `json:"asOf"`
	Request *matter.Request `json:"request"`
	Order   OrderView       `json:"order"`
	// Paper is the order as it was posted.
	Paper matter.PostedOrder `json:"paper"`
	// Failed are the checks that failed, and no others: a challenge reproaches nothing else. Unknown could not be made.
	// NeedsPerson wait for a person.
	Failed      []matter.Finding `json:"failed"`
	Unknown     []matter.Finding `json:"unknown"`
	NeedsPerson []matter.Finding `json:"needsPerson"`
	// Remedy is how the order may be challenged under the rule that it cites.
	Remedy    RemedyView `json:"remedy"`
	Citations []string   `json:"citations"`
	Dates     []DateView `json:"dates"`
	// Chain lists the orders that this one extends, the latest first.
	Chain      []OrderView             `json:"chain"`
	Challenges []matter.OrderChallenge `json:"challenges"`
}

// RemedyView is the route of a challenge, with the rule that gives it; empty where no rule says anything.
type RemedyView struct {
	Rule string `json:"rule,omitempty"`
	law.Route
}

// DateView is one date that matters in a challenge: a court's day or an instant.
type DateView struct {
	What string      `json:"what"`
	On   matter.Date `json:"on,omitzero"`
	At   *time.Time  `json:"at,omitempty"`
}

// Challenge returns the facts for a challenge of the order. The error is store.ErrNotFound if there is no such order.
func (s *Service) Challenge(ctx context.Context, id, order string) (ChallengeView, error) {
	l, err := s.load(ctx, id)
	if err != nil {
		return ChallengeView{}, err
	}
	i := l.find(order)
	if i < 0 {
		return ChallengeView{}, fmt.Errorf("order %s of matter %s: %w", order, id, store.ErrNotFound)
	}
	parts, err := s.Store.Disclosures(ctx, id, "")
	if err != nil {
		return ChallengeView{}, fmt.Errorf("read the disclosures of %s: %w", id, err)
	}
	o, parts := &l.orders[i], matter.HandedOver(parts)
	v := ChallengeView{
		Matter: id, AsOf: matter.Floor(l.now), Order: l.order(o,
			parts), Paper: o.Received, Citations: []string{},
		Chain: []OrderView{}, Challenges: append([]matter.OrderChallenge{}, o.Challenges...),
	}
	if r, err := s.Store.Request(ctx, id); err == nil {
		v.Request = &r
	} else if !isNotFound(err) {
		return v, fmt.Errorf("read the request of %s: %w", id, err)
	}
	v.cite(o.Received.LegalBasis)
	sorted := law.Sort(o.Findings)
	v.Failed, v.Unknown, v.NeedsPerson = sorted.Failed, sorted.Unknown, sorted.NeedsPerson
	for _, f := range sorted.Failed {
		v.cite(f.Citation)
	}
	if r, ok := l.head.Restraint(o.ID); ok {
		if rule, known := s.cited(o, r); known {
			v.Remedy = RemedyView{rule.ID, law.RouteOf(rule)}
		}
	}
	v.dates(o)
	seen := map[int]bool{i: true}
	for next := l.find(o.Received.Extends); next >= 0 && !seen[next]; next = l.find(l.orders[next].Received.Extends) {
		seen[next] = true
		v.Chain = append(v.Chain, l.order(&l.orders[next], parts))
	}
	return v, nil
}

// find returns the index of the order, -1 if there is none.
func (l *loadedMatter) find(order string) int {
	return slices.IndexFunc(l.orders, func(o matter.Order) bool { return o.ID == order })
}

func (v *ChallengeView) cite(citation string) {
	if citation != "" && !slices.Contains(v.Citations, citation) {
		v.Citations = append(v.Citations, citation)
	}
}

func (v *ChallengeView) dates(o *matter.Order) {
	on := func(what string, d matter.Date) {
		if !d.IsZero() {
			v.Dates = append(v.Dates, DateView{What: what, On: d})
		}
	}
	at := func(what string, t *time.Time) {
		if t != nil {
			v.Dates = append(v.Dates, DateView{What: what, At: t})
		}
	}
	on("signed", o.Received.SignedOn)
	on("served", o.Received.ServedOn)
	on("starts", o.Received.StartsOn)
	at("recorded", matter.Instant(o.Recorded))
	at("forbids from", v.Order.From)
	at("forbids until", v.Order.Until)
	for _, c := range o.Challenges {
		at("challenge filed", matter.Instant(c.FiledAt))
		at("clock of the challenge ends", matter.Instant(c.Clock))
	}
}
