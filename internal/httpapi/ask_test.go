package httpapi_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/httpapi"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

func TestAMatterIsAnsweredAsTheContractSays(t *testing.T) {
	w := newWorld(t)
	w.approved(2)
	w.record(order("ord-1", "u0"))
	w.record(disclosure("d1", "u0"))
	w.record(disclosure("d1", "u1"))
	got := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter))
	require.Equal(t, map[string]any{
		"reference": "24-sw-1", "instrument": "search_warrant", "legalBasis": "18 U.S.C. 2702, 2703",
		"issuer": map[string]any{"name": "N.D. Cal.", "role": "court", "country": "US",
			"zone": "America/Los_Angeles"},
		"receivedAt": "2026-02-28T00:40:00Z", "dataSought": []any{map[string]any{"category": "content", "from": "2025-01-01",
			"to": "2025-06-30"}}, "policy": "2026-01",
		"decision": map[string]any{"decision": "comply", "reason": "valid process", "at": "2026-03-01T10:00:00Z",
			"actor": "counsel:ak"},
	}, got["request"])
	require.Equal(t, []any{map[string]any{
		"id": "d1", "basis": "compelled", "at": "2026-03-01T09:30:00Z", "categories": []any{"content"}, "content": true,
		"subjects": 2.0,
	}}, got["disclosures"], "the parts of a disclosure are one")
	require.Equal(t, []any{}, got["exceptions"])
	require.Equal(t, []any{5.0, "disclosed", worldtest.Matter}, []any{got["version"], got["state"], got["id"]})
	require.NotContains(t, got, "next")

	order := got["orders"].([]any)[0].(map[string]any)
	require.Len(t, order["findings"], 20)
	delete(order, "findings")
	require.Equal(t, map[string]any{
		"id": "ord-1", "kind": "court_order", "state": "in_force", "flags": []any{}, "from": nil,
		"until":    "2026-09-01T07:00:00Z",
		"citation": "18 U.S.C. 2705(b)",
	}, order)
	require.Contains(t, got["notices"], any(map[string]any{
		"id": worldtest.NoticeID("d1", "u0"), "disclosure": "d1", "subject": "u0", "recipient": "user",
		"state": "scheduled", "due": "2026-09-01T07:00:00Z", "sentAt": nil, "deliveredAt": nil, "reason": nil,
	}))
	require.Len(t, got["notices"], 2)
}

func TestAMatterThatAwaitsItsRequest(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/"+worldtest.Matter).Code)
	_, err := w.Store.Open(t.Context(), matter.Head{Matter: worldtest.Matter, State: matter.AwaitingRequest})
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/"+worldtest.Matter).Code, "opened, and no event recorded yet")
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/"+worldtest.Matter+"/why?subject=u0").Code)

	w.record(order("ord-1", "u0"))
	got := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter))
	require.Equal(t, "awaiting_request", got["state"])
	require.Contains(t, got, "request")
	require.Nil(t, got["request"])
	for _, list := range []string{"findings", "exceptions", "disclosures", "notices"} {
		require.Equal(t, []any{}, got[list], list)
	}
}

func TestOrdersTellTheirFlagsReasonAndStandingRestraints(t *testing.T) {
	w := newWorld(t)
	w.record(received(1).From(worldtest.With(worldtest.California(), worldtest.Object{"country": "BR"})))
	w.record(order("ord-1"))
	w.record(order("ord-2").Until("2026-12-31").Extends("ord-1").With(worldtest.Object{"startsOn": "2026-05-01"}))
	w.record(order("ord-3").Without("signed"))
	w.record(worldtest.Assessment("ord-3", "void", "counsel:ak", "counsel:bz").Reason("a forgery"))
	w.record(worldtest.Ending("ord-1", "vacated", "2026-03-01T09:00:00Z"))
	got := map[string]map[string]any{}
	for _, o := range decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter))["orders"].([]any) {
		got[o.(map[string]any)["id"].(string)] = o.(map[string]any)
	}
	require.Equal(t, []any{"ended", "vacated", []any{"extended"}, "2026-03-01T09:00:00Z"},
		[]any{got["ord-1"]["state"], got["ord-1"]["reason"], got["ord-1"]["flags"], got["ord-1"]["until"]})
	require.Equal(t, []any{"pending_start", "2026-05-01T07:00:00Z", "2027-01-01T08:00:00Z"},
		[]any{got["ord-2"]["state"], got["ord-2"]["from"], got["ord-2"]["until"]})
	require.Equal(t, []any{"void", "a forgery"}, []any{got["ord-3"]["state"], got["ord-3"]["reason"]})
	require.NotContains(t, got["ord-2"], "reason")
	standing := got["law-unverified-br"]
	require.Equal(t, []any{"statute", "open_ended", nil, nil},
		[]any{standing["kind"], standing["state"], standing["from"], standing["until"]})
}

