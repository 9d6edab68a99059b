package calendar

import (
	"strings"
	"time"

	"lapse/internal/calendar/holidays"
	"lapse/internal/matter"
)

// noCalendar is how many days a computed period is held on where the holidays are not known: the longest run of days
// off that is common in the countries whose holidays are known, Good Friday to Easter Monday.
const noCalendar = 4

// HolidaysVersion is the release of the table of holidays that every computed end rests on, for example "0.109".
func HolidaysVersion() string { return holidays.Version() }

// holidaysOf names the region whose holidays an order's court keeps (ISO 3166-2): the issuer's region, where it is one
// of the country's; else "", and every region of the country is tried. Case does not matter.
func holidaysOf(country, region string) string {
	country, region = strings.ToUpper(country), strings.ToUpper(region)
	if regional(country, region) != nil {
		return region
	}
	return ""
}

// regional is what the table knows of a region of the country (ISO 3166-2, upper case); nil where it is none of them.
func regional(country, region string) *holidays.Calendar {
	part, ok := strings.CutPrefix(region, country+"-")
	if !ok || part == "" {
		return nil
	}
	for _, c := range holidays.Of(country) {
		if c.Region == part {
			return c
		}
	}
	return nil
}

// calendarsOf are the calendars that the paper's court may keep: that of its region, where the region is known; else
// the country's own and those of all its regions; none where nobody knows the country's.
//
// The rules of the United States count the holidays of the state where the court sits, for periods measured forward
// (Fed. R. Civ. P. 6(a)(6)(C), Fed. R. Crim. P. 45(a)(6)(C), which name the District of Columbia as a state). A
// region's calendar has the nation's holidays as well.
func calendarsOf(p matter.Paper) []*holidays.Calendar {
	if c := regional(p.Country, p.Holidays); c != nil {
		return []*holidays.Calendar{c}
	}
	return holidays.Of(p.Country)
}

// rolled is the day to which a computed last day moves, and whether the holidays around it are known.
type rolled struct {
	day   matter.Date
	known bool
}

// roll moves a day over Saturdays, Sundays and days off: to the latest day over all calendars that the court may keep.
// Where nobody knows them, the day moves on by noCalendar days.
func roll(d matter.Date, calendars []*holidays.Calendar) rolled {
	if len(calendars) == 0 {
		return rolled{day: d.AddDays(noCalendar)}
	}
	latest := rolled{day: d, known: true}
	for _, c := range calendars {
		r := rollBy(d, c)
		latest.known = latest.known && r.known
		if latest.day.Before(r.day) {
			latest.day = r.day
		}
	}
	return latest
}

// rollBy moves a day by one calendar. In a year of which the calendar does not know every holiday the day moves on by
// noCalendar days at least. The search ends, because the calendar has an end and five days of a week are none of its
// own.
func rollBy(d matter.Date, c *holidays.Calendar) rolled {
	r := rolled{day: d, known: c.Knows(d.Year)}
	for off(r.day, c) {
		r.day = r.day.AddDays(1)
		r.known = r.known && c.Knows(r.day.Year)
	}
	if least := d.AddDays(noCalendar); !r.known && r.day.Before(least) {
		r.day = least
	}
	return r
}

// off reports whether no court works on the day. A weekend of other days (Friday and Saturday, for example) is in the
// calendar; Saturday and Sunday count everywhere, because some rule may still name them.
func off(d matter.Date, c *holidays.Calendar) bool {
	w := d.Weekday()
	return w == time.Saturday || w == time.Sunday || c.Off(d)
}
