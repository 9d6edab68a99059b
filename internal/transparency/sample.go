package transparency

import (
	"fmt"
	"iter"
	"time"

	"lapse/internal/matter"
)

// Sample makes rows of made-up matters over some half-years: the same ones for the same seed. Every rule of counting
// meets a case in some hundred matters. It is for tests, benchmarks and looks; nothing in it comes from a real report.
func Sample(seed uint64, first Half, halves, matters int) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		last := first
		for range halves - 1 {
			last = last.Next()
		}
		for i := range matters {
			r := &dice{state: seed + uint64(i)*0x9e3779b97f4a7c15}
			if !yield(r.matter(i, first.Start(), last.End())) {
				return
			}
		}
	}
}

// dice is splitmix64 (Steele, Lea, Flood 2014): small, seeded, and the same everywhere.
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n-1.
func (d *dice) below(n int) int { return int(d.next() % uint64(n)) }

// chance is true in so many of a hundred cases.
func (d *dice) chance(percent int) bool { return d.below(100) < percent }

// weighted picks a value; its weight stands behind it.
type weighted struct {
	value  string
	weight int
}

func (d *dice) pick(choices ...weighted) string {
	total := 0
	for _, c := range choices {
		total += c.weight
	}
	at := d.below(total)
	for _, c := range choices {
		if at -= c.weight; at < 0 {
			return c.value
		}
	}
	return ""
}

func (d *dice) days(least, most int) time.Duration {
	return time.Duration(least)*24*time.Hour + time.Duration(d.below((most-least)*24*60))*time.Minute
}

func (d *dice) country() string {
	return d.pick(weighted{"US", 44}, weighted{"DE", 14}, weighted{"FR", 9}, weighted{"GB", 8}, weighted{"IN", 7},
		weighted{"BR", 5}, weighted{"NL", 4}, weighted{"ES", 3}, weighted{"JP", 2}, weighted{"CA", 2}, weighted{"CH",
			1}, weighted{"ZZ", 1})
}

func (d *dice) requestType(country string) string {
	if country == "US" {
		return d.pick(weighted{"subpoena", 40}, weighted{"search_warrant", 25}, weighted{"court_order", 14},
			weighted{"emergency", 7}, weighted{"preservation", 7}, weighted{"pen_register", 3}, weighted{"wiretap",
				2}, weighted{"other", 2})
	}
	return d.pick(weighted{"production_order", 34}, weighted{"mlat", 20}, weighted{"emergency", 12}, weighted{"epoc",
		12},
		weighted{"administrative_demand", 12}, weighted{"cloud_act", 6}, weighted{"letters_rogatory", 2},
		weighted{"withhold_access", 2})
}

// matter is one made-up matter, received between the instants.
func (d *dice) matter(i int, from, until time.Time) Row {
	span := int(until.Sub(from) / time.Minute)
	received := from.Add(time.Duration(d.below(span)) * time.Minute)
	country := d.country()
	r := Row{Matter: fmt.Sprintf("sample-%06d", i), Country: country, RequestType: d.requestType(country), Known: true}
	if country == "US" && d.chance(2) {
		return d.secret(r, received)
	}
	r.Request = &MatterFact{ReceivedAt: received, Specified: 1 + d.below(4)}
	if d.chance(3) {
		r.Request.Specified += d.below(60)
	}
	if d.chance(2) {
		return r // nobody has answered it yet
	}
	processed := received.Add(d.days(0, 30))
	r.Request.ProcessedAt, r.Request.Outcome = processed, d.outcome(r.RequestType)
	class := d.pick(weighted{Consumer, 80}, weighted{Enterprise, 15}, weighted{PublicSector, 5})
	if class != Consumer && d.chance(50) || d.chance(4) {
		r.Challenges = append(r.Challenges, d.challenge("request", class, received, "quashed"))
	}
	if o := r.Request.Outcome; o != Content && o != NonContent && o != Partial {
		return r
	}
	n := 1 + d.below(r.Request.Specified)
	kind := d.pick(weighted{"basic", 6}, weighted{"pro", 3}, weighted{"business", 1})
	r.Request.WithData = []AccountFact{{Class: class, Type: kind, Country: d.country(), N: n}}
	d.orders(&r, class, processed)
	d.notices(&r, n, processed)
	return r
}

// secret is a national-security letter: it stands in the bands, and nowhere else.
func (d *dice) secret(r Row, received time.Time) Row {
	r.RequestType, r.SecretSince = "nsl", received
	r.Security = &SecurityFact{Kind: "nsl", ReceivedAt: received, Selectors: 1 + d.below(5)}
	r.Request = &MatterFact{ReceivedAt: received, Specified: r.Security.Selectors}
	return r
}

