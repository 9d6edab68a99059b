package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

func TestAnExceptionHoldsIsApprovedReviewedRenewedAndEnds(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	answer := w.Post(worldtest.Exception("ex-1", "child", "2026-06-01T00:00:00Z", "u1"))
	require.Equal(t, matter.ExceptionRequested, answer.Exception.State)
	require.Equal(t, morning.Add(72*time.Hour), answer.Exception.Until, "without a second person it holds three days")
	require.Len(t, answer.Notices, 1, "the covered ones")

	w.Refused(worldtest.Approval("ex-1", "Counsel:AK"), "/data/approvedBy")
	answer = w.Post(worldtest.Approval("ex-1", "counsel:bl"))
	require.Equal(t, matter.ExceptionActive, answer.Exception.State)
	require.Equal(t, worldtest.Instant(t, "2026-06-01T00:00:00Z"), answer.Exception.Until)
	w.at(morning)
	require.Equal(t, []string{"u2"}, w.mailed())
	w.due("u1", "2026-06-01T00:00:00Z")
	require.Equal(t, worldtest.Instant(t, "2026-05-25T00:00:00Z"), w.agenda()["exception ex-1"],
		"a week before its review")

	r := w.why("u1").Restraints[0]
	require.Equal(t, matter.OrderKind("exception_child"), r.Kind)
	require.Equal(t, "ex-1", r.Source)
	require.Equal(t, "Notice policy 2026-01, exception: danger to a child", r.Citation)
	require.Equal(t,
		"Our own exception for danger to a child, ex-1 forbids telling this person until 1 June 2026, 00:00 UTC. It ends "+
			"then unless it is renewed.", r.Message)

	require.Equal(t, 1, w.at(worldtest.Instant(t, "2026-05-25T00:00:00Z")).Reviews)
	require.Equal(t, worldtest.Instant(t, "2026-06-01T00:00:00Z"), w.agenda()["exception ex-1"])
	w.Post(worldtest.Renewal("ex-1", "2026-07-01T00:00:00Z"))
	w.at(worldtest.Instant(t, "2026-06-01T00:00:00Z"))
	w.due("u1", "2026-07-01T00:00:00Z")
	require.Len(t, w.exception("ex-1").Renewals, 1)

	w.Post(worldtest.ExceptionEnd("ex-1", "the child is safe"))
	require.Equal(t, matter.ExceptionEnded, w.exception("ex-1").State)
	w.at(worldtest.Instant(t, "2026-06-01T00:01:00Z"))
	require.Equal(t, []string{"u1", "u2"}, w.mailed(), "after its end the notice falls due")
	require.NotContains(t, w.agenda(), "exception ex-1")
}

func TestAnExceptionNobodyApprovesEndsAfterThreeDays(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Exception("ex-1", "emergency", "2026-03-20T00:00:00Z"))
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning.Add(71 * time.Hour))
	require.Empty(t, w.mailed())
	require.Contains(t, w.why("u1").Text, "or, before that, approved by a second person")
	w.at(morning.Add(72 * time.Hour))
	require.Equal(t, []string{"u1"}, w.mailed())
	require.Equal(t, matter.ExceptionExpired, w.exception("ex-1").State)
}

