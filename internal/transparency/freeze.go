package transparency

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Freezing is what a revision needs besides the count.
type Freezing struct {
	// Now is the instant of the freeze.
	Now time.Time
	// Reason says why there is a further revision; the first one has none.
	Reason    string
	Publisher Publisher
	// Previous is the revision before of the same half, nil for the first one.
	Previous *Snapshot
	// Before is the newest revision of the half before, nil where there is none.
	Before *Snapshot
	// Draft makes a snapshot that is looked at and never published: of a half that has not ended too, without a reason,
	// and whether anything changed or not. Its pages say so.
	Draft bool
}

// The errors that callers tell apart.
var (
	// ErrUnchanged: nothing differs from the revision before, so there is no new one.
	ErrUnchanged = errors.New("nothing changed since the revision before")
	// ErrNotOver: the half has not ended.
	ErrNotOver = errors.New("the half has not ended")
	// ErrNoReason: a second revision needs a reason.
	ErrNoReason = errors.New("a further revision needs a reason")
)

// Freeze makes the next revision of the half from a complete count. It fails with ErrNotOver, ErrNoReason or
// ErrUnchanged, or with a CrossCheckError, which stops the publication. The count must not be used any more.
func Freeze(c *Count, f Freezing) (*Snapshot, error) {
	if err := f.valid(c); err != nil {
		return nil, fmt.Errorf("freeze %s: %w", c.Half, err)
	}
	c.appear(f.Previous)
	c.appear(f.Before)
	tables := c.tables()
	if faults := c.crossCheck(tables); len(faults) > 0 {
		return nil, fmt.Errorf("freeze %s: %w", c.Half, CrossCheckError(faults))
	}
	s := &Snapshot{
		Format: Format, Half: c.Half, Revision: 1, Reason: f.Reason, FrozenAt: f.Now.UTC().Truncate(time.Second),
		Publisher: f.Publisher, Draft: f.Draft,
		Structure: c.Security.structure(), Window: cmp.Or(c.Security.Window, CalendarHalf),
		InProcess: c.inProcess(), Summary: c.summary(tables), Changes: []Change{},
	}
	s.Publisher.Licence = cmp.Or(s.Publisher.Licence, DefaultLicence)
	s.Tables = suppress(tables, f.Previous)
	if f.Before != nil {
		s.Before = &f.Before.Summary
	}
	if err := s.follow(f.Previous); err != nil {
		return nil, fmt.Errorf("freeze %s: %w", c.Half, err)
	}
	return s, nil
}

func (f *Freezing) valid(c *Count) error {
	switch {
	case !f.Draft && (f.Now.Before(c.Half.End()) || !c.Cutoff.IsZero()):
		return ErrNotOver
	case !f.Draft && f.Previous != nil && f.Reason == "":
		return ErrNoReason
	case f.Previous != nil && (f.Previous.Half != c.Half || c.FirstFrozen.IsZero()):
		return errors.New("the revision before is not one of this half, or the count does not know of it")
	case f.Before != nil && f.Before.Half != c.Half.Previous():
		return fmt.Errorf("the half before is not %s", f.Before.Half)
	}
	return c.Security.valid()
}

// follow makes the snapshot the revision after previous.
func (s *Snapshot) follow(previous *Snapshot) error {
	if previous != nil {
		s.Revision = previous.Revision + 1
		s.Changes = changes(previous.Tables, s.Tables)
		if !s.Draft && len(s.Changes) == 0 && slices.Equal(previous.InProcess, s.InProcess) {
			return ErrUnchanged
		}
		hash, err := previous.SHA256()
		if err != nil {
			return err
		}
		s.Revisions = slices.Clone(previous.Revisions)
		s.Revisions[len(s.Revisions)-1].SHA256 = hash
	}
	s.Revisions = append(s.Revisions, Revision{N: s.Revision, FrozenAt: s.FrozenAt, Reason: s.Reason})
	return nil
}

// appear takes over what appeared in an earlier snapshot, so that its rows stay with zeros (C8).
func (c *Count) appear(s *Snapshot) {
	if s == nil {
		return
	}
	received := s.table(Received)
	for _, row := range received.Rows {
		c.pairs[pair{received.cell(row, "country"), received.cell(row, "request_type")}] = true
	}
	notices := s.table(UserNotices)
	for _, row := range notices.Rows {
		c.seen(notices.cell(row, "country"))
	}
	for _, row := range s.table(Accounts).Rows {
		c.accounts[accountKey{row[1], row[2], row[3]}] += 0
	}
}

// tables prints all tables, exact.
func (c *Count) tables() []Table {
	return []Table{
		c.receivedTable(), c.requestsTable(), c.accountsTable(), c.ordersTable(), c.noticesTable(),
		c.challengesTable(), c.securityTable(),
	}
}

// inProcess lists what was not processed by the half's end, without zeros.
func (c *Count) inProcess() []OpenRequests {
	out := []OpenRequests{}
	for p, t := range c.open {
		if t.end > 0 {
			out = append(out, OpenRequests{p.country, p.requestType, t.end})
		}
	}
	slices.SortFunc(out, func(a, b OpenRequests) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.RequestType, b.RequestType))
	})
	return out
}

// summary adds up the exact tables.
func (c *Count) summary(tables []Table) Summary {
	requests, notices, orders := tables[1].view(), tables[4].view(), tables[3].view()
	told := func(column string) int { return notices.sum(column, nil) }
	paper := func(column string) int { return orders.sum(column, nil) }
	s := Summary{
		Half: c.Half, Received: tables[0].view().sum("received", nil), Processed: requests.sum("requests", nil),
		Accounts: requests.sum("accounts_with_data", nil), Disclosed: told("disclosed"),
		OwedAtStart: told("owed_at_start"), ToldBefore: told("before_disclosure"), ToldAt: told("at_disclosure"),
		ToldAfter: told("after_restraint"), ToldOtherwise: told("otherwise"), Cancelled: told("cancelled"),
		Overdue: told("overdue"), Unconfirmed: told("unconfirmed"),
		OrdersReceived: paper("received"), OrdersDeficient: paper("deficient"), OrdersChallenged: paper("challenged"),
		OrdersInForce: paper("in_force_at_end"), OrdersEndless: paper("without_end_date"),
	}
	for _, column := range untoldColumns() {
		s.Owed += told(column)
	}
	for _, open := range c.inProcess() {
		s.InProcess += open.InProcess
	}
	for _, o := range []Outcome{Content, NonContent, Partial, GeneralInformation} {
		s.WithData += requests.sum("requests", requests.is("outcome", string(o)))
	}
	if d, ok := c.afterEnd.median(); ok {
		s.MedianAfterEnd = &d
	}
	if d, ok := c.orderDays.median(); ok {
		s.MedianOrderDays = &d
	}
	return s
}

// untoldColumns are the columns of those who were still owed at the end of the half.
func untoldColumns() []string {
	return []string{"undeliverable", "withheld_order", "withheld_statute", "withheld_exception", "held", "overdue",
		"pending"}
}
