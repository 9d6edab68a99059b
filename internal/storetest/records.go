package storetest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

func recordLaws() []law {
	return []law{
		{"request: every field comes back, and a later change replaces it", requestFields},
		{"order: every field comes back, orders come by id, of their matter alone", orderFields},
		{"exception: every field comes back, a change replaces it, exceptions come by id, of their matter alone",
			exceptionFields},
		{"disclosure: every field comes back, parts come in order, of their disclosure alone", disclosureParts},
		{"disclosure: two parts of 1,000 subjects come back in the order posted", disclosureLarge},
		{"receipt: every field comes back", receiptFields},
		{"receipt: one alone is put once, and the first stands", receiptAlone},
		{"refusal: the same digest may be kept twice", refusalTwice},
		{"ledger: every field comes back, the data to the byte", entryFields},
		{"ledger: entries come ascending, after a sequence number, up to a limit", entryOrder},
		{"ledger: the pending subjects are dropped and nothing else is, once or twice", entryDropsPending},
	}
}

func requestFields(t *testing.T, s store.Store) {
	c := next(t, opened(t, s, sampleMatter), "e1")
	c.Request = sampleRequest()
	filled(t, *c.Request)
	c = next(t, committed(t, s, c), "e2")
	got, err := s.Request(t.Context(), sampleMatter)
	require.NoError(t, err)
	same(t, *sampleRequest(), got)

	c.Request = &matter.Request{Matter: sampleMatter, Reference: "26-mc-1", Version: 2}
	committed(t, s, c)
	got, err = s.Request(t.Context(), sampleMatter)
	require.NoError(t, err)
	same(t, *c.Request, got, "fields that became empty are gone")
}

func orderFields(t *testing.T, s store.Store) {
	ctx := t.Context()
	c := next(t, opened(t, s, sampleMatter), "e1")
	all := sampleOrder("ord-10")
	all.Received.Covers.Subjects = matter.CoveredSubjects{All: true}
	c.Orders = []matter.Order{sampleOrder("ord-2"), all}
	filled(t, c.Orders[0], "Received.Covers.Subjects.All")
	c = next(t, committed(t, s, c), "e2")
	bare := matter.Order{Matter: sampleMatter, ID: "law-us-18-3123d", Recorded: at(1), Version: 2, Revision: 2,
		Received: matter.PostedOrder{OrderID: "law-us-18-3123d", Kind: matter.Statute,
			Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}}}}
	replaced := sampleOrder("ord-2")
	replaced.Revision, replaced.Assessments = 2, nil
	c.Orders = []matter.Order{replaced, bare}
	committed(t, s, c)

	other := next(t, opened(t, s, sampleMatter+"0"), "e3")
	foreign := sampleOrder("ord-1")
	foreign.Matter = other.Head.Matter
	other.Orders = []matter.Order{foreign}
	committed(t, s, other)

	got, err := s.Orders(ctx, sampleMatter)
	require.NoError(t, err)
	same(t, []matter.Order{bare, all, replaced}, got)
}

func exceptionFields(t *testing.T, s store.Store) {
	ctx := t.Context()
	c := next(t, opened(t, s, sampleMatter), "e1")
	c.Exception = sampleException("ex-2")
	filled(t, *c.Exception, "Requested.Covers.Subjects.All")
	c = next(t, committed(t, s, c), "e2")
	all := sampleException("ex-10")
	all.Requested.Covers.Subjects = matter.CoveredSubjects{All: true}
	c.Exception = all
	c = next(t, committed(t, s, c), "e3")
	bare := matter.Exception{Matter: sampleMatter, ID: "ex-2", Recorded: at(1), Version: 1, Revision: 3,
		Requested: matter.PostedException{ExceptionID: "ex-2",
			Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}}}}
	c.Exception = &bare
	committed(t, s, c)

	other := next(t, opened(t, s, sampleMatter+"0"), "e4")
	other.Exception = sampleException("ex-1")
	other.Exception.Matter = other.Head.Matter
	committed(t, s, other)

	got, err := s.Exceptions(ctx, sampleMatter)
	require.NoError(t, err)
	same(t, []matter.Exception{*all, bare}, got)
}

