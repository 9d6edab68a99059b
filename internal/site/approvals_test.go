package site_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// waiting is a world in which the cancellation of a notice waits for a second person.
func waiting(t *testing.T) (*world, string) {
	w := newWorld(t)
	w.Intake.Principals = true
	w.threePeople()
	id := notice.ID(worldtest.Salt(), "mat-2026-0117", "d1", "lynx12")
	res, err := w.Take(worldtest.NoticeCancel(id, "<b>a mistake</b>").In("mat-2026-0117"))
	require.NoError(t, err)
	return w, res.Waiting.Approval.ID
}

// submit fills in the only form of the page of approvals.
func (w *world) submit(principal, reason string) *httptest.ResponseRecorder {
	w.T.Helper()
	form := byClass(w.get("/approvals"), "give")[0]
	values := url.Values{"principal": {principal}, "reason": {reason}}
	for _, in := range all(form, "input") {
		if attr(in, "type") == "hidden" {
			values.Set(attr(in, "name"), attr(in, "value"))
		}
	}
	require.Equal(w.T, "post", attr(form, "method"))
	r := httptest.NewRequest(http.MethodPost, attr(form, "action"), strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	return rec
}

func TestThePagesShowWhatWaitsAndGiveTheSecondApproval(t *testing.T) {
	w, _ := waiting(t)
	for _, path := range []string{"/", "/matters/mat-2026-0117"} {
		require.Contains(t, text(w.get(path)), "notice.cancelled by tester, for counsel:ak waits for another person.", path)
	}
	require.Contains(t, text(w.get("/approvals")), "<b>a mistake</b>")
	require.Contains(t, text(w.get("/")), "An approval lapses.")
	refused := w.submit(worldtest.Principal, "read it")
	require.Equal(t, http.StatusConflict, refused.Code)
	page, err := html.Parse(refused.Body)
	require.NoError(t, err)
	require.Contains(t, text(page), "needs another principal, because this one has decided")
	require.Equal(t, http.StatusUnprocessableEntity, w.submit("somebody", " ").Code)

	given := w.submit("somebody", "read it")
	require.Equal(t, http.StatusSeeOther, given.Code)
	require.Equal(t, "/approvals", given.Header().Get("Location"))
	require.Contains(t, text(w.get("/approvals")), "Nothing waits.")
	require.NotContains(t, text(w.get("/matters/mat-2026-0117")), "waits for another person")
}

func TestThePageOfApprovalsKeepsTheHouseRules(t *testing.T) {
	w, _ := waiting(t)
	root := w.get("/approvals")
	noStyleNoScript(t, "/approvals", root)
	headings(t, "/approvals", root)
	references(t, w, "/approvals", root)
}

func TestAnEmergencyWaitsWithoutAnEnd(t *testing.T) {
	w := newWorld(t)
	w.Intake.Principals = true
	w.post("mat-a", request("yak31"), worldtest.Comply())
	w.post("mat-a", disclosure("yak31").With(worldtest.Object{"basis": "emergency"}))
	require.Contains(t, text(w.get("/approvals")), "never: its notices wait")
	require.Contains(t, text(w.get("/matters/mat-a")), "It never lapses: it has happened, and its notices wait.")
}