func (d *dice) outcome(requestType string) Outcome {
	switch requestType {
	case "preservation", "epoc_pr":
		return PreservedOnly
	case "withhold_access":
		return AccessWithheld
	case "search_warrant", "wiretap":
		return Outcome(d.pick(weighted{"content", 70}, weighted{"non_content", 10}, weighted{"partial", 10},
			weighted{"no_responsive_data", 7}, weighted{"quashed", 1}, weighted{"withdrawn", 2}))
	}
	return Outcome(d.pick(weighted{"non_content", 55}, weighted{"partial", 8}, weighted{"content", 4},
		weighted{"rejected_invalid", 9}, weighted{"rejected_service", 4}, weighted{"no_responsive_data", 9},
		weighted{"insufficient_information", 4}, weighted{"withdrawn", 3}, weighted{"redirected_to_customer", 3},
		weighted{"general_information", 1}))
}

func (d *dice) challenge(about, class string, filed time.Time, won string) ChallengeFact {
	c := ChallengeFact{About: about, Class: class, FiledAt: filed.Add(d.days(0, 14)), Outcome: "pending"}
	c.Grounds = []string{d.pick(weighted{"overbroad", 5}, weighted{"no_legal_basis", 3},
		weighted{"outside_jurisdiction", 2},
		weighted{"no_authority", 1}, weighted{"bad_service", 2}, weighted{"not_good_faith", 1})}
	if about == "order" {
		c.Grounds = []string{"no_end_date"}
	}
	if d.chance(85) {
		c.Outcome = matter.ChallengeOutcome(d.pick(weighted{"narrowed", 5}, weighted{"upheld", 3}, weighted{won, 3}))
		c.DecidedAt = c.FiledAt.Add(d.days(5, 90))
	}
	return c
}

// orders adds the papers of a matter in which data was handed over.
func (d *dice) orders(r *Row, class string, at time.Time) {
	if !d.chance(34) {
		return
	}
	o := OrderFact{ID: "ord-1", Country: r.Country, Kind: "court_order", RecordedAt: at.Add(-time.Hour),
		SignedAt: at.Add(-72 * time.Hour)}
	switch {
	case d.chance(7):
		o.Deficient = true // no end date
		f := d.challenge("order", class, at, "vacated")
		o.ChallengedAt = f.FiledAt
		r.Challenges = append(r.Challenges, f)
		if f.Outcome == "vacated" {
			o.EndedAt = f.DecidedAt
		}
	default:
		o.Until = o.SignedAt.Add(time.Duration(90*(1+d.below(4))) * 24 * time.Hour)
	}
	if d.chance(8) {
		o.Kind, o.Deficient, o.Until = "plea", true, o.RecordedAt.Add(10*24*time.Hour)
	}
	r.Orders = append(r.Orders, o)
	if o.Kind == "court_order" && !o.Until.IsZero() && d.chance(15) {
		further := o
		further.ID, further.Extends, further.RecordedAt = "ord-2", true, o.Until.Add(-48*time.Hour)
		further.SignedAt, further.Until = further.RecordedAt, o.Until.Add(180*24*time.Hour)
		r.Orders = append(r.Orders, further)
	}
}

// notices adds the units of the matter: told before, at once, after a restraint, or not yet.
func (d *dice) notices(r *Row, n int, at time.Time) {
	base := NoticeFact{DisclosedAt: at, N: n, Confirmed: !d.chance(6)}
	for i := range r.Orders {
		end, _ := r.Orders[i].End()
		base.Spans = append(base.Spans, Span{Reason: ByOrder, From: time.Time{}, Until: end})
	}
	if len(r.Orders) == 0 {
		switch {
		case r.RequestType == "emergency" || d.chance(2):
			base.Spans = []Span{{Reason: ByException, From: at, Until: at.Add(d.days(20, 80))}}
		case r.Country == "IN" && d.chance(40):
			base.Spans = []Span{{Reason: ByStatute}}
		case d.chance(35):
			base.AdvanceAt = at.Add(-8 * 24 * time.Hour)
		}
	}
	due, known := freeFrom(&base, at)
	switch roll := d.below(100); {
	case !known:
	case roll < 3:
		base.Spans = append(base.Spans, Span{Reason: Undeliverable, From: due.Add(time.Minute)})
	case roll < 5:
		base.Closing, base.ClosedAt = ToldOtherwise, due.Add(d.days(1, 9))
	case roll < 6:
		base.Closing, base.ClosedAt = Cancelled, due.Add(d.days(1, 9))
	case roll < 7:
		base.Spans = append(base.Spans, Span{Reason: ByPerson, From: due})
	case roll < 9: // nobody has done anything yet: overdue
	default:
		base.Closing, base.ClosedAt = Told, due.Add(d.days(0, 6))
	}
	r.Notices = []NoticeFact{base}
}

// freeFrom is the end of the last span, and whether it is known.
func freeFrom(n *NoticeFact, at time.Time) (time.Time, bool) {
	due := at
	for _, s := range n.Spans {
		if s.Until.IsZero() {
			return at, false
		}
		if s.Until.After(due) {
			due = s.Until
		}
	}
	return due, true
}
