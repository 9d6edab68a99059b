package httpapi_test

import (
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
)

const untilAugust = `{"kind":"date","date":"2026-08-31","wording":"until"}`

func TestAMatterIsAnsweredAsTheContractSays(t *testing.T) {
	w := newWorld(t)
	w.approved(2)
	w.ordered("ord-1", `["u0"]`, untilAugust, "")
	w.disclosed("d1", "u0")
	w.disclosed("d1", "u1")
	got := decode[map[string]any](t, w.found("/v1/matters/"+aMatter))
	require.Equal(t, map[string]any{
		"reference": "Warrant 26-mc-0001", "instrument": "search_warrant",
		"issuer":     map[string]any{"name": "District Court", "role": "judge", "country": "US", "zone": "America/Los_Angeles"},
		"receivedAt": "2026-02-28T00:40:00Z", "dataSought": []any{map[string]any{"category": "content"}}, "policy": "2026-01",
		"decision": map[string]any{"decision": "comply", "reason": "valid warrant", "at": "2026-03-01T10:00:00Z", "actor": "counsel:ak"},
	}, got["request"])
	require.Equal(t, []any{map[string]any{
		"id": "d1", "basis": "compelled", "at": "2026-03-01T09:30:00Z", "categories": []any{"content"}, "content": true, "subjects": 2.0,
	}}, got["disclosures"], "the parts of a disclosure are one")
	require.Equal(t, []any{}, got["exceptions"])
	require.Equal(t, []any{5.0, "disclosed", aMatter}, []any{got["version"], got["state"], got["id"]})
	require.NotContains(t, got, "next")

	order := got["orders"].([]any)[0].(map[string]any)
	require.Len(t, order["findings"], 20)
	delete(order, "findings")
	require.Equal(t, map[string]any{
		"id": "ord-1", "kind": "court_order", "state": "in_force", "flags": []any{}, "from": nil, "until": "2026-09-01T07:00:00Z",
		"citation": "18 U.S.C. 2705(b)",
	}, order)
	require.Contains(t, got["notices"], any(map[string]any{
		"id": notice.ID(aMatter, "d1", "u0", matter.User), "disclosure": "d1", "subject": "u0", "recipient": "user",
		"state": "scheduled", "due": "2026-09-01T07:00:00Z", "sentAt": nil, "deliveredAt": nil, "reason": nil,
	}))
	require.Len(t, got["notices"], 2)
}

func TestAMatterThatAwaitsItsRequest(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/"+aMatter).Code)
	_, err := w.store.Open(t.Context(), matter.Head{Matter: aMatter, State: matter.AwaitingRequest})
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/"+aMatter).Code, "opened, and no event recorded yet")
	require.Equal(t, http.StatusNotFound, w.get("/v1/matters/"+aMatter+"/why?subject=u0").Code)

	w.ordered("ord-1", `["u0"]`, untilAugust, "")
	got := decode[map[string]any](t, w.found("/v1/matters/"+aMatter))
	require.Equal(t, "awaiting_request", got["state"])
	require.Contains(t, got, "request")
	require.Nil(t, got["request"])
	for _, list := range []string{"findings", "exceptions", "disclosures", "notices"} {
		require.Equal(t, []any{}, got[list], list)
	}
}

