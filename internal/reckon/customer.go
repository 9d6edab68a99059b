package reckon

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"lapse/internal/facts"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// CustomerRequest is one request about a customer's accounts, as the customer may know it: number, kind of data, who
// asked, whether it was challenged and what came of it (clause 15.1(c) of the standard contractual clauses, Commission
// Implementing Decision (EU) 2021/914).
type CustomerRequest struct {
	// Received is the day on which the request came, in UTC; Half the one in which it was processed.
	Received string     `json:"received"`
	Half     facts.Half `json:"half"`
	// Authority is who asked, Country the authority's.
	Authority string   `json:"authority"`
	Country   string   `json:"country"`
	Type      string   `json:"type"`
	Data      []string `json:"data"`
	// Accounts are the customer's that the request names; WithData those of them whose data was handed over.
	Accounts int           `json:"accounts"`
	WithData int           `json:"accountsWithData"`
	Outcome  facts.Outcome `json:"outcome"`
	// Challenges are the outcomes of the challenges of the request; empty where it was not challenged.
	Challenges []matter.ChallengeOutcome `json:"challenges"`
	// Told is the day on which the last of the customer's notices went, in UTC; empty where none was owed.
	Told string `json:"told,omitempty"`
}

// Customer gathers what one customer may know of one matter. Entries come first, in their order, then notices.
type Customer struct {
	*Reckoning

	tenant     string
	ids        map[string]bool
	others     map[string]bool
	authority  string
	categories []string
	told       time.Time
	untold     bool
}

// NewCustomer begins the reading of the head's matter for the customer with the tenant's id.
func NewCustomer(h matter.Head, orders []matter.Order, tenant string) *Customer {
	return &Customer{Reckoning: New(h, orders), tenant: tenant, ids: map[string]bool{},
		others: map[string]bool{}}
}

// asked is what a request says beside what the report counts.
type asked struct {
	Issuer *struct {
		Name string `json:"name"`
	} `json:"issuer"`
	DataSought []struct {
		Category string `json:"category"`
	} `json:"dataSought"`
	Subjects []struct {
		ID     string `json:"id"`
		Tenant string `json:"tenant"`
	} `json:"subjects"`
}

// Entry takes the next entry of the ledger.
func (c *Customer) Entry(e *ledger.Entry) error {
	if err := c.Reckoning.Entry(e); err != nil {
		return err
	}
	if e.Type != "lapse.request.received.v1" && e.Type != "lapse.request.amended.v1" || !effective(e) {
		return nil
	}
	var a asked
	if err := json.Unmarshal(e.Data, &a); err != nil {
		return err
	}
	if a.Issuer != nil {
		c.authority = a.Issuer.Name
	}
	if len(a.DataSought) > 0 {
		c.categories = nil
	}
	for _, d := range a.DataSought {
		if !slices.Contains(c.categories, d.Category) {
			c.categories = append(c.categories, d.Category)
		}
	}
	for _, s := range a.Subjects {
		delete(c.ids, s.ID)
		delete(c.others, s.ID)
		if s.Tenant == c.tenant {
			c.ids[s.ID] = true
		} else {
			c.others[s.ID] = true
		}
	}
	return nil
}

// Notice takes a notice, and its subject as it stands.
func (c *Customer) Notice(n *notice.Notice, s *matter.Subject) error {
	// Neither a security message nor an advance notice tells what was handed over.
	if c.ids[n.Subject] && n.Kind != notice.Moved && n.Kind != notice.Advance {
		switch n.State {
		case notice.Sent, notice.Delivered, notice.Complained, notice.Unconfirmed:
			c.told = later(c.told, accepted(n))
		case notice.ToldOtherwise:
			c.told = later(c.told, n.Changed)
		default:
			c.untold = true
		}
	}
	return c.Reckoning.Notice(n, s)
}

// Request is what the customer may know as of now. ok is false where the request does not concern the customer, is not
// processed, is or ever was one of national security, where a notice to the customer is open, or where anything forbids
// telling about any account of the matter, whoever would be told: the outcome of the request hints at the others too.
func (c *Customer) Request(now time.Time) (r CustomerRequest, ok bool) {
	if len(c.ids) == 0 || c.request == nil || !c.secret.IsZero() || c.untold || !c.Complete() || c.forbidden(now) ||
		c.answered.ProcessedAt().IsZero() {
		return r, false
	}
	r = CustomerRequest{Received: c.request.ReceivedAt.UTC().Format(time.DateOnly),
		Half: facts.HalfOf(c.answered.ProcessedAt()), Authority: c.authority, Country: facts.CountryOf(c.country),
		Type: c.kind, Data: slices.Sorted(slices.Values(c.categories)), Accounts: len(c.ids),
		Outcome: c.answered.Outcome(), Challenges: []matter.ChallengeOutcome{}}
	for id := range c.ids {
		if c.withData[id] {
			r.WithData++
		}
	}
	for _, key := range c.filed {
		if f := c.contested[key]; f.About == "request" {
			r.Challenges = append(r.Challenges, f.Outcome)
		}
	}
	if !c.told.IsZero() {
		r.Told = c.told.UTC().Format(time.DateOnly)
	}
	return r, true
}

// forbidden reports whether a restraint covers any account of the matter, for any recipient and any disclosure.
func (c *Customer) forbidden(now time.Time) bool {
	all := maps.Clone(c.ids)
	maps.Copy(all, c.others)
	for id := range all {
		for _, role := range []matter.Role{matter.User, matter.Guardian, matter.Admin, matter.LegalContact} {
			at := []time.Time{c.head.LastDisclosed}
			for _, disclosed := range c.disclosed {
				at = append(at, disclosed)
			}
			for _, disclosed := range at {
				t := restraint.Target{Subject: id, Role: role, Tenant: c.tenant, Disclosed: disclosed}
				if !restraint.Clear(c.eval.Covering(&c.head, t), time.Time{}, now) {
					return true
				}
			}
		}
	}
	return false
}
