package letter

import (
	"slices"
	"strings"
	"time"

	"lapse/internal/calendar"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// Sources are the records that a notice's letter is written from.
type Sources struct {
	Notice     *notice.Notice
	Head       *matter.Head
	Orders     []matter.Order
	Request    matter.Request
	Disclosure matter.DisclosureFacts
}

// Facts is what the letter may say at now: about this recipient, and nobody else. due is the instant from which telling
// was allowed, zero where none is known.
func (s Sender) Facts(e *restraint.Evaluator, src Sources, due, now time.Time) Facts {
	n := src.Notice
	return Facts{
		Template: n.Template, Reference: Reference(n.ID), Account: n.Subject, Recipient: n.Recipient,
		Request: src.Request, Disclosure: src.Disclosure, Delays: delays(e, src, now), Repetition: n.Unknowns() > 0,
		Due: due, Now: now, Zone: zone(src.Request.Issuer.Zone),
		PolicyURL: s.PolicyURL, HelpURL: s.HelpURL, ReplyTo: s.ReplyTo, SenderName: s.Name,
	}
}

// delays lists what forbade telling this recipient between the disclosure and now, by its end, those without one last. A paper that names
// others, and held everybody only until it was clear whom it meant, is not spoken of: it is about somebody else.
func delays(e *restraint.Evaluator, src Sources, now time.Time) []Delay {
	var out []Delay
	for _, i := range e.Covering(src.Head, restraint.TargetOf(src.Notice)) {
		r, _ := src.Head.Restraint(i.Source)
		k := slices.IndexFunc(src.Orders, func(o matter.Order) bool { return o.ID == i.Source })
		named := r.All || slices.Contains(r.Subjects, src.Notice.Subject)
		over := !i.Until.IsZero() && !i.Until.After(src.Notice.Base)
		if k < 0 || !named || i.From.After(now) || over {
			continue
		}
		out = append(out, delayOf(e, &src.Orders[k], r, i, src.Notice.Base))
	}
	slices.SortStableFunc(out, func(x, y Delay) int {
		switch {
		case x.Until.IsZero() && y.Until.IsZero():
			return 0
		case x.Until.IsZero():
			return 1
		case y.Until.IsZero():
			return -1
		}
		return x.Until.Compare(y.Until)
	})
	return out
}

func delayOf(e *restraint.Evaluator, o *matter.Order, r *matter.Restraint, i restraint.Interval, disclosed time.Time) Delay {
	d := Delay{
		Issuer: o.Received.Issuer, LegalBasis: o.Received.LegalBasis, Kind: i.Kind, SignedOn: r.Paper.SignedOn,
		From: i.From, Until: i.Until, Zone: zone(e.Reading(r.Paper, disclosed).Zone),
		Unsettled: restraint.AsksCounsel(o.ID),
	}
	if strings.HasPrefix(o.ID, "law-") {
		// A statute is nobody's order: the record's issuer is the request's.
		d.Issuer = matter.Issuer{Country: o.Received.Issuer.Country}
	}
	return d
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
