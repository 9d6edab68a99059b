package cases_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/inquire"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

// simulate walks all pages, a few rows each, and returns the moves by subject.
func (w *world) simulate(q inquire.Simulation) map[string]inquire.Moved {
	w.T.Helper()
	out := map[string]inquire.Moved{}
	q.Limit = 3
	for range 1000 {
		v, err := w.Inquire.Simulate(w.T.Context(), q)
		require.NoError(w.T, err)
		for _, m := range v.Moves {
			out[m.Subject] = m
		}
		if q.Cursor = v.Next; v.Next == "" {
			return out
		}
	}
	require.Fail(w.T, "the pages never end")
	return nil
}

// american are the rules of the United States with the change made to their JSON.
func american(t *testing.T, change func(rules object)) []byte {
	t.Helper()
	return changed(t, "us", change)
}

// changed are the rules of one file with the change made to their JSON.
func changed(t *testing.T, file string, change func(rules object)) []byte {
	t.Helper()
	raw, err := os.ReadFile("../law/data/" + file + ".json")
	require.NoError(t, err)
	var rules object
	require.NoError(t, json.Unmarshal(raw, &rules))
	change(rules)
	raw, err = json.Marshal(rules)
	require.NoError(t, err)
	return raw
}

func TestALaterDateListsWhatWillHaveComeDueAndMovesNothing(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1", "u2", "u3"))
	w.Post(worldtest.Order("o1", "u1").Through("2026-03-31"))
	w.Post(worldtest.Order("o2", "u2"))
	w.at(morning)
	moves := w.simulate(inquire.Simulation{At: worldtest.Instant(t, "2026-06-01T00:00:00Z")})
	require.Len(t, moves, 1, "u2 is held longer, u3 has been told")
	m := moves["u1"]
	require.Equal(t, "due", m.Change)
	require.False(t, m.SignOff)
	require.Equal(t, []string{"o1"}, m.Because)
	require.Empty(t, w.simulate(inquire.Simulation{}))
	require.Equal(t, []string{"u3"}, w.mailed())
}

func TestE45_NewRulesListWhatWouldMoveAndEarlierNeedsSignOff(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1", "u2").Under("pen_register"))
	w.Post(worldtest.Disclosure("d1", "u1").Consented())
	open := american(t, func(rules object) {
		for _, r := range rules["rules"].([]any) {
			rule := r.(object)
			delete(rule, "standing")
			if rule["id"] == "US-2703" {
				rule["open"] = []string{"pen_register"}
			}
		}
	})
	book, err := w.Inquire.Law.With(open)
	require.NoError(t, err)
	require.NotEqual(t, w.Inquire.Law.Revision(), book.Revision())
	m := w.simulate(inquire.Simulation{Rules: book})["u1"]
	require.Equal(t, "earlier", m.Change)
	require.True(t, m.SignOff)
	require.Nil(t, m.Before)
	require.NotNil(t, m.After)
	require.Equal(t, []string{w.view().Orders[0].ID}, m.Because)
	w.at(morning.Add(day))
	require.Empty(t, w.mailed(), "a simulation changes nothing")
}

func TestE45_RulesThatNoLongerRollAPeriodNeedSignOffAndNewSecrecyIsLater(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	// 90 days from 2 March 2026 end on Sunday 31 May, rolled to Monday.
	w.Post(worldtest.Order("o1").For(90, "days",
		"signed").SignedOn("2026-03-02").From(worldtest.With(worldtest.Issuer(), object{"region": "US-DC"})))
	w.due("u1", "2026-06-02T04:00:00Z")
	strict, err := w.Inquire.Law.With(american(t, func(rules object) { rules["rolls"] = false }))
	require.NoError(t, err)
	m := w.simulate(inquire.Simulation{Rules: strict})["u1"]
	require.Equal(t, "earlier", m.Change)
	require.True(t, m.SignOff)
	require.Equal(t, "2026-06-01T04:00:00Z", m.After.Format(time.RFC3339))

	secret, err := w.Inquire.Law.With(american(t, func(rules object) {
		for _, r := range rules["rules"].([]any) {
			delete(r.(object), "open")
		}
	}))
	require.NoError(t, err)
	m = w.simulate(inquire.Simulation{Rules: secret})["u1"]
	require.Equal(t, "later", m.Change)
	require.False(t, m.SignOff)
	require.Equal(t, []string{"law-unverified-us"}, m.Because)
}

// A law's maximum is a reason to challenge and never an end: an order over it holds to its stated end. So rules with
// another maximum, or without the rule at all, move nothing, and no move of theirs could be one that needs a sign-off.
func TestE45_ANewMaximumMovesNothingForAnOrderOverItStillHolds(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	answer := w.Post(worldtest.Order("o1").For(6, "months",
		"signed").From(worldtest.Berlin()).SignedOn("2026-03-02").Citing("StPO 95a(6)"))
	require.Equal(t, matter.Pass, statuses(answer.Findings)["K05"])
	for name, change := range map[string]func(rule object){
		"a month":    func(rule object) { rule["first"] = object{"n": 1, "unit": "months"} },
		"ten years":  func(rule object) { rule["first"] = object{"n": 10, "unit": "years"} },
		"no maximum": func(rule object) { delete(rule, "first") },
		"disabled":   func(rule object) { rule["status"] = "disabled" },
	} {
		t.Run(name, func(t *testing.T) {
			book, err := w.Inquire.Law.With(changed(t, "de", func(rules object) {
				for _, r := range rules["rules"].([]any) {
					if rule := r.(object); rule["id"] == "DE-95a6" {
						change(rule)
					}
				}
			}))
			require.NoError(t, err)
			require.NotEqual(t, w.Inquire.Law.Revision(), book.Revision())
			require.Empty(t, w.simulate(inquire.Simulation{Rules: book}))
		})
	}
	w.at(worldtest.Instant(t, "2026-09-02T21:59:00Z"))
	require.Empty(t, w.mailed())
	w.at(*answer.Order.Until)
	require.Equal(t, []string{"u1"}, w.mailed())
}
