package restraint_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// zero is the beginning of the small stretch of time in which random restraints lie, close enough together to touch.
var zero = time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)

func second(n int) time.Time { return zero.Add(time.Duration(n) * time.Second) }

// genInterval draws an interval that covers something.
func genInterval() *rapid.Generator[restraint.Interval] {
	return rapid.Custom(func(t *rapid.T) restraint.Interval {
		from, length := rapid.IntRange(-1, 40).Draw(t, "from"), rapid.IntRange(0, 20).Draw(t, "length")
		var i restraint.Interval
		if from >= 0 {
			i.From = second(from)
		}
		if length > 0 {
			i.Until = second(max(from, 0) + length)
		}
		return i
	})
}

// slowDue is what Due's comment says, second by second.
func slowDue(covering []restraint.Interval, base, now int) (int, bool) {
	covered := func(n int) bool {
		return slices.ContainsFunc(covering, func(i restraint.Interval) bool { return i.Covers(second(n)) })
	}
	if now < base || covered(now) {
		for n := max(now, base); n < 200; n++ {
			if !covered(n) {
				return n, true
			}
		}
		return 0, false
	}
	for now > base && !covered(now-1) {
		now--
	}
	return now, true
}

func TestDueIsWhatItsDefinitionSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		covering := rapid.SliceOfN(genInterval(), 0, 8).Draw(t, "covering")
		base, now := rapid.IntRange(0, 70).Draw(t, "base"), rapid.IntRange(0, 70).Draw(t, "now")
		want, known := slowDue(covering, base, now)
		got, ok := restraint.Due(covering, second(base), second(now))
		require.Equal(t, known, ok)
		if ok {
			require.Equal(t, second(want), got)
		}
		again, ok := restraint.Due(covering, second(base), second(now).Add(999*time.Millisecond))
		require.Equal(t, known, ok, "a fraction of a second changes nothing")
		if ok {
			require.Equal(t, got, again)
		}
	})
}

// genEnd draws an end of every kind, mostly near zero.
func genEnd() *rapid.Generator[matter.End] {
	return rapid.Custom(func(t *rapid.T) matter.End {
		switch rapid.SampledFrom([]matter.EndKind{matter.EndInstant, matter.EndInstant, matter.EndDate, matter.EndPeriod,
			matter.EndNone, matter.EndEvent}).Draw(t, "end") {
		case matter.EndInstant:
			return matter.End{Kind: matter.EndInstant, At: second(rapid.IntRange(1, 86_400*20).Draw(t, "at"))}
		case matter.EndDate:
			return matter.End{Kind: matter.EndDate, Wording: rapid.SampledFrom([]string{"until", "through", "before"}).Draw(t,
				"wording"),
				Date: matter.DateOf(zero).AddDays(rapid.IntRange(0, 20).Draw(t, "date"))}
		case matter.EndPeriod:
			return matter.End{Kind: matter.EndPeriod, N: rapid.IntRange(1, 20).Draw(t, "n"), Unit: "days",
				From: rapid.SampledFrom([]string{"signed", "served", "disclosed"}).Draw(t, "trigger")}
		case matter.EndEvent:
			return matter.End{Kind: matter.EndEvent}
		}
		return none()
	})
}

// genRestraint draws a restraint as intake and later events could have left it.
func genRestraint() *rapid.Generator[matter.Restraint] {
	return rapid.Custom(func(t *rapid.T) matter.Restraint {
		o := paper("o", genEnd().Draw(t, "end"))
		o.Kind = rapid.SampledFrom([]matter.OrderKind{matter.CourtOrder, matter.CourtOrder, matter.Certification,
			matter.Statute, matter.Plea}).Draw(t, "kind")
		dates := rapid.Map(rapid.IntRange(-1, 15), func(n int) matter.Date {
			if n < 0 {
				return matter.Date{}
			}
			return matter.DateOf(zero).AddDays(n)
		})
		o.StartsOn, o.SignedOn, o.ServedOn = dates.Draw(t, "starts"), dates.Draw(t, "signed"), dates.Draw(t, "served")
		if rapid.Bool().Draw(t, "some") {
			o.Covers.Subjects = matter.CoveredSubjects{IDs: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"u1", "u2",
				"u3"}), 1, 3, rapid.ID).Draw(t, "subjects")}
		}
		o.Covers.Recipients = rapid.SliceOfNDistinct(rapid.SampledFrom([]matter.Role{matter.User, matter.Admin}), 0, 2,
			rapid.ID).Draw(t, "recipients")
		r := *file(&matter.Head{}, o, second(rapid.IntRange(0, 86_400*15).Draw(t, "recorded")))
		if !r.All {
			r.Tenants = rapid.SliceOfN(rapid.SampledFrom([]string{"acme", "beta", matter.AnyTenant}), 0, 2).Draw(t, "tenants")
			r.Mailboxes = rapid.SliceOfN(rapid.SampledFrom([]string{"box-1", "box-3"}), 0, 2).Draw(t, "mailboxes")
		}
		r.Grace = rapid.SampledFrom([]time.Duration{0, 3 * 24 * time.Hour, 30 * 24 * time.Hour}).Draw(t, "grace")
		switch rapid.IntRange(0, 9).Draw(t, "later") {
		case 0:
			r.Void = true
		case 1:
			r.Torn, r.Subjects = true, nil
		case 2, 3:
			r.Ended = second(rapid.IntRange(0, 86_400*20).Draw(t, "ended"))
		case 4:
			r.Unknown = r.Subjects
		}
		return r
	})
}