func TestReadsCarryAnETag(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(disclosure("d1", "u0"))
	id := worldtest.NoticeID("d1", "u0")
	for _, target := range []string{
		"/v1/matters/" + worldtest.Matter, "/v1/matters/" + worldtest.Matter +
			"/why?subject=u0", "/v1/agenda", "/v1/notices/" +
			id, "/v1/notices/" + id + "/preview",
		"/openapi.json",
	} {
		first := w.found(target)
		tag := first.Header().Get("ETag")
		for _, have := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			rec := w.get(target, "If-None-Match", have)
			require.Equal(t, http.StatusNotModified, rec.Code, target)
			require.Equal(t, tag, rec.Header().Get("ETag"))
		}
		require.Equal(t, http.StatusOK, w.get(target, "If-None-Match", `"other"`).Code)
		again := w.found(target)
		require.Equal(t, tag, again.Header().Get("ETag"), "the same answer")
		require.Equal(t, first.Body.String(), again.Body.String())
	}
	target := "/v1/matters/" + worldtest.Matter
	tag := w.found(target).Header().Get("ETag")
	w.record(order("ord-1"))
	require.Equal(t, http.StatusOK, w.get(target, "If-None-Match", tag).Code, "another answer")
}

type matterPage struct {
	Notices []struct{ ID string } `json:"notices"`
	Orders  []struct{ ID string } `json:"orders"`
	Next    string                `json:"next"`
}

func TestPagesOf250NoticesAreCompleteAndWithoutDoubles(t *testing.T) {
	w := newWorld(t)
	w.approved(250)
	w.record(disclosure("d1", ids(0, 250)...))
	for _, name := range []string{"cursor", "next"} {
		var sizes []int
		seen := map[string]bool{}
		for next := ""; ; {
			target := "/v1/matters/" + worldtest.Matter
			if next != "" {
				target += "?" + name + "=" + next
			}
			page := decode[matterPage](t, w.found(target))
			for _, n := range page.Notices {
				require.False(t, seen[n.ID], "twice")
				seen[n.ID] = true
			}
			sizes = append(sizes, len(page.Notices))
			if next = page.Next; next == "" {
				break
			}
		}
		require.Equal(t, []int{100, 100, 50}, sizes)
		require.Len(t, seen, 250)
	}
	require.Len(t, decode[matterPage](t, w.found("/v1/matters/"+worldtest.Matter+"?limit=250")).Notices, 250)
	require.Empty(t, decode[matterPage](t, w.found("/v1/matters/"+worldtest.Matter+"?limit=250")).Next, "nothing follows")
}

