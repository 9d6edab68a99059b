package worldtest

import (
	"fmt"

	"lapse/internal/event"
)

// The persons who act for the provider. Some acts need two of them.
const (
	Counsel   = "counsel:ak"
	Colleague = "counsel:bl"
)

// Both are the two persons whom some acts need.
func Both() []string { return []string{Counsel, Colleague} }

// Address is the e-mail address of the fixtures' person or organisation with this name.
func Address(name string) string { return name + "-" + Canary + "@example.com" }

// Issuer is a court in Washington, D.C.
func Issuer() Object {
	return Object{"name": "D.D.C.", "role": "court", "country": "US", "zone": "America/New_York"}
}

// California is a court in California, whose day ends later than that of Issuer.
func California() Object {
	return Object{"name": "N.D. Cal.", "role": "court", "country": "US", "zone": "America/Los_Angeles"}
}

// Of is an issuer of another country, whose zone nobody has said.
func Of(country string) Object { return Object{"name": "D.D.C.", "role": "court", "country": country} }

// Berlin is a court in Berlin.
func Berlin() Object {
	return Object{"name": "AG Tiergarten", "role": "court", "country": "DE", "zone": "Europe/Berlin"}
}

// Contact is a verified contact, in the role of the named person.
func Contact(role, name string) Object {
	return Object{"role": role, "email": Address(name), "verified": true}
}

// Contacts are verified contacts of a user, in order.
func Contacts(names ...string) []Object {
	all := []Object{}
	for _, name := range names {
		all = append(all, Contact("user", name))
	}
	return all
}

// Subject is a consumer with a verified address.
func Subject(id string) Object {
	return Object{"id": id, "accountClass": "consumer", "contacts": Contacts(id)}
}

// Subjects are consumers with a verified address each.
func Subjects(ids ...string) []Object {
	all := []Object{}
	for _, id := range ids {
		all = append(all, Subject(id))
	}
	return all
}

// IDs are the ids <prefix><from> to <prefix><to-1>.
func IDs(prefix string, from, to int) []string {
	ids := []string{}
	for i := from; i < to; i++ {
		ids = append(ids, fmt.Sprintf("%s%d", prefix, i))
	}
	return ids
}

// Request is a search warrant about consumers.
func Request(subjects ...string) Event { return RequestAbout(Subjects(subjects...)...) }

// RequestAbout is a search warrant about these subjects.
func RequestAbout(subjects ...Object) Event {
	return NewEvent(event.RequestReceived, Object{
		"reference": "24-sw-1", "instrument": "search_warrant", "legalBasis": "18 U.S.C. 2702, 2703", "issuer": Issuer(),
		"receivedAt": "2026-03-01T10:00:00Z",
		"dataSought": []Object{{"category": "content", "from": "2025-01-01", "to": "2025-06-30"}}, "subjects": subjects,
	})
}

// Amendment changes these members of a request.
func Amendment(data Object) Event { return NewEvent(event.RequestAmended, data) }

// Decision is what counsel decided about the request: "comply", "withdrawn", "challenge" and so on.
func Decision(decision string) Event {
	return NewEvent(event.RequestDecided, Object{"decision": decision, "reason": "valid process"})
}

// RequestChallenge is a challenge of the request on these grounds, filed on the morning of Start.
func RequestChallenge(id string, grounds ...string) Event {
	return NewEvent(event.RequestChallenged, Object{
		"challengeId": id, "grounds": grounds, "route": "motion to quash", "filedAt": "2026-03-03T09:00:00Z",
	})
}

// Closing is the closing of the request with the outcome, at Start.
func Closing(outcome string) Event {
	return NewEvent(event.RequestClosed, Object{"outcome": outcome, "at": "2026-03-03T12:00:00Z"})
}

// Comply is the decision to comply.
func Comply() Event { return Decision("comply") }

// From is the event with this issuer, of a request or an order.
func (e Event) From(issuer Object) Event { return e.With(Object{"issuer": issuer}) }

// Under is the request with this instrument, such as "subpoena".
func (e Event) Under(instrument string) Event { return e.With(Object{"instrument": instrument}) }
