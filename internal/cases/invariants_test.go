package cases_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/worldtest"
)

// hold is what the model knows of one restraint: from when it was recorded until when whom it forbids telling. It is
// kept apart from the service on purpose: its ends are instants, so that nothing has to be computed.
type hold struct {
	subject  string // "" is everybody
	recorded time.Time
	until    time.Time // zero is without end
}

func (h hold) forbids(subject string, at time.Time) bool {
	return (h.subject == "" || h.subject == subject) && (h.until.IsZero() || at.Before(h.until))
}

// model plays random events against the service and keeps, by the words of the schemas alone, what forbids telling.
type model struct {
	*world
	holds    map[string]*hold
	expires  map[string]time.Time // exceptions requested and not approved
	reviews  map[string]time.Time
	subjects []string
	made     int
}

func play(rt *rapid.T) *model {
	w := newWorld(rt)
	m := &model{world: w, holds: map[string]*hold{}, expires: map[string]time.Time{}, reviews: map[string]time.Time{},
		subjects: []string{"u1", "u2", "u3"}}
	w.SES.Sending = func(x notice.Mail) {
		who := ""
		for _, n := range w.view().Notices {
			if n.ID == x.Notice {
				who = n.Subject
			}
		}
		for id, h := range m.holds {
			require.False(rt, h.forbids(who, w.Now()), "I1: %s is told at %s although %s holds %+v", who, w.Now(), id, *h)
		}
	}
	w.Post(worldtest.Request(m.subjects...))
	w.Post(worldtest.Comply())
	return m
}

// whom draws everybody, or one subject.
func (m *model) whom(rt *rapid.T) (covers []string, one string) {
	one = rapid.SampledFrom(append([]string{""}, m.subjects...)).Draw(rt, "whom")
	if one == "" {
		return nil, ""
	}
	return []string{one}, one
}

func (m *model) instant(rt *rapid.T) time.Time {
	return matter.Ceil(m.Now().Add(time.Duration(rapid.IntRange(1, 60*24).Draw(rt, "hours")) * time.Hour))
}

func (m *model) some(rt *rapid.T, kind map[string]time.Time) string {
	var ids []string
	for id := range kind {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if len(ids) == 0 {
		return ""
	}
	return rapid.SampledFrom(ids).Draw(rt, "which")
}

// step posts one random event, or lets time pass.
func (m *model) step(rt *rapid.T) {
	m.made++
	id := fmt.Sprintf("x%d", m.made)
	switch rapid.IntRange(0, 8).Draw(rt, "step") {
	case 0:
		m.Post(worldtest.Disclosure(id, rapid.SampledFrom(m.subjects).Draw(rt, "whose")))
	case 1, 2:
		covers, one := m.whom(rt)
		h := &hold{subject: one, recorded: m.Now()}
		end := object{"kind": "none"}
		if rapid.IntRange(0, 3).Draw(rt, "endless") > 0 {
			h.until = m.instant(rt)
			end = object{"kind": "instant", "at": h.until.Format(time.RFC3339)}
		}
		m.Post(worldtest.Order(id, covers...).Ends(end).With(object{"signed": rapid.Bool().Draw(rt, "signed")}))
		m.holds["order "+id] = h
	case 3:
		covers, one := m.whom(rt)
		review := m.instant(rt)
		m.Post(worldtest.Exception(id, "child", review.Format(time.RFC3339), covers...))
		m.reviews[id] = review
		until := m.Now().Add(72 * time.Hour)
		if review.Before(until) {
			until = review
		}
		m.holds["exception "+id], m.expires[id] = &hold{subject: one, recorded: m.Now(), until: until}, until
	case 4:
		if x := m.some(rt, m.expires); x != "" {
			m.Post(worldtest.Approval(x, "counsel:bl"))
			m.holds["exception "+x].until = m.reviews[x]
			delete(m.expires, x)
		}
	case 5:
		if x := m.some(rt, m.reviews); x != "" {
			m.Post(worldtest.ExceptionEnd(x, "over"))
			if h := m.holds["exception "+x]; h.until.After(m.Now()) {
				h.until = m.Now()
			}
			delete(m.expires, x)
			delete(m.reviews, x)
		}
	case 6:
		for key, h := range m.holds {
			if key[:6] == "order " && h.until.IsZero() {
				m.Post(worldtest.Ending(key[6:], "lifted", m.Now().Format(time.RFC3339)))
				h.until = m.Now()
				break
			}
		}
	default:
		m.Advance(time.Duration(rapid.IntRange(1, 40*24).Draw(rt, "pass")) * time.Hour)
		m.sweep()
	}
}

func TestI1_I2_I3_NobodyIsToldUnderARestraintAndEveryDisclosureHasItsNotice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := play(rt)
		for range rapid.IntRange(1, 14).Draw(rt, "steps") {
			m.step(rt)
		}
		m.sweep()
		v := m.view()
		owed := 0
		for _, d := range v.Disclosures {
			owed += d.Subjects
		}
		require.Len(rt, v.Notices, owed, "I2: one notice for each disclosure and subject")
		mails := map[string]int{}
		for _, x := range m.SES.Mails() {
			mails[x.Notice]++
		}
		for _, n := range v.Notices {
			require.LessOrEqual(rt, mails[n.ID], 1, "one mail a notice")
			stored, err := m.Store.Notice(m.T.Context(), n.ID)
			require.NoError(rt, err)
			require.NotEmpty(rt, stored.Actor)
			if n.State.Terminal() {
				require.NotEmpty(rt, stored.Reason, "I3: a terminal state has its reason")
			}
			held := false
			for _, h := range m.holds {
				held = held || h.forbids(n.Subject, m.Now().Add(restraint.HandOver)) || h.until.Add(matter.Margin).After(m.Now())
			}
			if !held {
				require.Equal(rt, 1, mails[n.ID], "what nothing holds is told")
			}
		}
	})
}

