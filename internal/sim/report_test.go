package sim

import (
	"context"
	"encoding/json"
	"reflect"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/facts"
	"lapse/internal/reckon"
	"lapse/internal/store"
)

// settles reports whether the row counts the matter before a freeze. There is no end of such visits while the matter
// goes on, and nothing else waits for them.
func (w *world) settles(r agenda.Row) bool {
	before := facts.HalfOf(r.At).Previous().FreezeAt().Sub(r.At)
	return !w.faulty() && before > 0 && before < 24*time.Hour && r.At.After(w.now)
}

// counted checks that the report's row of the matter rests on its last event, that it says what the records say or will
// be counted again, and that no half-year has it twice.
func (w *world) counted() {
	ctx, h := context.Background(), w.head()
	if h.Version == 0 {
		return
	}
	rows := map[string]int{}
	var last store.ReportRow
	half := facts.HalfOf(w.now).Next()
	for range 6 {
		for shard := range store.ReportSecret + 1 {
			page, _, _ := w.store.ReportRows(ctx, half.String(), shard, "", 10)
			for _, r := range page {
				if rows[r.Half]++; r.Part == 0 && last.Half == "" {
					last = r
				}
				if rows[r.Half] > r.Parts {
					w.fail("never counted twice", "%s has %d rows in %s", r.Matter, rows[r.Half], r.Half)
				}
			}
		}
		half = half.Previous()
	}
	waits := w.workRow(func(r agenda.Row) bool { return r.Kind == agenda.Count })
	switch {
	case last.Half == "":
		w.fail("never lost", "the report has no row of the matter")
	case waits:
	case !last.Settled, last.Version != h.Version && !w.uncounted(last.Version, h.Version):
		w.fail("never lost", "the report's row rests on version %d of %d, and nothing counts it again", last.Version,
			h.Version)
	default:
		w.recounted(last)
	}
}

// uncounted reports whether no event after the version changes what is counted.
func (w *world) uncounted(version, now int) bool {
	entries, _ := w.store.Entries(context.Background(), mat, version, now)
	for _, e := range entries {
		if e.Type != event.ContactChanged {
			return false
		}
	}
	return true
}

// recounted checks a settled row against the records.
func (w *world) recounted(r store.ReportRow) {
	ctx := context.Background()
	orders, _ := w.store.Orders(ctx, mat)
	again := reckon.New(*w.head(), orders)
	entries, _ := w.store.Entries(ctx, mat, 0, w.head().Version)
	for i := range entries {
		_ = again.Entry(&entries[i])
	}
	for n := range w.notices() {
		again.Ahead(n)
	}
	for n := range w.notices() {
		_ = again.Notice(n, w.subject(n))
	}
	result := again.Result(r.Counted)
	var kept, now facts.Row
	body, err := json.Marshal(result.Rows[0])
	if err != nil || json.Unmarshal(body, &now) != nil || json.Unmarshal(r.Facts, &kept) != nil {
		w.fail("simulator", "read the report's row: %v", err)
		return
	}
	if !reflect.DeepEqual(kept, now) {
		w.fail("the report is what the records say", "%s, and the records say %s", r.Facts, body)
	}
}
