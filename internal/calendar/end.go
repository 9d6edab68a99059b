package calendar

import (
	"time"

	"lapse/internal/matter"
)

const (
	// minYear and maxYear bound the years that a paper can mean. Before 1970 there was no service to order anything of;
	// 9999 and slips such as 3026 for 2026 name no day that anybody waits for.
	minYear = 1970
	maxYear = 2999
	// maxDays is the longest period, in days: a hundred years.
	maxDays = 36_500
)

// plausible reports whether d is a real day within the years that a paper can mean.
func plausible(d matter.Date) bool {
	return d.Year >= minYear && d.Year <= maxYear && exists(d)
}

// exists reports whether the calendar has the day.
func exists(d matter.Date) bool { return d.AddDays(0) == d }

// ends are the instants, in UTC, at which an end falls by one place's clock: by the strict reading, by that reading
// moved over weekends and holidays, and by the latest of all readings.
type ends struct {
	strict, rolled, until time.Time
	// unknownHolidays says that a day was moved without knowing every holiday around it.
	unknownHolidays bool
}

// endsAt reads a determinable end at the place.
func endsAt(p matter.Paper, disclosed time.Time, at place) ends {
	loc := at.loc
	switch p.End.Kind {
	case matter.EndInstant:
		end := matter.Ceil(p.End.At)
		return ends{strict: end, rolled: end, until: end}
	case matter.EndDate:
		last := p.End.Date
		if p.End.Wording == "before" {
			last = last.AddDays(-1)
		}
		end := EndOfDay(last, loc)
		return ends{strict: end, rolled: end, until: end}
	}
	strict, other := lastDays(trigger(p, disclosed, at), p.End.N, p.End.Unit)
	moved, last := rolled{strict, true}, rolled{other, true}
	if p.Rolls {
		calendars := calendarsOf(p)
		moved = roll(strict, calendars)
		last = moved
		if other != strict {
			last = roll(other, calendars)
		}
	}
	// Mostly the readings are one day, and its end is searched only once.
	e := ends{strict: EndOfDay(strict, loc), unknownHolidays: !moved.known || !last.known}
	e.rolled, e.until = e.strict, e.strict
	if moved.day != strict {
		e.rolled = EndOfDay(moved.day, loc)
		e.until = e.rolled
	}
	if last.day != moved.day {
		e.until = EndOfDay(last.day, loc)
	}
	return e
}

// verdict says whether an end can be computed, and whether the computed end is believed. An end that is not believed is
// still compared with the start, because it may show that the start is wrong too.
type verdict struct {
	computable, believed bool
	notes                []Note
}

// judge gives the verdict on a paper's end. The kinds none and event have no end and need no note. Any other kind that
// has no end gets one.
func judge(p matter.Paper, disclosed time.Time) verdict {
	switch p.End.Kind {
	case matter.EndNone, matter.EndEvent:
		return verdict{}
	case matter.EndInstant:
		if p.End.At.IsZero() {
			return unreadable()
		}
		return judgeDay(matter.DateOf(p.End.At.UTC()), nil)
	case matter.EndDate:
		if p.End.Date.IsZero() {
			return unreadable()
		}
		return judgeDay(p.End.Date, wordingNotes(p.End.Wording))
	case matter.EndPeriod:
		length, ok := unitLength(p.End.Unit)
		if !ok {
			return unreadable()
		}
		if p.End.N < 1 || p.End.N > maxDays || p.End.N*length > maxDays*dayLength {
			return absurd(false)
		}
		return judgeTrigger(p, disclosed)
	}
	return unreadable()
}

// judgeDay judges an end that is stated as a day or an instant of that day.
func judgeDay(d matter.Date, notes []Note) verdict {
	if plausible(d) {
		return verdict{computable: true, believed: true, notes: notes}
	}
	return absurd(d.Year >= 1 && d.Year < minYear && exists(d))
}

