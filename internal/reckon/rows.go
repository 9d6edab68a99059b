package reckon

import (
	"cmp"
	"slices"
	"time"

	"lapse/internal/facts"
	"lapse/internal/matter"
)

// Result is what is known of a matter for the report.
type Result struct {
	// Rows are the facts: one row, and further ones where the notices are too many for one.
	Rows []facts.Row
	// Opened is when the matter's first event was recorded.
	Opened time.Time
	// First and Last bound the halves that the facts belong to. Last is the half of now where they may go on.
	First, Last facts.Half
	// Settled is true where nothing of it changes any more without another event.
	Settled bool
	// Secret is true for a matter that stands in the bands or nowhere.
	Secret bool
}

const (
	// unitsInRow is how many different units one row holds: below 400 KB for units with a dozen spans each.
	unitsInRow = 300
	// halvesBack bounds how far before its first event a matter's facts may reach, in half-years.
	halvesBack = 8
)

// Complete reports whether as many notices were taken as the matter owes. While it is false some are still to be made.
func (r *Reckoning) Complete() bool { return r.seen >= r.head.Notices }

// Result is the outcome, as of now.
func (r *Reckoning) Result(now time.Time) Result {
	first := facts.Row{Matter: r.head.Matter, Country: r.country, RequestType: r.kind, Known: r.request != nil,
		SecretSince: r.secret}
	for i := range r.papers {
		if f, ok := r.order(&r.papers[i]); ok {
			first.Orders = append(first.Orders, f)
		}
	}
	r.answer(&first)
	for _, key := range r.filed {
		c := *r.contested[key]
		c.Class = r.class()
		first.Challenges = append(first.Challenges, c)
	}
	out := Result{Opened: r.opened, Secret: !r.secret.IsZero(), Settled: r.settled(&first, now)}
	rest := r.notices.units
	for row := first; ; row = r.further() {
		n := min(len(rest), unitsInRow)
		row.Notices, rest = rest[:n:n], rest[n:]
		if n == 0 {
			row.Notices = nil
		}
		out.Rows = append(out.Rows, row)
		if len(rest) == 0 {
			break
		}
	}
	out.First, out.Last = r.halves(now)
	return out
}

// further is a row that holds notices only.
func (r *Reckoning) further() facts.Row {
	return facts.Row{Matter: r.head.Matter, Country: r.country, RequestType: r.kind, Known: r.request != nil,
		SecretSince: r.secret}
}

// answer fills the request, and what the bands count.
func (r *Reckoning) answer(row *facts.Row) {
	if r.request == nil {
		return
	}
	specified := len(r.subjects) + r.unmatched
	if r.security.kind != "" {
		row.Security = &facts.SecurityFact{Kind: r.security.kind, ReceivedAt: r.request.ReceivedAt, Selectors: specified,
			Quashed: r.answered.Outcome() == facts.Quashed, Title: r.security.title,
			CallRecords: r.security.callRecords, FirstOfProduct: r.security.firstOfProduct}
		if r.selectors != nil {
			row.Security.Selectors = *r.selectors
		}
	}
	if r.kind == "" {
		return // it was secret from the first
	}
	m := *r.request
	m.Specified = specified
	m.ProcessedAt, m.Outcome = r.answered.ProcessedAt(), r.answered.Outcome()
	if !r.secret.IsZero() && !m.ProcessedAt.Before(r.secret) {
		m.ProcessedAt, m.Outcome = time.Time{}, ""
	}
	counted := map[account]int{}
	for id := range r.withData {
		if a, ok := r.subjects[id]; ok {
			counted[a]++
		}
	}
	for a, n := range counted {
		m.WithData = append(m.WithData, facts.AccountFact{Class: a.class, Type: a.kind, Country: a.country, N: n})
	}
	slices.SortFunc(m.WithData, func(a, b facts.AccountFact) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Country, b.Country))
	})
	row.Request = &m
}

// settled reports whether no time and no sweep changes the facts: the request is answered, every notice is over, no
// challenge is open, and every order has ended by now.
func (r *Reckoning) settled(row *facts.Row, now time.Time) bool {
	if r.open || !r.Complete() || row.Request != nil && row.Request.ProcessedAt.IsZero() {
		return false
	}
	for i := range row.Orders {
		if end, _ := row.Orders[i].End(); !row.Orders[i].Void && (end.IsZero() || end.After(now)) {
			return false
		}
	}
	return !slices.ContainsFunc(row.Challenges, func(c facts.ChallengeFact) bool {
		return c.Outcome == matter.ChallengePending
	})
}

// halves are the first half that the facts belong to, and the present one. A half between them may have a row of an
// earlier count, which this count has to take the place of.
func (r *Reckoning) halves(now time.Time) (first, last facts.Half) {
	from := r.opened
	if !r.earliest.IsZero() && r.earliest.Before(from) {
		from = r.earliest
	}
	for _, at := range r.disclosed {
		if at.Before(from) {
			from = at
		}
	}
	first, last = facts.HalfOf(from), facts.HalfOf(now)
	least := facts.HalfOf(r.opened)
	for range halvesBack {
		least = least.Previous()
	}
	if first.Start().Before(least.Start()) {
		first = least
	}
	return first, last
}