func TestI4_AnotherRestraintNeverMakesADueEarlier(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := play(rt)
		m.Dispatch.Settings.SendingEnabled = false
		m.Post(worldtest.Disclosure("d1", "u1"))
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			before := m.notice("u1").Due
			m.made++
			id := fmt.Sprintf("x%d", m.made)
			if until := m.instant(rt); rapid.Bool().Draw(rt, "order") {
				m.Post(worldtest.Order(id).Ends(object{"kind": "instant", "at": until.Format(time.RFC3339)}))
			} else {
				m.Post(worldtest.Exception(id, "emergency", until.Format(time.RFC3339)))
			}
			after := m.notice("u1").Due
			require.True(rt, after == nil || before != nil && !after.Before(*before), "%v becomes %v", before, after)
		}
	})
}

func TestI5_TheSameRecordsGiveTheSameAnswers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := play(rt)
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			m.step(rt)
		}
		require.Equal(rt, m.view(), m.view())
		for _, s := range m.subjects {
			require.Equal(rt, m.why(s), m.why(s))
		}
	})
}

// spoilt are values that nobody can know or that are absurd; each beside the same order without that field.
func spoilt() map[string][2]worldtest.Event {
	order := worldtest.Order("o1", "u1")
	month := order.For(30, "days", "signed")
	nowhere := order.From(worldtest.Of("US"))
	inZone := func(zone string) worldtest.Event {
		return order.From(worldtest.With(worldtest.Issuer(), object{"zone": zone}))
	}
	return map[string][2]worldtest.Event{
		"an end before the signing": {order.Through("2026-02-01").SignedOn("2026-03-01"), order.Endless()},
		"an absurd end":             {order.Through("1026-08-31"), order.Endless()},
		"a zone of another country": {inZone("Asia/Tokyo"), nowhere},
		"no such zone":              {inZone("Mars/Olympus"), nowhere},
		"signed ahead of the clock": {month.SignedOn("2026-05-01"), month},
		"a subject nobody knows":    {worldtest.Order("o1", "u1", "u99"), order},
		"not signed":                {order.With(object{"signed": false}), order},
		"extends nothing known":     {order.Extends("o99"), order},
	}
}

