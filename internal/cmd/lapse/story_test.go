package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/keyring"
	"lapse/internal/law"
	"lapse/internal/memory"
	"lapse/internal/seal"
)

func step(at time.Time, id, kind, data string) events.Step {
	posted := `{"specversion":"1.0","id":"` + id + `","source":"story.example","type":"` + kind +
		`","subject":"mat-1","data":` + data + `}`
	return events.Step{At: at, Event: json.RawMessage(posted)}
}

func TestARefusedStepOfAStoryIsPassedOver(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	key, err := seal.OpenFileKey(filepath.Join(t.TempDir(), "key"))
	require.NoError(t, err)
	book, err := law.Load()
	require.NoError(t, err)
	store, log := &memory.Store{}, &bytes.Buffer{}
	contact := `{"subjectId":"u1","contacts":[{"role":"user","email":"u1@example.com","verified":true}]}`
	s := &storyteller{
		log: slog.New(slog.NewJSONHandler(log, nil)),
		intake: &intake.Service{
			Now: func() time.Time { return now }, Store: store,
			Sealer: &seal.Sealer{Key: key}, Mailboxes: &keyring.Mailboxes{Key: key, Store: store},
			Law: book, Policy: "p", Log: slog.New(slog.DiscardHandler),
		},
		steps: []events.Step{
			step(now, "faulty", "lapse.contact.changed.v1", `{"subjectId":"u1","mail":"u1@example.com"}`),
			step(now, "too-soon", "lapse.request.decided.v1", `{"decision":"comply","reason":"r"}`),
			step(now, "good", "lapse.contact.changed.v1", contact),
			step(now.Add(time.Hour), "later", "lapse.contact.changed.v1", contact),
		},
	}
	store.Fault = func(op, _ string) memory.Effect {
		if op == "Commit" {
			return memory.FailBefore
		}
		return memory.None
	}
	require.ErrorIs(t, s.tell(t.Context(), now), memory.ErrInjected, "trouble of ours is tried again")
	store.Fault = nil
	require.NoError(t, s.tell(t.Context(), now))
	require.Len(t, s.steps, 1)
	head, err := store.Head(t.Context(), "mat-1")
	require.NoError(t, err)
	require.Equal(t, 1, head.Version, "the step after the refused ones is told")
	require.Contains(t, log.String(), `"id":"faulty","matter":"mat-1"`)
	require.Contains(t, log.String(), `"id":"too-soon","matter":"mat-1"`)
	require.NotContains(t, log.String(), "example.com", "ids only")
	require.True(t, refused(event.ErrConflict))
	require.False(t, refused(errors.New("the engine is away")))
}
