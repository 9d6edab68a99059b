package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/calendar"
	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// ordered records a delayed-notice order. It blocks from this transaction on, whatever the checks say of it.
func (s *Service) ordered(ctx context.Context, ev event.Event, data *matter.PostedOrder) (plan, error) {
	h, err := s.open(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	orders, err := s.Store.Orders(ctx, ev.Matter)
	if err != nil {
		return plan{}, fmt.Errorf("read the orders of %s: %w", ev.Matter, err)
	}
	if recorded, err := recordedOrder(&h, orders, data.OrderID, ev.Content); recorded != "" || err != nil {
		return plan{recorded: recorded}, err
	}
	d := s.begin(ev, h)
	o := matter.Order{
		Matter: h.Matter, ID: data.OrderID, Digest: ev.Content, Received: *data, Recorded: d.now,
		Version: d.head().Version, Revision: d.head().Version, Receipt: ledger.ReceiptKey(ev.Source, ev.ID),
	}
	r, notes, err := s.restraint(ctx, d, data)
	if err != nil {
		return plan{}, err
	}
	unknown := r.Unknown
	if len(unknown) > mostUnknown {
		// The empty id never becomes known: an order that names this many covers everybody until a person has looked.
		r.Unknown = append(slices.Clone(unknown[:mostUnknown]), "")
	}
	d.head().Restraints = append(slices.Clone(h.Restraints), r)
	// The order it extends may come first or last: no door keeps an order.
	o.Extended = slices.ContainsFunc(orders, func(other matter.Order) bool { return other.Received.Extends == o.ID })
	extended := orderOf(orders, data.Extends)
	req, err := s.request(ctx, &h)
	if err != nil {
		return plan{}, err
	}
	o.Findings = law.Check(law.Paper{
		Order: *data, Time: r.Paper, Endless: d.eval.Endless(r.Paper), Notes: notes, Unknown: unknown,
		ExtendsKnown: extended != nil, SameDocument: sameDocument(orders,
			data.Document), Tenants: r.Tenants, Chain: d.chain(orders, data.Extends),
		Request: req, Book: s.Law, Policy: s.Rules, Now: d.now,
	})
	d.answer.Findings = o.Findings
	if extended != nil {
		extended.Extended, extended.Revision = true, d.head().Version
		d.change.Orders = append(d.change.Orders, *extended)
	}
	d.replan()
	if at, open := d.eval.NextOrderVisit(&o, d.head(), d.now); open {
		d.row(agenda.ForOrder(h.Matter, o.ID, at, d.head().Version))
	}
	d.announce()
	if err := s.answerOrder(ctx, d, &o); err != nil {
		return plan{}, err
	}
	d.change.Orders = append(d.change.Orders, o)
	return plan{draft: d}, nil
}

// recordedOrder is the receipt of an order that was recorded before, "" where there is none; event.ErrConflict where
// the id stands for something else.
func recordedOrder(h *matter.Head, orders []matter.Order, id, content string) (string, error) {
	if was := orderOf(orders, id); was != nil {
		if was.Digest != content {
			return "", fmt.Errorf("order %s: %w", id, event.ErrConflict)
		}
		return was.Receipt, nil
	}
	if r, taken := h.Restraint(id); taken && ours(r) {
		return "", fmt.Errorf("order %s has the id of an exception: %w", id, event.ErrConflict)
	}
	return "", nil
}

// request is the recorded request, nil while it is awaited.
func (s *Service) request(ctx context.Context, h *matter.Head) (*matter.Request, error) {
	if h.State == matter.AwaitingRequest {
		return nil, nil
	}
	r, err := s.Store.Request(ctx, h.Matter)
	if errors.Is(err, store.ErrNotFound) {
		// The head says that it is recorded, so it is only not visible yet.
		err = store.ErrRace
	}
	return &r, wrap(err, "read the request of %s", h.Matter)
}

// chain are the orders that one after the other are extended, from the named one back.
func (d *draft) chain(orders []matter.Order, from string) []law.Interval {
	var out []law.Interval
	for o := orderOf(orders, from); o != nil; o = orderOf(orders, o.Received.Extends) {
		if slices.ContainsFunc(out, func(i law.Interval) bool { return i.Order == o.ID }) {
			break
		}
		i := law.Interval{Order: o.ID, Recorded: o.Recorded}
		if r, ok := d.head().Restraint(o.ID); ok {
			ends := d.eval.Ends(r, d.head().LastDisclosed)
			i.From, i.Until, i.SignedOn = ends.From, ends.Until, r.Paper.SignedOn
		}
		out = append(out, i)
	}
	return out
}

func orderOf(orders []matter.Order, id string) *matter.Order {
	i := slices.IndexFunc(orders, func(o matter.Order) bool { return o.ID == id })
	if i < 0 {
		return nil
	}
	return &orders[i]
}

func sameDocument(orders []matter.Order, document string) string {
	for _, o := range orders {
		if document != "" && strings.EqualFold(o.Received.Document, document) {
			return o.ID
		}
	}
	return ""
}

// mostUnknown is how many names that a matter does not know are waited for one by one; more would not fit an item.
const mostUnknown = 1000

// restraint is what the order does: whom it covers and, as far as the calendar can tell, from when and until when.
func (s *Service) restraint(ctx context.Context, d *draft, o *matter.PostedOrder) (matter.Restraint, []calendar.Note,
	error) {
	paper, notes := calendar.Clean(*o, d.now, s.Law.Rolls(o.Issuer.Country))
	reading := d.eval.Reading(paper, time.Time{})
	r := matter.Restraint{
		ID: o.OrderID, Kind: o.Kind, Revision: d.head().Version, All: o.Covers.Subjects.All, Subjects: o.Covers.Subjects.IDs,
		Recipients: o.Covers.Recipients, Paper: paper, From: reading.From, Until: reading.Until, Recorded: d.now,
		Grace: s.Rules.Grace(), Review: s.Rules.Review(),
	}
	if !r.All {
		named, unknown, err := s.lookup(ctx, d.head().Matter, r.Subjects)
		if err != nil {
			return r, nil, err
		}
		r.Unknown = unknown
		r.Tenants = tenants(named, r.Subjects)
	}
	return r, append(notes, reading.Notes...), nil
}

// answerOrder completes the answer of an event about an order.
func (s *Service) answerOrder(ctx context.Context, d *draft, o *matter.Order) error {
	r, ok := d.head().Restraint(o.ID)
	if !ok {
		return fmt.Errorf("answer about order %s: the head of %s does not hold it", o.ID, o.Matter)
	}
	var at []time.Time
	if r.Paper.End.From == "disclosed" {
		parts, err := s.Store.Disclosures(ctx, o.Matter, "")
		if err != nil {
			return fmt.Errorf("read the disclosures of %s: %w", o.Matter, err)
		}
		for _, p := range parts {
			at = append(at, matter.Ceil(p.Facts.At))
		}
	}
	d.answer.Order = &ledger.OrderAnswer{
		ID: o.ID, State: d.eval.State(o, d.head(), d.now), Until: matter.Instant(d.eval.LatestUntil(r, at)),
	}
	if zone := d.eval.Reading(r.Paper, time.Time{}).Zone; zone != "" {
		d.answer.Order.Zone = &zone
	}
	if err := s.covered(ctx, d, o.ID); err != nil {
		return err
	}
	return s.forecast(ctx, d, d.head().Notices)
}

// change prepares an event about a recorded order: the draft, the order, and its restraint in the new head.
func (s *Service) change(ctx context.Context, ev event.Event, id string) (*draft, *matter.Order, *matter.Restraint,
	error) {
	h, err := s.head(ctx, ev.Matter)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil, err
	}
	orders, err := s.Store.Orders(ctx, ev.Matter)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read the orders of %s: %w", ev.Matter, err)
	}
	d := s.begin(ev, h)
	d.head().Restraints = slices.Clone(h.Restraints)
	r, ok := d.head().Restraint(id)
	o := orderOf(orders, id)
	switch {
	case o == nil && (!ok || ours(r)):
		return nil, nil, nil, fmt.Errorf("order %s of matter %s: %w", id, ev.Matter, event.ErrPredecessor)
	case o == nil, !ok, o.Revision > h.Version:
		return nil, nil, nil, fmt.Errorf("order %s of matter %s is half recorded: %w", id, ev.Matter, store.ErrRace)
	case r.Torn:
		return nil, nil, nil, fmt.Errorf("whom order %s covers: %w", id, store.ErrRace)
	}
	o.Revision, r.Revision = d.head().Version, d.head().Version
	return d, o, r, nil
}

