package dynamo_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// TestLargestAmendmentIsRecorded: 1,000 subjects replaced at once by an event of 256 KB, whose sealed contacts and own
// data together pass what one item may hold.
func TestLargestAmendmentIsRecorded(t *testing.T) {
	name := table(t)
	s := over(name)
	c := worldtest.Change(opened(t, s, worldtest.Matter), "e1")
	c.Entry.Data = json.RawMessage(`"` + strings.Repeat("x", 250<<10) + `"`)
	for _, id := range subjectIDs(strings.Repeat("s", 50), 1000) {
		c.Entry.Pending = append(c.Entry.Pending, matter.Subject{Matter: worldtest.Matter, ID: id, Event: c.Receipt.Key,
			Revision: 1,
			Contacts: []matter.SealedContact{{Role: matter.User, Verified: true, Sealed: []byte(strings.Repeat("c", 200))}}})
	}
	require.NoError(t, s.Commit(t.Context(), c))
	entries, err := s.Entries(t.Context(), worldtest.Matter, 0, 1)
	require.NoError(t, err)
	require.Equal(t, []ledger.Entry{c.Entry}, entries)
	require.Len(t, items(t, name, "P#"+worldtest.Matter, "0"), 2)

	require.NoError(t, s.DropPending(t.Context(), worldtest.Matter, 1))
	require.Empty(t, items(t, name, "P#"+worldtest.Matter, "0"), "no sealed contact stays behind")
	c.Entry.Pending = nil
	got, err := s.Entry(t.Context(), worldtest.Matter, 1)
	require.NoError(t, err)
	require.Equal(t, c.Entry, got)
}

// TestLedgerHashStandsAfterReading: an entry read back seals to the hash it was recorded with, fraction and offset of
// the sender's time included.
func TestLedgerHashStandsAfterReading(t *testing.T) {
	s := open(t)
	c := worldtest.Change(opened(t, s, worldtest.Matter), "e1")
	c.Entry.EventTime = time.Date(2026, 3, 1, 10, 0, 0, 123456789, time.FixedZone("", 5*3600+1800))
	c.Entry.Data = json.RawMessage(`{"b": 1.0,"a":"<&>"}`)
	c.Entry.Findings = []matter.Finding{{Check: "K04", Message: "a < b & c",
		Evidence: map[string]any{"days": 90, "list": []string{"x"}}}}
	require.NoError(t, c.Entry.Chain())
	require.NoError(t, s.Commit(t.Context(), c))
	got, err := s.Entry(t.Context(), worldtest.Matter, 1)
	require.NoError(t, err)
	recorded := got.Hash
	require.NoError(t, got.Chain())
	require.Equal(t, recorded, got.Hash)
	require.Equal(t, c.Entry.Hash, recorded)
}

func TestAnActThatNamesNoAttemptIsRefused(t *testing.T) {
	s := open(t)
	n := sampleNotice("u1")
	require.NoError(t, s.PutRows(t.Context(), rowOf(n, at(1))))
	require.NoError(t, s.PutNotice(t.Context(), n))
	for _, op := range []notice.Op{notice.OpClaim, notice.OpComplete, notice.OpSend} {
		_, ok, err := s.Apply(t.Context(), notice.Notice{ID: n.ID}, notice.Act{Op: op, At: at(1)})
		require.NoError(t, err)
		require.False(t, ok, op)
	}
	_, _, err := s.Apply(t.Context(), notice.Notice{ID: "no notice id"}, notice.Act{Op: notice.OpFail, At: at(1)})
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestTableIsCreatedFromTheTemplate(t *testing.T) {
	for name, template := range map[string]string{
		"no table":   "Resources: {Bus: {Type: AWS::Events::EventBus, Properties: {Name: !Sub 'x-${Stage}'}}}",
		"two tables": "Resources: {A: {Type: AWS::DynamoDB::Table}, B: {Type: AWS::DynamoDB::Table}}",
		"no YAML":    "Resources: [",
	} {
		require.Error(t, dynamo.CreateTable(t.Context(), client(), []byte(template), "t"), name)
	}
	again := table(t)
	opened(t, over(again), worldtest.Matter)
	create(t, again)
	_, err := over(again).Head(t.Context(), worldtest.Matter)
	require.NoError(t, err, "a table that exists stays as it is")
}
