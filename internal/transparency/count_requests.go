package transparency

import (
	"cmp"

	"lapse/internal/facts"
)

type requestKey struct {
	pair
	outcome Outcome
}

type requestTally struct{ requests, specified, withData int }

func (t *requestTally) merge(o *requestTally) {
	t.requests += o.requests
	t.specified += o.specified
	t.withData += o.withData
}

// openTally counts requests that were received and not yet processed at the start and at the end of the half.
type openTally struct{ start, end int }

func (t *openTally) merge(o *openTally) {
	t.start += o.start
	t.end += o.end
}

type accountKey struct{ class, accountType, country string }

// unspecified is the account type of accounts whose type nobody recorded.
const unspecified = "unspecified"

func keyOf(a *AccountFact) accountKey {
	return accountKey{a.Class, cmp.Or(a.Type, unspecified), facts.CountryOf(a.Country)}
}

// addRequest counts a request in the half it was processed in (C2), once whatever instruments it has (C3). The ones
// received, and the ones not processed by the half's start and end, are counted beside it.
func (c *Count) addRequest(p pair, m *MatterFact) {
	h := c.Half
	processed := m.ProcessedAt
	if !processed.IsZero() && processed.Before(m.ReceivedAt) {
		processed = m.ReceivedAt // a receivedAt that was amended later than the answer
	}
	if !c.before(m.ReceivedAt) {
		return
	}
	c.pairs[p] = true
	c.seen(p.country)
	if c.holds(m.ReceivedAt) {
		c.received[p]++
		c.control.received[p.country]++
	}
	if h.Earlier(m.ReceivedAt) && !h.Earlier(processed) {
		at(c.open, p).start++
	}
	if !c.before(processed) {
		at(c.open, p).end++
		return
	}
	for _, a := range m.WithData {
		c.accounts[keyOf(&a)] += 0 // appeared, perhaps in an earlier half
	}
	if !c.holds(processed) {
		return
	}
	t := at(c.requests, requestKey{p, m.Outcome})
	t.requests++
	t.specified += m.Specified
	t.withData += m.AccountsWithData()
	c.control.requests[p.country]++
	c.control.withData[p.country] += m.AccountsWithData()
	for _, a := range m.WithData {
		c.accounts[keyOf(&a)] += a.N
	}
}

// receivedTable has a row for every country and type that ever appeared (C8).
func (c *Count) receivedTable() Table {
	t := Table{Name: Received}
	for p := range c.pairs {
		t.Rows = append(t.Rows, []string{c.Half.String(), p.country, p.requestType, itoa(c.received[p])})
	}
	return t.sorted()
}

// requestsTable has a row for every country and type that ever appeared, times the outcomes (C8).
func (c *Count) requestsTable() Table {
	t := Table{Name: Requests}
	for p := range c.pairs {
		for _, o := range Outcomes() {
			n := requestTally{}
			if counted := c.requests[requestKey{p, o}]; counted != nil {
				n = *counted
			}
			t.Rows = append(t.Rows, []string{c.Half.String(), p.country, p.requestType, string(o),
				itoa(n.requests), itoa(n.specified), itoa(n.withData)})
		}
	}
	return t.sorted()
}

// accountsTable has a row for every class, type and country of an account that ever appeared.
func (c *Count) accountsTable() Table {
	t := Table{Name: Accounts}
	for k, n := range c.accounts {
		t.Rows = append(t.Rows, []string{c.Half.String(), k.class, k.accountType, k.country, itoa(n)})
	}
	return t.sorted()
}