func unreadable() verdict {
	return verdict{notes: []Note{note(CodeEndUnreadable, "The end cannot be read, so the order counts as having no end.")}}
}

func absurd(computable bool) verdict {
	return verdict{computable: computable, notes: []Note{note(CodeEndAbsurd,
		"The stated end is beyond anything an order can mean, so the order counts as having no end.")}}
}

func wordingNotes(wording string) []Note {
	switch wording {
	case "until", "through", "before":
		return nil
	}
	return []Note{note(CodeWordingUnknown,
		"The wording of the end date is not known, so the day itself counts as covered.")}
}

// judgeTrigger judges a period of a sound length by the date that it counts from.
func judgeTrigger(p matter.Paper, disclosed time.Time) verdict {
	var date matter.Date
	switch p.End.From {
	case "signed":
		date = p.SignedOn
	case "served":
		date = p.ServedOn
	case "disclosed":
		if disclosed.IsZero() {
			return verdict{notes: []Note{note(CodeAwaitsDisclosure,
				"The period counts from the disclosure, and nothing is disclosed yet, so there is no end yet.")}}
		}
		// The local date lies at most a day beside it.
		date = matter.DateOf(disclosed.UTC())
	default:
		return unreadable()
	}
	if !plausible(date) {
		return verdict{notes: []Note{note(CodeTriggerMissing,
			"The date that the period counts from is missing, so the order counts as having no end.")}}
	}
	if p.End.From != "disclosed" && servedBeforeSigned(p) {
		return verdict{computable: true, notes: []Note{servedBeforeSignedNote()}}
	}
	return verdict{computable: true, believed: true}
}

// trigger is the day that a period with a known trigger counts from.
func trigger(p matter.Paper, disclosed time.Time, at place) matter.Date {
	switch p.End.From {
	case "signed":
		return p.SignedOn
	case "served":
		return p.ServedOn
	}
	return matter.DateOf(disclosed.In(at.dated))
}

// servedBeforeSigned reports whether the two dates contradict each other. Nobody can know which of them is wrong.
func servedBeforeSigned(p matter.Paper) bool {
	return !p.SignedOn.IsZero() && !p.ServedOn.IsZero() && p.ServedOn.Before(p.SignedOn)
}

func servedBeforeSignedNote() Note {
	return note(CodeServedBeforeSigned,
		"The order is said to be served before it was signed, so neither date is believed and no period counts from them.")
}

// dayLength is the unit in which lengths are compared: a day has 4,800 parts, which makes the mean Gregorian month
// (146,097 days in 4,800 months) a whole number.
const dayLength = 4800

// unitLength is the mean length of a unit of time in parts of a day.
func unitLength(unit string) (int, bool) {
	switch unit {
	case "days":
		return dayLength, true
	case "weeks":
		return 7 * dayLength, true
	case "months":
		return 146_097, true
	case "years":
		return 12 * 146_097, true
	}
	return 0, false
}

// lastDays returns the last day of a period of n units from d: by the strict reading, and by the other reading where
// there is one. The day d itself is not counted. A month that lacks the day gives its last day (StPO section 43). A
// year from 29 February may also be read to end a day later, on 1 March.
func lastDays(d matter.Date, n int, unit string) (strict, other matter.Date) {
	switch unit {
	case "days":
		strict = d.AddDays(n)
		return strict, strict
	case "weeks":
		strict = d.AddDays(7 * n)
		return strict, strict
	case "years":
		n *= 12
	}
	first := matter.DateOf(time.Date(d.Year, d.Month+time.Month(n), 1, 12, 0, 0, 0, time.UTC))
	length := first.AddDays(31)
	length = length.AddDays(-length.Day)
	strict = matter.Date{Year: first.Year, Month: first.Month, Day: min(d.Day, length.Day)}
	if d.Month == time.February && d.Day == 29 && strict.Day == 28 {
		return strict, strict.AddDays(1)
	}
	return strict, strict
}
