package calendar

import (
	"slices"
	"time"

	"lapse/internal/calendar/tzdata"
	"lapse/internal/matter"
)

// place is one place by whose clock a paper's dates may be meant.
type place struct {
	name string
	// loc is the clock by which its days begin and end, dated the one that gives an instant its date there.
	loc, dated *time.Location
}

// places are the candidates for the court's place.
type places struct {
	// sure are those that the country allows: the stated zone if it is believed, else all of the country's.
	sure []place
	// stray is the stated zone where it is a zone but is not believed. The paper is read there as well.
	stray []place
	// notes are the findings about the country and the zone.
	notes []Note
}

// all lists the candidates, at least one.
func (p places) all() []place { return slices.Concat(p.sure, p.stray) }

// anywhere are the two outermost clocks in use on Earth. A day begins nowhere earlier than at UTC+14 (Kiritimati) and
// ends nowhere later than at UTC-12 (Baker Island). Each clock gives an instant the date of the other one. The reason
// is a place that changes its clock between a disclosure and the end that counts from it (Norfolk Island): it may have
// both the later date and the later end.
func anywhere() []place {
	const hour = 60 * 60
	west, east := time.FixedZone("UTC-12", -12*hour), time.FixedZone("UTC+14", 14*hour)
	return []place{{"UTC-12", west, east}, {"UTC+14", east, west}}
}

// placesOf finds the candidates for a paper of the country that states the zone ("" for none).
func placesOf(country, zone string) places {
	stated, err := load(zone)
	if err == nil {
		if name, ok := ofCountry(country, zone); ok {
			return places{sure: []place{{name, stated.loc, stated.loc}}}
		}
	}
	names := tzdata.ZonesOf(country)
	p := places{sure: candidates(names)}
	switch {
	case zone == "" && len(names) > 1:
		p.notes = append(p.notes, note(CodeNoZone,
			"The paper states no time zone, so its dates are read in all %d zones of %s and the latest end counts.",
			len(names), country))
	case zone != "" && err != nil:
		p.notes = append(p.notes, note(CodeZoneUnknown,
			"The stated time zone is not the name of a zone, so it counts as not stated."))
	case zone != "":
		p.stray = []place{stated}
		p.notes = append(p.notes, note(CodeZoneNotOfCountry,
			"The stated time zone %s is no zone of the issuer's country or its territories, "+
				"so the later of both readings counts.", zone))
	}
	if len(names) == 0 {
		p.notes = append(p.notes, note(CodeCountryUnknown,
			"The issuer's country is unknown, so dates are read at both edges of the world's time zones "+
				"and the latest end counts."))
	}
	return p
}

// candidates are the clocks of the zones; anywhere on Earth where there are none or one cannot be read.
func candidates(names []string) []place {
	list := make([]place, 0, len(names))
	for _, name := range names {
		p, err := load(name)
		if err != nil {
			return anywhere()
		}
		list = append(list, p)
	}
	if len(list) == 0 {
		return anywhere()
	}
	return list
}

func load(zone string) (place, error) {
	loc, err := tzdata.Load(zone)
	return place{zone, loc, loc}, err
}

// ofCountry reports whether the zone is one of the country's or its territories' in zone.tab, and the name it has
// there. An old name counts as the zone it links to; a name that zone.tab itself lists counts only where it is listed,
// though its rules may be the same as another's (America/Antigua has those of America/Puerto_Rico and is not American).
func ofCountry(country, zone string) (string, bool) {
	if disguised(zone) {
		return "", false
	}
	own := tzdata.ZonesOf(country)
	if len(own) == 0 {
		return "", false
	}
	if slices.Contains(own, zone) {
		return zone, true
	}
	for _, territory := range territories(country) {
		own = append(own, tzdata.ZonesOf(territory)...)
	}
	if slices.Contains(own, zone) {
		return zone, true
	}
	if tzdata.Listed(zone) {
		return "", false
	}
	same := func(name string) bool { return tzdata.Canonical(name) == tzdata.Canonical(zone) }
	if i := slices.IndexFunc(own, same); i >= 0 {
		return own[i], true
	}
	return "", false
}

// disguised reports whether a zone's name is really an abbreviation, that is an offset. zone.tab gives them to no
// country, but the database links some to a place that happens to keep that time (EST to Panama, HST to Honolulu), and
// a paper that says "EST" names no place. Etc/GMT+5, UTC and the like link to nothing that a country has.
func disguised(zone string) bool {
	switch zone {
	case "EST", "MST", "HST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "CET", "EET", "MET", "WET":
		return true
	}
	return false
}

// zoneMatters reports whether the paper holds a date, whose bounds depend on a place.
func zoneMatters(p matter.Paper) bool {
	return p.End.Kind == matter.EndDate || p.End.Computed() || !p.StartsOn.IsZero()
}
