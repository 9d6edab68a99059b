package cases_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/facts"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// firstHalf is the half of the cases' morning.
var firstHalf = facts.HalfOf(morning)

// counted is what the report knows of the matter in the half.
func (w *world) counted(h facts.Half) []facts.Row {
	w.T.Helper()
	var out []facts.Row
	for _, r := range w.reportRows(h) {
		var row facts.Row
		require.NoError(w.T, json.Unmarshal(r.Facts, &row))
		require.NoError(w.T, row.Valid())
		out = append(out, row)
	}
	return out
}

func (w *world) reportRows(h facts.Half) (all []store.ReportRow) {
	w.T.Helper()
	for shard := range store.ReportSecret + 1 {
		page, _, err := w.Store.ReportRows(w.T.Context(), h.String(), shard, "", 100)
		require.NoError(w.T, err)
		all = append(all, page...)
	}
	return all
}

// told is a matter about u1, told on the day after the disclosure.
func told(t worldtest.T) *world {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning.AddDate(0, 0, 1))
	return w
}

func TestAMatterIsCountedInTheSweepAfterItsEvent(t *testing.T) {
	w := told(t)
	row := w.counted(firstHalf)[0]
	require.Equal(t, "US", row.Country)
	require.Equal(t, 3, row.Request.Specified)
	require.Equal(t, facts.Content, row.Request.Outcome)
	require.Equal(t, 1, row.Request.WithData[0].N)
	require.Empty(t, w.counted(firstHalf.Next()), "nothing of it belongs there yet")
}

// An acceptance, and a delivery, write no row of their own: the row before the freeze counts them.
func TestTheLastCountBeforeAFreezeSeesTheMail(t *testing.T) {
	w := told(t)
	rows := w.RowsOf(agenda.Count)
	require.Len(t, rows, 1)
	at := rows[0].At
	require.True(t, at.Before(firstHalf.FreezeAt()) && at.After(firstHalf.FreezeAt().AddDate(0, 0, -1)), at)
	w.at(at)
	n := w.counted(firstHalf)[0].Notices
	require.Len(t, n, 1)
	require.Equal(t, facts.Told, n[0].Closing)
	require.Equal(t, w.SES.Mails()[0].At, n[0].ClosedAt)
	require.Equal(t, n, w.counted(firstHalf.Next())[0].Notices, "the matter goes on in the next half")
}

func TestAnOrderIsReckonedAsThePaperAndItsRealEnd(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("ord-1", "u1"))
	w.Post(worldtest.Order("ord-2", "u1").Endless())
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	w.Post(worldtest.Ending("ord-1", "lifted", morning.AddDate(0, 1, 0).Format(time.RFC3339)))
	w.at(morning.AddDate(0, 0, 1))
	row := w.counted(firstHalf)[0]
	require.Len(t, row.Orders, 2)
	require.Equal(t, worldtest.AugustEnds(), row.Orders[0].Until, "the paper's own end stays")
	require.Equal(t, morning.AddDate(0, 1, 0), row.Orders[0].EndedAt)
	require.True(t, row.Orders[1].Until.IsZero())
	require.True(t, row.Orders[1].Deficient)
	for _, n := range row.Notices {
		require.True(t, len(n.Spans) == 2 || len(n.Spans) == 0, "u1 is covered by both, u2 by none")
	}
}

// An order that came after the mail stood in nobody's way.
func TestALateOrderMakesNoRestraintOfAToldNotice(t *testing.T) {
	w := told(t)
	w.Post(worldtest.Order("ord-1", "u1"))
	w.at(morning.AddDate(0, 0, 2))
	n := w.counted(firstHalf)[0].Notices[0]
	_, covered := n.LastRestraint()
	require.False(t, covered)
}

func TestAHoldByAPersonIsItsOwnSpan(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("ord-1", "u1"))
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.sweep()
	id := w.notice("u1").ID
	w.Post(worldtest.NoticeHold(id, "a question"))
	w.Advance(24 * time.Hour)
	w.Post(worldtest.NoticeRelease(id, "answered").ApprovedBy(worldtest.Both()...))
	w.Advance(time.Hour)
	w.sweep()
	spans := w.counted(firstHalf)[0].Notices[0].Spans
	held := spans[len(spans)-1]
	require.Equal(t, facts.ByPerson, held.Reason)
	require.Equal(t, 24*time.Hour, held.Until.Sub(held.From).Truncate(time.Hour))
}

func TestAnNSLStandsApartFromTheFirst(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1").Under("nsl").With(object{"legalBasis": "18 U.S.C. 2709"}))
	w.at(morning.Add(time.Hour))
	rows := w.reportRows(firstHalf)
	require.Len(t, rows, 1)
	require.True(t, rows[0].Secret)
	row := w.counted(firstHalf)[0]
	require.Equal(t, "nsl", row.Security.Kind)
	require.Nil(t, row.Request)
	require.Empty(t, row.Country+row.RequestType)
}

// A matter that becomes one of national security leaves the ordinary rows; its facts stay as they stood.
func TestAMatterThatBecomesSecretKeepsItsFacts(t *testing.T) {
	w := told(t)
	w.Post(worldtest.Amendment(object{"instrument": "nsl"}))
	w.Advance(time.Hour)
	w.Post(worldtest.Disclosure("d2", "u2"))
	w.Advance(time.Hour)
	w.sweep()
	rows := w.reportRows(firstHalf)
	require.Len(t, rows, 1, "the ordinary row is gone")
	require.True(t, rows[0].Secret)
	row := w.counted(firstHalf)[0]
	require.NotEqual(t, "nsl", row.RequestType)
	require.Equal(t, 1, row.Request.WithData[0].N, "what came after is not in the tables")
	require.Len(t, row.Notices, 1)
}

// A bounce after the last count before the freeze is counted at once.
func TestABounceAfterTheLastCountIsCounted(t *testing.T) {
	w := told(t)
	w.at(w.RowsOf(agenda.Count)[0].At)
	w.report("Bounce", "Permanent", "General")
	w.Advance(time.Minute)
	w.sweep()
	n := w.counted(firstHalf)[0].Notices[0]
	require.Equal(t, facts.StillOwed, n.Closing)
	require.Equal(t, facts.Undeliverable, n.Spans[len(n.Spans)-1].Reason)
}
