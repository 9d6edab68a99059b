package intake

import (
	"slices"

	"lapse/internal/law"
	"lapse/internal/matter"
)

// chain lists the named order, the order that it extends, and so on back.
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

// judgeChains judges again what was found of the orders that extend the new one, directly or over others: whether the
// order they extend is recorded (K16), and how long the chain is (K17). A finding that a person has answered stays. The
// ledger keeps the old findings. Where the change has no room, they stay as well.
func (p orderPlanner) judgeChains(d *draft, orders []matter.Order, came *matter.Order) {
	all := append(slices.Clone(orders), *came)
	for i := range orders {
		o := orders[i]
		chain := d.chain(all, o.Received.Extends)
		through := slices.ContainsFunc(chain, func(i law.Interval) bool { return i.Order == came.ID })
		r, ok := d.head().Restraint(o.ID)
		changed := slices.ContainsFunc(d.change.Orders, func(c matter.Order) bool { return c.ID == o.ID })
		if !through || !ok || changed || d.change.Room() <= toComplete {
			continue
		}
		again := law.Check(law.Paper{
			Order: o.Received, Time: r.Paper, ExtendsKnown: true, Chain: chain, Book: p.Law, Policy: p.Rules, Now: o.Recorded,
		})
		o.Findings = slices.Clone(o.Findings)
		for j, f := range o.Findings {
			k := slices.IndexFunc(again, func(a matter.Finding) bool { return a.Check == f.Check })
			if law.OfChain(f.Check) && f.Evidence["settled"] == nil && k >= 0 {
				o.Findings[j] = again[k]
			}
		}
		o.Revision = d.head().Version
		d.change.Orders = append(d.change.Orders, o)
	}
}
