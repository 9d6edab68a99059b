package worldtest

import (
	"strings"
	"time"

	"lapse/internal/event"
)

// Order is a signed court order through 31 August 2026. It covers the subjects, everybody if there are none.
func Order(id string, subjects ...string) Event {
	return NewEvent(event.OrderReceived, Object{
		"orderId": id, "kind": "court_order", "issuer": Issuer(), "signed": true, "covers": covers(subjects),
		"end": date("2026-08-31", "through"), "legalBasis": "18 U.S.C. 2705(b)",
	})
}

// AugustEnds is when the default order ends: at the end of the court's day.
func AugustEnds() time.Time { return time.Date(2026, time.September, 1, 4, 0, 0, 0, time.UTC) }

// covers names the subjects, everybody if there are none.
func covers(subjects []string) Object {
	if len(subjects) == 0 {
		return Object{"subjects": "all"}
	}
	return Object{"subjects": subjects}
}

func date(day, wording string) Object { return Object{"kind": "date", "date": day, "wording": wording} }

// Ends is the order with this end, in the notation of the schema.
func (e Event) Ends(end Object) Event { return e.With(Object{"end": end}) }

// Through is the order with an end "through" the day, such as "2026-08-31".
func (e Event) Through(day string) Event { return e.Ends(date(day, "through")) }

// Until is the order with an end "until" the day.
func (e Event) Until(day string) Event { return e.Ends(date(day, "until")) }

// Endless is the order without an end.
func (e Event) Endless() Event { return e.Ends(Object{"kind": "none"}) }

// UntilEvent is the order with an end that some event is to bring.
func (e Event) UntilEvent(text string) Event { return e.Ends(Object{"kind": "event", "text": text}) }

// For is the order for a period from its signing, its service or the disclosure, such as 90, "days", "signed".
func (e Event) For(n int, unit, from string) Event {
	return e.Ends(Object{"kind": "period", "n": n, "unit": unit, "from": from})
}

// SignedOn is the order or request with this day of signing.
func (e Event) SignedOn(day string) Event { return e.With(Object{"signedOn": day}) }

// Extends is the order as an extension of an earlier one.
func (e Event) Extends(order string) Event { return e.With(Object{"extends": order}) }

// Citing is the order or request with this legal basis.
func (e Event) Citing(basis string) Event { return e.With(Object{"legalBasis": basis}) }

// Kind is the order, or exception, of another kind.
func (e Event) Kind(kind string) Event { return e.With(Object{"kind": kind}) }

// ApprovedBy is the event approved by these persons.
func (e Event) ApprovedBy(persons ...string) Event { return e.With(Object{"approvedBy": persons}) }

// Assessment is a person's verdict about an order: "binding", "plea" or "void".
func Assessment(order, verdict string, by ...string) Event {
	return NewEvent(event.OrderAssessed, Object{"orderId": order, "verdict": verdict, "reason": "read it"}).
		ApprovedBy(by...)
}

// Ending is the end of an order by a document, "lifted", "vacated" or "permitted", approved by two persons.
func Ending(order, how, effective string) Event {
	return NewEvent(event.OrderEnded, Object{
		"orderId": order, "how": how, "effectiveAt": effective, "documentSha256": strings.Repeat("ab", 32),
	}).ApprovedBy(Both()...)
}

// Challenge is a challenge to an order that was filed at this instant.
func Challenge(order, route, filed string) Event {
	return NewEvent(event.OrderChallenged, Object{"orderId": order, "route": route, "filedAt": filed})
}

// Reason is the event with this reason.
func (e Event) Reason(reason string) Event { return e.With(Object{"reason": reason}) }
