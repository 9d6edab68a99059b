package publish_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/facts"
	"lapse/internal/publish"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// recounted is a world of real records, and a recounter over them.
type recounted struct {
	*worldtest.World
	*publish.Recounter
}

func newRecounted(t *testing.T) recounted {
	w := worldtest.New(t)
	ids := func(context.Context) ([]string, error) { return []string{worldtest.Matter}, nil }
	return recounted{w, &publish.Recounter{Now: w.Now, Store: w.Store, List: ids}}
}

// told posts a request, discloses and tells u1, all of it in the first half of 2026.
func (w recounted) told() {
	w.Post(worldtest.Request("u1"))
	w.Post(worldtest.Comply())
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.settle()
}

// settle sweeps until the agenda has nothing more for a minute.
func (w recounted) settle() {
	for range 3 {
		w.Sweep()
		w.Advance(time.Minute)
	}
	require.NoError(w.T, w.Dispatch.Settle(w.T.Context()))
}

func (w recounted) count() publish.Recount {
	w.T.Helper()
	r, err := w.Recount(w.T.Context(), half)
	require.NoError(w.T, err)
	return r
}

// row is the stored row of the matter.
func (w recounted) row() store.ReportRow {
	w.T.Helper()
	for shard := range store.ReportSecret + 1 {
		page, _, err := w.World.Store.ReportRows(w.T.Context(), half.String(), shard, "", 10)
		require.NoError(w.T, err)
		if len(page) > 0 {
			return page[0]
		}
	}
	require.Fail(w.T, "the matter has no row")
	return store.ReportRow{}
}

// spoil changes the stored row as no sweep would.
func (w recounted) spoil(change func(*facts.Row)) {
	w.T.Helper()
	r := w.row()
	var f facts.Row
	require.NoError(w.T, json.Unmarshal(r.Facts, &f))
	change(&f)
	body, err := json.Marshal(f)
	require.NoError(w.T, err)
	r.Facts = body
	require.NoError(w.T, w.World.Store.PutReport(w.T.Context(), r))
}

// forget takes the matter off the agenda of what is to be counted.
func (w recounted) forget() {
	w.T.Helper()
	for _, r := range w.RowsOf(agenda.Count) {
		require.NoError(w.T, w.World.Store.DeleteRows(w.T.Context(), r))
	}
}

func TestARecountOfWhatTheSweepCountedFindsNothing(t *testing.T) {
	w := newRecounted(t)
	w.told()
	r := w.count()
	require.Equal(t, 1, r.Matters)
	require.Empty(t, r.Differences)
	require.Empty(t, r.Cells)
}

func TestARecountNamesWhatARowSaysWrongly(t *testing.T) {
	w := newRecounted(t)
	w.told()
	w.forget()
	w.spoil(func(f *facts.Row) { f.Request.Specified, f.Notices = 7, nil })
	r := w.count()
	require.Equal(t, 1, r.Lost())
	require.Equal(t, []string{"request", "notices"}, r.Differences[0].What)
	require.Equal(t, worldtest.Matter, r.Differences[0].Matter)
	var cells []string
	for _, c := range r.Cells {
		cells = append(cells, c.File+" "+c.Column+" "+*c.Old+" "+*c.New)
	}
	require.Contains(t, cells, "requests.csv accounts_specified 7 1")
}

func TestARecountFindsAMatterWithoutARow(t *testing.T) {
	w := newRecounted(t)
	w.Post(worldtest.Request("u1"))
	r := w.count()
	require.Len(t, r.Differences, 1)
	require.Equal(t, []string{"row"}, r.Differences[0].What)
	require.True(t, r.Differences[0].Waits, "the next sweep counts it")
	require.Zero(t, r.Lost())
	w.forget()
	require.Equal(t, 1, w.count().Lost())
	w.settle()
	other, err := w.Recount(t.Context(), half.Previous())
	require.NoError(t, err)
	require.Zero(t, other.Matters, "the matter does not belong to the half before")
}

func TestARecountFindsARowWithoutRecords(t *testing.T) {
	w := newRecounted(t)
	body, err := json.Marshal(request("m-nobody", "FR"))
	require.NoError(t, err)
	require.NoError(t, w.World.Store.PutReport(t.Context(), store.ReportRow{Half: half.String(), Matter: "m-nobody",
		Parts: 1, Version: 1, Counted: frozen, Opened: half.Start(), Facts: body}))
	r := w.count()
	require.Equal(t, 1, r.Lost())
	require.Equal(t, []string{"row"}, r.Differences[0].What)
}

