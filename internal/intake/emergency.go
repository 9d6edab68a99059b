package intake

import (
	"context"
	"fmt"
	"slices"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
)

// unapproved begins the id of the restraint that holds the notices of an emergency disclosure.
const unapproved = "unapproved-"

// emergency asks for the two persons that an emergency disclosure needs.
func (p disclosurePlanner) emergency(d *draft, data *event.DisclosureMadeData, disc *matter.Disclosure) error {
	if err := p.needsTwo(d, data.ApprovedBy, "two different persons have to approve"); err != nil {
		return err
	}
	if d.waits() {
		d.hold(disc)
	}
	return nil
}

// hold makes the draft record an emergency disclosure that only one person has decided. It has happened, so it is
// recorded. Its notices wait, because one person alone could have them sent for something that never happened.
func (d *draft) hold(disc *matter.Disclosure) {
	a := d.approval()
	a.Restraint = unapproved + a.ID
	d.wait(a)
	h := d.head()
	h.Restraints = append(slices.Clone(h.Restraints), matter.Restraint{
		ID: a.Restraint, Origin: matter.OriginUnapproved, Kind: matter.Unapproved, Revision: h.Version, All: true,
		Disclosure: disc.ID, Recorded: d.now, Paper: matter.Paper{End: matter.End{Kind: matter.EndNone}},
	})
}

// approved lets the notices of an emergency disclosure go, now that two persons have decided. given is the approval
// that the second one gave.
func (p disclosurePlanner) approved(ctx context.Context, given event.Event, a *ledger.Approval) (plan, error) {
	h, _, err := p.existing(ctx, a.Matter)
	if err != nil {
		return plan{}, err
	}
	parts, err := p.Store.Disclosures(ctx, a.Matter, "")
	if err != nil {
		return plan{}, fmt.Errorf("read the disclosures of %s: %w", a.Matter, err)
	}
	i := slices.IndexFunc(parts, func(part matter.Disclosure) bool { return part.Receipt == a.Key() })
	given.Approved = true
	d := p.begin(given, h)
	d.head().Restraints = slices.Clone(h.Restraints)
	r, held := d.head().Restraint(a.Restraint)
	if i < 0 || !held {
		return plan{}, fmt.Errorf("the emergency disclosure of approval %s in %s: nothing holds it", a.ID, a.Matter)
	}
	r.Ended, r.Revision = d.now, d.head().Version
	d.replan()
	targets := parts[i].Targets
	subjects, err := p.Store.Subjects(ctx, a.Matter, targets[:min(len(targets), listed)])
	if err != nil {
		return plan{}, fmt.Errorf("read the subjects of disclosure %s of %s: %w", parts[i].ID, a.Matter, err)
	}
	d.brief(&parts[i], subjects)
	return plan{draft: d}, nil
}
