package engine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo/engine"
)

func TestTheNamedEngineIsTakenAndNothingIsFetched(t *testing.T) {
	t.Setenv(engine.Variable, "/opt/another")
	dir := filepath.Join(t.TempDir(), "cache")
	path, err := engine.Ensure(t.Context(), dir)
	require.NoError(t, err)
	require.Equal(t, "/opt/another", path)
	require.NoDirExists(t, dir)
}

// TestDynamoDBLocalTakesTheCommandLineOfTheEngine runs the script with a java of its own, which prints its arguments.
func TestDynamoDBLocalTakesTheCommandLineOfTheEngine(t *testing.T) {
	java := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(java, "java"), []byte("#!/bin/sh\necho \"$@\"\n"), 0o755))
	t.Setenv("PATH", java+string(os.PathListSeparator)+os.Getenv("PATH"))
	script, err := filepath.Abs("dynamodb-local.sh")
	require.NoError(t, err)
	serve := func(args ...string) (string, error) {
		out, err := exec.Command("bash", append([]string{script}, args...)...).CombinedOutput()
		return string(out), err
	}

	out, err := serve("serve", "--host", "127.0.0.1", "--port", "8001")
	require.NoError(t, err, out)
	require.Contains(t, out, "-disableTelemetry -port 8001 -inMemory\n")

	file := filepath.Join(t.TempDir(), "dynamo.db")
	out, err = serve("serve", "--host", "127.0.0.1", "--port", "8001", "--db-path", file)
	require.NoError(t, err, out)
	require.Contains(t, out, "-port 8001 -sharedDb -dbPath "+file+".local\n")
	require.DirExists(t, file+".local", "DynamoDB Local makes no folder")

	for fault, args := range map[string][]string{
		"the one command is serve":     {"--port", "8001"},
		"--port is missing":            {"serve", "--host", "127.0.0.1"},
		"unknown option --memory":      {"serve", "--port", "8001", "--memory", "yes"},
		"the option --port has no val": {"serve", "--port"},
	} {
		out, err := serve(args...)
		require.Error(t, err, fault)
		require.Contains(t, out, "dynamodb-local: "+fault)
	}
}

// TestTheFetchedVersionNamesItsFolder: else a new version would not be fetched where an old one lies.
func TestTheFetchedVersionNamesItsFolder(t *testing.T) {
	project, err := os.ReadFile("dynamodb-local.xml")
	require.NoError(t, err)
	pinned := regexp.MustCompile(`<artifactId>DynamoDBLocal</artifactId>\s*<version>([^<]+)</version>`)
	version := pinned.FindSubmatch(project)
	require.Len(t, version, 2)
	rules, err := os.ReadFile("../../../Makefile")
	require.NoError(t, err)
	require.Contains(t, string(rules), "DYNAMODB_LOCAL := build/dynamodb-local-"+string(version[1])+"\n")
}
