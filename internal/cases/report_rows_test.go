package cases_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/facts"
	"lapse/internal/publish"
	"lapse/internal/transparency"
	"lapse/internal/worldtest"
)

func TestALateClosingSettlesTheRowOfALaterHalf(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1"))
	w.at(morning.Add(time.Hour))
	h2 := firstHalf.Next()
	w.at(firstHalf.FreezeAt().Add(-time.Minute)) // the settling count writes a row of H2 as well
	require.Len(t, w.reportRows(h2), 1)
	w.Post(worldtest.Closing("rejected_invalid")) // at 2026-03-03
	w.Advance(time.Minute)
	w.sweep()
	w.at(h2.FreezeAt().Add(-time.Minute))
	for _, r := range w.reportRows(h2) {
		require.True(t, r.Settled || !r.Counted.Before(h2.End()), "row of %s: settled %t, counted %s",
			r.Half, r.Settled, r.Counted)
	}
}

func TestNoRowOfASecretMatterStaysOrdinary(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1"))
	w.at(morning.Add(time.Hour))
	h2 := firstHalf.Next()
	w.at(firstHalf.FreezeAt().Add(-time.Minute))
	w.Post(worldtest.Closing("rejected_invalid"))
	w.Advance(time.Minute)
	w.sweep()
	w.Post(worldtest.Amendment(object{"instrument": "nsl"}))
	w.Advance(time.Minute)
	w.sweep()
	for _, h := range []facts.Half{firstHalf, h2} {
		for _, r := range w.reportRows(h) {
			require.True(t, r.Secret, "an ordinary row of %s in %s says %s", r.Matter, h, r.Facts)
		}
	}
}

func TestATenantsReportHintsAtNobodyElsesData(t *testing.T) {
	w := newWorld(t)
	a := worldtest.With(worldtest.Subject("u1"), object{"accountClass": "enterprise", "tenant": "acme"})
	b := worldtest.With(worldtest.Subject("u2"), object{"accountClass": "enterprise", "tenant": "bolt"})
	w.Post(worldtest.RequestAbout(a, b))
	w.Post(worldtest.Comply())
	w.Post(worldtest.Order("ord-1", "u2"))
	w.Post(worldtest.Disclosure("d1", "u1", "u2").With(object{"noData": []string{"u1"}}))
	w.Advance(time.Hour)
	w.sweep()
	r := &publish.Recounter{Now: w.Now, Store: w.Store,
		List: func(context.Context) ([]string, error) { return []string{worldtest.Matter}, nil }}
	list, err := r.Customer(t.Context(), "acme")
	require.NoError(t, err)
	for _, x := range list {
		require.NotEqual(t, facts.Content, x.Outcome, "acme has %d accounts with data",
			x.WithData)
	}
}

type folder map[string][]byte

func (f folder) Get(_ context.Context, p string) ([]byte, error) {
	if b, ok := f[p]; ok {
		return b, nil
	}
	return nil, fs.ErrNotExist
}

func (f folder) PutNew(_ context.Context, x transparency.File) error {
	if _, ok := f[x.Path]; ok {
		return fs.ErrExist
	}
	f[x.Path] = x.Body
	return nil
}

func (f folder) Put(_ context.Context, x transparency.File) error { f[x.Path] = x.Body; return nil }

func (f folder) List(_ context.Context, prefix string) (all []string, _ error) {
	for p := range f {
		if strings.HasPrefix(p, prefix) {
			all = append(all, p)
		}
	}
	return all, nil
}

func TestALateClosingStopsNoFreeze(t *testing.T) {
	w := newWorld(t)
	f := folder{}
	pub := &publish.Service{Now: w.Now, Rows: w.Store, Folder: f, Log: w.Logger(), Settings: publish.Settings{
		Publisher: transparency.Publisher{Name: "Example", Base: "https://transparency.example/"},
		Policies:  []transparency.PolicyText{{Version: "v1", Text: map[string][]byte{"en": []byte("# Policy\n")}}}}}
	w.Post(worldtest.Request("u1"))
	w.at(morning.Add(time.Hour))
	h2 := firstHalf.Next()
	w.at(firstHalf.FreezeAt().Add(-time.Minute))
	w.at(firstHalf.FreezeAt())
	_, err := pub.Due(t.Context())
	require.NoError(t, err)
	w.Post(worldtest.Closing("rejected_invalid")) // at 2026-03-03
	w.Advance(time.Minute)
	w.sweep()
	for range 12 { // a year of sweeps
		w.at(w.Now().AddDate(0, 1, 0))
	}
	require.True(t, w.Now().After(h2.FreezeAt()))
	_, err = pub.Due(t.Context())
	require.NoError(t, err)
}

func TestALateFilingTakesNoOutcomeBack(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("ord-1", "u1"))
	filed := worldtest.Challenge("ord-1", "motion", "2026-03-03T09:00:00Z")
	w.Post(filed.With(object{"outcome": "upheld", "decidedAt": "2026-03-03T10:00:00Z"}))
	require.NoError(t, w.Deliver(filed.With(object{"outcome": "pending"})))
	w.Post(worldtest.Disclosure("d1", "u1"))
	asked := worldtest.RequestChallenge("c1", "overbroad")
	w.Post(asked.With(object{"outcome": "quashed", "decidedAt": "2026-03-03T10:00:00Z"}))
	require.NoError(t, w.Deliver(asked))
	w.Advance(time.Hour)
	w.sweep()
	got := map[string]string{}
	for _, c := range w.counted(firstHalf)[0].Challenges {
		got[c.About] = string(c.Outcome)
	}
	require.Equal(t, map[string]string{"order": "upheld", "request": "quashed"}, got)
}
