package config_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/config"
	"lapse/internal/config/api"
	"lapse/internal/config/delivery"
	"lapse/internal/config/dispatch"
	"lapse/internal/config/intake"
)

func process(env map[string]string) config.Process {
	return config.Process{Getenv: func(name string) string { return env[name] }, Now: time.Now, Log: slog.New(slog.DiscardHandler), Out: io.Discard}
}

// services makes each service and returns its error.
func services(t *testing.T, p config.Process) map[string]error {
	t.Helper()
	errs := map[string]error{}
	_, errs["api"] = api.Make(p, func(*http.Request) string { return "" })
	_, errs["intake"] = intake.Make(p)
	_, errs["dispatch"] = dispatch.Make(p)
	_, errs["delivery"] = delivery.Make(p)
	return errs
}

func whole(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"TABLE": "t", "BUS": "b", "CONFIGURATION_SET": "s", "DEAD_LETTERS": "https://queue.example/d", "LAPSE_FILE_KEY": filepath.Join(t.TempDir(), "key"),
		"POLICY_URL": "https://lapse.example/policy", "POLICY_VERSION": "2026-01", "REPLY_TO": "legal@lapse.example",
		"SENDER": "notices@lapse.example", "SENDER_NAME": "Example", "SENDING_ENABLED": "false", "STAGE": "dev",
	}
}

func TestAWholeEnvironmentIsEnough(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	for name, err := range services(t, process(whole(t))) {
		require.NoError(t, err, name)
	}
}

func TestEverythingMissingIsSaidAtOnce(t *testing.T) {
	errs := services(t, process(nil))
	require.EqualError(t, errs["dispatch"], `read the environment: BUS is missing; CONFIGURATION_SET is missing; KEYSET_KEY is missing; `+
		`POLICY_URL is missing; REPLY_TO is missing; SENDER is missing; SENDER_NAME is missing; SENDING_ENABLED is not one of ["true" "false"]; STAGE is missing; TABLE is missing`)
	require.EqualError(t, errs["delivery"], `read the environment: BUS is missing; DEAD_LETTERS is missing; STAGE is missing; TABLE is missing`)
	require.EqualError(t, errs["intake"], `read the environment: DEAD_LETTERS is missing; KEYSET_KEY is missing; POLICY_VERSION is missing; STAGE is missing; TABLE is missing`)
	require.EqualError(t, errs["api"], `read the environment: KEYSET_KEY is missing; POLICY_URL is missing; POLICY_VERSION is missing; `+
		`REPLY_TO is missing; SENDER is missing; SENDER_NAME is missing; STAGE is missing; TABLE is missing`)
}

func TestAWrongValueIsNoValue(t *testing.T) {
	for variable, value := range map[string]string{
		"SENDING_ENABLED": "yes", "UNKNOWN_POLICY": "never", "SENDER": "Lapse <notices@lapse.example>", "REPLY_TO": "nobody",
	} {
		env := maps.Clone(whole(t))
		env[variable] = value
		_, err := dispatch.Make(process(env))
		require.ErrorContains(t, err, variable)
		require.NotContains(t, err.Error(), value, "a log line may not hold an address")
	}
}

// A variable is read only if it is documented, and documented only if some service reads it.
func TestVariablesAreThoseThatAreRead(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	read := map[string]bool{}
	env := whole(t)
	p := process(env)
	p.Getenv = func(name string) string { read[name] = true; return env[name] }
	for _, err := range services(t, p) {
		require.NoError(t, err)
	}
	var last string
	for _, v := range config.Variables() {
		require.True(t, read[v.Name], "nothing reads %s", v.Name)
		require.Less(t, last, v.Name, "in alphabetical order")
		last = v.Name
		delete(read, v.Name)
	}
	require.Empty(t, read, "not in Variables()")
}

func TestTokens(t *testing.T) {
	a, b := config.Token(), config.Token()
	require.Regexp(t, regexp.MustCompile(`^[0-9a-f]{32}$`), a)
	require.NotEqual(t, a, b)
}

func TestBackoffGrowsAndEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for n := 1; n < 6; n++ {
			start := time.Now()
			require.NoError(t, config.Backoff(t.Context(), n))
			require.Less(t, time.Since(start), 10*time.Millisecond<<n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, config.Backoff(ctx, 20), context.Canceled)
	})
}