func TestAnExceptionThatNobodyRenewsEndsAtItsReview(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Exception("ex-1", "compromised_account", "2026-03-15T00:00:00Z", "u1"))
	w.Post(worldtest.Approval("ex-1", "counsel:bl"))
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(worldtest.Instant(t, "2026-03-14T23:59:00Z"))
	require.Empty(t, w.mailed())
	w.at(worldtest.Instant(t, "2026-03-15T00:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
	require.NotContains(t, w.agenda(), "exception ex-1")
}

func TestNoExceptionIsForEver(t *testing.T) {
	for kind, row := range map[string]struct {
		review, last time.Duration
		renewals     int
	}{
		"child":               {180 * day, 720 * day, 3},
		"emergency":           {30 * day, 90 * day, 2},
		"provider_interest":   {30 * day, 120 * day, 3},
		"compromised_account": {14 * day, 56 * day, 3},
	} {
		t.Run(kind, func(t *testing.T) {
			w := approved(t)
			w.Post(worldtest.Disclosure("d1", "u1"))
			answer := w.Post(worldtest.Exception("ex-1", kind, "2999-01-01T00:00:00Z"))
			require.Equal(t, "review_bounded", answer.Warnings[0].Code)
			w.Post(worldtest.Approval("ex-1", "counsel:bl"))
			require.Equal(t, morning.Add(row.review), w.exception("ex-1").Until)
			renewal := worldtest.Renewal("ex-1", "2999-01-01T00:00:00Z")
			for range row.renewals {
				w.Set(w.exception("ex-1").Until.Add(-time.Minute))
				w.Post(renewal)
			}
			require.LessOrEqual(t, w.exception("ex-1").Until, morning.Add(row.last))
			w.Set(w.exception("ex-1").Until.Add(-time.Second))
			w.Refused(renewal, "/data/exceptionId")
			w.at(morning.Add(row.last))
			require.Equal(t, []string{"u1"}, w.mailed())
		})
	}
}

const day = 24 * time.Hour

func TestExceptionsThatDoNotFitAreRefused(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("o1"))
	w.Refused(worldtest.Exception("law-us-mine", "child", "2026-06-01T00:00:00Z"), "/data/exceptionId")
	w.Refused(worldtest.Exception("ex-1", "child", "2026-03-03T12:00:00Z"), "/data/reviewAt")
	w.Fails(worldtest.Exception("o1", "child", "2026-06-01T00:00:00Z"), event.ErrConflict)
	w.Fails(worldtest.Exception("ex-1", "child", "2026-06-01T00:00:00Z", "u9"), event.ErrPredecessor)
	w.Fails(worldtest.Approval("ex-1", "counsel:bl"), event.ErrPredecessor)
	w.Fails(worldtest.ExceptionEnd("o1", "over"), event.ErrPredecessor)
	first := w.Post(worldtest.Exception("ex-1", "child", "2026-06-01T00:00:00Z", "u1"))
	again := w.Post(worldtest.Exception("ex-1", "child", "2026-06-01T00:00:00Z", "u1"))
	require.True(t, again.Replayed)
	require.Equal(t, first.Version, again.Version)
	w.Fails(worldtest.Exception("ex-1", "child", "2026-06-01T00:00:00Z", "u2"), event.ErrConflict)
	w.Fails(worldtest.Order("ex-1"), event.ErrConflict)
	w.Fails(worldtest.Ending("ex-1", "lifted", "2026-03-03T12:00:00Z"), event.ErrPredecessor)
	w.Fails(worldtest.Renewal("ex-1", "2026-07-01T00:00:00Z"), event.ErrPredecessor)
	w.Post(worldtest.ExceptionEnd("ex-1", "a mistake"))
	w.Fails(worldtest.Approval("ex-1", "counsel:bl"), event.ErrConflict)

	_, err := w.Take(worldtest.Exception("ex-2", "child", "2026-06-01T00:00:00Z").By(""))
	require.NoError(t, err)
	w.Refused(worldtest.Approval("ex-2", "counsel:bl"), "/data/approvedBy")
	w.Post(worldtest.Approval("ex-2", "counsel:bl", "counsel:cm"))
}

func TestE29_AnExceptionThatEndsUnderAnOrderChangesNothing(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Post(worldtest.Order("o1"))
	w.Post(worldtest.Exception("ex-1", "emergency", "2026-03-20T00:00:00Z"))
	w.Post(worldtest.Approval("ex-1", "counsel:bl"))
	w.Post(worldtest.ExceptionEnd("ex-1", "the danger has passed"))
	w.at(morning.Add(day))
	require.Empty(t, w.mailed())
	w.due("u1", "2026-09-01T04:00:00Z")
}

func TestE30_AnOrderThatEndsUnderAChildsExceptionChangesNothing(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Post(worldtest.Order("o1").Through("2026-03-31"))
	w.Post(worldtest.Exception("ex-1", "child", "2026-06-01T00:00:00Z"))
	w.Post(worldtest.Approval("ex-1", "counsel:bl"))
	w.at(worldtest.Instant(t, "2026-04-01T04:00:00Z"))
	require.Empty(t, w.mailed())
	w.due("u1", "2026-06-01T00:00:00Z")
	w.at(worldtest.Instant(t, "2026-06-01T00:00:00Z"))
	require.Equal(t, []string{"u1"}, w.mailed())
}

func TestAnExceptionAfterTheMailIsNoLateOrder(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning)
	require.Equal(t, []string{"u1"}, w.mailed())
	w.Post(worldtest.Exception("ex-1", "child", "2026-06-01T00:00:00Z"))
	require.Zero(t, w.at(morning.Add(time.Hour)).LateOrders)
}
