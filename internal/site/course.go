package site

import (
	"slices"
	"strings"
	"time"

	"lapse/internal/inquire"
	"lapse/internal/matter"
)

// hatch is the filling of a restraint, by the id of its pattern.
type hatch string

// The fillings of the pictures.
const (
	hatchOrder   hatch = "order"
	hatchStatute hatch = "statute"
	hatchPolicy  hatch = "policy"
)

// bar is one restraint in time. A zero From is the beginning. A zero Until is an unknown end.
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

// label returns the bar's label, which stands beside its id.
func (b bar) label() string {
	if b.until.IsZero() && b.hatch() == hatchOrder && !b.origin.Standing() {
		return "no end date"
	}
	return kindWords(b.kind, b.origin)
}

func (b bar) covers(t time.Time) bool {
	return (b.from.IsZero() || !b.from.After(t)) && (b.until.IsZero() || b.until.After(t))
}

// course is the content of a timeline: the restraints on telling some people, and the instants of telling them.
type course struct {
	who  string
	bars []bar
	// base is when their data was handed over, due when they may be told, toldAt when they were told. Zero means none.
	base, due, toldAt time.Time
	now               time.Time
}

// barsOf returns the bars of the restraints in an answer of inquire.
func barsOf(reasons []inquire.WhyRestraint) []bar {
	var out []bar
	for _, r := range reasons {
		out = append(out, bar{r.Source, r.Origin, r.Kind, instant(r.From), instant(r.Until)})
	}
	return out
}

// instant returns the time that t points to, zero for nil.
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

// instants returns all instants that the course shows.
func (c course) instants() []time.Time {
	all := []time.Time{c.now, c.base, c.due, c.toldAt}
	for _, b := range c.bars {
		all = append(all, b.from, b.until)
	}
	return slices.DeleteFunc(all, time.Time.IsZero)
}

// stretch is one part of the answer to "may we tell?": forbidden under one filling, or free.
type stretch struct {
	from, to time.Time
	free     bool
	hatch    hatch
}

// stretches cuts the span at every edge of a bar. It begins at the disclosure, or at the span's beginning if there is
// none.
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

// stretchAt returns the cover of the instant. An order goes before a statute, and a statute before our own exception.
func (c course) stretchAt(t time.Time) stretch {
	out := stretch{free: true}
	for _, h := range []hatch{hatchPolicy, hatchStatute, hatchOrder} {
		if slices.ContainsFunc(c.bars, func(b bar) bool { return b.hatch() == h && b.covers(t) }) {
			out = stretch{hatch: h}
		}
	}
	return out
}

// sentence describes the whole picture in words.
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
	case !c.toldAt.IsZero():
		b.WriteString("; told on " + date(c.toldAt) + ".")
	case !c.due.IsZero():
		b.WriteString("; the notice is due on " + date(c.due) + ".")
	case c.base.IsZero():
		b.WriteString("; nothing is to be told yet.")
	default:
		b.WriteString("; nobody can say when the notice is due.")
	}
	return b.String()
}
