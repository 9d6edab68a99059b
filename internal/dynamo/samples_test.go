package dynamo_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dynamo"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

const sampleMatter = "mat-2026-0001"

// at is an instant n seconds after the samples' beginning.
func at(n int) time.Time { return time.Date(2026, 3, 1, 10, 0, n, 0, time.UTC) }

func opened(t *testing.T, s *dynamo.Store, id string) matter.Head {
	h, err := s.Open(t.Context(), matter.Head{Matter: id, State: matter.AwaitingRequest, PublicKeyset: []byte("public"),
		WrappedKeyset: []byte("wrapped")})
	require.NoError(t, err)
	return h
}

// next is the smallest change that carries the head one version forward by an event.
func next(h matter.Head, posted string) store.Change {
	h.Version++
	key := ledger.ReceiptKey("legal.example", posted)
	return store.Change{Head: h, Receipt: ledger.Receipt{Key: key, Matter: h.Matter, Version: h.Version,
		At: at(h.Version)},
		Entry: ledger.Entry{Matter: h.Matter, Seq: h.Version, Type: string(event.OrderReceived), EventID: posted,
			At: at(h.Version), Data: json.RawMessage(`{}`)}}
}

// covering is a change that adds an order over the subjects.
func covering(h matter.Head, order string, subjects []string) store.Change {
	c := next(h, "event of "+order)
	c.Head.Restraints = append(c.Head.Restraints[:len(c.Head.Restraints):len(c.Head.Restraints)],
		matter.Restraint{ID: order, Kind: matter.CourtOrder, Revision: c.Head.Version, Subjects: subjects, Recorded: at(1)})
	return c
}

func subjectIDs(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s-%04d", prefix, i)
	}
	return ids
}

func sampleNotice(subject string) notice.Notice {
	d := matter.Disclosure{Matter: sampleMatter, ID: "disclosure-1", Part: 1, Recorded: at(1),
		Facts: matter.DisclosureFacts{At: at(0)}}
	return notice.New(&d, matter.Target{Subject: subject, Role: matter.LegalContact,
		Tenant: "tenant-of-a-usual-length-0001"}, "en", "2026-03-01")
}

func rowOf(n notice.Notice, when time.Time) agenda.Row {
	return agenda.ForNotice(n.Matter, n.ID, when, 1)
}
