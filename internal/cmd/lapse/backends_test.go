package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"lapse/internal/bus"
	"lapse/internal/config"
	"lapse/internal/dynamo"
	"lapse/internal/seal"
	"lapse/internal/sesmail"
	"lapse/internal/store"
)

// TestBackendsStandInForTheCloud asks one address for everything that the functions call, with their own clients.
func TestBackendsStandInForTheCloud(t *testing.T) {
	b, err := openBackends(t.Context(), "../../../template.yaml")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.close()) })
	server := httptest.NewServer(b.routes())
	t.Cleanup(server.Close)
	cfg := local()
	cfg.BaseEndpoint = &server.URL

	_, err = dynamo.New(dynamo.NewClient(cfg, 1), tableName).Head(t.Context(), "m1")
	require.ErrorIs(t, err, store.ErrNotFound)

	key := &seal.KMSKey{Client: kms.NewFromConfig(cfg), KeyID: "key"}
	wrapped, err := key.Wrap(t.Context(), "m1", []byte("keyset"))
	require.NoError(t, err)
	plain, err := key.Unwrap(t.Context(), "m1", wrapped)
	require.NoError(t, err)
	require.Equal(t, "keyset", string(plain))
	_, err = key.Unwrap(t.Context(), "m2", wrapped)
	require.ErrorContains(t, err, "InvalidCiphertext")

	quota, err := (&sesmail.Client{API: sesmail.NewAPI(cfg, 1), Now: time.Now}).Quota(t.Context())
	require.NoError(t, err)
	require.NotZero(t, quota)

	require.NoError(t, (&bus.Announcer{Client: eventbridge.NewFromConfig(cfg), Bus: "b"}).Announce(t.Context(),
		"lapse.notice.sent", []byte("{}")))
	require.NoError(t, (&bus.DeadLetters{Client: sqs.NewFromConfig(cfg), Queue: server.URL + "/1/d"}).Put(t.Context(),
		[]byte(`"bad"`), nil))
	answer, err := http.Get(server.URL + "/local/outbox.json")
	require.NoError(t, err)
	defer answer.Body.Close()
	var got sent
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&got))
	require.Equal(t, []string{"lapse.notice.sent"}, got.Announced)
	require.Len(t, got.DeadLetters, 1)
}

// TestBackendsGiveEveryVariable: what the file leaves out, sam local would take from the shell.
func TestBackendsGiveEveryVariable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env.json")
	require.NoError(t, writeEnv(file, "http://host.docker.internal:1"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var env struct{ Parameters map[string]string }
	require.NoError(t, json.Unmarshal(text, &env))
	for _, v := range config.Variables() {
		if v.Name == "LAPSE_FILE_KEY" { // ignored where KEYSET_KEY is set
			continue
		}
		require.Contains(t, env.Parameters, v.Name)
	}
}

// TestBackendsListenOnOneAddress: what they hold is nobody else's.
func TestBackendsListenOnOneAddress(t *testing.T) {
	for _, listen := range []string{":0", "0.0.0.0:0", "[::]:0", "127.0.0.1"} {
		err := (&backendsCommand{Listen: listen, Env: filepath.Join(t.TempDir(), "env.json")}).Run(t.Context())
		require.ErrorContains(t, err, "not one address of this machine", listen)
	}
}
