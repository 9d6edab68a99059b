package cases_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
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

func play(t *testing.T, rt *rapid.T) *model {
	w := worldOf(rt, t.Context(), filepath.Join(t.TempDir(), "key"))
	m := &model{world: w, holds: map[string]*hold{}, expires: map[string]time.Time{}, reviews: map[string]time.Time{},
		subjects: []string{"u1", "u2", "u3"}}
	w.sending = func(x notice.Mail) {
		who := ""
		for _, n := range w.view().Notices {
			if n.ID == x.Notice {
				who = n.Subject
			}
		}
		for id, h := range m.holds {
			require.False(rt, h.forbids(who, w.now), "I1: %s is told at %s although %s holds %+v", who, w.now, id, *h)
		}
	}
	w.post("request.received", request(m.subjects...))
	w.post("request.decided", object{"decision": "comply", "reason": "valid process"})
	return m
}

// whom draws everybody, or one subject.
func (m *model) whom(rt *rapid.T) (covers any, one string) {
	one = rapid.SampledFrom(append([]string{""}, m.subjects...)).Draw(rt, "whom")
	if one == "" {
		return "all", ""
	}
	return []string{one}, one
}

func (m *model) instant(rt *rapid.T) time.Time {
	return matter.Ceil(m.now.Add(time.Duration(rapid.IntRange(1, 60*24).Draw(rt, "hours")) * time.Hour))
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
		m.post("disclosure.made", disclosure(id, rapid.SampledFrom(m.subjects).Draw(rt, "whose")))
	case 1, 2:
		covers, one := m.whom(rt)
		h := &hold{subject: one, recorded: m.now}
		end := object{"kind": "none"}
		if rapid.IntRange(0, 3).Draw(rt, "endless") > 0 {
			h.until = m.instant(rt)
			end = object{"kind": "instant", "at": h.until.Format(time.RFC3339)}
		}
		m.post("order.received", with(order(id, end),
			object{"covers": object{"subjects": covers}, "signed": rapid.Bool().Draw(rt, "signed")}))
		m.holds["order "+id] = h
	case 3:
		covers, one := m.whom(rt)
		review := m.instant(rt)
		m.post("exception.requested", with(exception(id, "child", review.Format(time.RFC3339)),
			object{"covers": object{"subjects": covers}}))
		m.reviews[id] = review
		until := m.now.Add(72 * time.Hour)
		if review.Before(until) {
			until = review
		}
		m.holds["exception "+id], m.expires[id] = &hold{subject: one, recorded: m.now, until: until}, until
	case 4:
		if x := m.some(rt, m.expires); x != "" {
			m.post("exception.approved", approval(x, "counsel:bl"))
			m.holds["exception "+x].until = m.reviews[x]
			delete(m.expires, x)
		}
	case 5:
		if x := m.some(rt, m.reviews); x != "" {
			m.post("exception.ended", object{"exceptionId": x, "reason": "over"})
			if h := m.holds["exception "+x]; h.until.After(m.now) {
				h.until = m.now
			}
			delete(m.expires, x)
			delete(m.reviews, x)
		}
	case 6:
		for key, h := range m.holds {
			if key[:6] == "order " && h.until.IsZero() {
				m.post("order.ended", ending(key[6:], "lifted", m.now.Format(time.RFC3339)))
				h.until = m.now
				break
			}
		}
	default:
		m.now = m.now.Add(time.Duration(rapid.IntRange(1, 40*24).Draw(rt, "pass")) * time.Hour)
		m.sweep()
	}
}

func TestI1_I2_I3_NobodyIsToldUnderARestraintAndEveryDisclosureHasItsNotice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := play(t, rt)
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
		for _, x := range m.mails {
			mails[x.notice]++
		}
		for _, n := range v.Notices {
			require.LessOrEqual(rt, mails[n.ID], 1, "one mail a notice")
			stored, err := m.store.Notice(m.ctx, n.ID)
			require.NoError(rt, err)
			require.NotEmpty(rt, stored.Actor)
			if n.State.Terminal() {
				require.NotEmpty(rt, stored.Reason, "I3: a terminal state has its reason")
			}
			held := false
			for _, h := range m.holds {
				held = held || h.forbids(n.Subject, m.now.Add(restraint.HandOver)) || h.until.Add(matter.Margin).After(m.now)
			}
			if !held {
				require.Equal(rt, 1, mails[n.ID], "what nothing holds is told")
			}
		}
		require.Empty(rt, m.store.Violations)
	})
}

