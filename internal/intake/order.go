package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/calendar"
	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// orderPlanner plans the events about papers that forbid telling.
type orderPlanner struct{ planner }

// received records a delayed-notice order. It blocks from this transaction on, whichever checks it fails.
func (p orderPlanner) received(ctx context.Context, ev event.Event, data *matter.PostedOrder) (plan, error) {
	h, err := p.open(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	orders, err := p.Store.Orders(ctx, ev.Matter)
	if err != nil {
		return plan{}, fmt.Errorf("read the orders of %s: %w", ev.Matter, err)
	}
	if recorded, err := recordedOrder(&h, orders, data.OrderID, ev.Content); recorded != "" || err != nil {
		return plan{recorded: recorded}, err
	}
	d := p.begin(ev, h)
	o := matter.Order{
		Matter: h.Matter, ID: data.OrderID, Digest: ev.Content, Received: *data, Recorded: d.now,
		Version: d.head().Version, Revision: d.head().Version, Receipt: ledger.ReceiptKey(ev.Source, ev.ID),
	}
	if err := p.checked(ctx, d, &o, orders); err != nil {
		return plan{}, err
	}
	if extended := orderOf(orders, data.Extends); extended != nil {
		extended.Extended, extended.Revision = true, d.head().Version
		d.change.Orders = append(d.change.Orders, *extended)
	}
	d.announce()
	p.endRefused(d, orders)
	p.judgeChains(d, orders, &o)
	return p.complete(ctx, d, &o)
}

// checked adds the restraint of a posted order to the head and the findings of the checks to the order. orders are
// those recorded before.
func (p orderPlanner) checked(ctx context.Context, d *draft, o *matter.Order, orders []matter.Order) error {
	posted := &o.Received
	r, notes, err := p.restraint(ctx, d, posted)
	if err != nil {
		return err
	}
	unknown := r.Unknown
	if some := store.Fitting(slices.Concat(r.Subjects, r.Mailboxes), unknown); len(some) < len(unknown) {
		// The empty id never becomes known: an order that names this many covers everybody until a person has looked.
		r.Unknown = append(slices.Clone(some), "")
	}
	d.head().Restraints = append(slices.Clone(d.head().Restraints), r)
	// The order it extends may come first or last: no door keeps an order.
	o.Extended = slices.ContainsFunc(orders, func(other matter.Order) bool { return other.Received.Extends == o.ID })
	req, err := p.request(ctx, d.head())
	if err != nil {
		return err
	}
	o.Findings = law.Check(law.Paper{
		Order: *posted, Time: r.Paper, Endless: d.eval.Endless(r.Paper), Notes: notes, Unknown: unknown,
		ExtendsKnown: orderOf(orders, posted.Extends) != nil, SameDocument: sameDocument(orders, posted.Document),
		Tenants: r.Tenants, Chain: d.chain(orders, posted.Extends), Request: req, Book: p.Law, Policy: p.Rules, Now: d.now,
	})
	d.warnOfPaper(&r, notes)
	d.warnOfGround(req, o)
	return nil
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
	if r, taken := h.Restraint(id); taken && !r.Origin.Paper() {
		return "", fmt.Errorf("order %s has the id of something else: %w", id, event.ErrConflict)
	}
	return "", nil
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

// restraint is the effect of the order: whom it covers and, as far as the calendar can tell, from when and until when.
func (p orderPlanner) restraint(ctx context.Context, d *draft, o *matter.PostedOrder) (matter.Restraint,
	[]calendar.Note, error) {
	paper, notes := calendar.Clean(*o, d.now, p.Law.Rolls(o.Issuer.Country))
	reading := d.eval.Reading(paper, time.Time{})
	r := matter.Restraint{
		ID: o.OrderID, Origin: matter.OriginOrder, Kind: o.Kind, Revision: d.head().Version, All: o.Covers.Subjects.All,
		Subjects:   o.Covers.Subjects.IDs,
		Recipients: o.Covers.Recipients, Paper: paper, From: reading.From, Until: reading.Until, Recorded: d.now,
		Grace: p.Rules.Grace(), Review: p.Rules.Review(),
	}
	if !r.All {
		named, unknown, err := p.lookup(ctx, d.head().Matter, r.Subjects)
		if err != nil {
			return r, nil, err
		}
		r.Unknown = unknown
		d.name(&r, subjectsOf(named))
	}
	return r, append(notes, reading.Notes...), nil
}

// answerOrder completes the answer of an event about an order.
func (p orderPlanner) answerOrder(ctx context.Context, d *draft, o *matter.Order) error {
	r, ok := d.head().Restraint(o.ID)
	if !ok {
		return fmt.Errorf("answer about order %s: the head of %s does not hold it", o.ID, o.Matter)
	}
	var at []time.Time
	if r.Paper.End.FromDisclosure() {
		parts, err := p.Store.Disclosures(ctx, o.Matter, "")
		if err != nil {
			return fmt.Errorf("read the disclosures of %s: %w", o.Matter, err)
		}
		for _, p := range matter.HandedOver(parts) {
			at = append(at, matter.Ceil(p.Facts.At))
		}
	}
	d.answer.Order = &ledger.OrderAnswer{
		ID: o.ID, State: d.eval.State(o, d.head(), d.now), Until: matter.Instant(d.eval.LatestUntil(r, at)),
	}
	if zone := d.eval.Reading(r.Paper, time.Time{}).Zone; zone != "" {
		d.answer.Order.Zone = &zone
	}
	if err := p.covered(ctx, d, o.ID); err != nil {
		return err
	}
	return p.forecast(ctx, d, d.head().Notices)
}

// change prepares an event about a recorded order: the draft, the order, and its restraint in the new head.
func (p orderPlanner) change(ctx context.Context, ev event.Event, id string) (*draft, *matter.Order, *matter.Restraint,
	error) {
	h, err := p.head(ctx, ev.Matter)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil, err
	}
	orders, err := p.Store.Orders(ctx, ev.Matter)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read the orders of %s: %w", ev.Matter, err)
	}
	d := p.begin(ev, h)
	d.head().Restraints = slices.Clone(h.Restraints)
	r, ok := d.head().Restraint(id)
	o := orderOf(orders, id)
	switch {
	case o == nil && (!ok || !r.Origin.Paper()):
		return nil, nil, nil, fmt.Errorf("order %s of matter %s: %w", id, ev.Matter, event.ErrPredecessor)
	case o == nil, !ok, o.Revision > h.Version:
		return nil, nil, nil, fmt.Errorf("order %s of matter %s is half recorded: %w", id, ev.Matter, store.ErrRace)
	case r.Torn:
		return nil, nil, nil, fmt.Errorf("whom order %s covers: %w", id, store.ErrRace)
	}
	o.Revision, r.Revision = d.head().Version, d.head().Version
	return d, o, r, nil
}

// complete completes an event that changed an order.
func (p orderPlanner) complete(ctx context.Context, d *draft, o *matter.Order) (plan, error) {
	d.replan()
	if at, open := d.eval.NextOrderVisit(o, d.head(), d.now); open {
		d.row(agenda.ForOrder(o.Matter, o.ID, at, d.head().Version))
	}
	d.answer.Findings = append(d.answer.Findings, o.Findings...)
	if err := p.answerOrder(ctx, d, o); err != nil {
		return plan{}, err
	}
	d.change.Orders = append(d.change.Orders, *o)
	return plan{draft: d}, nil
}
