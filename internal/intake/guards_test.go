package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// Two persons stand for an exception each time it is renewed, and the one who asked for it counts once.
func TestAnExceptionIsRenewedByASecondPersonOnly(t *testing.T) {
	w := asked(t)
	w.post("exception.requested", object{"exceptionId": "ex-1", "kind": "emergency", "facts": "a report is pending",
		"covers": object{"subjects": "all"}, "reviewAt": "2026-03-20T00:00:00Z"})
	w.post("exception.approved", object{"exceptionId": "ex-1", "approvedBy": []string{"counsel:bl"}})
	renewal := object{"exceptionId": "ex-1", "reviewAt": "2026-03-25T00:00:00Z"}
	for name, by := range map[string][]string{
		"the one who asked": {"counsel:ak"}, "the one who asked, twice": {"counsel:ak", "COUNSEL:AK"},
	} {
		before := w.head()
		w.fault("exception.renewed", with(renewal, object{"approvedBy": by}), "/data/approvedBy")
		require.Equal(t, before, w.head(), name)
	}
	a := w.post("exception.renewed", with(renewal, object{"approvedBy": []string{"counsel:ak", "counsel:bl"}}))
	require.Equal(t, time.Date(2026, time.March, 25, 0, 0, 0, 0, time.UTC), a.Exception.Until)
}

// The guard for enterprise data wants one challenge. Whatever counsel decides after it, the challenge was decided.
func TestAChallengeThatWasDecidedIsNotForgottenByTheNextDecision(t *testing.T) {
	w := newWorld(t)
	enterprise := object{"id": "u1", "accountClass": "enterprise", "country": "US",
		"contacts": []object{{"role": "legal_contact", "email": "counsel@example.com", "verified": true}}}
	unbounded := []object{{"category": "content"}} // over no period: a ground to challenge
	w.post("request.received", with(request(), object{"subjects": []object{enterprise}, "dataSought": unbounded}))
	w.fault("request.decided", decision("comply"), "/data/grounds")
	w.post("request.decided", decision("challenge"))
	w.post("request.decided", decision("reject"))
	w.post("request.decided", decision("comply"))
	require.Equal(t, matter.Approved, w.head().State)
}

// New zone data can make the reading of a paper longer than the end that was recorded. Until that reading the order
// holds, so one person alone may not choose an end before it.
func TestAnOverrideIsEarlierThanTodaysReadingOrNot(t *testing.T) {
	w := asked(t)
	w.post("order.received", order("o1"))
	h := w.head()
	h.Version++
	r, _ := h.Restraint("o1")
	r.Until = augustEnds.AddDate(0, -2, 0) // as older zone data read the paper
	require.NoError(t, w.store.Store.Commit(t.Context(), store.Change{Head: h,
		Receipt: ledger.Receipt{Key: "older", Matter: mat},
		Entry:   ledger.Entry{Matter: mat, Seq: h.Version, Prev: h.LastHash}}))
	between := object{"untilOverride": object{"kind": "date", "date": "2026-07-31", "wording": "through"}}
	w.fault("order.assessed", with(assessment("o1", "binding", "counsel:ak"), between), "/data/approvedBy")
	w.post("order.assessed", with(assessment("o1", "binding", "counsel:ak", "counsel:bl"), between))
	require.Equal(t, time.Date(2026, time.August, 1, 4, 0, 0, 0, time.UTC), w.restraint("o1").Until)
}

// idsOf64 are n ids, as long as an id may be.
func idsOf64(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%064d", i)
	}
	return ids
}

func TestAnOrderTooLargeToBeKeptIsRefusedAndHolds(t *testing.T) {
	w := asked(t)
	posted := w.event("order.received", order("o1", idsOf64(7000)...))
	for range 2 {
		_, err := w.svc.Take(t.Context(), posted, "http", "arn:counsel")
		require.ErrorIs(t, err, store.ErrTooLarge)
		h := w.head()
		require.Len(t, h.Restraints, 1, "once")
		require.Equal(t, matter.OriginUnreadable, h.Restraints[0].Origin)
		require.True(t, w.covered("u1"))
	}
	id := w.head().Restraints[0].ID
	require.Equal(t, law.Unread, w.order(id).Received.LegalBasis)
	require.Contains(t, w.order(id).Findings[0].Message, "too large")
	w.post("order.assessed", assessment(id, "void", "counsel:ak", "counsel:bl"))
	require.False(t, w.covered("u1"))
}

func TestAnEventThatGrowsARecordTooFarIsRefusedOnce(t *testing.T) {
	w := asked(t)
	w.post("order.received", order("o1"))
	verdict := with(assessment("o1", "binding", "counsel:ak"), object{"reason": strings.Repeat("read it. ", 400)})
	for range 1000 {
		posted := w.event("order.assessed", verdict)
		version := w.head().Version
		require.NoError(t, w.svc.Deliver(t.Context(), intake.Message{Raw: posted}))
		if w.head().Version == version {
			w.putAside(1, "")
			require.Contains(t, w.dead.faults[0][0].Detail, "larger than the store keeps")
			_, err := w.svc.Take(t.Context(), posted, "http", "arn:counsel")
			require.ErrorIs(t, err, store.ErrTooLarge)
			require.Len(t, w.head().Restraints, 1, "what is no order leaves no restraint")
			return
		}
	}
	require.Fail(t, "the order grows for ever")
}

// What an entry's transaction wrote has to be readable before anything is planned on it, whatever the event was.
func TestALedgerEntryNamesWhatItsTransactionWrote(t *testing.T) {
	wrote := func(kind ledger.RecordKind, id string) ledger.Wrote { return ledger.Wrote{Kind: kind, ID: id} }
	for name, want := range map[string][]ledger.Wrote{
		"a request":                {wrote(ledger.Request, ""), wrote(ledger.Order, "law-us-18-2709c")},
		"a request after contact":  {wrote(ledger.Request, "")},
		"an amendment":             {wrote(ledger.Request, ""), wrote(ledger.Order, "law-us-50-1805c")},
		"a decision":               {wrote(ledger.Request, "")},
		"a disclosure":             {wrote(ledger.Disclosure, "d1")},
		"an order":                 {wrote(ledger.Order, "o1"), wrote(ledger.Order, "o2")},
		"an order of a new matter": {wrote(ledger.Order, "o1")},
		"an assessment":            {wrote(ledger.Order, "o1")},
		"an ending":                {wrote(ledger.Order, "o1")},
		"a contact":                {wrote(ledger.Subject, "u1")},
		"an erasure":               {wrote(ledger.Subject, "u1")},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := stories()[name]
			for _, b := range s.before {
				w.post(b[0].(string), b[1].(object))
			}
			version := w.post(s.kind, s.data).Version
			e, err := w.store.Entry(t.Context(), mat, version)
			require.NoError(t, err)
			require.Equal(t, []string{calendar.Version(), calendar.HolidaysVersion()}, []string{e.TZ, e.Holidays},
				"the releases that its readings rest on")
			for i := range want {
				want[i].Version = version
			}
			require.Equal(t, want, e.Wrote)
		})
	}
}
