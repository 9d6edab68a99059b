package api_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/config"
	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/review"
	"lapse/internal/seal"
	"lapse/internal/wire"
	"lapse/internal/wire/api"
)

func build(t *testing.T, out *bytes.Buffer, s config.API) *api.Services {
	t.Helper()
	key, err := seal.OpenFileKey(filepath.Join(t.TempDir(), "key"))
	require.NoError(t, err)
	p := wire.Process{Now: time.Now, Log: slog.New(slog.DiscardHandler), Out: out}
	caller := func(*http.Request) event.Caller { return event.Caller{} }
	ports := api.Ports{Store: &memory.Store{}, Key: key, Caller: caller}
	services, err := api.New(p, ports, s)
	require.NoError(t, err)
	return services
}

// TestBothServicesGetTheSettings: rules, terms, fields and version go to the intake, the sender to the previews, and
// one book of law to both.
func TestBothServicesGetTheSettings(t *testing.T) {
	terms := map[matter.ExceptionKind]matter.Terms{"child": {Review: time.Hour, Renewals: 2, End: 3 * time.Hour}}
	services := build(t, &bytes.Buffer{}, config.API{
		Door: config.Door{
			Stage: "dev", PolicyVersion: "2026-01", Terms: terms, Principals: true,
			Rules: config.Rules{MaxDays: 1, ChainAlarmDays: 2, PleaDays: 3, ReviewDays: 4, Channels: []string{"portal"}},
		},
		Sender: config.Sender{From: "f@lapse.example", Name: "N", ReplyTo: "r@lapse.example", PolicyURL: "p", HelpURL: "h"},
	})
	require.Equal(t, law.Policy{
		MaxDays: 1, ChainAlarmDays: 2, PleaDays: 3, ReviewDays: 4, Channels: []string{"portal"},
	}, services.Intake.Rules)
	require.Equal(t, terms, services.Intake.Terms)
	require.True(t, services.Intake.Principals)
	require.Equal(t, "2026-01", services.Intake.Policy)
	fields, err := review.LoadFields()
	require.NoError(t, err)
	require.Equal(t, fields, services.Intake.Fields)
	require.NotNil(t, services.Intake.Law)
	require.Same(t, services.Intake.Law, services.Inquire.Law)
	require.Equal(t, letter.Sender{
		From: "f@lapse.example", Name: "N", ReplyTo: "r@lapse.example", PolicyURL: "p", HelpURL: "h",
	}, services.Inquire.Letter)
}

// TestARefusedPostIsCounted: a question that finds nothing, and a failure of ours, are no refused events.
func TestARefusedPostIsCounted(t *testing.T) {
	for point, row := range map[string]struct {
		method string
		status int
		want   int
	}{
		"a post that is taken":              {http.MethodPost, http.StatusCreated, 0},
		"a post with a fault":               {http.MethodPost, http.StatusUnprocessableEntity, 1},
		"a post that does not fit":          {http.MethodPost, http.StatusConflict, 1},
		"a post that we could not take":     {http.MethodPost, http.StatusServiceUnavailable, 0},
		"a question that finds nothing":     {http.MethodGet, http.StatusNotFound, 0},
		"a post answered without a status":  {http.MethodPost, 0, 0},
		"a post that a client may not make": {http.MethodPost, http.StatusForbidden, 1},
	} {
		t.Run(point, func(t *testing.T) {
			var out bytes.Buffer
			services := build(t, &out, config.API{Door: config.Door{Stage: "dev"}})
			answer := httptest.NewRecorder()
			services.Counted(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if row.status != 0 {
					w.WriteHeader(row.status)
				}
			})).ServeHTTP(answer, httptest.NewRequest(row.method, "/", nil))
			require.Equal(t, row.want, strings.Count(out.String(), `"EventsRefused":1`))
			if row.want > 0 {
				require.Contains(t, out.String(), `"Stage":"dev"`)
			}
		})
	}
}
