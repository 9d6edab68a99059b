package transparency

import (
	"fmt"
	"slices"
	"time"

	"lapse/internal/facts"
)

// Counting says what is counted.
type Counting struct {
	// Half is the half-year.
	Half Half
	// FirstFrozen is when the half's first revision was frozen; zero while there is none. A matter that became secret
	// after it keeps its place in the half's ordinary tables, because published cells stay.
	FirstFrozen time.Time
	// PublishedOn is the day of the first publication, which the windows and embargoes of national security go by.
	PublishedOn time.Time
	// Security says how the bands are printed.
	Security SecurityRules
	// Cutoff is the instant of a draft of a half that has not ended; zero for a half's end.
	Cutoff time.Time
}

// end is the instant that the stocks at the end are judged just before.
func (c *Counting) end() time.Time {
	if !c.Cutoff.IsZero() && c.Cutoff.Before(c.Half.End()) {
		return c.Cutoff
	}
	return c.Half.End()
}

// before reports whether something has happened by the end. A zero instant never happened.
func (c *Counting) before(t time.Time) bool { return !t.IsZero() && t.Before(c.end()) }

// holds reports whether the instant lies in the half, by the end.
func (c *Counting) holds(t time.Time) bool { return c.Half.Holds(t) && c.before(t) }

// Count gathers the tallies of one half. It keeps no row, so its size goes by the number of countries and types and
// not by that of matters. It is not safe for concurrent use: give each goroutine its own and Merge them.
type Count struct {
	Counting

	pairs     map[pair]bool
	countries map[string]bool
	received  map[pair]int
	requests  map[requestKey]*requestTally
	open      map[pair]*openTally
	accounts  map[accountKey]int
	orders    map[orderKey]*orderTally
	notices   map[string]*noticeTally
	afterEnd  spread
	orderDays spread
	contested map[challengeKey]*challengeTally
	security  securityTally

	// control are totals counted apart from the tables, for the cross-checks.
	control control
}

// pair is a country and a request type.
type pair struct{ country, requestType string }

// control holds totals that are counted apart from the tables.
type control struct {
	received, requests, withData map[string]int
}

// NewCount starts an empty count.
func NewCount(c Counting) *Count {
	return &Count{
		Counting:  c,
		pairs:     map[pair]bool{},
		countries: map[string]bool{},
		received:  map[pair]int{},
		requests:  map[requestKey]*requestTally{},
		open:      map[pair]*openTally{},
		accounts:  map[accountKey]int{},
		orders:    map[orderKey]*orderTally{},
		notices:   map[string]*noticeTally{},
		afterEnd:  spread{},
		orderDays: spread{},
		contested: map[challengeKey]*challengeTally{},
		control:   control{map[string]int{}, map[string]int{}, map[string]int{}},
	}
}

// Add counts one row. The order of rows does not matter. It fails for a row that cannot be counted, and then the count
// must not be used any more.
func (c *Count) Add(r Row) error {
	if err := r.Valid(); err != nil {
		return fmt.Errorf("count matter %s: %w", r.Matter, err)
	}
	if r.Security != nil {
		c.addSecurity(r.Security)
	}
	if !c.ordinary(&r) {
		return nil
	}
	p := pair{facts.CountryOf(r.Country), r.RequestType}
	if r.Request != nil {
		c.addRequest(p, r.Request)
	}
	for i := range r.Orders {
		c.addOrder(&r.Orders[i])
	}
	for i := range r.Notices {
		c.addNotice(p.country, &r.Notices[i])
	}
	for i := range r.Challenges {
		c.addChallenge(&r.Challenges[i])
	}
	return nil
}

// ordinary reports whether the ordinary tables see the row. A matter without a request, and one that is or ever was
// secret, are not seen. Only a matter that became secret after the half was first frozen still is, in that half.
func (c *Count) ordinary(r *Row) bool {
	if !r.Known {
		return false
	}
	if r.SecretSince.IsZero() {
		return true
	}
	published := !c.FirstFrozen.IsZero() && !r.SecretSince.Before(c.FirstFrozen)
	return published && slices.Contains(RequestTypes(), r.RequestType)
}

// seen notes that the country has appeared by the end of the half.
func (c *Count) seen(country string) { c.countries[country] = true }

// Merge adds another count of the same half. The other one must not be used any more.
func (c *Count) Merge(o *Count) error {
	if c.Counting != o.Counting {
		return fmt.Errorf("merge counts: %s and %s count different things", c.Half, o.Half)
	}
	mergeFlags(c.pairs, o.pairs)
	mergeFlags(c.countries, o.countries)
	mergeNumbers(c.received, o.received)
	mergeNumbers(c.accounts, o.accounts)
	mergeNumbers(c.control.received, o.control.received)
	mergeNumbers(c.control.requests, o.control.requests)
	mergeNumbers(c.control.withData, o.control.withData)
	mergeTallies(c.requests, o.requests)
	mergeTallies(c.open, o.open)
	mergeTallies(c.orders, o.orders)
	mergeTallies(c.notices, o.notices)
	mergeTallies(c.contested, o.contested)
	c.afterEnd.merge(o.afterEnd)
	c.orderDays.merge(o.orderDays)
	c.security.merge(&o.security)
	return nil
}

func mergeFlags[K comparable](to, from map[K]bool) {
	for k := range from {
		to[k] = true
	}
}

func mergeNumbers[K comparable](to, from map[K]int) {
	for k, n := range from {
		to[k] += n
	}
}

// tally is a set of numbers that can be added to another of its type.
type tally[T any] interface{ merge(T) }

func mergeTallies[K comparable, T tally[T]](to, from map[K]T) {
	for k, t := range from {
		if mine, ok := to[k]; ok {
			mine.merge(t)
		} else {
			to[k] = t
		}
	}
}

// at is the tally of a key, made where there is none.
func at[K comparable, T any](m map[K]*T, key K) *T {
	t, ok := m[key]
	if !ok {
		t = new(T)
		m[key] = t
	}
	return t
}
