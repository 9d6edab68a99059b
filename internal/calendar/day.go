package calendar

import (
	"iter"
	"time"

	"lapse/internal/matter"
)

// reach is how far from a day's UTC bounds its local bounds can lie: no offset in the zone database exceeds 16 hours.
const reach = 24 * time.Hour

// StartOfDay returns the first instant, in UTC, whose date in loc is d or later. It is exact where midnight does not
// exist, comes twice, or where the whole day was left out. d has to be a real day.
func StartOfDay(d matter.Date, loc *time.Location) time.Time {
	wall := midnight(d)
	for s := range stretches(wall.Add(-reach), wall.Add(reach), loc) {
		if at := wall.Add(-s.offset); at.Before(s.to) {
			return later(at, s.from)
		}
	}
	return wall.Add(reach)
}

// EndOfDay returns the instant, in UTC, after the last one whose date in loc is d or earlier. It is exact where
// midnight does not exist, comes twice, or where the whole day was left out. d has to be a real day.
func EndOfDay(d matter.Date, loc *time.Location) time.Time {
	wall := midnight(d.AddDays(1))
	end := wall.Add(-reach)
	for s := range stretches(wall.Add(-reach), wall.Add(reach), loc) {
		if at := wall.Add(-s.offset); at.After(s.from) {
			end = earlier(at, s.to)
		}
	}
	return end
}

// midnight is what a clock on the wall shows when d begins, as if the wall hung in UTC.
func midnight(d matter.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// stretch is a half-open stretch of time with one offset from UTC.
type stretch struct {
	from, to time.Time
	offset   time.Duration
}

// stretches cuts [from, to) where the offset of loc changes, and perhaps elsewhere.
//
// Only the upper bound that ZoneBounds gives is used: after the last transition of the file its lower one may be a mere
// beginning of a year, and in leap years its upper one is the 31st of December, so that it lies behind an instant of
// that day. The year then has no further change.
func stretches(from, to time.Time, loc *time.Location) iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		for from.Before(to) {
			local := from.In(loc)
			_, offset := local.Zone()
			_, end := local.ZoneBounds()
			next := to
			if !end.IsZero() {
				next = end.UTC()
				if !next.After(from) {
					next = time.Date(from.Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC)
				}
				next = earlier(next, to)
			}
			if !yield(stretch{from, next, time.Duration(offset) * time.Second}) {
				return
			}
			from = next
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
