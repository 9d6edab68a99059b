package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/worldtest"
)

// byPrincipals is a world that tells persons apart by their credentials. The header Principal names the caller.
func byPrincipals(t *testing.T) *world {
	w := newWorld(t)
	w.Intake.Principals = true
	w.api.Caller = func(r *http.Request) event.Caller {
		name := r.Header.Get("Principal")
		return event.Caller{Door: "http", Principal: "user/" + name, Person: name}
	}
	return w
}

func (w *world) postAs(principal string, e worldtest.Event) (int, map[string]any) {
	w.T.Helper()
	rec := w.do(http.MethodPost, "/v1/events", w.event(e), "Content-Type", "application/cloudevents+json", "Principal",
		principal)
	return rec.Code, decode[map[string]any](w.T, rec)
}

// TestAnEventThatWaitsIsAnswered202 with the exact body of the contract, and its approval as the event would have been.
func TestAnEventThatWaitsIsAnswered202(t *testing.T) {
	w := byPrincipals(t)
	w.approved(1)
	w.record(order("o1"))
	ending := w.Numbered(worldtest.Ending("o1", "lifted", "2026-03-01T10:00:00Z")).Without("approvedBy")
	status, body := w.postAs("ann", ending)
	require.Equal(t, http.StatusAccepted, status)
	id := body["approval"].(map[string]any)["id"].(string)
	require.Equal(t, map[string]any{"matter": worldtest.Matter, "approval": map[string]any{
		"id": id, "event": map[string]any{"source": "legal.example", "id": ending.ID}, "type": "lapse.order.ended.v1",
		"needs": 1.0, "expires": "2026-03-08T10:00:00Z",
	}}, body)
	again, same := w.postAs("bob", ending)
	require.Equal(t, http.StatusAccepted, again)
	require.Equal(t, body, same)
	status, _ = w.postAs("ann", worldtest.Given(id))
	require.Equal(t, http.StatusConflict, status)
	rec := w.do(http.MethodPost, "/v1/events", "["+string(ending.JSON(t))+"]",
		"Content-Type", "application/cloudevents-batch+json", "Principal", "ann")
	require.Contains(t, rec.Body.String(), `"status":202`)

	data, err := json.Marshal(ending.Data)
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{"items":[{"id":%q,"matter":%q,"type":"lapse.order.ended.v1","by":"user/ann",
		"at":"2026-03-01T10:00:00Z","expires":"2026-03-08T10:00:00Z","needs":1,"data":%s}]}`, id, worldtest.Matter, data),
		w.found("/v1/approvals").Body.String())
	approval := w.Numbered(worldtest.Given(id))
	status, answer := w.postAs("bob", approval)
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "ended", answer["order"].(map[string]any)["state"])
	status, replayed := w.postAs("ann", ending)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, true, replayed["replayed"])
	require.Equal(t, "{\"items\":[]}\n", w.found("/v1/approvals").Body.String())
}

// TestEveryPageOfWhatWaitsIsReached: the oldest first, each once, and none that lapses is left.
func TestEveryPageOfWhatWaitsIsReached(t *testing.T) {
	w := byPrincipals(t)
	w.approved(1)
	var want []string
	for i := range 7 {
		w.record(order(fmt.Sprint("o", i)))
		_, body := w.postAs("ann", worldtest.Ending(fmt.Sprint("o", i), "lifted", "2026-03-01T10:00:00Z"))
		want = append(want, body["approval"].(map[string]any)["id"].(string))
		w.Advance(time.Hour)
	}
	list := func(limit int) (got []string) {
		for next := ""; ; {
			target := fmt.Sprintf("/v1/approvals?limit=%d", limit)
			if next != "" {
				target += "&cursor=" + next
			}
			page := decode[struct {
				Items []struct{ ID string }
				Next  string
			}](t, w.found(target))
			require.LessOrEqual(t, len(page.Items), limit)
			for _, item := range page.Items {
				got = append(got, item.ID)
			}
			if next = page.Next; next == "" {
				return got
			}
		}
	}
	for _, limit := range []int{1, 2, 7, 100} {
		require.Equal(t, want, list(limit), limit)
	}
	w.Set(start.Add(7 * 24 * time.Hour))
	require.Equal(t, want[1:], list(3))
	require.Equal(t, http.StatusBadRequest, w.get("/v1/approvals?cursor=x").Code)
	require.Equal(t, http.StatusBadRequest, w.get("/v1/approvals?matter=m").Code)
}

func TestAnUnapprovedEmergencyIsListedForEver(t *testing.T) {
	w := byPrincipals(t)
	w.approved(1)
	status, body := w.postAs("ann", disclosure("d1", "u0").With(worldtest.Object{"basis": "emergency"}))
	require.Equal(t, http.StatusAccepted, status)
	require.Nil(t, body["approval"].(map[string]any)["expires"])
	id := body["approval"].(map[string]any)["id"].(string)
	why := func() map[string]any {
		answer := decode[map[string]any](t, w.found("/v1/matters/"+worldtest.Matter+"/why?subject=u0"))
		return answer["restraints"].([]any)[0].(map[string]any)
	}
	require.Equal(t, []any{"unapproved", "unapproved-" + id, "requested"},
		[]any{why()["kind"], why()["source"], why()["state"]})
	require.Contains(t, why()["message"], "wait until a second person has approved it")
	w.Set(start.AddDate(2, 0, 0))
	require.Contains(t, w.found("/v1/approvals").Body.String(), `"expires":null`)
	status, _ = w.postAs("bob", worldtest.Given(id))
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "ended", why()["state"])
}