func TestOrdersTellTheirFlagsReasonAndStandingRestraints(t *testing.T) {
	w := newWorld(t)
	w.record(event.RequestReceived, receivedData("BR", "search_warrant", subjects(0, 1)))
	w.ordered("ord-1", `"all"`, untilAugust, "")
	w.ordered("ord-2", `"all"`, `{"kind":"date","date":"2026-12-31","wording":"until"}`, `,"extends":"ord-1","startsOn":"2026-06-01"`)
	w.record(event.OrderReceived, orderData("ord-3", "court_order", `"all"`, untilAugust, ""))
	w.record(event.OrderAssessed, `{"orderId":"ord-3","verdict":"void","reason":"a forgery","approvedBy":["counsel:ak","counsel:bz"]}`)
	w.record(event.OrderEnded, `{"orderId":"ord-1","how":"vacated","effectiveAt":"2026-03-01T09:00:00Z","documentSha256":"`+strings.Repeat("0", 64)+`","approvedBy":["a","b"]}`)
	got := map[string]map[string]any{}
	for _, o := range decode[map[string]any](t, w.found("/v1/matters/"+aMatter))["orders"].([]any) {
		got[o.(map[string]any)["id"].(string)] = o.(map[string]any)
	}
	require.Equal(t, []any{"ended", "vacated", []any{"extended"}, "2026-03-01T09:00:00Z"}, []any{got["ord-1"]["state"], got["ord-1"]["reason"], got["ord-1"]["flags"], got["ord-1"]["until"]})
	require.Equal(t, []any{"pending_start", "2026-06-01T07:00:00Z", "2027-01-01T08:00:00Z"}, []any{got["ord-2"]["state"], got["ord-2"]["from"], got["ord-2"]["until"]})
	require.Equal(t, []any{"void", "a forgery"}, []any{got["ord-3"]["state"], got["ord-3"]["reason"]})
	require.NotContains(t, got["ord-2"], "reason")
	standing := got["law-unverified-br"]
	require.Equal(t, []any{"statute", "open_ended", nil, nil}, []any{standing["kind"], standing["state"], standing["from"], standing["until"]})
}

