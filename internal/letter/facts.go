package letter

import (
	"cmp"
	"slices"
	"time"

	"lapse/internal/calendar"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// Sources are the records that a notice's letter is written from.
type Sources struct {
	Notice *notice.Notice
	// Recipient is whom the mail reaches.
	Recipient  matter.Recipient
	Head       *matter.Head
	Orders     []matter.Order
	Request    matter.Request
	Disclosure matter.DisclosureFacts
	// Country is that of the notice's subject, "" where not known.
	Country string
}

// Facts is what the letter may say at now: about this recipient, and nobody else. due is the instant from which telling
// was allowed, zero where none is known.
func (s Sender) Facts(e *restraint.Evaluator, src Sources, due, now time.Time) Facts {
	n := src.Notice
	named := namedDelays(e, src, now)
	f := Facts{
		Template: n.Template, LawTexts: newestLawTexts, Kind: Disclosure, Reference: s.Proof.Reference(n.ID),
		Account: n.Subject, Recipient: src.Recipient.Role, AccountCountry: src.Country, Request: src.Request,
		Disclosure: src.Disclosure, Repetition: n.Unknowns() > 0, Due: due, Now: now,
		Zone: zoneName(src.Request.Issuer.Zone), PolicyURL: s.PolicyURL, HelpURL: s.HelpURL, VerifyURL: s.VerifyURL,
		From: s.From, ReplyTo: s.ReplyTo, SenderName: s.Name,
	}
	for _, d := range named {
		f.Delays = append(f.Delays, delayOf(e, d, n.Base))
		for _, c := range d.order.Challenges {
			f.Challenges = append(f.Challenges, orderChallenge(c))
		}
	}
	for _, c := range src.Request.Challenges {
		f.Challenges = append(f.Challenges, requestChallenge(c))
	}
	if a := src.Request.Advance; n.Kind == notice.Advance && a != nil {
		f.Kind, f.ObjectUntil, f.Disclosure, f.Delays = Advance, a.Until, matter.DisclosureFacts{}, nil
	}
	slices.SortStableFunc(f.Challenges, func(x, y Challenge) int {
		return cmp.Compare(x.FiledOn.String(), y.FiledOn.String())
	})
	return f
}

// MovedFacts is what the security message n may say at now: nothing of a notice or a request.
func (s Sender) MovedFacts(n *notice.Notice, to matter.Role, country string, now time.Time) Facts {
	return Facts{
		Template: n.Template, LawTexts: newestLawTexts, Kind: Moved, Reference: s.Proof.ReferenceOf(n),
		Account: n.Subject, Recipient: to, AccountCountry: country, MovedAt: n.ReplacedAt,
		Repetition: n.Unknowns() > 0, Now: now, VerifyURL: s.VerifyURL, From: s.From, ReplyTo: s.ReplyTo,
		SenderName: s.Name,
	}
}

// namedDelay is an order that delayed telling a recipient and may be named.
type namedDelay struct {
	order     *matter.Order
	restraint *matter.Restraint
	interval  restraint.Interval
}

// namedDelays lists what forbade telling this recipient between the disclosure and now, by its end, those without one
// last. A paper that names others, and held everybody only until it was clear whom it meant, is not spoken of: it is
// about somebody else.
func namedDelays(e *restraint.Evaluator, src Sources, now time.Time) []namedDelay {
	var out []namedDelay
	for _, i := range e.Covering(src.Head, restraint.TargetAt(src.Notice, src.Recipient)) {
		r, _ := src.Head.Restraint(i.Source)
		k := slices.IndexFunc(src.Orders, func(o matter.Order) bool { return o.ID == i.Source })
		named := r.All || slices.Contains(r.Subjects, src.Notice.Subject)
		over := !i.Until.IsZero() && !i.Until.After(src.Notice.Base)
		if k < 0 || !named || i.From.After(now) || over {
			continue
		}
		out = append(out, namedDelay{&src.Orders[k], r, i})
	}
	slices.SortStableFunc(out, func(x, y namedDelay) int {
		a, b := x.interval.Until, y.interval.Until
		switch {
		case a.IsZero() && b.IsZero():
			return 0
		case a.IsZero():
			return 1
		case b.IsZero():
			return -1
		}
		return a.Compare(b)
	})
	return out
}

func delayOf(e *restraint.Evaluator, n namedDelay, disclosed time.Time) Delay {
	o, r, i := n.order, n.restraint, n.interval
	reading := e.Reading(r.Paper, disclosed)
	d := Delay{
		Issuer: o.Received.Issuer, LegalBasis: o.Received.LegalBasis, Kind: i.Kind, Unsettled: r.Origin.AsksCounsel(),
		SignedOn: r.Paper.SignedOn, Stated: o.Received.End, From: i.From, Until: i.Until, Zone: zoneName(reading.Zone),
	}
	if i.Until.Equal(reading.Until) && !i.Until.IsZero() {
		d.Later = later(reading)
	}
	if !r.Ended.IsZero() && i.Until.Equal(r.Ended) && len(o.Endings) > 0 {
		d.Ended = o.Endings[len(o.Endings)-1].How
	}
	if r.Origin.Standing() {
		// A statute is nobody's order: the record's issuer is the request's, and no paper states an end.
		d.Issuer, d.Stated = matter.Issuer{Country: o.Received.Issuer.Country}, matter.End{}
	}
	return d
}

// later is why the end that counts is later than the strict reading in one place.
func later(r calendar.Reading) Later {
	for _, n := range r.Notes {
		switch n.Code {
		case calendar.CodeNoZone, calendar.CodeZoneUnknown, calendar.CodeZoneNotOfCountry, calendar.CodeCountryUnknown:
			return LaterPlace
		case calendar.CodeTwoReadings, calendar.CodeWordingUnknown:
			return LaterUnclear
		}
	}
	if r.Rolled.After(r.Strict) {
		return LaterRolled
	}
	return ""
}

func orderChallenge(c matter.OrderChallenge) Challenge {
	out := Challenge{Order: true, FiledOn: matter.DateOf(c.FiledAt.UTC()), Outcome: c.Outcome}
	if out.Outcome = cmp.Or(c.Outcome, matter.ChallengePending); out.Outcome != matter.ChallengePending {
		out.DecidedOn = matter.DateOf(c.At.UTC())
	}
	return out
}

func requestChallenge(c matter.RequestChallenge) Challenge {
	out := Challenge{FiledOn: matter.DateOf(c.FiledAt.UTC()), Outcome: cmp.Or(c.Outcome, matter.ChallengePending)}
	if out.Outcome != matter.ChallengePending && !c.DecidedAt.IsZero() {
		out.DecidedOn = matter.DateOf(c.DecidedAt.UTC())
	}
	return out
}

// zoneName is the name of a zone that can be used, else "".
func zoneName(name string) string {
	if zone(name) == nil {
		return ""
	}
	return name
}

// zone is the zone of the name, nil where there is none that can be used.
func zone(name string) *time.Location {
	if name == "" {
		return nil
	}
	loc, err := calendar.Load(name)
	if err != nil {
		return nil
	}
	return loc
}