func genHead() *rapid.Generator[matter.Head] {
	return rapid.Custom(func(t *rapid.T) matter.Head {
		h := matter.Head{Restraints: rapid.SliceOfN(genRestraint(), 0, 5).Draw(t, "restraints")}
		for i := range h.Restraints {
			h.Restraints[i].ID = string(rune('a' + i))
		}
		return h
	})
}

// question is a notice and an instant at which somebody asks for its due.
type question struct {
	target restraint.Target
	now    time.Time
}

func genQuestion() *rapid.Generator[question] {
	return rapid.Custom(func(t *rapid.T) question {
		return question{
			target: restraint.Target{
				Subject: rapid.SampledFrom([]string{"u1", "u2", "u9"}).Draw(t,
					"subject"), Role: rapid.SampledFrom([]matter.Role{matter.User, matter.Admin}).Draw(t, "role"),
				Tenant:    rapid.SampledFrom([]string{"", "acme", "gamma"}).Draw(t, "tenant"),
				Mailbox:   rapid.SampledFrom([]string{"", "box-1", "box-2"}).Draw(t, "mailbox"),
				Disclosed: second(rapid.IntRange(0, 86_400*25).Draw(t, "base")),
			},
			now: second(rapid.IntRange(0, 86_400*45).Draw(t, "now")),
		}
	})
}

func (q question) due(h *matter.Head) (time.Time, bool) {
	return restraint.Due(restraint.NewEvaluator().Covering(h, q.target), q.target.Disclosed, q.now)
}

// notEarlier reports whether due a lies no earlier than b, where none known is after everything.
func notEarlier(a time.Time, aKnown bool, b time.Time, bKnown bool) bool {
	return !aKnown || bKnown && !a.Before(b)
}

func TestLaw4_AddingARestraintNeverMakesADueEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, q, added := genHead().Draw(t, "head"), genQuestion().Draw(t, "question"), genRestraint().Draw(t, "added")
		before, known := q.due(&h)
		h.Restraints = append(h.Restraints, added)
		after, stillKnown := q.due(&h)
		require.True(t, notEarlier(after, stillKnown, before, known), "%v becomes %v", before, after)
	})
}

func TestLaw4_EndingARestraintNeverMakesADueLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, q, ending := genHead().Draw(t, "head"), genQuestion().Draw(t, "question"), genRestraint().Draw(t, "ending")
		h.Restraints = append(h.Restraints, ending)
		r := &h.Restraints[len(h.Restraints)-1]
		before, known := q.due(&h)
		if at := second(rapid.IntRange(0, 86_400*20).Draw(t, "effective")); r.Ended.IsZero() || at.Before(r.Ended) {
			r.Ended = at
		}
		after, stillKnown := q.due(&h)
		require.True(t, notEarlier(before, known, after, stillKnown), "%v becomes %v when it is ended", before, after)
		r.Void = true
		void, voidKnown := q.due(&h)
		require.True(t, notEarlier(after, stillKnown, void, voidKnown), "%v becomes %v when it is void", after, void)
	})
}

func TestLaw4_FindingAPleaBindingNeverMakesADueEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, q, r := genHead().Draw(t, "head"), genQuestion().Draw(t, "question"), genRestraint().Draw(t, "assessed")
		r.Kind = matter.Plea
		h.Restraints = append(h.Restraints, r)
		before, known := q.due(&h)
		h.Restraints[len(h.Restraints)-1].Kind = matter.CourtOrder
		after, stillKnown := q.due(&h)
		require.True(t, notEarlier(after, stillKnown, before, known))
	})
}

