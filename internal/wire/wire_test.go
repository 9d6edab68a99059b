package wire_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/wire"
	"lapse/internal/wire/api"
	"lapse/internal/wire/delivery"
	"lapse/internal/wire/dispatch"
	"lapse/internal/wire/intake"
	"lapse/internal/wire/report"
	"lapse/internal/wire/verify"
)

// functions builds each function's services from the environment, and returns the errors.
func functions(env map[string]string) map[string]error {
	p := wire.Process{Now: time.Now, Log: slog.New(slog.DiscardHandler), Out: io.Discard}
	getenv := func(name string) string { return env[name] }
	errs := map[string]error{}
	_, errs["api"] = api.Function(p, getenv, func(*http.Request) api.IAM { return api.IAM{} })
	_, errs["intake"] = intake.Function(p, getenv)
	_, errs["dispatch"] = dispatch.Function(p, getenv)
	_, errs["delivery"] = delivery.Function(p, getenv)
	_, errs["report"] = report.Function(p, getenv)
	_, errs["verify"] = verify.Function(p, getenv)
	return errs
}

func whole(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"TABLE": "t", "BUS": "b", "CONFIGURATION_SET": "s", "DEAD_LETTERS": "https://queue.example/d",
		"LAPSE_FILE_KEY": filepath.Join(t.TempDir(), "key"), "POLICY_URL": "https://lapse.example/policy",
		"POLICY_VERSION": "2026-01", "REPLY_TO": "legal@lapse.example", "SENDER": "notices@lapse.example",
		"SENDER_NAME": "Example", "SENDING_ENABLED": "false", "STAGE": "dev",
		"REPORT_BUCKET": "b", "REPORT_URL": "https://transparency.example/",
	}
}

func TestAWholeEnvironmentIsEnough(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	for name, err := range functions(whole(t)) {
		require.NoError(t, err, name)
	}
}

// TestAFunctionDoesNotStartOnAFault: the error of the environment is the function's error.
func TestAFunctionDoesNotStartOnAFault(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	env := whole(t)
	env["STAGE"] = ""
	for name, err := range functions(env) {
		require.EqualError(t, err, "read the environment: STAGE is missing", name)
	}
}

// TestTheLetterAndTheLawCheckTheSettings: package config is given their checks and their defaults.
func TestTheLetterAndTheLawCheckTheSettings(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	env := whole(t)
	env["SENDER_NAME"], env["POLICY_RULES"] = " ", `{"pleaDays":91}`
	errs := functions(env)
	require.ErrorContains(t, errs["api"], "SENDER_NAME: ")
	require.ErrorContains(t, errs["api"], "pleaDays is 91")
	require.ErrorContains(t, errs["dispatch"], "SENDER_NAME: ")
	require.ErrorContains(t, errs["intake"], "pleaDays is 91")
	for _, policy := range []string{"", "must_arrive", "at_most_once"} {
		env = whole(t)
		env["UNKNOWN_POLICY"] = policy
		require.NoError(t, functions(env)["dispatch"], policy)
	}
	env["UNKNOWN_POLICY"] = "never"
	require.ErrorContains(t, functions(env)["dispatch"], "UNKNOWN_POLICY")
}

func TestTokens(t *testing.T) {
	a, b := wire.Token(), wire.Token()
	require.Regexp(t, regexp.MustCompile(`^[0-9a-f]{32}$`), a)
	require.NotEqual(t, a, b)
}

func TestBackoffGrowsAndEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for n := 1; n < 6; n++ {
			start := time.Now()
			require.NoError(t, wire.Backoff(t.Context(), n))
			require.Less(t, time.Since(start), 10*time.Millisecond<<n)
		}
		start := time.Now()
		require.NoError(t, wire.Backoff(t.Context(), 1000))
		require.Less(t, time.Since(start), 640*time.Millisecond)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, wire.Backoff(ctx, 20), context.Canceled)
	})
}
