package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

// as posts the event as the principal that the header names, nobody if it is "".
func (r *running) as(principal, id string, e worldtest.Event) (int, string) {
	r.t.Helper()
	event := string(e.In(aMatter).Named(id).JSON(r.t))
	req, err := http.NewRequest(http.MethodPost, r.url+"/v1/events", strings.NewReader(event))
	require.NoError(r.t, err)
	req.Header.Set("Content-Type", "application/cloudevents+json")
	if principal != "" {
		req.Header.Set("Lapse-Principal", principal)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(r.t, err)
	defer resp.Body.Close()
	var body json.RawMessage
	require.NoError(r.t, json.NewDecoder(resp.Body).Decode(&body))
	return resp.StatusCode, string(body)
}

// TestTwoPrincipalsOnALaptop: the header names the caller, and the page gives the second approval as another one.
func TestTwoPrincipalsOnALaptop(t *testing.T) {
	r := start(t, t.TempDir(), "APPROVALS=principals")
	r.tellStory()
	lift := worldtest.Ending("ord-1", "lifted", "2026-03-01T10:00:00Z")
	status, body := r.as("", "e5", lift)
	require.Equal(t, http.StatusAccepted, status, body)
	var waiting ledger.Waiting
	require.NoError(t, json.Unmarshal([]byte(body), &waiting))
	status, body = r.as("local", "e6", worldtest.Given(waiting.Approval.ID))
	require.Equal(t, http.StatusConflict, status, "without the header the caller is local: "+body)
	_, page := r.do("GET", "/approvals", "", "")
	require.Contains(t, page, waiting.Approval.ID)

	form := url.Values{"matter": {aMatter}, "approval": {waiting.Approval.ID}, "principal": {" Local "}, "reason": {"ok"}}
	const media = "application/x-www-form-urlencoded"
	status, _ = r.do("POST", "/local/approvals", media, form.Encode())
	require.Equal(t, http.StatusConflict, status, "one person, however the name is written")
	form.Set("principal", "counsel:bm")
	status, page = r.do("POST", "/local/approvals", media, form.Encode())
	require.Equal(t, http.StatusOK, status, "back on the page")
	require.Contains(t, page, "Nothing waits.")
	_, body = r.do("GET", "/v1/matters/"+aMatter, "", "")
	require.Contains(t, body, `"state":"`+string(matter.OrderEnded)+`"`)

	status, body = r.as("ann", "e7", worldtest.Exception("ex-1", "child", "2026-04-01T00:00:00Z"))
	require.Equal(t, http.StatusCreated, status, body)
	status, body = r.as("bob", "e8", worldtest.Approval("ex-1").Without("approvedBy"))
	require.Equal(t, http.StatusCreated, status, body)
}
