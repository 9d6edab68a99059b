package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/matter"
)

// ended records that a court or the authority ended an order, from an instant that may lie ahead.
func (p orderPlanner) ended(ctx context.Context, ev event.Event, data *event.OrderEndedData) (plan, error) {
	d, o, r, err := p.change(ctx, ev, data.OrderID)
	if err != nil {
		return plan{}, err
	}
	if err := p.needsTwo(d, data.ApprovedBy, "two different persons have to approve"); err != nil {
		return plan{}, err
	}
	at := matter.Ceil(data.EffectiveAt)
	works := at
	if ev.Approved && works.Before(d.now) {
		works = d.now // what the second person decides works from then on
	}
	if r.Ended.IsZero() || works.Before(r.Ended) {
		r.Ended = works
	}
	o.Endings = append(o.Endings, matter.Ending{
		How: data.How, EffectiveAt: at, Digest: data.Document, By: data.By, ApprovedBy: data.ApprovedBy, At: d.now,
	})
	if err := p.stillHeld(ctx, d, r); err != nil {
		return plan{}, err
	}
	return p.complete(ctx, d, o)
}

// stillHeld warns of what holds beside a restraint that has just ended: it covers some of the same persons.
func (p orderPlanner) stillHeld(ctx context.Context, d *draft, ended *matter.Restraint) error {
	h := d.head()
	orders, err := p.Store.Orders(ctx, h.Matter)
	if err != nil {
		return fmt.Errorf("read the orders of %s: %w", h.Matter, err)
	}
	var left []law.Hold
	for i := range h.Restraints {
		r := &h.Restraints[i]
		until := d.eval.Ends(r, h.LastDisclosed).Until
		shared := r.All || ended.All || slices.ContainsFunc(r.Subjects, func(id string) bool {
			return slices.Contains(ended.Subjects, id)
		})
		if r.ID == ended.ID || r.Void || over(until, d.now) || !shared {
			continue
		}
		hold := law.Hold{ID: r.ID, Origin: r.Origin, Until: until}
		if o := orderOf(orders, r.ID); o != nil {
			hold.Citation = o.Received.LegalBasis
		}
		left = append(left, hold)
	}
	if said := law.StillHeld(left); said != "" {
		d.warn(law.StillHolds, said)
	}
	return nil
}

// over reports whether a restraint that runs until the instant, zero for no known end, covers nothing from now on.
func over(until, now time.Time) bool { return !until.IsZero() && !until.After(now) }
