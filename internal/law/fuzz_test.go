package law_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// Whatever a paper says, the checks answer each once, no check that needs a person is answered without one, nothing
// panics, and no instant that the paper's own reading covers is clear to send at.
func FuzzAnOrderIsCheckedAndHolds(f *testing.F) {
	book, err := law.Load()
	require.NoError(f, err)
	for _, c := range append(americanOrders(), otherOrders()...) {
		raw, err := json.Marshal(c.order)
		require.NoError(f, err)
		f.Add(raw, int64(0))
		f.Add(raw, int64(1<<24))
	}
	f.Fuzz(func(t *testing.T, raw []byte, ahead int64) {
		var o matter.PostedOrder
		if json.Unmarshal(raw, &o) != nil {
			return
		}
		now := recorded()
		eval := restraint.NewEvaluator()
		clean, notes := calendar.Clean(o, now, book.Rolls(o.Issuer.Country))
		r := eval.Reading(clean, time.Time{})
		findings := law.Check(law.Paper{
			Order: o, Time: clean, Endless: eval.Endless(clean), Notes: notes, Book: book, Now: now,
			Request: &matter.Request{SignedOn: on("2026-11-02"), ServedVia: o.Docket},
		})
		require.GreaterOrEqual(t, len(findings), len(law.Checks())+len(notes))
		for i, k := range law.Checks() {
			require.Equal(t, k.ID, findings[i].Check)
			require.NotEmpty(t, findings[i].Message)
			require.NotEmpty(t, findings[i].Citation, k.ID)
			if k.ID == "K10" || k.ID == "K18" {
				require.NotEqual(t, matter.Fail, findings[i].Status)
				require.NotEqual(t, matter.Unknown, findings[i].Status)
			}
			if len(o.Issuer.Contact) > 8 {
				require.False(t, strings.Contains(findings[i].Message, o.Issuer.Contact), "a contact is never repeated")
			}
		}
		h := &matter.Head{Restraints: []matter.Restraint{{ID: "o", Kind: o.Kind, All: true, Paper: clean, From: r.From, Until: r.Until, Recorded: now}}}
		at := now.Add(time.Duration(ahead%(1<<32)) * time.Second)
		covering := eval.Covering(h, restraint.Target{Subject: "u1", Role: matter.User, Disclosed: now})
		begun := r.From.IsZero() || !at.Before(r.From)
		ended := !r.Until.IsZero() && !at.Before(r.Until)
		if o.Kind != matter.Plea && begun && !ended && clean.End.From != "disclosed" {
			require.False(t, restraint.Clear(covering, now, at), "%s within [%s, %s)", at, r.From, r.Until)
		}
	})
}
