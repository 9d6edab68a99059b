package intake_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

func manyIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("s%04d", i)
	}
	return ids
}

// finish makes the notices of a disclosure as the sweep does, from what the disclosure fixed.
func (w *world) finish(id string) {
	w.Helper()
	parts, err := w.store.Disclosures(w.Context(), mat, id)
	require.NoError(w, err)
	for _, d := range parts {
		for _, target := range d.Targets {
			n := notice.New(&d, salt(), target, "en", "en-1")
			require.NoError(w, w.store.PutRows(w.Context(), agenda.ForNotice(n.Matter, n.ID, n.Base, d.Version)))
			require.NoError(w, w.store.PutNotice(w.Context(), n))
		}
	}
}

func TestE08_ADisclosureMakesOneNoticeASubject(t *testing.T) {
	w := asked(t)
	w.post("order.received", order("o1", "u2"))
	answer := w.post("disclosure.made", disclosure("d1", "u1", "u2"))
	require.Equal(t, 2, *answer.NoticesTotal)
	base := time.Date(2026, time.March, 3, 9, 0, 0, 0, time.UTC)
	require.Equal(t, []ledger.NoticeBrief{
		{ID: notice.ID(salt(), mat, "d1", "u1"), Disclosure: "d1", Subject: "u1", Recipient: matter.User,
			State: notice.Scheduled, Due: &base},
		{ID: notice.ID(salt(), mat, "d1", "u2"), Disclosure: "d1", Subject: "u2", Recipient: matter.User,
			State: notice.Scheduled, Due: &augustEnds},
	}, answer.Notices)
	require.Equal(t, matter.Disclosed, w.head().State)
	require.Equal(t, 2, w.head().Notices)
	require.Len(t, w.notices(), 2)
	for _, n := range answer.Notices {
		require.Equal(t, []time.Time{*n.Due}, w.rowsOf(agenda.Notice, n.ID))
	}
	require.Empty(t, w.rows(agenda.MakeNotices), "all are made before the answer")
}

func TestWhatADisclosureRestsOn(t *testing.T) {
	w := newWorld(t)
	w.post("request.received", request("u1"))
	w.refuse("disclosure.made", disclosure("d1", "u1"), event.ErrPredecessor)
	for _, d := range []string{"challenge", "reject", "redirect", "withdrawn"} {
		w.post("request.decided", decision(d))
		w.refuse("disclosure.made", disclosure("d1", "u1"), event.ErrPredecessor)
	}
	w.post("disclosure.made", with(disclosure("emergency", "u1"),
		object{"basis": "emergency", "approvedBy": []string{"counsel:ak", "counsel:bl"}}))
	w.post("disclosure.made", with(disclosure("consent", "u1"), object{"basis": "consent", "note": "signed form"}))
	w.post("request.decided", decision("comply_in_part"))
	w.post("disclosure.made", disclosure("d1", "u1"))
	require.Len(t, w.notices(), 3)
}

func TestTheFurtherPartsOfADisclosureAreOwedThoughCounselDecidedOtherwiseSince(t *testing.T) {
	for _, d := range []string{"challenge", "reject", "redirect", "withdrawn"} {
		t.Run(d, func(t *testing.T) {
			w := asked(t)
			w.post("disclosure.made", disclosure("d1", "u1"))
			w.post("request.decided", decision(d))
			w.post("disclosure.made", disclosure("d1", "u2"))
			require.Len(t, w.notices(), 2)
			w.refuse("disclosure.made", disclosure("d2", "u3"), event.ErrPredecessor)
		})
	}
}

func TestADisclosureOfSomebodyTheRequestDoesNotKnowWaitsForAnAmendment(t *testing.T) {
	w := asked(t)
	w.refuse("disclosure.made", disclosure("d1", "u1", "u9"), event.ErrPredecessor)
	require.Empty(t, w.notices())
	w.post("request.amended", object{"subjects": []object{subject("u9")}})
	w.post("disclosure.made", disclosure("d1", "u1", "u9"))
}