// conclude completes an event that changed an order.
func (s *Service) conclude(ctx context.Context, d *draft, o *matter.Order) (plan, error) {
	d.replan()
	if at, open := d.eval.NextOrderVisit(o, d.head(), d.now); open {
		d.row(agenda.ForOrder(o.Matter, o.ID, at, d.head().Version))
	}
	d.answer.Findings = append(d.answer.Findings, o.Findings...)
	if err := s.answerOrder(ctx, d, o); err != nil {
		return plan{}, err
	}
	d.change.Orders = append(d.change.Orders, *o)
	return plan{draft: d}, nil
}

// assessed records a person's verdict. The last verdict counts; a void one ends the restraint, a binding one makes it a
// court order's, and whichever it is a person has looked, so names nobody knew no longer spread it over everybody.
func (s *Service) assessed(ctx context.Context, ev event.Event, data *event.OrderAssessedData) (plan, error) {
	d, o, r, err := s.change(ctx, ev, data.OrderID)
	if err != nil {
		return plan{}, err
	}
	r.Void, r.Assessed = data.Verdict == matter.VerdictVoid, true
	switch data.Verdict {
	case matter.VerdictBinding:
		r.Kind = matter.CourtOrder
	case matter.VerdictPlea:
		r.Kind = matter.Plea
	}
	r.Unknown = nil
	if data.UntilOverride != nil {
		earlier := s.override(d, r, *data.UntilOverride)
		end := law.Ends(r.Kind, r.Paper, d.eval.Endless(r.Paper))
		if i := slices.IndexFunc(o.Findings, func(f matter.Finding) bool { return f.Check == end.Check }); i >= 0 {
			o.Findings = slices.Clone(o.Findings)
			o.Findings[i] = end
		}
		if earlier && events.Persons(data.ApprovedBy) < 2 {
			return plan{}, fault("/data/approvedBy", "an end earlier than the computed one needs two different persons")
		}
	}
	a := matter.Assessment{
		Verdict: data.Verdict, Reason: data.Reason, ApprovedBy: data.ApprovedBy, Override: data.UntilOverride,
		Actor: ev.Actor, At: d.now,
	}
	o.Assessments = append(o.Assessments, a)
	o.Findings = settled(o.Findings, a)
	return s.conclude(ctx, d, o)
}

