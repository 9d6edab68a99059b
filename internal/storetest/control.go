package storetest

import (
	"testing"

	"lapse/internal/notice"
	"lapse/internal/store"

	"github.com/stretchr/testify/require"
)

func controlLaws() []law {
	return []law{
		{"control: nothing written is zero", controlZero},
		{"control: table, sweep, quota, pause and refusals are independent, and the last of each stands", controlParts},
	}
}

func control(t *testing.T, s store.Store) store.Dispatcher {
	c, err := s.Control(t.Context())
	require.NoError(t, err)
	return c
}

func controlZero(t *testing.T, s store.Store) {
	require.Zero(t, control(t, s))
}

func controlParts(t *testing.T, s store.Store) {
	id, err := s.TableID(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, id)
	want := store.Dispatcher{Table: "another than " + id, LastSweep: at(1),
		Quota:    store.Quota{PerSecond: 14.5, Per24h: 50000, Sent24h: 0.25, ReadAt: at(2)},
		Pause:    store.Pause{Outcome: notice.OutcomeAccount, Code: "AccountSendingPaused", Since: at(3), ProbeAt: at(4)},
		Refusals: store.Refusals{Count: 2, Code: "MessageRejected", Accepted: at(5)}}
	filled(t, want, "Ahead") // the store does not keep Ahead
	require.NoError(t, s.PutPause(t.Context(), want.Pause))
	require.Equal(t, store.Dispatcher{Pause: want.Pause}, control(t, s))
	require.NoError(t, s.PutTable(t.Context(), want.Table))
	require.Equal(t, store.Dispatcher{Table: want.Table, Pause: want.Pause}, control(t, s))
	require.NoError(t, s.PutQuota(t.Context(), want.Quota))
	require.Equal(t, store.Dispatcher{Table: want.Table, Quota: want.Quota, Pause: want.Pause}, control(t, s))
	require.NoError(t, s.PutSweep(t.Context(), want.LastSweep))
	require.NoError(t, s.PutRefusals(t.Context(), want.Refusals))
	require.Equal(t, want, control(t, s))

	again, err := s.TableID(t.Context())
	require.NoError(t, err)
	require.Equal(t, id, again, "whatever is recorded")

	require.NoError(t, s.PutTable(t.Context(), id))
	want.Table, want.LastSweep, want.Quota = id, at(60), store.Quota{PerSecond: -1, Per24h: -1, ReadAt: at(60)}
	require.NoError(t, s.PutQuota(t.Context(), want.Quota))
	require.NoError(t, s.PutSweep(t.Context(), want.LastSweep))
	require.Equal(t, want, control(t, s))

	require.NoError(t, s.PutPause(t.Context(), store.Pause{}))
	require.NoError(t, s.PutRefusals(t.Context(), store.Refusals{Accepted: at(70)}))
	want.Pause, want.Refusals = store.Pause{}, store.Refusals{Accepted: at(70)}
	require.Equal(t, want, control(t, s))
}