func TestADisclosureInParts(t *testing.T) {
	w := asked(t)
	data := disclosure("d1", "u1")
	first := w.post("disclosure.made", data)
	w.repeat(w.event("disclosure.made", data), first)
	second := w.post("disclosure.made", disclosure("d1", "u2", "u1"))
	require.Equal(t, 1, *second.NoticesTotal, "a subject already in it makes nothing new")
	require.Equal(t, "u2", second.Notices[0].Subject)
	w.repeat(w.event("disclosure.made", disclosure("d1", "u2")), second)
	w.repeat(w.event("disclosure.made", disclosure("d1", "u1", "u2")), first)
	w.refuse("disclosure.made", with(disclosure("d1", "u3"), object{"content": false}), event.ErrConflict)
	w.refuse("disclosure.made", with(disclosure("d1", "u1"), object{"at": "2026-03-03T09:00:01Z"}), event.ErrConflict)
	w.post("request.decided", decision("reject"))
	w.repeat(w.event("disclosure.made", data), first)

	parts, err := w.store.Disclosures(t.Context(), mat, "d1")
	require.NoError(t, err)
	require.Len(t, parts, 2)
	require.Equal(t, 2, parts[1].Part)
	require.Equal(t, 1, w.head().Disclosures)
	require.Equal(t, 2, w.head().Notices)
	require.Len(t, w.notices(), 2)
}

func TestASecondDisclosureAboutTheSamePersonMakesASecondNotice(t *testing.T) {
	w := asked(t)
	w.post("disclosure.made", disclosure("d1", "u1"))
	w.post("disclosure.made", disclosure("d2", "u1"))
	require.Len(t, w.notices(), 2)
	require.Equal(t, 2, w.head().Disclosures)
}

func TestWhoIsTold(t *testing.T) {
	contacts := func(roles ...string) []object {
		out := []object{}
		for _, r := range roles {
			out = append(out, object{"role": r, "email": r + "@example.com", "verified": false})
		}
		return out
	}
	for name, row := range map[string]struct {
		class string
		roles []string
		want  matter.Role
	}{
		"a consumer":                       {"consumer", []string{"user", "admin"}, matter.User},
		"a consumer's guardian":            {"consumer", []string{"user", "guardian"}, matter.Guardian},
		"a consumer who has an admin only": {"consumer", []string{"admin"}, matter.User},
		"an enterprise's legal contact": {"enterprise", []string{"admin", "legal_contact", "user"},
			matter.LegalContact},
		"an enterprise's admin":                {"enterprise", []string{"admin", "user"}, matter.Admin},
		"a public body's legal contact":        {"public_sector", []string{"legal_contact"}, matter.LegalContact},
		"a public body with nobody of the two": {"public_sector", []string{"user"}, matter.LegalContact},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.post("request.received", with(request(),
				object{"subjects": []object{{"id": "u1", "accountClass": row.class, "contacts": contacts(row.roles...)}}}))
			w.post("request.decided", decision("comply"))
			answer := w.post("disclosure.made", disclosure("d1", "u1"))
			require.Equal(t, row.want, answer.Notices[0].Recipient)
			n, stored := w.notices()[0], w.subject("u1")
			require.Equal(t, row.want, n.Recipient(&stored).Role)
			w.post("request.amended", object{"subjects": []object{subject("u1")}})
			stored = w.subject("u1")
			require.Equal(t, matter.User, n.Recipient(&stored).Role, "today's until the mail goes")
		})
	}
}

func TestALongDisclosureListsAHundredNotices(t *testing.T) {
	w := newWorld(t)
	ids := manyIDs(150)
	w.post("request.received", request(ids...))
	w.post("request.decided", decision("comply"))
	answer := w.post("disclosure.made", disclosure("d1", ids...))
	require.Len(t, answer.Notices, 100)
	require.Equal(t, 150, *answer.NoticesTotal)
	require.Len(t, w.notices(), 150)
	answer = w.post("order.received", order("o1"))
	require.Len(t, answer.Notices, 100)
	require.Nil(t, answer.NoticesTotal)
}

func TestNoticesThatCannotDrainInADayEarnAWarning(t *testing.T) {
	w := asked(t)
	require.NoError(t, w.store.PutQuota(t.Context(), store.Quota{PerSecond: 1, Per24h: 1}))
	answer := w.post("disclosure.made", disclosure("d1", "u1"))
	require.Empty(t, answer.Warnings)
	answer = w.post("disclosure.made", disclosure("d2", "u1", "u2"))
	require.Equal(t, "cannot_drain_in_a_day", answer.Warnings[0].Code)
	answer = w.post("order.received", order("o1"))
	require.Equal(t, "cannot_drain_in_a_day", answer.Warnings[0].Code)
}

