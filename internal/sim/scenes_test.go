package sim

import (
	"slices"
	"time"
)

// tenant are the people of one customer, whose mail their admin reads.
func tenant() []string { return []string{person(6), person(7), person(8)} }

// family are consumers who read their mail together.
func family() []string { return []string{person(10), person(11)} }

// familysMail is where their mail goes.
const familysMail = "family@example.com"

// stranger is named by some papers, and nobody knows the account.
const stranger = "nobody-knows"

// employee is one of them.
func employee(i int) object {
	return object{"id": person(i), "accountClass": "enterprise", "tenant": "acme", "language": "en",
		"contacts": []object{{"role": "admin", "email": adminsMail, "verified": true}}}
}

// adminsMail is where the tenant's mail goes.
const adminsMail = "admin@example.com"

// papersOfAllKinds makes papers that begin later, count days, ask only, rest on a statute, name somebody unknown, or
// leave the admin out, and what a person says of some of them.
func (w *world) papersOfAllKinds(minute func(from, to int) time.Time) {
	for range max(0, w.rng.IntN(6)-3) {
		id, at := "ord-x"+string(rune('a'+w.rng.IntN(26))), minute(0, 12)
		if w.written(id) {
			continue
		}
		data := object{"orderId": id, "kind": "court_order", "issuer": issuer(), "covers": w.few(), "signed": true,
			"signedOn": "2026-03-02", "servedOn": "2026-03-02", "end": object{"kind": "none"}}
		switch w.rng.IntN(7) {
		case 0:
			data["startsOn"] = "2026-03-03"
			data["issuer"] = object{"name": "Magistrates Court", "role": "judge", "country": "AU", "zone": "Australia/Eucla"}
		case 1:
			from := []string{"signed", "served", "disclosed"}[w.rng.IntN(3)]
			data["end"] = object{"kind": "period", "n": 1, "unit": "days", "from": from}
		case 2:
			data["kind"] = "plea"
		case 3:
			data["kind"] = "statute"
		case 4:
			data["covers"] = object{"subjects": []string{person(2), stranger}}
		case 5:
			data["covers"] = object{"subjects": tenant()[:1]}
		case 6:
			data["covers"] = object{"subjects": tenant()[:2], "recipients": []string{"user"}}
		}
		w.post(at, "order.received", data)
		w.answered(id, at, data, minute)
	}
}

// written reports whether the script has an order of the id.
func (w *world) written(id string) bool {
	_, ok := w.orders[id]
	w.orders[id] = struct{}{}
	return ok
}

// few covers a few people, or everybody.
func (w *world) few() object {
	if w.rng.IntN(3) == 0 {
		return object{"subjects": "all"}
	}
	return object{"subjects": []string{person(w.rng.IntN(10)), person(10 + w.rng.IntN(10))}}
}

// answered makes what becomes of a paper: a person calls some void or a plea, and the others end once all is calm.
func (w *world) answered(id string, at time.Time, data object, minute func(from, to int) time.Time) {
	verdict := func(at time.Time, v string) {
		w.post(at, "order.assessed", object{"orderId": id, "verdict": v, "reason": "the court was asked",
			"approvedBy": []string{"counsel:ak", "counsel:bl"}})
	}
	soon := at.Add(time.Duration(w.rng.IntN(300)) * time.Second)
	switch w.rng.IntN(6) {
	case 0:
		verdict(soon, "void")
		return
	case 1:
		verdict(soon, "plea")
	case 2:
		verdict(soon, "binding")
	}
	w.lift(w.calm.Add(time.Second), id, w.calm)
}

// peopleChange hands over some data twice or ahead of the clock, and changes contacts and tenants by amendments.
func (w *world) peopleChange(minute func(from, to int) time.Time) {
	if w.rng.IntN(5) == 0 {
		at := minute(0, 9)
		var ids []string
		for i := range 1 + w.rng.IntN(8) {
			ids = append(ids, person(2*i))
		}
		ahead := time.Duration(w.rng.IntN(3)*w.rng.IntN(900)) * time.Second
		w.post(at, "disclosure.made", disclosure("d3", ids, at.Add(ahead-time.Minute)))
	}
	if w.rng.IntN(4) == 0 {
		w.amended(w.rng.IntN(19), minute)
	}
	if w.rng.IntN(6) == 0 {
		w.amended(9+3*w.rng.IntN(2), minute) // whoever may join a tenant or a family
	}
	if w.rng.IntN(6) == 0 {
		w.shares(minute)
	}
}

// shares has a paper name one of a family, or somebody whose new address is the family's.
func (w *world) shares(minute func(from, to int) time.Time) {
	id, at := "ord-f", minute(0, 9)
	if w.written(id) {
		return
	}
	name := person(10)
	if moved := person(13); w.rng.IntN(2) == 0 && w.erased != moved {
		name = moved
		w.post(minute(0, 9), "contact.changed", object{"subjectId": name, "contacts": []object{contact(familysMail, true)}})
	}
	data := object{"orderId": id, "kind": "court_order", "issuer": issuer(), "covers": object{"subjects": []string{name}},
		"signed": true, "signedOn": "2026-03-02", "servedOn": "2026-03-02", "end": object{"kind": "none"}}
	w.post(at, "order.received", data)
	w.answered(id, at, data, minute)
}

// amended makes an amendment that changes somebody's contacts, and sometimes another one that puts right what the first
// got wrong.
func (w *world) amended(i int, minute func(from, to int) time.Time) {
	joins := w.rng.IntN(2) == 0
	amend := func(at time.Time, verified bool) {
		p := object{"id": person(i), "accountClass": "consumer", "contacts": anew(i, w.events, verified)}
		switch {
		case slices.Contains(tenant(), person(i)), i == 9 && joins:
			p = employee(i) // who joins a tenant is told by its admin from then on
		case i == 12 && joins:
			p["contacts"] = []object{contact(familysMail, verified)}
		}
		w.post(at, "request.amended", object{"subjects": []object{p}})
	}
	at, right := minute(0, 12), w.rng.IntN(2) == 0
	amend(at, right)
	if !right && w.rng.IntN(2) == 0 {
		amend(at.Add(time.Duration(w.rng.IntN(300))*time.Second), true)
	}
}