func TestQuestionsThatCannotBeAnswered(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	for target, pointer := range map[string]string{
		"/v1/matters/" + worldtest.Matter + "?limit=0":                        "/limit",
		"/v1/matters/" + worldtest.Matter + "?limit=1001":                     "/limit",
		"/v1/agenda?limit=ten":                                                "/limit",
		"/v1/agenda?before=2026-03-01":                                        "/before",
		"/v1/agenda?before=2026-03-01T10:00:00":                               "/before",
		"/v1/matters/" + worldtest.Matter + "/why":                            "/subject",
		"/v1/matters/" + worldtest.Matter + "/why?subject=u0&recipient=queen": "/recipient",
		"/v1/matters/" + worldtest.Matter + "/why?subject=u0&recipient=":      "/recipient",
		"/v1/matters/" + worldtest.Matter + "?limit=":                         "/limit",
		"/v1/matters/" + worldtest.Matter + "?cursor=":                        "/cursor",
		"/v1/matters/" + worldtest.Matter + "?limit=1&limit=2":                "/limit",
		"/v1/matters/" + worldtest.Matter + "?Limit=1":                        "",
		"/v1/matters/" + worldtest.Matter + "?limit=1&ann@example.com=1":      "",
		"/v1/matters/" + worldtest.Matter + "?limit=%zz":                      "",
		"/v1/matters/" + worldtest.Matter + "?limit=1;cursor=x":               "",
		"/v1/agenda?before=":                                                  "/before",
		"/v1/agenda?after=2026-03-01T10:00:00Z":                               "",
		"/v1/notices/x.y?lang=de":                                             "",
		"/v1/notices/x.y/preview?lang=":                                       "/lang",
		"/openapi.json?v=1":                                                   "",
		"/schemas/common.json?v=1":                                            "",
	} {
		rec := w.get(target)
		require.Equal(t, http.StatusBadRequest, rec.Code, target)
		require.Equal(t, []string{pointer}, pointers(decode[httpapi.Problem](t, rec)), target)
	}
	unknown := w.do(http.MethodPost, "/v1/events?dry-run=true",
		w.event(worldtest.NewEvent(event.RequestDecided, worldtest.Object{})), "Content-Type",
		"application/cloudevents+json")
	require.Equal(t, http.StatusBadRequest, unknown.Code, "a parameter that no route has is no reason to record")
	for _, cursor := range []string{"x", "MQ", "IA"} {
		require.Equal(t, http.StatusBadRequest, w.get("/v1/agenda?cursor="+cursor).Code)
		require.Equal(t, http.StatusBadRequest, w.get("/v1/approvals?cursor="+cursor).Code)
	}
	for _, after := range []string{"x", "\x01", "999999999999", "notice#x#y"} {
		body := fmt.Sprintf(`{"cursor":%q}`, encoded("walk 3 "+after))
		require.Equal(t, http.StatusBadRequest, w.simulate(body).Code, after)
	}
	for _, cursor := range []string{
		"x", "e30", "bnVsbA", strings.Repeat("x", 1024), strings.Repeat("x",
			1025), encoded(`{"n":7}`), encoded(`{"z":"a"}`), encoded(`{"n":"a"}{}`),
		encoded(`{"o":"` + strings.Repeat("a", 300) + `"}`),
	} {
		require.Equal(t, http.StatusBadRequest, w.get("/v1/matters/"+worldtest.Matter+"?cursor="+cursor).Code, cursor)
	}
	for _, target := range []string{"/v1/matters/m", "/v1/matters/m/why?subject=u0",
		"/v1/matters/" + worldtest.Matter + "/why?subject=u9", "/v1/notices/x", "/v1/notices/x.y/preview"} {
		require.Equal(t, http.StatusNotFound, w.get(target).Code, target)
	}
}

func encoded(position string) string { return base64.RawURLEncoding.EncodeToString([]byte(position)) }

// Orders of 20 findings each and long words fill a page long before the default limit.
func TestAPageOfAMatterIsUnderAMegabyteAndLeadsOn(t *testing.T) {
	w := newWorld(t)
	w.approved(12)
	words := strings.Repeat("<", 4000)
	long := order("", "u0").Citing("18 U.S.C. 2705(b) " + words[:3900]).
		With(worldtest.Object{"courtFindings": words, "docket": words})
	for i := range 130 {
		w.record(long.With(worldtest.Object{"orderId": fmt.Sprintf("ord-%03d", i)}))
	}
	for i := range 3 {
		w.record(worldtest.Exception(fmt.Sprintf("x-%d", i), "child", "2026-06-01T00:00:00Z").
			With(worldtest.Object{"facts": words}))
		w.record(disclosure(fmt.Sprintf("d%d", i), ids(4*i, 4*i+4)...))
	}
	type named struct{ ID string }
	type whole struct {
		Orders, Exceptions, Disclosures, Notices []named
		Next                                     string
	}
	for limit, least := range map[int]int{7: 18, 100: 2, 1000: 2} {
		seen := map[string]bool{}
		pages, target := 0, fmt.Sprintf("/v1/matters/%s?limit=%d", worldtest.Matter, limit)
		for next := "first"; next != ""; {
			rec := w.found(target)
			require.Less(t, rec.Body.Len(), 1_000_000)
			page := decode[whole](t, rec)
			for _, list := range [][]named{page.Orders, page.Exceptions, page.Disclosures, page.Notices} {
				require.LessOrEqual(t, len(list), limit)
				for _, item := range list {
					require.False(t, seen[item.ID], "%s twice", item.ID)
					seen[item.ID] = true
				}
			}
			next, pages = page.Next, pages+1
			target = fmt.Sprintf("/v1/matters/%s?limit=%d&cursor=%s", worldtest.Matter, limit, next)
		}
		require.Len(t, seen, 130+3+3+12, "limit %d: everything once", limit)
		require.GreaterOrEqual(t, pages, least)
	}
}

func TestNoAnswerLetsABrowserGuess(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{"/openapi.json", "/nowhere", "/v1/agenda", "/v1/agenda?x=1", "/v1/matters/m"} {
		require.Equal(t, "nosniff", w.get(target).Header().Get("X-Content-Type-Options"), target)
	}
}

func TestHEADIsGETWithoutABody(t *testing.T) {
	w := newWorld(t)
	server := serve(t, w.api.Handler())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server+"/openapi.json", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, w.found("/openapi.json").Header().Get("ETag"), res.Header.Get("ETag"))
}

