package calendar

import "fmt"

// Note is a finding of unsure input: a code that stays the same, and one sentence for a lawyer. A message never repeats
// what a sender wrote freely.
type Note struct{ Code, Message string }

// The codes of notes. Those of Clean concern dates that count as missing; those of Read concern the place and the end.
const (
	// CodeDateAhead: signedOn or servedOn lies ahead of the clock.
	CodeDateAhead = "date_ahead"
	// CodeDateAbsurd: signedOn, servedOn or startsOn is no real day between 1970 and 2999.
	CodeDateAbsurd = "date_absurd"
	// CodeStartFar: startsOn lies more than five years ahead of the clock.
	CodeStartFar = "start_far"
	// CodeServedBeforeSigned: neither date is believed.
	CodeServedBeforeSigned = "served_before_signed"
	// CodeEndBeforeStart: neither the end nor the start is believed.
	CodeEndBeforeStart = "end_before_start"
	// CodeEndBeforeSigning: the end is not believed.
	CodeEndBeforeSigning = "end_before_signing"

	// CodeNoZone: no zone is stated, and the country has several.
	CodeNoZone = "no_zone"
	// CodeZoneUnknown: the stated zone is none.
	CodeZoneUnknown = "zone_unknown"
	// CodeZoneNotOfCountry: the stated zone is a zone, but not one of the country's or its territories'.
	CodeZoneNotOfCountry = "zone_not_of_country"
	// CodeCountryUnknown: the country is unknown, or has no zones.
	CodeCountryUnknown = "country_unknown"
	// CodeWordingUnknown: the wording of a date is neither until, through nor before.
	CodeWordingUnknown = "wording_unknown"
	// CodeEndUnreadable: the end is of a kind, unit or trigger that does not exist.
	CodeEndUnreadable = "end_unreadable"
	// CodeEndAbsurd: the end's date or length is beyond anything an order can mean.
	CodeEndAbsurd = "end_absurd"
	// CodeTriggerMissing: the date that a period counts from is missing.
	CodeTriggerMissing = "trigger_missing"
	// CodeAwaitsDisclosure: a period from the disclosure, and there is none yet.
	CodeAwaitsDisclosure = "awaits_disclosure"
	// CodeTwoReadings: a period of years or months from 29 February that ends in a year without one.
	CodeTwoReadings = "two_readings"
	// CodeNoCalendar: a computed period rolls, and not every holiday of the court is known for the year it ends in.
	CodeNoCalendar = "no_calendar"
)

func note(code, message string, args ...any) Note {
	return Note{Code: code, Message: fmt.Sprintf(message, args...)}
}

// has reports whether a note of the code is among them.
func has(notes []Note, code string) bool {
	for _, n := range notes {
		if n.Code == code {
			return true
		}
	}
	return false
}
