package calendar

import (
	"time"

	"lapse/internal/matter"
)

// Reading is the time that a paper covers, as instants in UTC and whole seconds.
type Reading struct {
	// From is when the paper begins to forbid, the earliest over all candidate places; zero: from the beginning.
	From time.Time
	// Strict is the end by the letter. Rolled is that end moved over weekends and holidays, where the end is computed and
	// the regime rolls; else it is the same. Each is the latest over all candidate places. Until is the latest of all
	// readings, and the hold runs to it. All three are zero where no end is known.
	Strict, Rolled, Until time.Time
	// Zone is the one zone used, "" where several were tried.
	Zone string
	// Notes are the findings of unsure input.
	Notes []Note
}

// Read computes the paper's ends. disclosed is the disclosure's instant, for a period that counts from it; zero: such a
// period has no end. Read takes whatever a paper says, also what Clean would have dropped: nothing unsure, absurd or
// contradicted in it makes the reading shorter than the same paper without that.
func Read(p matter.Paper, disclosed time.Time) Reading {
	if p.End.Composite() {
		return readParts(p, disclosed)
	}
	return readOne(p, disclosed)
}

// readOne is Read of an end that has no parts.
func readOne(p matter.Paper, disclosed time.Time) Reading {
	where := placesOf(p.Country, p.Zone)
	var r Reading
	if all := where.all(); len(all) == 1 {
		r.Zone = all[0].name
	}
	for _, n := range where.notes {
		if n.Code == CodeNoZone && !zoneMatters(p) {
			continue
		}
		r.Notes = append(r.Notes, n)
	}
	end := judge(p, disclosed)
	r.Notes = append(r.Notes, end.notes...)
	startBelieved := plausible(p.StartsOn)
	if !startBelieved && !p.StartsOn.IsZero() {
		r.Notes = append(r.Notes, absurdNote("start"))
	}
	if end.computable && r.readEnds(p, disclosed, where.all(), end.believed) {
		startBelieved = false
	}
	if startBelieved {
		r.From = StartOfDay(p.StartsOn, where.sure[0].loc)
		for _, at := range where.all() {
			r.From = earlier(r.From, StartOfDay(p.StartsOn, at.loc))
		}
	}
	return r
}

// readEnds takes the latest ends over all places, or none if they are not believed or in one of the places contradict
// the signing or the start. It reports whether they contradict the start, which is then not to be believed either:
// which of the two is wrong cannot be known.
func (r *Reading) readEnds(p matter.Paper, disclosed time.Time, where []place, believed bool) (contradictsStart bool) {
	var latest ends
	contradictsSigning := false
	for _, at := range where {
		e := endsAt(p, disclosed, at)
		contradictsStart = contradictsStart || notAfter(e.strict, p.StartsOn, at.loc)
		contradictsSigning = contradictsSigning || notAfter(e.strict, p.SignedOn, at.loc)
		latest.strict = later(latest.strict, e.strict)
		latest.rolled = later(latest.rolled, e.rolled)
		latest.until = later(latest.until, e.until)
		latest.unknownHolidays = latest.unknownHolidays || e.unknownHolidays
	}
	if contradictsStart {
		r.Notes = append(r.Notes, note(CodeEndBeforeStart,
			"The end does not lie after the start, so neither is believed: the order covers from the beginning and has no end."))
	}
	if !believed {
		return contradictsStart
	}
	if contradictsSigning {
		r.Notes = append(r.Notes, note(CodeEndBeforeSigning,
			"The end does not lie after the signing, so it is not believed and the order counts as having no end."))
	}
	if contradictsStart || contradictsSigning {
		return contradictsStart
	}
	r.Strict, r.Rolled, r.Until = latest.strict, latest.rolled, latest.until
	if latest.unknownHolidays {
		r.Notes = append(r.Notes, note(CodeNoCalendar,
			"The holidays at the court's place are not all known for that time, "+
				"so the computed end is held for at least %d days more.", noCalendar))
	}
	if r.Until.After(r.Rolled) {
		r.Notes = append(r.Notes, note(CodeTwoReadings,
			"The period counts from 29 February and ends in a year without one, "+
				"so it may end on 28 February or on 1 March; the later counts."))
	}
	return contradictsStart
}

// notAfter reports whether the end lies at or before the beginning of the day. A day beyond all years that a paper can
// mean lies after every end; what is no real day, or lies before those years, contradicts nothing.
func notAfter(end time.Time, day matter.Date, loc *time.Location) bool {
	if day.Year > maxYear {
		return true
	}
	if !plausible(day) || end.After(midnight(day).Add(reach)) {
		return false // the day has begun by then everywhere: no search
	}
	return !end.After(StartOfDay(day, loc))
}
