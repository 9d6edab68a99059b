package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/memory"
)

// canary is a mark in every address of the story below.
const canary = "canary"

func marked(id, role string) object {
	return object{"id": id, "accountClass": "consumer",
		"contacts": []object{{"role": role, "email": canary + "-" + id + "@" + canary + ".example", "verified": true}}}
}

func TestNoAddressIsEverShown(t *testing.T) {
	w := newWorld(t)
	var shown strings.Builder
	show := func(v any, err error) {
		fmt.Fprintf(&shown, "%v %+v %#v %s %v %+v\n", v, v, v, encoded(t, v), err, err)
	}
	take := func(event []byte) {
		res, err := w.svc.Take(t.Context(), event, "http", "arn:counsel")
		show(res.Answer, err)
		show(nil, w.deliver(event, 0))
	}
	early := contact("u1", canary+"-early@"+canary+".example")
	take(w.event("contact.changed", early))
	take(w.event("request.received", with(request(),
		object{"subjects": []object{marked("u1", "user"), marked("u2", "guardian")}})))
	take(w.event("request.decided", decision("comply")))
	take(w.event("request.amended", object{"subjects": []object{marked("u1", "user"), marked("u4", "user")}}))
	take(w.event("order.received", order("o1", "u1", "u9")))
	take(w.event("disclosure.made", disclosure("d1", "u1", "u2", "u4")))
	take(w.event("order.ended", ending("o1", "2026-03-03T12:00:00Z")))

	// What is wrong, at every place where an address may stand by mistake.
	bad := canary + "@" + canary + ".example"
	take(raw("ev-2", "contact.changed", contact("u2", bad)))
	take(w.event("contact.changed", contact("u77", bad)))
	take(w.event("contact.changed", contact("u1", "Some Body <"+bad+">")))
	take(w.event("contact.changed", object{"subjectId": bad, "erase": true}))
	take(w.event("disclosure.made", disclosure(bad, bad)))
	take(w.event("order.received", order(bad, bad)))
	take(w.event("order.received", with(order("o2"), object{bad: bad})))
	take(w.event("order.assessed", assessment(bad, bad, bad)))
	take([]byte(`{"type": "` + bad + `", "subject": "` + bad + `", "id": "` + bad + `"}`))
	take([]byte(`"` + bad + `"`))
	take([]byte(bad))
	for _, op := range []string{"Commit", "PutSubjects", "DropPending", "PutNotice", "Receipt", "Subjects"} {
		w.store.Fault = func(o, _ string) memory.Effect {
			if o == op {
				return memory.FailBefore
			}
			return memory.None
		}
		take(w.event("request.amended", object{"subjects": []object{marked("u1", "user"), marked("u2", "user")}}))
		take(w.event("contact.changed", contact("u1", bad)))
		take(w.event("disclosure.made", disclosure("d-"+op, "u1")))
	}
	w.store.Fault = nil

	h := w.head()
	show(h, nil)
	entries, err := w.store.Entries(t.Context(), mat, 0, 1000)
	require.NoError(t, err)
	w.chain(len(entries))
	for _, e := range entries {
		show(e, nil)
		require.NotContains(t, string(e.Data), canary, e.Type)
	}
	orders, err := w.store.Orders(t.Context(), mat)
	show(orders, err)
	show(w.notices(), nil)
	for _, r := range w.store.Refusals() {
		show(r, nil)
	}
	for _, kind := range []agenda.Kind{agenda.Announce, agenda.Erase, agenda.Notice, agenda.MakeNotices, agenda.Order,
		agenda.Replan} {
		show(w.rows(kind), nil)
	}
	for _, faults := range w.dead.faults {
		show(faults, nil)
	}
	require.NotEmpty(t, w.logs.String())
	require.NotContains(t, w.logs.String(), canary)
	require.NotContains(t, shown.String(), canary)
	require.Contains(t, w.address("u2", matter.User), canary, "it was posted, and can be opened")
}
