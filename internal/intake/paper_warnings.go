package intake

import (
	"slices"
	"time"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// The codes of the warnings about an order, beside its findings: what a sender should look at before it goes away.
const (
	// PlaceNotBelieved: the stated zone or country is none, or the two contradict each other.
	PlaceNotBelieved = "place_not_believed"
	// NoKnownEnd: nobody can tell when the order ends.
	NoKnownEnd = "no_known_end"
	// PleaReceived: the paper asks for silence and orders nothing.
	PleaReceived = "plea"
)

// warnOfPaper warns of what is unusual about an order that has just been read. notes are the calendar's.
func (d *draft) warnOfPaper(r *matter.Restraint, notes []calendar.Note) {
	unsure := []string{calendar.CodeZoneUnknown, calendar.CodeZoneNotOfCountry, calendar.CodeCountryUnknown}
	for _, n := range notes {
		if slices.Contains(unsure, n.Code) {
			d.warn(PlaceNotBelieved, n.Message)
		}
	}
	until := d.eval.Ends(r, d.now).Until // a period from the disclosure counts as if that were now
	switch {
	case r.Kind == matter.Plea:
		d.warn(PleaReceived, "It is a plea, which binds nobody. It holds until "+until.UTC().Format(time.RFC3339)+
			", so that the authority can bring an order.")
	case until.IsZero():
		d.warn(NoKnownEnd, "Nobody can tell when this order ends, so it holds until a person has read it, or a court or the "+
			"authority ends it. Look at its end, and at the year.")
	}
}
