package site

import (
	"slices"
	"strings"
	"time"

	"lapse/internal/inquire"
	"lapse/internal/matter"
)

// hatch is how a restraint is filled, by the id of its pattern.
type hatch string

// The grammar of the pictures.
const (
	hatchOrder   hatch = "order"
	hatchStatute hatch = "statute"
	hatchPolicy  hatch = "policy"
)

// bar is one restraint in time. From zero is the beginning, Until zero no known end.
type bar struct {
	source      string
	origin      matter.Origin
	kind        matter.OrderKind
	from, until time.Time
}

func (b bar) hatch() hatch {
	switch b.kind {
	case matter.CourtOrder, matter.Certification, matter.Plea:
		return hatchOrder
	case matter.Statute:
		return hatchStatute
	}
	return hatchPolicy
}

// label says what the bar is beside its id.
func (b bar) label() string {
	if b.until.IsZero() && b.hatch() == hatchOrder && !b.origin.Standing() {
		return "no end date"
	}
	return kindWords(b.kind, b.origin)
}

func (b bar) covers(t time.Time) bool {
	return (b.from.IsZero() || !b.from.After(t)) && (b.until.IsZero() || b.until.After(t))
}

// course is what a timeline shows: what forbids telling some people, and what becomes of telling them.
type course struct {
	who  string
	bars []bar
	// base is when their data was handed over, due when they may be told, told when they were; zero where there is none.
	base, due, told time.Time
	now             time.Time
}

// barsOf are the bars of the restraints that inquire names.
func barsOf(reasons []inquire.WhyRestraint) []bar {
	var out []bar
	for _, r := range reasons {
		out = append(out, bar{r.Source, r.Origin, r.Kind, instant(r.From), instant(r.Until)})
	}
	return out
}

// instant is the time pointed to, zero for none.
func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// torn reports whether a bar has no known end.
func (c course) torn() bool {
	return slices.ContainsFunc(c.bars, func(b bar) bool { return b.until.IsZero() })
}

// instants are all that the course has to show.
func (c course) instants() []time.Time {
	all := []time.Time{c.now, c.base, c.due, c.told}
	for _, b := range c.bars {
		all = append(all, b.from, b.until)
	}
	return slices.DeleteFunc(all, time.Time.IsZero)
}

// stretch is a part of the answer to "may we tell?": forbidden under one hatching, or free.
type stretch struct {
	from, to time.Time
	free     bool
	hatch    hatch
}

// stretches cut the span, from the disclosure on (from its beginning where there is none), at every edge of a bar.
func (c course) stretches(s span) []stretch {
	start := s.from
	if c.base.After(start) {
		start = c.base
	}
	cuts := []time.Time{start}
	for _, b := range c.bars {
		for _, t := range []time.Time{b.from, b.until} {
			if t.After(start) && t.Before(s.to) {
				cuts = append(cuts, t)
			}
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = append(slices.CompactFunc(cuts, time.Time.Equal), s.to)
	var out []stretch
	for i, from := range cuts[:len(cuts)-1] {
		next := c.stretchAt(from)
		next.from, next.to = from, cuts[i+1]
		if n := len(out); n > 0 && out[n-1].free == next.free && out[n-1].hatch == next.hatch {
			out[n-1].to = next.to
			continue
		}
		out = append(out, next)
	}
	return out
}

// stretchAt is what covers the instant; an order goes before a statute, a statute before our own exception.
func (c course) stretchAt(t time.Time) stretch {
	out := stretch{free: true}
	for _, h := range []hatch{hatchPolicy, hatchStatute, hatchOrder} {
		if slices.ContainsFunc(c.bars, func(b bar) bool { return b.hatch() == h && b.covers(t) }) {
			out = stretch{hatch: h}
		}
	}
	return out
}

// sentence says in words all that the picture shows.
func (c course) sentence() string {
	date := func(t time.Time) string { return t.UTC().Format(longDay) }
	var b strings.Builder
	b.WriteString("Timeline for " + c.who + ": ")
	for _, r := range c.bars {
		b.WriteString(kindWords(r.kind, r.origin) + " " + r.source)
		if r.from.IsZero() {
			b.WriteString(" from the beginning")
		} else {
			b.WriteString(" from " + date(r.from))
		}
		if r.until.IsZero() {
			b.WriteString(", with no known end; ")
		} else {
			b.WriteString(" until " + date(r.until) + "; ")
		}
	}
	if len(c.bars) == 0 {
		b.WriteString("nothing forbids telling; ")
	}
	if !c.base.IsZero() {
		b.WriteString("data handed over on " + date(c.base) + "; ")
	}
	b.WriteString("now it is " + date(c.now))
	switch {
	case !c.told.IsZero():
		b.WriteString("; told on " + date(c.told) + ".")
	case !c.due.IsZero():
		b.WriteString("; the notice is due on " + date(c.due) + ".")
	case c.base.IsZero():
		b.WriteString("; nothing is to be told yet.")
	default:
		b.WriteString("; nobody can say when the notice is due.")
	}
	return b.String()
}
