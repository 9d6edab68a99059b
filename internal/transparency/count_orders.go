package transparency

import "lapse/internal/facts"

type orderKey struct{ country, kind string }

type orderTally struct {
	received, deficient, challenged, extended, endedEarly, expired, inForce, endless int

	days spread
}

func (t *orderTally) merge(o *orderTally) {
	t.received += o.received
	t.deficient += o.deficient
	t.challenged += o.challenged
	t.extended += o.extended
	t.endedEarly += o.endedEarly
	t.expired += o.expired
	t.inForce += o.inForce
	t.endless += o.endless
	if t.days == nil {
		t.days = spread{}
	}
	t.days.merge(o.days)
}

// addOrder counts a paper. What it is by itself counts when it was recorded, a challenge when it was first filed, an
// end when it came. A paper that was recorded after the half's end belongs to no cell of the half.
func (c *Count) addOrder(o *OrderFact) {
	if o.Standing || o.Void || !c.before(o.RecordedAt) {
		return
	}
	country := facts.CountryOf(o.Country)
	c.seen(country)
	t := at(c.orders, orderKey{country, o.Kind})
	if c.holds(o.RecordedAt) {
		t.received++
		t.deficient += one(o.Deficient)
		t.extended += one(o.Extends)
	}
	t.challenged += one(c.holds(o.ChallengedAt))
	end, early := o.End()
	if !end.IsZero() && end.Before(o.RecordedAt) {
		end = o.RecordedAt // it came when it had ended already
	}
	if c.holds(end) {
		t.endedEarly += one(early)
		t.expired += one(!early)
		c.addOrderDays(t, o)
	}
	if !c.before(end) && o.StartsAt.Before(c.end()) {
		t.inForce++
		t.endless += one(o.Until.IsZero() && !o.DateMissing)
	}
}

// addOrderDays counts the whole days from the start, else the signature, to the real end. An order without either is
// not counted: nobody knows how long it lasted.
func (c *Count) addOrderDays(t *orderTally, o *OrderFact) {
	from := o.StartsAt
	if from.IsZero() {
		from = o.SignedAt
	}
	if from.IsZero() {
		return
	}
	if t.days == nil {
		t.days = spread{}
	}
	end, _ := o.End()
	n := wholeDays(from, end)
	t.days.add(n, 1)
	c.orderDays.add(n, 1)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// ordersTable has a row for every country that ever appeared, times the kinds of paper (C8).
func (c *Count) ordersTable() Table {
	t := Table{Name: SecrecyOrders}
	for country := range c.countries {
		for _, kind := range OrderKinds() {
			n := orderTally{}
			if counted := c.orders[orderKey{country, kind}]; counted != nil {
				n = *counted
			}
			median, greatest := n.days.cells()
			t.Rows = append(t.Rows, []string{c.Half.String(), country, kind, itoa(n.received), itoa(n.deficient),
				itoa(n.challenged), itoa(n.extended), itoa(n.endedEarly), itoa(n.expired), itoa(n.inForce),
				itoa(n.endless), median, greatest})
		}
	}
	return t.sorted()
}
