package site_test

import (
	"fmt"
	"strings"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

// decades is a matter with an order of a lifetime and a statute beside it, long after the disclosure.
func (w *world) decades() {
	w.t.Helper()
	const id = "mat-us-pen"
	w.post(id, "request.received", request("pen_register", subjects("owl5")))
	w.post(id, "request.decided", comply)
	w.post(id, "order.received", order("ndo-with-a-very-long-identifier-2026-0144-1", `"all"`,
		`{"kind":"period","n":40,"unit":"years","from":"signed"}`, ""))
	w.post(id, "disclosure.made", disclosure("d1", "2026-03-01T12:00:00Z", `["owl5"]`))
}

// hostile is a matter whose texts want to be markup.
func (w *world) hostile() {
	w.t.Helper()
	const id, evil = "mat-hostile", `<script>alert(1)</script>&\"'><img src=x onerror=alert(2)>`
	people := strings.ReplaceAll(subjects("u1"), `"accountClass"`, `"language":"en","accountClass"`)
	w.post(id, "request.received", strings.NewReplacer("3:26-mj-00123", evil, "N.D. Cal.",
		"<b>"+evil).Replace(request("subpoena", people)))
	w.post(id, "request.decided", comply)
	w.post(id, "order.received", strings.NewReplacer("18 U.S.C. 2705(b)",
		evil).Replace(order("o.1", `["u1"]`, `{"kind":"none"}`, "")))
	w.post(id, "order.assessed",
		fmt.Sprintf(`{"orderId":"o.1","verdict":"binding","reason":"%s","approvedBy":["counsel:ak"]}`, evil))
	w.post(id, "disclosure.made", disclosure("d1", "2026-03-01T12:00:00Z", `["u1"]`))
}

// awaited is a matter of which only an order has arrived, unsigned.
func (w *world) awaited() {
	w.t.Helper()
	w.post("mat-early", "order.received",
		strings.Replace(order("ord-9", `["u9"]`, `{"kind":"date","date":"2026-12-31","wording":"until"}`, ""),
			`"signed":true,`, "", 1))
}

// many is a matter with more people than a page shows: most told at once, some held, one without an address, one of
// whom an order speaks too late.
func (w *world) many() {
	w.t.Helper()
	const id = "mat-many"
	var people []string
	for i := range 60 {
		people = append(people, fmt.Sprintf("user-%02d", i))
	}
	list := `["` + strings.Join(people, `","`) + `"]`
	w.post(id, "request.received", request("subpoena", subjects(people...)))
	w.post(id, "request.decided", comply)
	w.post(id, "order.received", order("ord-a", `["user-03","user-07","user-11","user-12","user-13"]`,
		`{"kind":"date","date":"2026-03-20","wording":"until"}`, ""))
	w.post(id, "disclosure.made", disclosure("d1", "2026-03-02T09:00:00Z", list))
	for _, s := range people[20:40] {
		w.told(id, "d1", s, notice.OpDelivery)
	}
	w.move(notice.ID(id, "d1", "user-41", matter.User),
		notice.Act{Op: notice.OpFail, At: w.now, Reason: notice.ReasonNoContact, Actor: "lapse"})
	w.told(id, "d1", "user-42", notice.OpBounce)
	w.move(notice.ID(id, "d1", "user-20", matter.User),
		notice.Act{Op: notice.OpLate, At: w.now.Add(time.Hour), Order: "ord-late"})
}

// foreign is a matter from a country without a verified rule.
func (w *world) foreign() {
	w.t.Helper()
	const id = "mat-br"
	w.post(id, "request.received", strings.NewReplacer(`"country":"US","zone":"America/Los_Angeles"`,
		`"country":"BR"`).Replace(request("court_order", subjects("ox1"))))
	w.post(id, "request.decided", comply)
	w.post(id, "disclosure.made", disclosure("d1", "2026-03-01T12:00:00Z", `["ox1"]`))
}