func TestI6_UnknownInputOnlyLengthensAHold(t *testing.T) {
	for name, pair := range spoilt() {
		t.Run(name, func(t *testing.T) {
			var dues [2]*time.Time
			for i, order := range pair {
				w := approved(t)
				w.Post(worldtest.Disclosure("d1", "u1", "u2"))
				w.Post(order)
				w.at(morning)
				require.NotContains(t, w.mailed(), "u1")
				dues[i] = w.notice("u1").Due
			}
			require.True(t, dues[0] == nil || dues[1] != nil && !dues[0].Before(*dues[1]), "%v, without it %v", dues[0], dues[1])
		})
	}
}

// FuzzOrders posts orders of random papers: whatever they say, nothing panics, and no mail goes while the head's own
// restraints forbid it.
func FuzzOrders(f *testing.F) {
	// taken are seeds that are sound papers: a refusal of everything would hold back every mail too.
	taken := map[string]bool{}
	seed := func(sound bool, kind, country, zone, wording, date string, n int, unit, from, signed, served, starts string) {
		f.Add(kind, country, zone, wording, date, n, unit, from, signed, served, starts)
		taken[fmt.Sprint(kind, country, zone, wording, date, n, unit, from, signed, served, starts)] = sound
	}
	seed(true, "court_order", "US", "America/New_York", "through", "2026-08-31", 90, "days", "signed", "2026-03-01",
		"2026-03-02", "")
	seed(false, "certification", "ZZ", "", "before", "2026-02-30", -1, "moons", "disclosed", "", "1026-01-01",
		"2026-04-01")
	seed(true, "plea", "DE", "Europe/Berlin", "", "", 6, "months", "served", "2026-02-28", "2026-02-27", "")
	seed(true, "statute", "NL", "Local", "until", "9999-12-31", 36500, "years", "signed", "2026-01-31", "", "2999-12-31")
	f.Fuzz(func(t *testing.T, kind, country, zone, wording, date string, n int, unit, from, signed, served,
		starts string) {
		w := approved(t)
		w.SES.Sending = func(m notice.Mail) {
			h, err := w.Store.Head(w.T.Context(), worldtest.Matter)
			require.NoError(t, err)
			made, err := w.Store.Notice(w.T.Context(), m.Notice)
			require.NoError(t, err)
			covering := restraint.NewEvaluator().Covering(&h, restraint.TargetAt(&made, made.Attempt(m.Attempt).Recipient))
			require.True(t, restraint.Clear(covering, made.Base, w.Now()), "told at %s under %v", w.Now(), covering)
		}
		who := object{"name": "Court", "role": "court", "country": country}
		paper := object{"orderId": "o1", "kind": kind, "issuer": who, "covers": object{"subjects": []string{"u1", "u2"}},
			"signed": true}
		for name, value := range map[string]string{"signedOn": signed, "servedOn": served, "startsOn": starts} {
			if value != "" {
				paper[name] = value
			}
		}
		if zone != "" {
			who["zone"] = zone
		}
		paper["end"] = object{"kind": "period", "n": n, "unit": unit, "from": from}
		if wording != "" {
			paper["end"] = object{"kind": "date", "date": date, "wording": wording}
		}
		_, err := w.Take(worldtest.NewEvent("order.received", paper))
		if taken[fmt.Sprint(kind, country, zone, wording, date, n, unit, from, signed, served, starts)] {
			require.NoError(t, err)
		}
		w.Post(worldtest.Disclosure("d1", "u1", "u2", "u3"))
		for _, days := range []int{0, 11, 200, 4000} {
			w.at(morning.AddDate(0, 0, days))
		}
		require.Contains(t, w.mailed(), "u3")
		if err == nil {
			_ = w.view()
			_, err = w.Inquire.Challenge(w.T.Context(), worldtest.Matter, "o1")
			require.NoError(t, err)
		}
	})
}