func disclosureParts(t *testing.T, s store.Store) {
	ctx, h := t.Context(), opened(t, s, sampleMatter)
	var first, all []matter.Disclosure
	for i, id := range []string{"d1", "d1-x", "d1.x", "d10"} {
		parts := 1
		if id == "d1" {
			parts = 12
		}
		for part := 1; part <= parts; part++ {
			c := next(t, h, fmt.Sprint(i, "#", part))
			c.Disclosure = sampleDisclosure(id, part, 2)
			filled(t, *c.Disclosure)
			h = committed(t, s, c)
			all = append(all, *c.Disclosure)
			if id == "d1" {
				first = append(first, *c.Disclosure)
			}
		}
	}
	got, err := s.Disclosures(ctx, sampleMatter, "d1")
	require.NoError(t, err)
	same(t, first, got)
	got, err = s.Disclosures(ctx, sampleMatter, "")
	require.NoError(t, err)
	same(t, all, got)
	got, err = s.Disclosures(ctx, sampleMatter, "d")
	require.NoError(t, err)
	require.Empty(t, got)
	one, err := s.Disclosure(ctx, sampleMatter, "d1", 11)
	require.NoError(t, err)
	same(t, first[10], one)
	_, err = s.Disclosure(ctx, sampleMatter, "d10", 2)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func disclosureLarge(t *testing.T, s store.Store) {
	h := opened(t, s, sampleMatter)
	var want []matter.Disclosure
	for part := 1; part <= 2; part++ {
		c := next(t, h, fmt.Sprint("part ", part))
		c.Disclosure = sampleDisclosure("a-disclosure-with-a-long-id-that-says-where-it-comes-from", part, 1000)
		h = committed(t, s, c)
		want = append(want, *c.Disclosure)
	}
	got, err := s.Disclosures(t.Context(), sampleMatter, want[0].ID)
	require.NoError(t, err)
	same(t, want, got)
}

func receiptFields(t *testing.T, s store.Store) {
	c := next(t, opened(t, s, sampleMatter), "e1")
	c.Receipt.Answer, c.Receipt.Settled = sampleAnswer(), true
	filled(t, c.Receipt)
	committed(t, s, c)
	got, err := s.Receipt(t.Context(), c.Receipt.Key)
	require.NoError(t, err)
	same(t, c.Receipt, got)
}

func receiptAlone(t *testing.T, s store.Store) {
	r := ledger.Receipt{Key: "5e6f", Digest: "d", Matter: sampleMatter, Version: 2, Answer: sampleAnswer(), At: at(1)}
	require.NoError(t, s.PutReceipt(t.Context(), r))
	other := r
	other.Digest, other.Version = "another", 3
	require.NoError(t, s.PutReceipt(t.Context(), other))
	got, err := s.Receipt(t.Context(), r.Key)
	require.NoError(t, err)
	same(t, r, got, "the first one stands")
	_, err = s.Head(t.Context(), sampleMatter)
	require.ErrorIs(t, err, store.ErrNotFound, "a receipt opens no matter")
}

func refusalTwice(t *testing.T, s store.Store) {
	r := ledger.Refusal{Digest: "0a1b", Source: "legal.example", ID: "e1", Type: "lapse.order.received.v1",
		Subject: sampleMatter, At: at(1),
		Faults: []event.Fault{{Pointer: "/data/end", Detail: "is missing"}}}
	require.NoError(t, s.Refuse(t.Context(), r))
	r.At = at(2)
	require.NoError(t, s.Refuse(t.Context(), r))
	require.NoError(t, s.Refuse(t.Context(), ledger.Refusal{Digest: "2c3d", At: at(3)}),
		"one of which nothing could be read")
	_, err := s.Head(t.Context(), sampleMatter)
	require.ErrorIs(t, err, store.ErrNotFound, "a refusal opens no matter")
}

// pendingEntry returns a change whose entry fills every field.
func pendingEntry(t *testing.T, h matter.Head) store.Change {
	c := next(t, h, "pending")
	e := &c.Entry
	e.Actor, e.Principal, e.EventTime, e.Prev = "counsel:ak", "role/legal", at(1), "the hash before"
	e.Data = json.RawMessage(`{"z": 1,"a":[ 1.0, "<&>", "ü" ],"big":12345678901234567890}`)
	e.Extensions = json.RawMessage(`{"traceparent":"00-4bf9"}`)
	e.Findings = []matter.Finding{sampleFinding()}
	e.Pending = []matter.Subject{sampleSubject("u1", "ev", 1), sampleSubject("u2", "ev", 1)}
	e.Pending[0].Erased, e.Pending[0].Erasing, e.Pending[0].Former = true, 1, sampleFormer()
	e.Hash = "a hash"
	return c
}

func entryFields(t *testing.T, s store.Store) {
	c := pendingEntry(t, opened(t, s, sampleMatter))
	c.Entry.Approval = &ledger.EntryApproval{ID: "ap-1", Step: ledger.StepTaken, Given: sampleApproval("ap-1").Given}
	c.Entry.Wrote = []ledger.Wrote{{Kind: ledger.Order, ID: "ord-1", Version: 1}, {Kind: ledger.Request, Version: 1}}
	require.NoError(t, c.Entry.Chain())
	filled(t, c.Entry.Wrote[0])
	filled(t, c.Entry)
	committed(t, s, c)
	got, err := s.Entry(t.Context(), sampleMatter, 1)
	require.NoError(t, err)
	require.Equal(t, string(c.Entry.Data), string(got.Data))
	same(t, c.Entry, got)
}

func entryOrder(t *testing.T, s store.Store) {
	ctx, h := t.Context(), opened(t, s, sampleMatter)
	var want []ledger.Entry
	for i := range 12 {
		c := next(t, h, fmt.Sprint("e", i))
		h = committed(t, s, c)
		want = append(want, c.Entry)
	}
	committed(t, s, next(t, opened(t, s, sampleMatter+"0"), "of another matter"))
	for name, row := range map[string]struct{ after, limit, from, to int }{
		"all":                {0, 100, 0, 12},
		"the first three":    {0, 3, 0, 3},
		"over the tenth":     {8, 3, 8, 11},
		"the last":           {11, 5, 11, 12},
		"none after the end": {12, 5, 12, 12},
	} {
		got, err := s.Entries(ctx, sampleMatter, row.after, row.limit)
		require.NoError(t, err, name)
		same(t, want[row.from:row.to], got, name)
	}
}

func entryDropsPending(t *testing.T, s store.Store) {
	c := pendingEntry(t, opened(t, s, sampleMatter))
	c.Head.Pending = 1
	committed(t, s, c)
	want := c.Entry
	want.Pending = nil
	for range 2 {
		require.NoError(t, s.DropPending(t.Context(), sampleMatter, 1))
		got, err := s.Entry(t.Context(), sampleMatter, 1)
		require.NoError(t, err)
		same(t, want, got)
		require.Zero(t, opened(t, s, sampleMatter).Pending, "nobody has to wait any more")
	}
	h := opened(t, s, sampleMatter)
	later := next(t, h, "e2")
	later.Head.Pending = 2
	committed(t, s, later)
	require.NoError(t, s.DropPending(t.Context(), sampleMatter, 1))
	require.Equal(t, 2, opened(t, s, sampleMatter).Pending, "what a later entry holds is its own")
}