func TestReadsCarryAnETag(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.disclosed("d1", "u0")
	id := notice.ID(aMatter, "d1", "u0", matter.User)
	for _, target := range []string{
		"/v1/matters/" + aMatter, "/v1/matters/" + aMatter + "/why?subject=u0", "/v1/agenda", "/v1/notices/" + id, "/v1/notices/" + id + "/preview",
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
	target := "/v1/matters/" + aMatter
	tag := w.found(target).Header().Get("ETag")
	w.ordered("ord-1", `"all"`, untilAugust, "")
	require.Equal(t, http.StatusOK, w.get(target, "If-None-Match", tag).Code, "another answer")
}

type matterPage struct {
	Notices []struct{ ID string } `json:"notices"`
	Next    string                `json:"next"`
}

func TestPagesOf250NoticesAreCompleteAndWithoutDoubles(t *testing.T) {
	w := newWorld(t)
	w.approved(250)
	w.disclosed("d1", ids(0, 250)...)
	for _, name := range []string{"cursor", "next"} {
		var sizes []int
		seen := map[string]bool{}
		for next := ""; ; {
			page := decode[matterPage](t, w.found(fmt.Sprintf("/v1/matters/%s?%s=%s", aMatter, name, next)))
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
	require.Len(t, decode[matterPage](t, w.found("/v1/matters/"+aMatter+"?limit=250")).Notices, 250)
	require.Empty(t, decode[matterPage](t, w.found("/v1/matters/"+aMatter+"?limit=250")).Next, "nothing follows")
}

func TestQuestionsThatCannotBeAnswered(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	for target, pointer := range map[string]string{
		"/v1/matters/" + aMatter + "?limit=0":                        "/limit",
		"/v1/matters/" + aMatter + "?limit=1001":                     "/limit",
		"/v1/agenda?limit=ten":                                       "/limit",
		"/v1/agenda?before=2026-03-01":                               "/before",
		"/v1/agenda?before=2026-03-01T10:00:00":                      "/before",
		"/v1/matters/" + aMatter + "/why":                            "/subject",
		"/v1/matters/" + aMatter + "/why?subject=u0&recipient=queen": "/recipient",
	} {
		rec := w.get(target)
		require.Equal(t, http.StatusBadRequest, rec.Code, target)
		require.Equal(t, []string{pointer}, pointers(decode[httpapi.Problem](t, rec)), target)
	}
	for _, cursor := range []string{"x", "MQ", "IA"} {
		require.Equal(t, http.StatusBadRequest, w.get("/v1/agenda?cursor="+cursor).Code)
	}
	require.Equal(t, http.StatusOK, w.get("/v1/matters/"+aMatter+"?cursor="+strings.Repeat("x", 512)).Code)
	require.Equal(t, http.StatusBadRequest, w.get("/v1/matters/"+aMatter+"?cursor="+strings.Repeat("x", 513)).Code, "longer than any that was given")
	for _, target := range []string{"/v1/matters/m", "/v1/matters/m/why?subject=u0", "/v1/matters/" + aMatter + "/why?subject=u9", "/v1/notices/x", "/v1/notices/x.y/preview"} {
		require.Equal(t, http.StatusNotFound, w.get(target).Code, target)
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
	w.ordered("ord-1", `["u0"]`, untilAugust, "")
	before := decode[map[string]any](t, w.found("/v1/matters/"+aMatter+"/why?subject=u0"))
	require.Nil(t, before["due"])
	require.Equal(t, []any{}, before["notices"])
	require.Contains(t, before["text"], "Nothing has been handed over about this person yet")

	w.disclosed("d1", "u0", "u1")
	got := decode[map[string]any](t, w.found("/v1/matters/"+aMatter+"/why?subject=u0"))
	require.Equal(t, "2026-09-01T07:00:00Z", got["due"])
	const message = "The court order ord-1 forbids telling this person until 1 September 2026, 07:00 UTC (1 September 2026, 00:00 in America/Los_Angeles)."
	require.Len(t, got["restraints"], 1)
	again := decode[map[string]any](t, w.found("/v1/matters/"+aMatter+"/why?subject=u0"))
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
		"kind": "court_order", "source": "ord-1", "from": nil, "until": "2026-09-01T07:00:00Z", "citation": "18 U.S.C. 2705(b)", "message": message,
		"state": "in_force", "rule": map[string]any{"id": "US-2705b", "citation": "18 U.S.C. 2705(b)", "end": "required"},
	}, r)
	require.Equal(t, message+" The notice is due at 1 September 2026, 07:00:00 UTC, the first instant that nothing covers. "+
		"ord-1 rests on 18 U.S.C. 2705(b) (US-2705b).", got["text"])
	require.Equal(t, []any{map[string]any{
		"id": notice.ID(aMatter, "d1", "u0", matter.User), "disclosure": "d1", "recipient": "user", "due": "2026-09-01T07:00:00Z",
	}}, got["notices"])

	t.Run("nothing about anybody else", func(t *testing.T) {
		free := decode[map[string]any](t, w.found("/v1/matters/"+aMatter+"/why?subject=u1"))
		require.Equal(t, []any{}, free["restraints"])
		require.Equal(t, "2026-03-01T09:30:00Z", free["due"])
		require.NotContains(t, free["text"], "ord-1")
	})
	t.Run("the recipient filters", func(t *testing.T) {
		require.Equal(t, got, decode[map[string]any](t, w.found("/v1/matters/"+aMatter+"/why?subject=u0&recipient=user")))
		other := decode[map[string]any](t, w.found("/v1/matters/"+aMatter+"/why?subject=u0&recipient=guardian"))
		require.Equal(t, []any{}, other["notices"])
		require.Nil(t, other["due"])
	})
	t.Run("two disclosures, the earlier due on top", func(t *testing.T) {
		w.ordered("ord-2", `["u1"]`, `{"kind":"period","n":30,"unit":"days","from":"disclosed"}`, "")
		w.now = start.AddDate(0, 0, 20)
		w.record(event.DisclosureMade, disclosureData("d2", "2026-03-21T09:30:00Z", []string{"u1"}))
		two := decode[map[string]any](t, w.found("/v1/matters/"+aMatter+"/why?subject=u1"))
		require.Len(t, two["notices"], 2)
		require.Equal(t, "2026-04-01T07:00:00Z", two["due"], "30 days from 1 March end with 31 March in Los Angeles")
	})
}

func TestWhyWithoutAnEndSaysNull(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.disclosed("d1", "u0")
	w.ordered("ord-1", `"all"`, `{"kind":"event","text":"until indictment"}`, "")
	got := decode[map[string]any](t, w.found("/v1/matters/"+aMatter+"/why?subject=u0"))
	require.Contains(t, got, "due")
	require.Nil(t, got["due"])
	require.Nil(t, got["notices"].([]any)[0].(map[string]any)["due"])
	require.Contains(t, got["text"], "nobody can say yet")
}

func TestANoticeWithItsHistory(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.disclosed("d1", "u0")
	id := notice.ID(aMatter, "d1", "u0", matter.User)
	target := "/v1/notices/" + id
	same(t, fmt.Sprintf(`{"id":%q,"disclosure":"d1","subject":"u0","recipient":"user","state":"scheduled","due":"2026-03-01T09:30:00Z",
		"sentAt":null,"deliveredAt":null,"reason":null,"matter":%q,"history":[{"at":"2026-03-01T10:00:00Z","state":"scheduled"}],"unknowns":0}`, id, aMatter),
		w.found(target).Body.String())

	w.move(notice.Move{Op: notice.OpClaim, Notice: id, Token: "t0", Now: start, Next: start.Add(time.Minute), Due: start, Actor: "lapse"})
	w.move(notice.Move{Op: notice.OpUnsure, Notice: id, Token: "t0", Now: start.Add(2 * time.Second), Next: start.Add(notice.ReconcileWindow), Actor: "lapse"})
	got := decode[map[string]any](t, w.found(target))
	require.Equal(t, []any{"unknown", 1.0}, []any{got["state"], got["unknowns"]})

	later := start.Add(notice.ReconcileWindow)
	w.move(notice.Move{Op: notice.OpClaim, Notice: id, Token: "t1", Old: "t0", Now: later, Next: later.Add(time.Minute), Due: start, Actor: "lapse"})
	w.move(notice.Move{Op: notice.OpComplete, Notice: id, Token: "t1", Now: later, MessageID: "m1", Actor: "lapse"})
	w.move(notice.Move{Op: notice.OpDelivery, Notice: id, Token: "t1", Now: later.Add(2 * time.Second), MessageID: "m1", Reason: notice.ReasonDelivered, Actor: "ses"})
	w.now = start.AddDate(0, 0, 1)
	w.ordered("ord-1", `"all"`, untilAugust, "")
	same(t, fmt.Sprintf(`{"id":%q,"disclosure":"d1","subject":"u0","recipient":"user","state":"delivered","due":"2026-03-01T10:00:00Z",
		"sentAt":"2026-03-01T10:15:00Z","deliveredAt":"2026-03-01T10:15:02Z","reason":"delivery","matter":%q,"history":[
		{"at":"2026-03-01T10:00:00Z","state":"scheduled"},{"at":"2026-03-01T10:00:00Z","state":"sending"},
		{"at":"2026-03-01T10:00:02Z","state":"unknown"},{"at":"2026-03-01T10:15:00Z","state":"sending"},
		{"at":"2026-03-01T10:15:00Z","state":"sent"},{"at":"2026-03-01T10:15:02Z","state":"delivered","reason":"delivery"}],"unknowns":1}`, id, aMatter),
		w.found(target).Body.String())
}

func TestAPreviewMasksTheRecipientAndNeedsNoKey(t *testing.T) {
	w := newWorld(t)
	w.approved(1)
	w.ordered("ord-1", `"all"`, untilAugust, "")
	w.disclosed("d1", "u0")
	target := "/v1/notices/" + notice.ID(aMatter, "d1", "u0", matter.User) + "/preview"

	plain := w.found(target)
	require.Equal(t, "text/plain; charset=utf-8", plain.Header().Get("Content-Type"))
	require.Equal(t, "en", plain.Header().Get("Content-Language"))
	require.Contains(t, plain.Body.String(), "Warrant 26-mc-0001")

	whole := w.get(target, "Accept", "message/rfc822")
	require.Equal(t, "message/rfc822", whole.Header().Get("Content-Type"))
	require.Contains(t, whole.Body.String(), "hidden@recipient.invalid")
	require.Contains(t, whole.Body.String(), "Auto-Submitted: auto-generated")
	require.Contains(t, whole.Body.String(), "Date: Thu, 01 Jan 1970 00:00:00 +0000", "a placeholder")
	require.Contains(t, whole.Body.String(), "Date of this letter: 1 September 2026", "the day on which it could go")

	for accept, message := range map[string]bool{
		"*/*": false, "text/plain": false, "message/rfc822;q=0": false, "text/plain, message/rfc822;q=0.5": false, "application/json": false,
		"message/rfc822;q=0.9, text/plain;q=0.5": true, "Message/RFC822, */*;q=0.1": true,
	} {
		require.Equal(t, message, w.get(target, "Accept", accept).Header().Get("Content-Type") == "message/rfc822", accept)
	}
	german := w.found(target + "?lang=de")
	require.Equal(t, http.StatusOK, german.Code)
	require.Equal(t, "de", german.Header().Get("Content-Language"))
	require.Equal(t, http.StatusBadRequest, w.get(target+"?lang=sv").Code, "there is no such letter")
}