func TestARecountFindsASecretMatterAmongTheOrdinary(t *testing.T) {
	w := newRecounted(t)
	w.Post(worldtest.Request("u1").Under("nsl"))
	w.settle()
	require.Empty(t, w.count().Differences)
	r := w.row()
	r.Secret = false
	require.NoError(t, w.World.Store.PutReport(t.Context(), r))
	found := w.count()
	require.NotEmpty(t, found.Differences)
	require.Equal(t, []string{"row"}, found.Differences[0].What)
	require.Equal(t, 1, found.Matters)
	r.Secret = true
	require.NoError(t, w.World.Store.DropReport(t.Context(), r))
	require.Equal(t, []string{"row"}, w.count().Differences[0].What, "and not among the others")
}

// customer is the report of the customer acme.
func (w recounted) customer() []string {
	w.T.Helper()
	list, err := w.Customer(w.T.Context(), "acme")
	require.NoError(w.T, err)
	var out []string
	for _, r := range list {
		body, err := json.Marshal(r)
		require.NoError(w.T, err)
		out = append(out, string(body))
	}
	return out
}

func ofAcme(id string) worldtest.Object {
	s := worldtest.Subject(id)
	s["accountClass"], s["tenant"] = "enterprise", "acme"
	s["contacts"] = []worldtest.Object{worldtest.Contact("legal_contact", id)}
	return s
}

func TestACustomerReadsOfARequestOnceItWasTold(t *testing.T) {
	w := newRecounted(t)
	w.Post(worldtest.RequestAbout(ofAcme("u1"), worldtest.Subject("u2")))
	require.Empty(t, w.customer(), "the request is not answered")
	w.Post(worldtest.RequestChallenge("c1", "overbroad"))
	w.Post(worldtest.RequestChallenge("c1", "overbroad").With(worldtest.Object{"outcome": "narrowed",
		"decidedAt": "2026-03-03T11:00:00Z"}))
	w.Post(worldtest.Comply())
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	require.Empty(t, w.customer(), "its mail has not gone")
	w.settle()
	require.Equal(t, []string{`{"received":"2026-03-01","half":"2026-H1","authority":"` + name(worldtest.Issuer()) +
		`","country":"US","type":"search_warrant","data":["content"],"accounts":1,"accountsWithData":1,` +
		`"outcome":"content","challenges":["narrowed"],"told":"2026-03-03"}`}, w.customer())
	list, err := w.Customer(t.Context(), "other")
	require.NoError(t, err)
	require.Empty(t, list)
}

func name(issuer worldtest.Object) string { return issuer["name"].(string) }

func TestACustomerReadsNothingOfARequestUnderAnOrder(t *testing.T) {
	w := newRecounted(t)
	w.Post(worldtest.RequestAbout(ofAcme("u1")))
	w.Post(worldtest.Order("o1", "u1").Through("2026-08-31"))
	w.Post(worldtest.Comply())
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.settle()
	require.Empty(t, w.customer())
	w.Set(worldtest.AugustEnds().Add(time.Hour))
	require.Empty(t, w.customer(), "the order has ended, and its mail has not gone")
	w.settle()
	require.Len(t, w.customer(), 1)
	w.Post(worldtest.Order("o2", "u1").Through("2026-12-31"))
	require.Empty(t, w.customer(), "a later order forbids it again")
}

func TestACustomerReadsNothingThatAnOrderForOneRoleCovers(t *testing.T) {
	w := newRecounted(t)
	w.Post(worldtest.RequestAbout(ofAcme("u1")))
	order := worldtest.Order("o1", "u1").Through("2026-08-31")
	w.Post(order.With(worldtest.Object{"covers": worldtest.Object{"subjects": []string{"u1"},
		"recipients": []string{"user"}}}))
	w.Post(worldtest.Decision("withdrawn"))
	require.Empty(t, w.customer())
	w.Set(worldtest.AugustEnds().Add(time.Hour))
	require.Len(t, w.customer(), 1, "no data was handed over, and nothing forbids it")
}

func TestACustomerReadsNothingOfNationalSecurity(t *testing.T) {
	w := newRecounted(t)
	w.Post(worldtest.RequestAbout(ofAcme("u1")).Under("nsl"))
	w.Post(worldtest.Decision("withdrawn"))
	w.Post(worldtest.Closing("withdrawn"))
	for _, r := range w.Head().Restraints {
		w.Post(worldtest.Ending(r.ID, "permitted", "2026-03-03T12:00:00Z"))
	}
	w.Advance(time.Hour)
	require.Empty(t, w.customer(), "even where nothing forbids it any more")
}
