// Package reckon derives the facts of the transparency report from a matter's records: its ledger, its orders, its head
// and its notices. The same records give the same facts, so a row that is lost, late or doubted is reckoned again.
//
// Everything that persons said is read from the ledger, oldest entry first. From the entry on that makes a matter one
// of national security its ordinary facts stay as they stood.
package reckon

import (
	"fmt"
	"slices"
	"time"

	"lapse/internal/calendar"
	"lapse/internal/event"
	"lapse/internal/facts"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// Reckoning gathers the facts of one matter. Entries come first, in their order, then notices. It is not safe for
// concurrent use.
type Reckoning struct {
	head     matter.Head
	eval     *restraint.Evaluator
	opened   time.Time
	earliest time.Time

	request  *facts.MatterFact
	country  string
	kind     string
	subjects map[string]account
	// unmatched are the identifiers that match no account; selectors is nil where the request names no number.
	unmatched int
	selectors *int
	answered  facts.Answered
	disclosed map[string]time.Time
	withData  map[string]bool
	security  security
	contested map[string]*facts.ChallengeFact
	// filed lists the challenges' keys as they came.
	filed []string
	holds map[string][]facts.Span
	told  map[string]time.Time
	// secret is when the matter became one of national security; zero where it did not.
	secret time.Time

	papers  []matter.Order
	notices group
	// ahead are the notices in advance that told somebody, by subject.
	ahead map[string]*told
	seen  int
	open  bool
}

type account struct{ class, kind, country string }

// New begins the reckoning of the head's matter, which has these orders.
func New(h matter.Head, orders []matter.Order) *Reckoning {
	r := &Reckoning{head: h, papers: orders, eval: restraint.NewEvaluator(), subjects: map[string]account{},
		disclosed: map[string]time.Time{}, withData: map[string]bool{}, contested: map[string]*facts.ChallengeFact{},
		holds: map[string][]facts.Span{}, told: map[string]time.Time{}}
	for i := range orders {
		if o := &orders[i]; secretOrder(o) && (r.secret.IsZero() || o.Recorded.Before(r.secret)) {
			r.secret = o.Recorded
		}
	}
	return r
}

// Entry takes the next entry of the ledger.
func (r *Reckoning) Entry(e *ledger.Entry) error {
	if r.opened.IsZero() {
		r.opened = e.At
	}
	if err := r.entry(e); err != nil {
		return fmt.Errorf("reckon entry %d of matter %s: %w", e.Seq, r.head.Matter, err)
	}
	return nil
}

// order is the fact of a paper; ok is false for what is no paper, and for what came once the matter was secret.
func (r *Reckoning) order(o *matter.Order) (f facts.OrderFact, ok bool) {
	held, ok := r.head.Restraint(o.ID)
	if !ok || held.Origin.Standing() || !held.Origin.Paper() || !r.ordinaryAt(o.Recorded) {
		return f, false // an order that its head does not show yet is counted by the row of its event
	}
	f = facts.OrderFact{ID: o.ID, Country: o.Received.Issuer.Country, Kind: orderKind(held.Kind), Void: held.Void,
		RecordedAt: o.Recorded, Extends: o.Received.Extends != "", Deficient: deficient(o.Findings),
		DateMissing: dateMissing(o.Findings)}
	stated := *held
	stated.Ended = time.Time{}
	var at []time.Time
	for _, d := range r.disclosed {
		at = append(at, d)
	}
	slices.SortFunc(at, time.Time.Compare)
	f.Until = r.eval.LatestUntil(&stated, at)
	f.StartsAt = r.eval.Ends(&stated, r.head.LastDisclosed).From
	if signed := held.Paper.SignedOn; signed != (matter.Date{}) {
		f.SignedAt = calendar.StartOfDay(signed, zone(held.Paper.Zone))
	}
	for _, end := range o.Endings {
		if f.EndedAt.IsZero() || end.EffectiveAt.Before(f.EndedAt) {
			f.EndedAt = end.EffectiveAt
		}
	}
	for _, c := range o.Challenges {
		if f.ChallengedAt.IsZero() || c.FiledAt.Before(f.ChallengedAt) {
			f.ChallengedAt = c.FiledAt
		}
	}
	return f, true
}

// orderKind is the paper's kind as assessed; a verdict "binding" makes it a court's order.
func orderKind(kind matter.OrderKind) string {
	if slices.Contains(facts.OrderKinds(), string(kind)) {
		return string(kind)
	}
	return string(matter.CourtOrder)
}

// dateMissing reports whether the end is not known because our own record lacks a day.
func dateMissing(findings []matter.Finding) bool {
	return slices.ContainsFunc(findings, func(f matter.Finding) bool {
		return f.Check == matter.EndCheck && f.OurFault()
	})
}

// deficient reports whether the paper has a fault of its own. A day that our record lacks is none.
func deficient(findings []matter.Finding) bool {
	return slices.ContainsFunc(findings, func(f matter.Finding) bool {
		return f.Severity == matter.Deficient && f.Status == matter.Fail && !f.OurFault()
	})
}

// zone is the court's zone, UTC where it is not known: the days of an order are counted whole.
func zone(name string) *time.Location {
	if loc, err := calendar.Load(name); err == nil && name != "" {
		return loc
	}
	return time.UTC
}

// secretOrder reports whether the order rests on a law of national security, or on one that keeps its own use secret.
func secretOrder(o *matter.Order) bool {
	designee := o.Received.Kind == matter.Certification && o.Received.Issuer.Role == "fbi_director_designee"
	return designee || slices.ContainsFunc(o.Findings, func(f matter.Finding) bool {
		secret, _ := f.Evidence[matter.EvidenceSecret].(bool)
		return secret
	})
}

// class is the class of the matter's subjects for its challenges.
func (r *Reckoning) class() string {
	class := facts.NoClass
	for _, a := range r.subjects {
		switch {
		case class == facts.NoClass:
			class = a.class
		case class != a.class:
			return facts.Mixed
		}
	}
	return class
}

// Counts reports whether an event of the type changes what the report counts.
func Counts(t event.Type) bool { return t != event.ContactChanged }