func TestLaw1_NeverEarly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, q := genHead().Draw(t, "head"), genQuestion().Draw(t, "question")
		covering := restraint.NewEvaluator().Covering(&h, q.target)
		covered := func(at time.Time) bool {
			return slices.ContainsFunc(covering, func(i restraint.Interval) bool { return i.Covers(at) })
		}
		base := q.target.Disclosed
		instants := []time.Time{q.now}
		for _, i := range covering { // random instants seldom meet a margin
			for d := -17; d <= 17; d++ {
				instants = append(instants, i.Until.Add(time.Duration(d)*time.Second), i.From.Add(time.Duration(d)*time.Second))
			}
		}
		for _, now := range instants {
			if !restraint.Clear(covering, base, now) {
				continue
			}
			require.False(t, now.Before(base), "before the disclosure")
			for d := -3 * time.Second; d <= restraint.HandOver; d += time.Second {
				require.False(t, covered(now.Add(d)), "covered at %v", now.Add(d))
			}
		}
		due, known := restraint.Due(covering, base, q.now)
		if !known {
			require.True(t, covered(q.now) || q.now.Before(base), "only what is held has no due")
			return
		}
		require.False(t, due.Before(base))
		require.False(t, covered(due))
		require.Equal(t, matter.Ceil(due), due, "whole seconds, UTC")
		if due.After(q.now) && due.After(base) {
			require.True(t, covered(due.Add(-time.Second)), "no later than it has to be")
		}
	})
}

func TestLaw5_TheSameRecordsGiveTheSameAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, q := genHead().Draw(t, "head"), genQuestion().Draw(t, "question")
		due, known := q.due(&h)
		again, stillKnown := q.due(&h)
		require.Equal(t, due, again)
		require.Equal(t, known, stillKnown)
		e := restraint.NewEvaluator()
		text := e.Text(&h, nil, q.target, q.target.Disclosed, q.now)
		require.Equal(t, text, e.Text(&h, nil, q.target, q.target.Disclosed, q.now), "the same explanation")

		other := matter.Head{Restraints: h.Restraints}
		if len(h.Restraints) > 0 {
			other.Restraints = shuffled(h.Restraints, rapid.SliceOfN(rapid.IntRange(0, 9), 6, 6).Draw(t, "shuffle"))
		}
		due2, known2 := q.due(&other)
		require.Equal(t, due, due2, "restraints are a set")
		require.Equal(t, known, known2)
		require.Equal(t, restraint.Clear(restraint.NewEvaluator().Covering(&h, q.target), q.target.Disclosed, q.now),
			restraint.Clear(restraint.NewEvaluator().Covering(&other, q.target), q.target.Disclosed, q.now))
	})
}

// Law 2 rests on this: whatever holds a notice, its row stands no later than the next review.
func TestLaw2_AnUnfinishedNoticeAlwaysHasAPlaceOnTheAgenda(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, q := genHead().Draw(t, "head"), genQuestion().Draw(t, "question")
		n := notice.Notice{ID: "m.n", Subject: q.target.Subject, Base: q.target.Disclosed,
			Created: q.target.Disclosed,
			State: rapid.SampledFrom([]notice.State{notice.Scheduled, notice.Retry, notice.Unknown,
				notice.Held}).Draw(t, "state")}
		s := matter.Subject{ID: q.target.Subject, Class: matter.Consumer, Tenant: q.target.Tenant}
		if q.target.Role != matter.User {
			s.Class, s.Contacts = matter.Enterprise, []matter.SealedContact{{Role: q.target.Role, Mailbox: q.target.Mailbox}}
		}
		e := restraint.NewEvaluator()
		visit, open := e.NextVisit(&n, &s, &h, q.now)
		require.True(t, open)
		require.Equal(t, matter.Ceil(visit), visit)
		due, known := e.NoticeDue(&n, &s, &h, q.now)
		switch {
		case known && n.State != notice.Held:
			require.Equal(t, due, visit)
		default:
			require.True(t, visit.After(q.now))
			latest := q.now // a paper recorded by a clock that runs ahead is reviewed from then on
			for _, r := range h.Restraints {
				latest = matter.Ceil(maxTime(latest, r.Recorded))
			}
			require.False(t, visit.After(maxTime(latest, n.Created).Add(restraint.StatuteReview)))
		}
	})
}

func maxTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