func TestWhyExplainsInSentencesAndInData(t *testing.T) {
	w := newWorld(t)
	w.approved(2)
	w.record(order("ord-1", "u0"))
	before := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u0"))
	require.Nil(t, before["due"])
	require.Equal(t, []any{}, before["notices"])
	require.Contains(t, before["text"], "Nothing has been handed over about this person yet")

	w.record(disclosure("d1", "u0", "u1"))
	got := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u0"))
	require.Equal(t, "2026-09-01T07:00:00Z", got["due"])
	const message = "The court order ord-1 forbids telling this person until 1 September 2026, 07:00 UTC (1 September " +
		"2026, 00:00 in America/Los_Angeles)."
	require.Len(t, got["restraints"], 1)
	again := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u0"))
	r := again["restraints"].([]any)[0].(map[string]any)
	var checks []string
	for _, c := range r["checks"].([]any) {
		checks = append(checks, c.(map[string]any)["check"].(string))
	}
	require.Equal(t, []string{"K01", "K02", "K04", "K05"}, checks)
	require.NotEmpty(t, r["rule"].(map[string]any)["says"])
	delete(r["rule"].(map[string]any), "says")
	delete(r, "checks")
	require.Equal(t, map[string]any{
		"kind": "court_order", "source": "ord-1", "from": nil, "until": "2026-09-01T07:00:00Z",
		"citation": "18 U.S.C. 2705(b)", "message": message,
		"state": "in_force", "rule": map[string]any{"id": "US-2705b", "citation": "18 U.S.C. 2705(b)", "end": "court_sets"},
	}, r)
	require.Equal(t,
		message+" The notice is due at 1 September 2026, 07:00:00 UTC, the first instant that nothing covers. "+
			"ord-1 rests on 18 U.S.C. 2705(b) (US-2705b).", got["text"])
	require.Equal(t, []any{map[string]any{
		"id": worldtest.NoticeID("d1", "u0"), "disclosure": "d1", "recipient": "user", "due": "2026-09-01T07:00:00Z",
	}}, got["notices"])

	t.Run("nothing about anybody else", func(t *testing.T) {
		free := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u1"))
		require.Equal(t, []any{}, free["restraints"])
		require.Equal(t, "2026-03-01T09:30:00Z", free["due"])
		require.NotContains(t, free["text"], "ord-1")
	})
	t.Run("the recipient filters", func(t *testing.T) {
		require.Equal(t, got, decode[map[string]any](t,
			w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u0&recipient=user")))
		other := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u0&recipient=guardian"))
		require.Equal(t, []any{}, other["notices"])
		require.Nil(t, other["due"])
	})
	t.Run("two disclosures, the earlier due on top", func(t *testing.T) {
		w.record(order("ord-2", "u1").For(30, "days", "disclosed"))
		w.Set(start.AddDate(0, 0, 20))
		w.record(disclosure("d2", "u1").At("2026-03-21T09:30:00Z"))
		two := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u1"))
		require.Len(t, two["notices"], 2)
		require.Equal(t, "2026-04-02T07:00:00Z", two["due"], "31 days from 1 March end with 1 April in Los Angeles")
	})
}

func TestWhyWithoutAnEndSaysNull(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(disclosure("d1", "u0"))
	w.record(order("ord-1").UntilEvent("until indictment"))
	got := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u0"))
	require.Contains(t, got, "due")
	require.Nil(t, got["due"])
	require.Nil(t, got["notices"].([]any)[0].(map[string]any)["due"])
	require.Contains(t, got["text"], "nobody can say yet")
}

func TestANoticeWithItsHistory(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(disclosure("d1", "u0"))
	id := worldtest.NoticeID("d1", "u0")
	target := "/v1/notices/" + id
	same(t, fmt.Sprintf(`{"id":%q,"disclosure":"d1","subject":"u0","recipient":"user","state":"scheduled",
		"due":"2026-03-01T09:30:00Z",
		"sentAt":null,"deliveredAt":null,"reason":null,"matter":%q,"history":[{"at":"2026-03-01T10:00:00Z",
		"state":"scheduled"}],"unknowns":0,"sha256":[]}`, id, worldtest.Matter),
		w.found(target).Body.String())

	w.Move(id, notice.Act{Op: notice.OpClaim, Token: "t0", At: start, Next: start.Add(time.Minute), Due: start,
		Actor: "lapse"})
	w.Move(id, notice.Act{Op: notice.OpUnsure, Token: "t0", At: start.Add(2 * time.Second),
		Next: start.Add(notice.ReconcileWindow), Actor: "lapse"})
	got := decode[map[string]any](t, w.found(target))
	require.Equal(t, []any{"unknown", 1.0}, []any{got["state"], got["unknowns"]})

	later := start.Add(notice.ReconcileWindow)
	w.Move(id, notice.Act{Op: notice.OpClaim, Token: "t1", After: "t0", At: later, Next: later.Add(time.Minute),
		Due: start, Actor: "lapse"})
	w.Move(id, notice.Act{Op: notice.OpComplete, Token: "t1", At: later, MessageID: "m1", Actor: "lapse"})
	w.Move(id, notice.Act{Op: notice.OpDelivery, Token: "t1", At: later.Add(2 * time.Second), MessageID: "m1",
		Reason: notice.ReasonDelivered, Actor: "ses"})
	w.Set(start.AddDate(0, 0, 1))
	w.record(order("ord-1"))
	same(t, fmt.Sprintf(`{"id":%q,"disclosure":"d1","subject":"u0","recipient":"user","state":"delivered",
		"due":"2026-03-01T10:00:00Z",
		"sentAt":"2026-03-01T10:15:00Z","deliveredAt":"2026-03-01T10:15:02Z","reason":"delivery","matter":%q,"history":[
		{"at":"2026-03-01T10:00:00Z","state":"scheduled"},{"at":"2026-03-01T10:00:00Z","state":"sending"},
		{"at":"2026-03-01T10:00:02Z","state":"unknown"},{"at":"2026-03-01T10:15:00Z","state":"sending"},
		{"at":"2026-03-01T10:15:00Z","state":"sent"},{"at":"2026-03-01T10:15:02Z","state":"delivered","reason":"delivery"}],
		"unknowns":1,"sha256":[]}`, id, worldtest.Matter),
		w.found(target).Body.String())
}

func TestAPreviewMasksTheRecipientAndNeedsNoKey(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.record(order("ord-1"))
	w.record(disclosure("d1", "u0"))
	target := "/v1/notices/" + worldtest.NoticeID("d1", "u0") + "/preview"

	plain := w.found(target)
	require.Equal(t, "text/plain; charset=utf-8", plain.Header().Get("Content-Type"))
	require.Equal(t, "en", plain.Header().Get("Content-Language"))
	require.Contains(t, plain.Body.String(), "24-sw-1")

	whole := w.get(target, "Accept", "message/rfc822")
	require.Equal(t, "message/rfc822", whole.Header().Get("Content-Type"))
	require.Contains(t, whole.Body.String(), "hidden@recipient.invalid")
	require.Contains(t, whole.Body.String(), "Auto-Submitted: auto-generated")
	require.Contains(t, whole.Body.String(), "Date: Thu, 01 Jan 1970 00:00:00 +0000", "a placeholder")
	require.Contains(t, whole.Body.String(), "Date of this letter: 1 September 2026", "the day on which it could go")

	page := w.get(target, "Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	require.Equal(t, "text/html; charset=utf-8", page.Header().Get("Content-Type"))
	require.Equal(t, "default-src 'none'; style-src 'unsafe-inline'; sandbox",
		page.Header().Get("Content-Security-Policy"))
	require.True(t, strings.HasPrefix(page.Body.String(), "<!DOCTYPE html>"))

	const text, message = "text/plain; charset=utf-8", "message/rfc822"
	for accept, media := range map[string]string{
		"*/*": text, "text/plain": text, "message/rfc822;q=0": text, "text/plain, message/rfc822;q=0.5": text,
		"application/json": text, "text/html;q=0.4, text/plain;q=0.5": text,
		"message/rfc822;q=0.9, text/plain;q=0.5": message, "Message/RFC822, */*;q=0.1": message,
		"message/rfc822;q=0.2, text/html": "text/html; charset=utf-8",
	} {
		require.Equal(t, media, w.get(target, "Accept", accept).Header().Get("Content-Type"), accept)
	}
	for _, own := range []string{target, target + "?lang=en"} {
		require.Empty(t, w.found(own).Header().Get("Lapse-Preview"), own)
	}
	german := w.found(target + "?lang=de")
	require.Equal(t, http.StatusOK, german.Code)
	require.Equal(t, "de", german.Header().Get("Content-Language"))
	require.Equal(t, "translated", german.Header().Get("Lapse-Preview"))
	unknown := w.get(target + "?lang=sv")
	require.Equal(t, http.StatusBadRequest, unknown.Code, "there is no such letter")
	require.Contains(t, unknown.Body.String(), "one of en, de, fr, es, nl, pt, ja")
}
