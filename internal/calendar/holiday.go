package calendar

import (
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"

	"lapse/internal/matter"
)

// noCalendar is how many days a computed period rolls on where no holiday calendar is known: the longest run of days off
// that a period has to be carried over in the countries that have one here, Good Friday to Easter Monday.
const noCalendar = 4

// holidaysOf names the region whose holidays an order's court keeps: the issuer's, where it is one of the country's and
// has its own calendar; else "", for the country's. Case does not matter.
func holidaysOf(country, region string) string {
	region = strings.ToUpper(region)
	if strings.HasPrefix(region, strings.ToUpper(country)+"-") && regional(region) != nil {
		return region
	}
	return ""
}

// daysOff are the holidays that count for the paper, none where nobody knows them. Where they are the regions' and the
// region is not known, every region's count: the longer reading.
func daysOff(p matter.Paper) []*cal.Holiday {
	if of := regional(p.Holidays); of != nil {
		return of
	}
	return nationwide(p.Country)
}

// holiday reports whether the day is one of the holidays or the day on which one that falls on a weekend is kept; a
// holiday early in January may be kept in the year before.
func holiday(d matter.Date, of []*cal.Holiday) bool {
	return slices.ContainsFunc(of, func(h *cal.Holiday) bool {
		for year := d.Year; year <= d.Year+1; year++ {
			actual, kept := h.Calc(year)
			if !actual.IsZero() && (dayOf(actual) == d || dayOf(kept) == d) {
				return true
			}
		}
		return false
	})
}

// dayOf is the date the library means. It answers with midnight or noon on the machine's clock; where that clock skips
// midnight, time.Date may give the hour before.
func dayOf(t time.Time) matter.Date { return matter.DateOf(t.Add(2 * time.Hour)) }

// maxRoll bounds the search for a working day; the longest run of days off in any of the calendars is shorter.
const maxRoll = 30

// roll moves a day that is a Saturday, a Sunday or a holiday to the next day that is none. Without a calendar it moves
// every day on by noCalendar days.
func roll(d matter.Date, of []*cal.Holiday) matter.Date {
	if len(of) == 0 {
		return d.AddDays(noCalendar)
	}
	for range maxRoll {
		if w := d.Weekday(); w != time.Saturday && w != time.Sunday && !holiday(d, of) {
			break
		}
		d = d.AddDays(1)
	}
	return d
}
