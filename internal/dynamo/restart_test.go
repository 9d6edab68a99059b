package dynamo_test

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo/engine"
	"lapse/internal/worldtest"
)

// TestKilledEngineKeepsWhatWasRecorded: what a call has answered survives kill -9, and the next start on the same
// folder finds it.
func TestKilledEngineKeepsWhatWasRecorded(t *testing.T) {
	cache, err := engine.CacheDir()
	require.NoError(t, err)
	binary, err := engine.Ensure(t.Context(), cache)
	require.NoError(t, err)
	dir := t.TempDir()
	start := func() (*engine.Engine, func(*dynamodb.Options)) {
		e, err := engine.Start(t.Context(), engine.Options{Binary: binary, Dir: dir})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, e.Stop()) })
		return e, func(o *dynamodb.Options) { o.BaseEndpoint = &e.URL }
	}
	e, there := start()
	name := "lapse"
	create(t, name, there)
	c := worldtest.Change(opened(t, over(name, there), worldtest.Matter), "e1")
	require.NoError(t, over(name, there).Commit(t.Context(), c))
	id, err := over(name, there).TableID(t.Context())
	require.NoError(t, err)

	pid, err := os.ReadFile(filepath.Join(dir, "engine.pid"))
	require.NoError(t, err)
	number, err := strconv.Atoi(string(pid))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(number, syscall.SIGKILL))
	<-e.Done

	_, there = start()
	create(t, name, there)
	h, err := over(name, there).Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Equal(t, c.Head, h)
	again, err := over(name, there).TableID(t.Context())
	require.NoError(t, err)
	require.Equal(t, id, again, "a restart is no copy")
}
