package intake

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lapse/internal/calendar"
	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/matter"
)

// nslClock is how many days the Government has, after a reciprocal notice about a national security letter, to go to
// court (18 U.S.C. 3511(b)(1)(B)).
const nslClock = 30

// challenged records a challenge of an order, or the outcome of one. A challenged order holds as before. Only an
// order.ended with the court's document ends it.
func (p orderPlanner) challenged(ctx context.Context, ev event.Event, data *event.OrderChallengedData) (plan, error) {
	d, o, _, err := p.change(ctx, ev, data.OrderID)
	if err != nil {
		return plan{}, err
	}
	c := matter.OrderChallenge{
		Route: data.Route, FiledAt: data.FiledAt, ClockDays: data.ClockDays, Outcome: cmp.Or(data.Outcome,
			matter.ChallengePending),
		Grounds: data.Grounds, Forum: data.Forum, DecidedAt: data.DecidedAt, Actor: ev.Actor, At: d.now,
	}
	i := slices.IndexFunc(o.Challenges, func(was matter.OrderChallenge) bool {
		return was.Route == c.Route && was.FiledAt.Equal(c.FiledAt)
	})
	if i >= 0 {
		was := o.Challenges[i]
		c.ClockDays, c.Forum = cmp.Or(c.ClockDays, was.ClockDays), cmp.Or(c.Forum, was.Forum)
		if len(c.Grounds) == 0 {
			c.Grounds = was.Grounds
		}
		if c.Outcome == matter.ChallengePending {
			c.Outcome, c.DecidedAt = was.Outcome, was.DecidedAt // a filing may arrive after its outcome
		}
	}
	if c.ClockDays == 0 && d.head().Instrument == matter.NSL {
		c.ClockDays = nslClock
	}
	if c.ClockDays > 0 {
		c.Clock = clockEnd(c.FiledAt, c.ClockDays, o.Received.Issuer.Zone)
	}
	o.Challenges = slices.Clone(o.Challenges)
	if i >= 0 {
		o.Challenges[i] = c
	} else {
		o.Challenges = append(o.Challenges, c)
	}
	if c.Outcome == matter.ChallengeVacated || c.Outcome == matter.ChallengeNarrowed {
		d.warn(law.StillHolds, "The outcome of a challenge ends nothing by itself. Post order.ended, or the new order, with "+
			"the court's document.")
	}
	return p.complete(ctx, d, o)
}

// clockEnd is the end of the n-th day after the filing, in the court's zone, or in UTC if that is not known.
func clockEnd(filed time.Time, n int, zone string) time.Time {
	loc, err := calendar.Load(zone)
	if err != nil {
		loc = time.UTC
	}
	return calendar.EndOfDay(matter.DateOf(filed.In(loc)).AddDays(n), loc)
}
