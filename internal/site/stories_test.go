package site_test

import (
	"fmt"
	"time"

	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// decades is a matter with an order of a lifetime and a statute beside it, long after the disclosure.
func (w *world) decades() {
	w.T.Helper()
	w.post("mat-us-pen", request("owl5").Under("pen_register"), worldtest.Comply(),
		order("ndo-with-a-very-long-identifier-2026-0144-1").For(40, "years", "signed"), disclosure("owl5"))
}

// hostile is a matter whose texts want to be markup.
func (w *world) hostile() {
	w.T.Helper()
	const evil = `<script>alert(1)</script>&"'><img src=x onerror=alert(2)>`
	court := worldtest.With(worldtest.California(), worldtest.Object{"name": "<b>" + evil})
	person := worldtest.With(worldtest.Subject("u1"), worldtest.Object{"language": "en"})
	w.post("mat-hostile",
		worldtest.RequestAbout(person).From(court).Under("subpoena").With(worldtest.Object{"reference": evil}),
		worldtest.Comply(), order("o.1", "u1").Endless().Citing(evil),
		worldtest.Assessment("o.1", "binding", worldtest.Counsel).Reason(evil), disclosure("u1"))
}

// awaited is a matter of which only an order has arrived, unsigned.
func (w *world) awaited() {
	w.T.Helper()
	w.post("mat-early", order("ord-9", "u9").Until("2026-12-31").Without("signed"))
}

// many is a matter with more people than a page shows: most told at once, some held, one without an address, one of
// whom an order speaks too late.
func (w *world) many() {
	w.T.Helper()
	const id = "mat-many"
	var people []string
	for i := range 60 {
		people = append(people, fmt.Sprintf("user-%02d", i))
	}
	w.post(id, request(people...).Under("subpoena"), worldtest.Comply(),
		order("ord-a", "user-03", "user-07", "user-11", "user-12", "user-13").Until("2026-03-20"),
		disclosure(people...).At("2026-03-02T09:00:00Z"))
	for _, s := range people[20:40] {
		w.told(id, "d1", s, notice.OpDelivery)
	}
	w.Move(notice.ID(worldtest.Salt(), id, "d1", "user-41"), notice.Fail(notice.ReasonNoContact, "", w.Now()))
	w.told(id, "d1", "user-42", notice.OpBounce)
	w.Move(notice.ID(worldtest.Salt(), id, "d1", "user-20"), notice.Late("ord-late", w.Now().Add(time.Hour)))
}

// foreign is a matter from a country without a verified rule.
func (w *world) foreign() {
	w.T.Helper()
	w.post("mat-br", request("ox1").Under("court_order").From(worldtest.Of("BR")), worldtest.Comply(), disclosure("ox1"))
}