// override replaces the end of a restraint and reports whether that makes it earlier. An override that gives no end is
// never earlier; where one of the two counts from a disclosure they cannot be compared, so it is taken for earlier.
func (s *Service) override(d *draft, r *matter.Restraint, end matter.End) bool {
	before, fromDisclosure := r.Until, r.Paper.End.From == "disclosed"
	if read := d.eval.Reading(r.Paper, time.Time{}).Until; !before.IsZero() && (read.IsZero() || read.After(before)) {
		before = read
	}
	end.Text, end.At = "", matter.Ceil(end.At)
	r.Paper.End = end
	reading := d.eval.Reading(r.Paper, time.Time{})
	r.Until = reading.Until
	if end.From == "disclosed" || fromDisclosure {
		return !d.eval.Endless(r.Paper)
	}
	return !r.Until.IsZero() && (before.IsZero() || r.Until.Before(before))
}

// ended records that a court or the authority ended an order, from an instant that may lie ahead.
func (s *Service) ended(ctx context.Context, ev event.Event, data *event.OrderEndedData) (plan, error) {
	d, o, r, err := s.change(ctx, ev, data.OrderID)
	if err != nil {
		return plan{}, err
	}
	at := matter.Ceil(data.EffectiveAt)
	if r.Ended.IsZero() || at.Before(r.Ended) {
		r.Ended = at
	}
	o.Endings = append(o.Endings, matter.Ending{
		How: data.How, EffectiveAt: at, Digest: data.Document, ApprovedBy: data.ApprovedBy, At: d.now,
	})
	if err := s.stillHeld(ctx, d, r); err != nil {
		return plan{}, err
	}
	return s.conclude(ctx, d, o)
}
