package letter

import (
	"strconv"
	"time"

	"lapse/internal/matter"
)

// firstWords are the names of codes in one language, and how it writes dates. Countries are those of ISO 3166-1; the
// English ones come from the tz database's iso3166.tab of 2023-04-05 (public domain), with the usual long forms put in
// for its abbreviated ones.
type firstWords struct {
	Language string `json:"language"`
	// Page is the layout file, Self the language's own name.
	Page string `json:"page"`
	Self string `json:"self"`
	// Day, Moment, MomentUTC and Country are patterns with names in braces.
	Day            string            `json:"day"`
	Moment         string            `json:"moment"`
	MomentUTC      string            `json:"momentUTC"`
	Country        string            `json:"country"`
	CountryUnknown string            `json:"countryUnknown"`
	Months         []string          `json:"months"`
	Instruments    map[string]string `json:"instruments"`
	Categories     map[string]string `json:"categories"`
	Roles          map[string]string `json:"roles"`
	NotProduced    map[string]string `json:"notProduced"`
	Countries      map[string]string `json:"countries"`
}

// day writes a date, "" for none.
func (w *firstWords) day(d matter.Date) string {
	if d.IsZero() || d.Month < time.January || d.Month > time.December {
		return ""
	}
	return fill(w.Day, "day", strconv.Itoa(d.Day), "month", w.Months[d.Month-1], "year", strconv.Itoa(d.Year))
}

// moment writes an instant in a zone and in UTC, "" for the zero time. The machine's own zone is no zone: the bytes
// would differ elsewhere.
func (w *firstWords) moment(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	utc := at.UTC()
	utcDate, utcClock := w.day(matter.DateOf(utc)), clock(utc)
	if zone == nil || zone.String() == "UTC" || zone.String() == "Local" {
		return fill(w.MomentUTC, "date", utcDate, "clock", utcClock)
	}
	local := at.In(zone)
	return fill(w.Moment, "date", w.day(matter.DateOf(local)), "clock", clock(local), "zone", clean(zone.String()),
		"offset", local.Format("-07:00"), "utcDate", utcDate, "utcClock", utcClock)
}

// clock writes hours and minutes, and seconds where there are any.
func clock(t time.Time) string {
	if t.Second() != 0 {
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}

// country writes a code with its name; "ZZ" and "" are not known.
func (w *firstWords) country(code string) string {
	code = clean(code)
	if code == "" || code == "ZZ" {
		return w.CountryUnknown
	}
	if name, ok := w.Countries[code]; ok {
		return fill(w.Country, "name", name, "code", code)
	}
	return code
}