// Law 2: wherever a crash cuts the making of the notices, there are all of them or a row that makes them.
func TestADisclosureOfAThousandCutByACrashAfterEveryChunk(t *testing.T) {
	w := newWorld(t)
	ids := manyIDs(1000)
	w.post("request.received", request(ids...))
	w.post("request.decided", decision("comply"))
	const chunks = (1000 + matter.ChunkSize - 1) / matter.ChunkSize
	total := 0
	for k := range chunks + 1 {
		effect := memory.FailBefore // in turn, the call that is cut happened or did not
		if k%2 == 1 {
			effect = memory.FailAfter
		}
		id := fmt.Sprintf("d-%d-%d", k, effect)
		var puts atomic.Int64
		w.store.Fault = func(op, _ string) memory.Effect {
			if op == "PutNotice" && puts.Add(1) > int64(k*matter.ChunkSize) || op == "DeleteRow" && k == chunks {
				return effect
			}
			return memory.None
		}
		data := disclosure(id, ids...)
		answer := w.post("disclosure.made", data)
		w.store.Fault = nil
		require.Equal(t, 1000, *answer.NoticesTotal)
		rows := w.makeRows(id)
		if k < chunks || effect == memory.FailBefore {
			require.Equal(t, []time.Time{morning}, rows, "crash after %d chunks", k)
		}
		w.repeat(w.event("disclosure.made", data), answer)
		made := w.made(id, ids)
		if k == chunks || effect == memory.FailAfter && k == chunks-1 {
			require.Len(t, made, 1000, "all stand, only the row is too many")
		}
		w.finish(id)
		whole := w.made(id, ids)
		require.Len(t, whole, 1000, "none is lost")
		for subject, n := range made {
			require.Equal(t, n, whole[subject], "what stood is left alone")
		}
		total += 1000
	}
	require.Len(t, w.notices(), total, "none is doubled")
}

// made returns the notices that stand of a disclosure of the subjects, by subject.
func (w *world) made(disclosure string, subjects []string) map[string]notice.Notice {
	w.Helper()
	out := map[string]notice.Notice{}
	for _, s := range subjects {
		n, err := w.store.Notice(w.Context(), notice.ID(salt(), mat, disclosure, s))
		if !errors.Is(err, store.ErrNotFound) {
			require.NoError(w, err)
			out[s] = n
		}
	}
	return out
}

// makeRows are the instants at which a make-notices row stands.
func (w *world) makeRows(disclosure string) []time.Time {
	w.Helper()
	row := agenda.ForMakeNotices(mat, disclosure, 1, w.now, 0)
	rows, _, err := w.store.Rows(w.Context(), true, row.Shard(), w.now, "", 10_000)
	require.NoError(w, err)
	var at []time.Time
	for _, r := range rows {
		if r.ID() == row.ID() {
			at = append(at, r.At)
		}
	}
	return at
}

func TestNoticesThatDoNotFitBeforeTheAnswerAreLeftToTheSweep(t *testing.T) {
	w := asked(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		res, err := w.svc.Take(ctx, w.event("disclosure.made", disclosure("d1", "u1")), "http", "")
		require.NoError(t, err)
		require.True(t, res.New)
	})
	require.Empty(t, w.notices())
	require.Len(t, w.rows(agenda.MakeNotices), 1)
}

// A lift recorded while the notices are made may be re-planned before they stand; then the sweep puts their rows anew.
func TestAnEventBesideTheMakingOfNoticesLeavesTheRowToTheSweep(t *testing.T) {
	w := asked(t)
	w.post("order.received", order("o1"))
	var once atomic.Bool
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "PutNotice" && once.CompareAndSwap(false, true) {
			_, err := w.svc.Take(w.Context(), raw("lift", "order.ended", ending("o1", "2026-03-03T12:00:00Z")), "http", "")
			if err != nil {
				panic(err)
			}
		}
		return memory.None
	}
	_, err := w.svc.Take(t.Context(), w.event("disclosure.made", disclosure("d1", "u1")), "http", "")
	require.NoError(t, err)
	require.Len(t, w.notices(), 1)
	require.Len(t, w.rows(agenda.MakeNotices), 1)
}

func TestNobodyCanTellWhetherTwoMattersAreAboutTheSamePerson(t *testing.T) {
	t.Parallel()
	hash := func() (string, []byte) {
		w := quietWorld(t)
		w.svc.Salt = nil // each matter has a salt of its own
		w.post("request.received", request("u1"))
		w.post("request.decided", decision("comply"))
		answer := w.post("disclosure.made", disclosure("d1", "u1"))
		_, hash, _ := notice.SplitID(answer.Notices[0].ID)
		n, err := w.store.Notice(t.Context(), answer.Notices[0].ID)
		require.NoError(t, err, "the notice is made under the id that the answer names")
		require.Equal(t, "u1", n.Subject)
		return hash, w.head().Salt
	}
	one, salt := hash()
	other, otherSalt := hash()
	require.Len(t, salt, 32)
	require.NotEqual(t, salt, otherSalt)
	require.NotEqual(t, one, other)
}
