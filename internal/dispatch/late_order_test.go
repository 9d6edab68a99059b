package dispatch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// between is a court order over everybody, from one instant to another. Its paper names a later day of beginning, and
// the earlier of the two counts.
func between(id string, from, until time.Time) matter.Restraint {
	return matter.Restraint{ID: id, Kind: matter.CourtOrder, All: true, From: from, Until: until,
		Paper: matter.Paper{End: matter.End{Kind: matter.EndInstant, At: until},
			StartsOn: matter.DateOf(from.AddDate(0, 0, 2)), Zone: "UTC"}}
}

// slowly has SES take a while over every mail.
func (w *world) slowly(d time.Duration) {
	w.mail.answer = func(notice.Mail) (bool, error) {
		w.advance(d)
		return true, nil
	}
}

func TestWhatMakesAnOrderALateOne(t *testing.T) {
	soon, far := start.Add(20*time.Second), start.AddDate(0, 1, 0)
	for name, c := range map[string]struct {
		from  time.Time
		known bool
		late  string
	}{
		"it covers the claim":                    {from: start.Add(-time.Hour), late: "o1"},
		"it covers SES' acceptance only":         {from: soon, late: "o1"},
		"it covers neither":                      {from: start.Add(time.Hour)},
		"it was known, and SES' answer was slow": {from: soon, known: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.open("u1")
			w.disclose("d1", "u1")
			if c.known {
				w.restrain(between("o1", c.from, far))
			}
			w.slowly(30 * time.Second)
			require.Equal(t, 1, w.sweep().Sent)
			if !c.known {
				w.restrain(between("o1", c.from, far))
			}
			// A later version of the matter, under which every notice is looked at again.
			w.restrain(between("other", start.AddDate(0, 1, 0), start.AddDate(0, 2, 0)))
			w.sweep()
			require.Equal(t, c.late, w.notice("d1", "u1").LateOrder)
		})
	}
}

// TestAVisitUnderATornListIsReportedAsBlocked: nobody can tell whether an order came too late, so nothing ends.
func TestAVisitUnderATornListIsReportedAsBlocked(t *testing.T) {
	w := newWorld(t)
	all := names(60)
	w.open(all...)
	w.disclose("d1", all[0])
	require.Equal(t, 1, w.sweep().Sent)
	w.at(start.Add(notice.ConfirmWindow + time.Hour))
	w.store.Torn = func(int) {
		head, err := w.store.Head(context.Background(), aMatter)
		require.NoError(t, err)
		if len(head.Restraints) == 0 || !head.Restraints[0].Torn {
			return
		}
		w.store.Torn = nil
		require.Equal(t, 1, w.sweep().Blocked)
		require.Equal(t, notice.Sent, w.notice("d1", all[0]).State)
	}
	w.order("ord-1", start.AddDate(0, 0, 90), all...)
	require.Nil(t, w.store.Torn)
}

func TestARunningAttemptOfAnotherIsReportedAsContended(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.makes()
	n := w.notice("d1", "u1")
	_, ok, err := w.store.Apply(t.Context(), n, notice.Claim(notice.Attempt{Token: w.newToken(), Claimed: start, Head: 2},
		"", start.Add(notice.LeaseTime), n.Limit()))
	require.NoError(t, err)
	require.True(t, ok)
	r := w.sweep()
	require.Equal(t, 1, r.Contended)
	require.Zero(t, r.Sent)
}

// TestTheNextVisitOfAnUnknownAttemptIsPlannedUnderItsHead: its row was planned under an older one.
func TestTheNextVisitOfAnUnknownAttemptIsPlannedUnderItsHead(t *testing.T) {
	w := newWorld(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.makes()
	w.record(event.RequestAmended, "{}", func(*store.Change) {})
	w.mail.refuse(notice.OutcomeUnknown)
	require.Equal(t, 1, w.sweep().Unknown)
	n := w.notice("d1", "u1")
	require.Equal(t, 3, n.Attempts[0].Head)
	require.Equal(t, []agenda.Row{agenda.ForNotice(n.Matter, n.ID, n.Next, 3)}, w.rows(n.ID))
}

func TestAMailWhoseEventTheBusRefusesIsLogged(t *testing.T) {
	for name, fail := range map[string]error{"the bus takes it": nil, "the bus refuses it": errors.New("no")} {
		w := newWorld(t)
		w.open("u1")
		w.disclose("d1", "u1")
		w.makes()
		w.bus.fail = fail
		require.Equal(t, 1, w.sweep().Sent)
		require.Equal(t, fail != nil, strings.Contains(w.log.String(), "a notice's event was not published"), name)
	}
}
