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
	p.End = p.End.Bare()

	// Contradictions are found in the whole paper, before any date is dropped.
	whole := p
	notes := dropContradictions(&p)
	if servedBeforeSigned(whole) {
		// An end that counts from a disclosure still to come is held against the signing when it comes, so the two
		// dates stay for that; Read believes neither.
		if !o.End.FromDisclosure() {
			p.SignedOn, p.ServedOn = matter.Date{}, matter.Date{}
		}
		p.End = withoutPeriodsFromPaper(p.End)
		notes = append(notes, servedBeforeSignedNote())
	}

	sure := placesOf(p.Country, p.Zone).sure
	notes = append(notes, dropUnbelieved(&p.SignedOn, "signing", now, sure)...)
	notes = append(notes, dropUnbelieved(&p.ServedOn, "service", now, sure)...)
	notes = append(notes, dropUnbelievedStart(&p.StartsOn, now)...)
	return p, notes
}

// dropContradictions drops each end that lies before the start or the signing, and such a start. Where another part
// counts from a disclosure still to come, nobody can say yet whether it contradicts the start too. Then no part stays.
func dropContradictions(p *matter.Paper) []Note {
	whole := *p
	parts := whole.End.Parts()
	var notes []Note
	for i := range parts {
		alone := whole
		alone.End = parts[i]
		for _, n := range Read(alone, time.Time{}).Notes {
			if n.Code != CodeEndBeforeStart && n.Code != CodeEndBeforeSigning {
				continue
			}
			parts[i] = matter.End{Kind: matter.EndNone}
			if n.Code == CodeEndBeforeStart {
				p.StartsOn = matter.Date{}
			}
			if whole.End.Composite() {
				n = partNote(n.Code, i, whole.End.Kind)
			}
			notes = append(notes, n)
		}
	}
	switch {
	case len(notes) == 0:
	case has(notes, CodeEndBeforeStart) && whole.End.FromDisclosure():
		p.End = matter.End{Kind: matter.EndNone}
	default:
		p.End = whole.End.With(parts)
	}
	return notes
}

// withoutPeriodsFromPaper is an end of several parts without the periods from its signing or its service. Once one of
// the two dates is dropped for another reason, nobody sees that they contradict each other.
func withoutPeriodsFromPaper(end matter.End) matter.End {
	if !end.Composite() {
		return end
	}
	parts := end.Parts()
	for i, part := range parts {
		if part.Kind == matter.EndPeriod && !part.FromDisclosure() {
			parts[i] = matter.End{Kind: matter.EndNone}
		}
	}
	return end.With(parts)
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
