package site

import (
	"time"
)

// span is the time that a timeline shows. Lengths are counted in Unix seconds, because orders reach further than a
// time.Duration.
type span struct{ from, to time.Time }

func (s span) seconds() float64 { return float64(s.to.Unix() - s.from.Unix()) }

// shortest is the shortest span of a timeline, so that things on one day stay apart.
const shortest = 7 * 24 * time.Hour

// around returns the span of all given instants, with room before and after. If torn is set, an end is unknown, and the
// room after is wide.
func around(instants []time.Time, torn bool) span {
	s := span{instants[0], instants[0]}
	for _, t := range instants[1:] {
		if t.Before(s.from) {
			s.from = t
		}
		if t.After(s.to) {
			s.to = t
		}
	}
	length := max(s.seconds(), shortest.Seconds())
	before, behind := 0.02, 0.14
	if torn {
		behind = 0.5
	}
	return span{s.from.Add(-seconds(length * before)), time.Unix(s.from.Unix()+int64(length*(1+behind)), 0).UTC()}
}

func seconds(n float64) time.Duration { return time.Duration(n) * time.Second }

// scale maps the instants of a span to abscissas between two edges.
type scale struct {
	span
	left, right float64
}

// x returns the instant's abscissa. An instant outside the span stands on the edge.
func (s scale) x(t time.Time) float64 {
	part := float64(t.Unix()-s.from.Unix()) / s.seconds()
	return s.left + min(max(part, 0), 1)*(s.right-s.left)
}

// tick is one line of the axis.
type tick struct {
	at    time.Time
	label string
}

// step is a distance between ticks: n days, or n months. least is the room for its widest label.
type step struct {
	days, months int
	least        float64
}

func steps() []step {
	const day, month, year = 92, 80, 52
	return []step{
		{days: 1, least: day}, {days: 2, least: day}, {days: 7, least: day},
		{months: 1, least: month}, {months: 2, least: month}, {months: 3, least: month}, {months: 6, least: month},
		{months: 12, least: year}, {months: 2 * 12, least: year}, {months: 5 * 12, least: year}, {months: 10 * 12,
			least: year},
		{months: 20 * 12, least: year}, {months: 50 * 12, least: year}, {months: 100 * 12, least: year}, {months: 200 * 12,
			least: year}, {months: 500 * 12, least: year},
	}
}

// length returns the step's shortest length in seconds.
func (s step) length() float64 {
	return float64(s.days)*86400 + float64(s.months)*28*86400
}

// floor returns the last tick at or before t, in UTC. Steps of days count from a Monday, others from January of year 0.
func (s step) floor(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	if s.days > 0 {
		monday := time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC)
		n := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()-monday.Unix()) / 86400
		return time.Date(y, m, d-((n%s.days)+s.days)%s.days, 0, 0, 0, 0, time.UTC)
	}
	n := y*12 + int(m) - 1
	return time.Date(0, time.Month(n-n%s.months+1), 1, 0, 0, 0, 0, time.UTC)
}

func (s step) next(t time.Time) time.Time { return t.AddDate(0, s.months, s.days) }

func (s step) label(t time.Time, withYear bool) string {
	switch {
	case s.months >= 12:
		return t.Format("2006")
	case s.months > 0 && withYear:
		return t.Format("Jan 2006")
	case s.months > 0:
		return t.Format("Jan")
	case withYear:
		return t.Format("2 Jan 2006")
	}
	return t.Format("2 Jan")
}

// ticks returns the lines of a scale's axis. Their distance is the shortest step whose labels have room, from days to
// centuries. The first label and the first of each year show the year.
func (s scale) ticks() []tick {
	all := steps()
	chosen := all[len(all)-1]
	for _, c := range all {
		if c.length()/s.seconds()*(s.right-s.left) >= c.least {
			chosen = c
			break
		}
	}
	first := chosen.floor(s.from)
	if first.Before(s.from) {
		first = chosen.next(first)
	}
	var out []tick
	year := -1
	// If there is room before the first line, the edge gets a label too, so that every axis has a beginning.
	if edge := chosen.label(s.from, true); s.x(first)-s.left >= textWidth(edge)+8 {
		out, year = append(out, tick{s.from, edge}), s.from.Year()
	}
	for t := first; !t.After(s.to); t = chosen.next(t) {
		out = append(out, tick{t, chosen.label(t, t.Year() != year)})
		year = t.Year()
	}
	return out
}
