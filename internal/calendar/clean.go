package calendar

import (
	"strings"
	"time"

	"lapse/internal/matter"
)

// farStart is how many years ahead of the clock a start may lie: beyond, it is rather a slip of the pen than a start,
// and an order without end that is waited for would forbid nothing meanwhile.
const farStart = 5

// Clean makes the paper of an order as recorded at now. What cannot be believed becomes missing, with a note each:
// dates of signing or service ahead of the clock, absurd dates, and both sides of a contradiction; an end that
// contradicts becomes "none". rolls says whether the regime moves the end of a computed period over a weekend.
//
// Only what the computation needs is kept, and instants are made UTC: papers are comparable, and heads stay small.
func Clean(o matter.PostedOrder, now time.Time, rolls bool) (matter.Paper, []Note) {
	p := matter.Paper{
		End:      o.End,
		SignedOn: o.SignedOn, ServedOn: o.ServedOn, StartsOn: o.StartsOn,
		Country: strings.ToUpper(o.Issuer.Country), Zone: o.Issuer.Zone,
		Rolls: rolls, Holidays: holidaysOf(o.Issuer.Country, o.Issuer.Region),
	}
	p.End.Text = ""
	p.End.At = matter.Ceil(p.End.At)

	// Contradictions are found in the whole paper, before any date is dropped.
	notes := contradictions(p)
	whole := p
	if has(notes, CodeEndBeforeStart) || has(notes, CodeEndBeforeSigning) {
		p.End = matter.End{Kind: matter.EndNone}
	}
	if has(notes, CodeEndBeforeStart) {
		p.StartsOn = matter.Date{}
	}
	if servedBeforeSigned(whole) {
		// An end that counts from a disclosure still to come is held against the signing when it comes, so the two
		// dates stay for that; Read believes neither.
		if o.End.From != "disclosed" {
			p.SignedOn, p.ServedOn = matter.Date{}, matter.Date{}
		}
		notes = append(notes, servedBeforeSignedNote())
	}

	sure := placesOf(p.Country, p.Zone).sure
	notes = append(notes, dropUnbelieved(&p.SignedOn, "signing", now, sure)...)
	notes = append(notes, dropUnbelieved(&p.ServedOn, "service", now, sure)...)
	notes = append(notes, dropUnbelievedStart(&p.StartsOn, now)...)
	return p, notes
}

// contradictions are the notes of a reading that concern an end before the start or the signing.
func contradictions(p matter.Paper) []Note {
	var found []Note
	for _, n := range Read(p, time.Time{}).Notes {
		if n.Code == CodeEndBeforeStart || n.Code == CodeEndBeforeSigning {
			found = append(found, n)
		}
	}
	return found
}

// dropUnbelieved makes a date of something that has happened missing where it cannot have happened: on no plausible
// day, or on one that begins after now in every place that the country allows. A stated zone that is not believed is
// not asked: it would make a date believed that is not without it.
func dropUnbelieved(d *matter.Date, what string, now time.Time, sure []place) []Note {
	if d.IsZero() {
		return nil
	}
	if !plausible(*d) {
		*d = matter.Date{}
		return []Note{absurdNote(what)}
	}
	for _, at := range sure {
		if !StartOfDay(*d, at.loc).After(now) {
			return nil
		}
	}
	*d = matter.Date{}
	return []Note{note(CodeDateAhead, "The date of the %s lies in the future, so it counts as missing.", what)}
}

// dropUnbelievedStart makes an absurd start missing. One that lies ahead is legitimate.
func dropUnbelievedStart(d *matter.Date, now time.Time) []Note {
	if d.IsZero() {
		return nil
	}
	if !plausible(*d) {
		*d = matter.Date{}
		return []Note{absurdNote("start")}
	}
	if matter.DateOf(now.UTC().AddDate(farStart, 0, 0)).Before(*d) {
		*d = matter.Date{}
		return []Note{note(CodeStartFar,
			"The start lies more than %d years ahead, so it is not believed and the order covers from the beginning.", farStart)}
	}
	return nil
}

func absurdNote(what string) Note {
	return note(CodeDateAbsurd, "The date of the %s is no day that an order can mean, so it counts as missing.", what)
}
