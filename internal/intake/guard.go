package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/review"
	"lapse/internal/store"
)

const (
	// AgainstPolicy is the code of the warning that data was handed over although policy says that it should not be.
	AgainstPolicy = "against_policy"
	// GroundFound is the code of the warning that an order brings a ground to challenge after counsel's decision.
	GroundFound = "ground_found"
)

// guard refuses the disclosure of an enterprise's or a public body's data where a ground to challenge was found after
// counsel's decision. What was handed over all the same is recorded, with a warning, where two persons and a note say
// so.
// A further part is recorded with the warning alone: every part says the same of the disclosure, so it could not bring
// a note that the first one lacks.
func (p disclosurePlanner) guard(ctx context.Context, d *draft, req *matter.Request, data *event.DisclosureMadeData,
	disc *matter.Disclosure, subjects map[string]matter.Subject) error {
	if !slices.ContainsFunc(disc.Targets, func(id string) bool { return review.Guarded(subjects[id].Class) }) {
		return nil
	}
	found, err := p.foundSince(ctx, d, req)
	if err != nil || len(found) == 0 {
		return err
	}
	grounds := strings.Join(found, ", ")
	first := disc.Part == 1
	if first && (data.Note == "" || !p.Principals && events.Persons(data.ApprovedBy) < 2) {
		return fmt.Errorf("grounds to challenge were found after the decision: %s. Challenge, or decide again and give "+
			"the reason why not. What was handed over already needs a note, and two in approvedBy: %w", grounds,
			event.ErrConflict)
	}
	d.two = d.two || first && p.Principals
	d.warn(AgainstPolicy, "Data of an enterprise or a public body was handed over although grounds to challenge were "+
		"found after the decision: "+grounds+".")
	return nil
}

// foundSince lists the grounds that were found after counsel's last decision.
func (p planner) foundSince(ctx context.Context, d *draft, req *matter.Request) ([]string, error) {
	orders, err := p.Store.Orders(ctx, req.Matter)
	if err != nil {
		return nil, fmt.Errorf("read the orders of %s: %w", req.Matter, err)
	}
	decided, err := p.Store.Entry(ctx, req.Matter, req.DecidedIn)
	if errors.Is(err, store.ErrNotFound) {
		err = store.ErrRace // the request names it, so it is only not visible yet
	}
	if err != nil {
		return nil, fmt.Errorf("read the decision of %s: %w", req.Matter, err)
	}
	return review.FoundSince(decided.Findings, req, orders, d.now), nil
}

// warnOfGround warns where an order brings a ground to challenge after a decision to hand over guarded data.
func (d *draft) warnOfGround(req *matter.Request, o *matter.Order) {
	_, is := review.Endless(*o, d.now)
	if !is || req == nil || req.Decision == nil || !req.Decision.Decision.Complies() ||
		!slices.ContainsFunc(req.Classes, review.Guarded) {
		return
	}
	d.warn(GroundFound, "The order has no end that can be determined, which is a ground to challenge (O13, no_end_date) "+
		"that counsel's decision did not know. Challenge the order, or decide again and give the reason why not: until "+
		"then data of an enterprise or a public body is not handed over.")
}
