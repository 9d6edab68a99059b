package letter

import (
	"time"

	"lapse/internal/calendar/tzdata"
)

// readerZone is the zone in which a letter writes instants: that of the account's country where it has one, else the
// court's. Several zones of a country are one where their clocks agree in January and in July of the year of now, such
// as Berlin and Büsingen. It returns nil where neither is known.
func readerZone(country, court string, now time.Time) *time.Location {
	names := tzdata.ZonesOf(country)
	var first *time.Location
	for _, name := range names {
		loc := zone(name)
		if loc == nil {
			return zone(court)
		}
		if first == nil {
			first = loc
		}
		for _, month := range [...]time.Month{time.January, time.July} {
			at := time.Date(now.Year(), month, 15, 12, 0, 0, 0, time.UTC)
			_, a := at.In(first).Zone()
			_, b := at.In(loc).Zone()
			if a != b {
				return zone(court)
			}
		}
	}
	if first == nil {
		return zone(court)
	}
	return first
}