func TestI4_AnotherRestraintNeverMakesADueEarlier(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := play(t, rt)
		m.out.Settings.SendingEnabled = false
		m.post("disclosure.made", disclosure("d1", "u1"))
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			before := m.notice("u1").Due
			m.made++
			id := fmt.Sprintf("x%d", m.made)
			if until := m.instant(rt); rapid.Bool().Draw(rt, "order") {
				m.post("order.received", order(id, object{"kind": "instant", "at": until.Format(time.RFC3339)}))
			} else {
				m.post("exception.requested", exception(id, "emergency", until.Format(time.RFC3339)))
			}
			after := m.notice("u1").Due
			require.True(rt, after == nil || before != nil && !after.Before(*before), "%v becomes %v", before, after)
		}
	})
}

func TestI5_TheSameRecordsGiveTheSameAnswers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := play(t, rt)
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
func spoilt() map[string][2]object {
	end := func(e object) object { return object{"end": e} }
	none := end(object{"kind": "none"})
	return map[string][2]object{
		"an end before the signing": {with(end(through("2026-02-01")), object{"signedOn": "2026-03-01"}), none},
		"an absurd end":             {end(through("1026-08-31")), none},
		"a zone of another country": {
			object{"issuer": with(issuer(), object{"zone": "Asia/Tokyo"})},
			object{"issuer": object{"name": "D.D.C.", "role": "court", "country": "US"}},
		},
		"no such zone": {
			object{"issuer": with(issuer(), object{"zone": "Mars/Olympus"})},
			object{"issuer": object{"name": "D.D.C.", "role": "court", "country": "US"}},
		},
		"signed ahead of the clock": {
			with(end(object{"kind": "period", "n": 30, "unit": "days", "from": "signed"}), object{"signedOn": "2026-05-01"}),
			end(object{"kind": "period", "n": 30, "unit": "days", "from": "signed"}),
		},
		"a subject nobody knows": {object{"covers": object{"subjects": []string{"u1", "u99"}}},
			object{"covers": object{"subjects": []string{"u1"}}}},
		"not signed":            {object{"signed": false}, object{}},
		"extends nothing known": {object{"extends": "o99"}, object{}},
	}
}

func TestI6_UnknownInputOnlyLengthensAHold(t *testing.T) {
	for name, pair := range spoilt() {
		t.Run(name, func(t *testing.T) {
			var dues [2]*time.Time
			for i, more := range pair {
				w := approved(t)
				w.post("disclosure.made", disclosure("d1", "u1", "u2"))
				w.post("order.received", with(order("o1", through("2026-08-31")), more))
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
		w.sending = func(m notice.Mail) {
			h, err := w.store.Head(w.ctx, mat)
			require.NoError(t, err)
			made, err := w.store.Notice(w.ctx, m.Notice)
			require.NoError(t, err)
			covering := restraint.NewEvaluator().Covering(&h, restraint.TargetOf(&made))
			require.True(t, restraint.Clear(covering, made.Base, w.now), "told at %s under %v", w.now, covering)
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
		_, err := w.try("counsel:ak", "order.received", paper)
		if taken[fmt.Sprint(kind, country, zone, wording, date, n, unit, from, signed, served, starts)] {
			require.NoError(t, err)
		}
		w.post("disclosure.made", disclosure("d1", "u1", "u2", "u3"))
		for _, days := range []int{0, 11, 200, 4000} {
			w.at(morning.AddDate(0, 0, days))
		}
		require.Contains(t, w.mailed(), "u3")
		if err == nil {
			_ = w.view()
			_, err = w.ask.Challenge(w.ctx, mat, "o1")
			require.NoError(t, err)
		}
	})
}
