package dynamo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dynamo"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// at is an instant n seconds after the samples' beginning.
func at(n int) time.Time { return time.Date(2026, 3, 1, 10, 0, n, 0, time.UTC) }

func opened(t *testing.T, s *dynamo.Store, id string) matter.Head {
	h, err := s.Open(t.Context(), matter.Head{Matter: id, State: matter.AwaitingRequest, PublicKeyset: []byte("public"),
		WrappedKeyset: []byte("wrapped")})
	require.NoError(t, err)
	return h
}

// covering is a change that adds an order over the subjects.
func covering(h matter.Head, order string, subjects []string) store.Change {
	c := worldtest.Change(h, "event of "+order)
	c.Head.Restraints = append(c.Head.Restraints[:len(c.Head.Restraints):len(c.Head.Restraints)],
		matter.Restraint{ID: order, Kind: matter.CourtOrder, Revision: c.Head.Version, Subjects: subjects, Recorded: at(1)})
	return c
}

// subjectIDs are n ids with the prefix, all of the same length.
func subjectIDs(prefix string, n int) []string { return worldtest.IDs(prefix+"-", 1000, 1000+n) }

func sampleNotice(subject string) notice.Notice {
	d := worldtest.Disclosed("disclosure-1", at(0))
	return notice.New(&d, worldtest.Salt(), subject, "en", "2026-03-01")
}

func rowOf(n notice.Notice, when time.Time) agenda.Row {
	return agenda.ForNotice(n.Matter, n.ID, when, 1)
}
