package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

// either is the end that comes first, or last, of several.
func either(kind string, parts ...object) object { return object{"kind": kind, "of": parts} }

// inTheCapital is the order of a court whose holidays are known.
func inTheCapital(e worldtest.Event) worldtest.Event {
	return e.From(worldtest.With(worldtest.Issuer(), object{"region": "US-DC"}))
}

// "One year or until indictment, whichever is earlier": CONTRACT, End.
func TestPoint12AnOrderUntilTheEarlierOfAYearAndAnIndictment(t *testing.T) {
	w := approved(t)
	year := object{"kind": "period", "n": 1, "unit": "years", "from": "signed"}
	indictment := object{"kind": "event", "text": "until indictment"}
	answer := w.Post(inTheCapital(worldtest.Order("o1")).SignedOn("2026-03-02").
		Ends(either("earliest", year, indictment)))
	require.Equal(t, matter.OrderInForce, answer.Order.State)
	require.Equal(t, "2027-03-03T05:00:00Z", answer.Order.Until.Format(time.RFC3339))
	require.Equal(t, matter.Pass, statuses(answer.Findings)["K04"])
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(time.Date(2027, 3, 3, 4, 59, 0, 0, time.UTC))
	require.Empty(t, w.mailed())
	w.at(time.Date(2027, 3, 3, 5, 0, 0, 0, time.UTC))
	require.Equal(t, []string{"u1"}, w.mailed())
	require.Contains(t, w.SES.Mails()[0].Text(), "whichever comes first: 1 year from the signing; it ends with an event: "+
		"until indictment")
}

func TestPoint12TheLaterOfTwoEndsOfWhichOneIsNotKnownIsNone(t *testing.T) {
	w := approved(t)
	date := object{"kind": "date", "date": "2026-08-31", "wording": "through"}
	served := object{"kind": "period", "n": 90, "unit": "days", "from": "served"}
	answer := w.Post(worldtest.Order("o1").SignedOn("2026-03-02").Ends(either("latest", date, served)))
	require.Equal(t, matter.OrderInForceDeficient, answer.Order.State)
	require.Nil(t, answer.Order.Until)
	for _, f := range answer.Findings {
		if f.Check == "K04" {
			require.Equal(t, "record", f.Evidence["fault"], "we lack the day of the service")
		}
	}
	answer = w.Post(worldtest.Order("o2").SignedOn("2026-03-02").Ends(either("earliest", date, served)))
	require.Equal(t, worldtest.AugustEnds(), *answer.Order.Until)
	require.Equal(t, matter.Pass, statuses(answer.Findings)["K04"])
}

// A year that is mistyped in one of two ends frees nobody: the other one counts until a person has looked.
func TestPoint12AMistypedPartShortensNothing(t *testing.T) {
	w := approved(t)
	mistyped := object{"kind": "date", "date": "2026-03-02", "wording": "through"}
	date := object{"kind": "date", "date": "2026-08-31", "wording": "through"}
	w.Post(worldtest.Order("o1").SignedOn("2026-03-01").Ends(either("earliest", mistyped, date)))
	require.Equal(t, matter.OrderReceived, w.view().Orders[0].State)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning.Add(day))
	require.Empty(t, w.mailed())
	w.Post(worldtest.Assessment("o1", "binding", worldtest.Both()...))
	w.at(morning.Add(2 * day))
	require.Equal(t, []string{"u1"}, w.mailed(), "a person has read it, and it is over")
}

// An end that counts from the disclosure, or from the paper, whichever is earlier.
func TestPoint12EachNoticeHasItsOwnEarliestEnd(t *testing.T) {
	w := approved(t)
	date := object{"kind": "date", "date": "2026-08-31", "wording": "through"}
	after := object{"kind": "period", "n": 30, "unit": "days", "from": "disclosed"}
	answer := w.Post(inTheCapital(worldtest.Order("o1")).Ends(either("earliest", date, after)))
	require.Equal(t, worldtest.AugustEnds(), *answer.Order.Until, "nothing is disclosed yet")
	w.Post(worldtest.Disclosure("d1", "u1"))
	require.Equal(t, "2026-04-03T04:00:00Z", w.notice("u1").Due.Format(time.RFC3339))
	require.Equal(t, "2026-04-03T04:00:00Z", w.view().Orders[0].Until.Format(time.RFC3339))
	earlier := object{"kind": "date", "date": "2026-03-20", "wording": "through"}
	override := worldtest.Assessment("o1", "binding", worldtest.Counsel).
		With(object{"untilOverride": either("earliest", earlier, after)})
	w.Refused(override, "/data/approvedBy")
	w.Post(override.ApprovedBy(worldtest.Both()...))
	require.Equal(t, "2026-03-21T04:00:00Z", w.notice("u1").Due.Format(time.RFC3339))
}
