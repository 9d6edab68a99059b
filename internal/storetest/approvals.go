package storetest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/store"
)

func approvalLaws() []law {
	return []law{
		{"approval: every field comes back, a change replaces it, approvals come by id, of their matter alone",
			approvalFields},
		{"approval: a change without a receipt leaves none, so that its event may still be recorded", approvalWaits},
		{"approval: the event and the approval are recorded once, each under a receipt of its own", approvalReceipts},
	}
}

func sampleApproval(id string) *ledger.Approval {
	return &ledger.Approval{
		Matter: sampleMatter, ID: id, State: ledger.ApprovalRefused, At: at(1), Expires: at(600), Version: 1, Revision: 2,
		Posted: ledger.Posted{
			Type: event.OrderEnded, Source: "legal.example", ID: "e1", Digest: "a digest", Content: "a content",
			Actor: "counsel:ak", Door: event.DoorHTTP, Principal: "user/ak", Time: at(0),
			Data: json.RawMessage(`{"orderId":"<o1>"}`), Extensions: json.RawMessage(`{"traceparent":"00-4bf9"}`),
		},
		Persons: []string{"AIDAONE", "AIDATWO"},
		Given: []ledger.Given{{At: at(2), Source: "legal.example", ID: "e2", Digest: "another digest", Actor: "counsel:bm",
			Principal: "user/bm", Person: "AIDATWO", Reason: "read it"}},
		Refusal: "contradicts a recorded fact", Restraint: "unapproved-ap-1",
	}
}

func approvalFields(t *testing.T, s store.Store) {
	c := next(t, opened(t, s, sampleMatter), "e1")
	c.Approval = sampleApproval("ap-2")
	filled(t, *c.Approval)
	c = next(t, committed(t, s, c), "e2")
	bare := &ledger.Approval{Matter: sampleMatter, ID: "ap-2", State: ledger.ApprovalAsked, At: at(1), Version: 1,
		Revision: 2, Posted: ledger.Posted{Data: json.RawMessage(`{}`)}}
	c.Approval = bare
	c = next(t, committed(t, s, c), "e3")
	c.Approval = sampleApproval("ap-10")
	committed(t, s, c)

	other := next(t, opened(t, s, sampleMatter+"0"), "e4")
	other.Approval = sampleApproval("ap-1")
	other.Approval.Matter = other.Head.Matter
	committed(t, s, other)

	got, err := s.Approvals(t.Context(), sampleMatter)
	require.NoError(t, err)
	same(t, []ledger.Approval{*c.Approval, *bare}, got)
	one, err := s.Approval(t.Context(), sampleMatter, "ap-10")
	require.NoError(t, err)
	same(t, *c.Approval, one)
	_, err = s.Approval(t.Context(), sampleMatter, "ap-1")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func approvalWaits(t *testing.T, s store.Store) {
	c := next(t, opened(t, s, sampleMatter), "e1")
	key := c.Receipt.Key
	c.Receipt, c.Approval = ledger.Receipt{}, sampleApproval("ap-1")
	h := committed(t, s, c)
	_, err := s.Receipt(t.Context(), key)
	require.ErrorIs(t, err, store.ErrNotFound)
	committed(t, s, next(t, h, "e1"))
	_, err = s.Receipt(t.Context(), key)
	require.NoError(t, err)
}

func approvalReceipts(t *testing.T, s store.Store) {
	c := next(t, opened(t, s, sampleMatter), "e1")
	given := c.Receipt
	given.Key = ledger.ReceiptKey("legal.example", "e2")
	c.Given = &given
	h := committed(t, s, c)
	for _, want := range c.Receipts() {
		got, err := s.Receipt(t.Context(), want.Key)
		require.NoError(t, err)
		same(t, want, got)
	}
	require.ErrorIs(t, s.Commit(t.Context(), next(t, h, "e2")), store.ErrRace, "the approval is recorded")
	again := next(t, h, "e3")
	again.Given = &given
	require.ErrorIs(t, s.Commit(t.Context(), again), store.ErrRace)
	same(t, h, opened(t, s, sampleMatter))
}
