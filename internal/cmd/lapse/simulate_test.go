package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSimulateFollowsThePagesAndMarksWhatNeedsSignOff(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "us.json")
	require.NoError(t, os.WriteFile(rules, []byte(`{"jurisdiction":"US"}`), 0o600))
	var asked []map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var ask map[string]any
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		asked = append(asked, ask)
		next := `"next":"p2",`
		if len(asked) == 2 {
			next = ""
		}
		// The second page lists the same notice again.
		_, _ = w.Write([]byte(`{` + next + `"rules":"old","newRules":"new","moves":[{"notice":"m.1","subject":"u1",
		"before":null,"after":"2026-06-01T00:00:00Z",
			"change":"earlier","signOff":true,"because":["law-us-18-3123d"]}]}`))
	}))
	t.Cleanup(server.Close)
	var out strings.Builder
	require.NoError(t, (&simulateCommand{URL: server.URL, At: "2027-01-01T00:00:00Z",
		Rules: []string{rules}}).simulate(t.Context(), &out))
	require.Len(t, asked, 2)
	require.Equal(t, "p2", asked[1]["cursor"])
	require.Equal(t, []any{map[string]any{"jurisdiction": "US"}}, asked[0]["rules"])
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 3)
	require.Regexp(t, `^m\.1 +u1 +nobody can say +2026-06-01T00:00:00Z +earlier, needs sign-off +law-us-18-3123d$`,
		lines[1])
	require.Equal(t, "1 would move, 1 of them need sign-off (rules old, tried new)", lines[2])
}

func TestSimulateSaysWhatTheStackRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request) {
		http.Error(w, "no", http.StatusBadRequest)
	}))
	t.Cleanup(server.Close)
	err := (&simulateCommand{URL: server.URL}).simulate(t.Context(), &strings.Builder{})
	require.ErrorContains(t, err, "400 Bad Request: no")
}

func TestSimulateNamesTheFlagThatIsWrong(t *testing.T) {
	err := (&simulateCommand{At: "tomorrow"}).simulate(t.Context(), &strings.Builder{})
	require.ErrorContains(t, err, "--at has to be an instant")
}
