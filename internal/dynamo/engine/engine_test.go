package engine_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo/engine"
)

// binary is the engine's executable in the module's cache.
func binary(t *testing.T) string {
	dir, err := engine.CacheDir()
	require.NoError(t, err)
	path, err := engine.Ensure(t.Context(), dir)
	require.NoError(t, err)
	return path
}

func started(t *testing.T, o engine.Options) *engine.Engine {
	o.Binary = binary(t)
	e, err := engine.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Stop()) })
	return e
}

func requireAnswers(t *testing.T, e *engine.Engine) {
	answer, err := http.Get(e.URL)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, engine.Version, answer.Header.Get("X-Dynoxide-Version"))
}

func requireEnds(t *testing.T, done <-chan struct{}) {
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		require.FailNow(t, "it does not end")
	}
}

func TestEnginesRunBesideEachOtherUntilStopped(t *testing.T) {
	a, b := started(t, engine.Options{}), started(t, engine.Options{})
	require.NotEqual(t, a.URL, b.URL)
	requireAnswers(t, a)
	requireAnswers(t, b)
	require.NoError(t, a.Stop())
	requireEnds(t, a.Done)
	require.NoError(t, a.Stop(), "twice is once")
	requireAnswers(t, b)
}

func TestTakenPortIsAnError(t *testing.T) {
	other := &http.Server{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go other.Serve(l)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	_, err = engine.Start(t.Context(), engine.Options{Binary: binary(t), Port: l.Addr().(*net.TCPAddr).Port})
	require.ErrorContains(t, err, "port taken")
}

func TestNoBinaryIsAnError(t *testing.T) {
	_, err := engine.Start(t.Context(), engine.Options{Binary: filepath.Join(t.TempDir(), "none")})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestEngineLeftOverOnTheFolderIsEndedFirst(t *testing.T) {
	dir := t.TempDir()
	first := started(t, engine.Options{Dir: dir})
	other := started(t, engine.Options{Dir: dir + "2"})
	second := started(t, engine.Options{Dir: dir})
	requireEnds(t, first.Done)
	requireAnswers(t, second)
	requireAnswers(t, other)
}

// TestPidOfAnotherProgramIsLeftAlone: after a reboot the pid in the file may be anybody's.
func TestPidOfAnotherProgramIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	other := exec.Command("sleep", "600")
	require.NoError(t, other.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = other.Wait()
	}()
	t.Cleanup(func() {
		require.NoError(t, other.Process.Kill())
		<-ended
	})
	for _, content := range []string{strconv.Itoa(other.Process.Pid), "", "0", "not a pid"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "engine.pid"), []byte(content), 0o644))
		e := started(t, engine.Options{Dir: dir})
		requireAnswers(t, e)
		require.NoError(t, e.Stop())
	}
	select {
	case <-ended:
		require.FailNow(t, "another program was ended")
	default:
	}
}

func TestEnsureByTwoAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	paths, errs := make([]string, 2), make([]error, 2)
	var wg sync.WaitGroup
	for i := range paths {
		wg.Go(func() { paths[i], errs[i] = engine.Ensure(t.Context(), dir) })
	}
	wg.Wait()
	require.NoError(t, errs[0])
	require.NoError(t, errs[1])
	require.Equal(t, paths[0], paths[1])
	out, err := exec.Command(paths[0], "--version").Output()
	require.NoError(t, err)
	require.Equal(t, "dynoxide "+engine.Version+"\n", string(out))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing but the binary stays")
}

// TestEnsureKeepsNothingThatIsNotTheEngine puts an npm of its own before the real one.
func TestEnsureKeepsNothingThatIsNotTheEngine(t *testing.T) {
	for name, script := range map[string]string{
		"npm fails":       "echo no network >&2; exit 1",
		"no package":      "exit 0",
		"another package": "echo something else > dynoxide-linux-x64-1.2.1.tgz",
	} {
		bin, dir := t.TempDir(), t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(bin, "npm"), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
		t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		_, err := engine.Ensure(t.Context(), dir)
		require.ErrorContains(t, err, "fetch the engine dynoxide "+engine.Version, name)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left, name)
	}
}

func TestCacheLiesInTheModule(t *testing.T) {
	dir, err := engine.CacheDir()
	require.NoError(t, err)
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(root, "build", "engine"), dir)
	t.Chdir(t.TempDir())
	_, err = engine.CacheDir()
	require.ErrorContains(t, err, "no go.mod")
}

// helperVariable makes the test binary a process that starts an engine, says where, and waits to be killed.
const helperVariable = "LAPSE_TEST_ENGINE_HELPER"

func TestMain(m *testing.M) {
	if binary := os.Getenv(helperVariable); binary != "" {
		e, err := engine.Start(context.Background(), engine.Options{Binary: binary})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(e.URL)
		<-e.Done
		os.Exit(0)
	}
	os.Exit(m.Run())
}
