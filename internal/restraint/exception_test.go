package restraint_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// An exception of ours is requested on tuesday and ends at its review, 31 March in New York, unless it is renewed.
func TestTheStatesAndVisitsOfAnException(t *testing.T) {
	const ends = "2026-04-01T04:00:00Z"
	requested, approved := func(*matter.Exception) {}, func(x *matter.Exception) { x.Approval = &matter.ExceptionAct{} }
	for _, row := range []struct {
		name   string
		change func(*matter.Exception)
		now    string
		state  matter.ExceptionState
		visit  string // "" for none
	}{
		{"requested: a day after the request", requested, tuesday, matter.ExceptionRequested, "2026-03-04T12:00:00Z"},
		{"not approved for a day: at its end", requested, "2026-03-04T12:00:00Z", matter.ExceptionRequested, ends},
		{"approved: a week before its review", approved, tuesday, matter.ExceptionActive, "2026-03-25T04:00:00Z"},
		{"a week before its review: at its end", approved, "2026-03-25T04:00:00Z", matter.ExceptionActive, ends},
		{"a second before its end", approved, "2026-04-01T03:59:59Z", matter.ExceptionActive, ends},
		{"not renewed by its review", approved, ends, matter.ExceptionExpired, ""},
		{"ended", func(x *matter.Exception) { approved(x); x.Ending = &matter.ExceptionAct{} }, tuesday,
			matter.ExceptionEnded, ""},
		{"ended before anybody approved it", func(x *matter.Exception) { x.Ending = &matter.ExceptionAct{} }, tuesday,
			matter.ExceptionEnded, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := begin(t, tuesday)
			s.file(tuesday, paper("x", through(t, "2026-03-31")))
			x := &matter.Exception{ID: "x", Recorded: at(t, tuesday)}
			row.change(x)
			e := restraint.NewEvaluator()
			require.Equal(t, row.state, e.ExceptionState(x, &s.head, at(t, row.now)))
			visit, open := e.NextExceptionVisit(x, &s.head, at(t, row.now))
			require.Equal(t, row.visit != "", open)
			require.Equal(t, at(t, row.visit), visit)
		})
	}
}

func TestAnExceptionTheHeadDoesNotHoldHasNoVisit(t *testing.T) {
	s := begin(t, tuesday)
	_, open := restraint.NewEvaluator().NextExceptionVisit(&matter.Exception{ID: "x"}, &s.head, at(t, tuesday))
	require.False(t, open)
}

func TestAnOrdersEndingIsTheOneThatTakesEffectFirst(t *testing.T) {
	o := &matter.Order{}
	require.Empty(t, restraint.Ended(o), "nobody ended it")
	o.Endings = []matter.Ending{
		{How: "vacated", EffectiveAt: at(t, "2026-03-05T00:00:00Z")}, {How: "lifted", EffectiveAt: at(t, tuesday)},
		{How: "permitted", EffectiveAt: at(t, tuesday)},
	}
	require.Equal(t, "lifted", restraint.Ended(o))
}

// A mail that SES took counts, also where a later attempt of the same notice did not get so far.
func TestTheDueOfAFinishedNoticeIsThatOfItsAcceptedAttempt(t *testing.T) {
	s := begin(t, tuesday)
	s.file(tuesday, paper("o", through(t, "2026-06-30")))
	n := s.notice()
	n.State, n.Token = notice.Delivered, "third"
	n.Attempts = []notice.Attempt{
		{Token: "first", Outcome: "unknown", Due: at(t, "2026-03-01T00:00:00Z")},
		{Token: "second", Outcome: "accepted", Due: at(t, "2026-03-02T00:00:00Z")},
		{Token: "third", Outcome: "unknown", Due: at(t, "2026-03-03T00:00:00Z")},
	}
	due, known := restraint.NewEvaluator().NoticeDue(n, u1(), &s.head, at(t, tuesday))
	require.True(t, known)
	require.Equal(t, at(t, "2026-03-02T00:00:00Z"), due)
	n.Attempts = n.Attempts[:1]
	due, known = restraint.NewEvaluator().NoticeDue(n, u1(), &s.head, at(t, tuesday))
	require.True(t, known)
	require.Equal(t, at(t, "2026-07-01T04:00:00Z"), due, "SES took no mail, so the due is computed")
}

func TestAnEvaluatorRemembersWhatItRead(t *testing.T) {
	s := begin(t, tuesday)
	r := s.file(tuesday, paper("o", through(t, "2026-06-30")))
	e := restraint.NewEvaluator()
	require.Equal(t, calendar.Read(r.Paper, time.Time{}), e.Reading(r.Paper, time.Time{}))
	require.Equal(t, e.Reading(r.Paper, time.Time{}), e.Reading(r.Paper, at(t, tuesday)),
		"only periods from a disclosure depend on it")
}
