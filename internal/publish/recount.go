package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/facts"
	"lapse/internal/matter"
	"lapse/internal/reckon"
	"lapse/internal/recount"
	"lapse/internal/store"
	"lapse/internal/transparency"
)

// Recounter reads records again, without a report's rows. It writes nothing. Every field is needed.
type Recounter struct {
	// Now is the wall clock.
	Now   func() time.Time
	Store RecordStore
	// List lists the ids of all matters.
	List func(ctx context.Context) ([]string, error)
}

// RecordStore is what a Recounter reads.
type RecordStore interface {
	recount.Records
	store.Agenda
	store.Reports
}

// Recount is what a recount of one half found.
type Recount struct {
	// Matters is the number of matters of the half, by their rows or by their records.
	Matters     int
	Differences []Difference
	// Cells are the cells of the tables that the differences change: Old by the rows, New by the records.
	Cells []transparency.Change
}

// Difference is one matter whose rows do not say what its records say.
type Difference struct {
	Matter string
	// What differs: "row" where there is none or it should not be there, else the kinds of facts.
	What []string
	// Row is the matter's version that the row was reckoned under, 0 without a row; Records is that of its records now.
	Row, Records int
	// Waits is true where the matter is on the agenda to be counted again.
	Waits bool
}

// Lost are the differences that no sweep will mend.
func (r Recount) Lost() (n int) {
	for _, d := range r.Differences {
		if !d.Waits {
			n++
		}
	}
	return n
}

// recounting is one run of Recount.
type recounting struct {
	*Recounter
	half          transparency.Half
	waits         map[string]bool
	seen          map[string]bool
	kept, counted *transparency.Count
	found         Recount
}

// Recount compares the rows of the half with the records of all matters. An error is the store's, or that of a row that
// cannot be read.
func (r *Recounter) Recount(ctx context.Context, h transparency.Half) (Recount, error) {
	c := transparency.Counting{Half: h, PublishedOn: r.Now()}
	run := &recounting{Recounter: r, half: h, waits: map[string]bool{}, seen: map[string]bool{},
		kept: transparency.NewCount(c), counted: transparency.NewCount(c)}
	if err := run.agenda(ctx); err != nil {
		return Recount{}, fmt.Errorf("recount %s: %w", h, err)
	}
	for shard := range store.ReportSecret + 1 {
		if err := run.shard(ctx, shard); err != nil {
			return Recount{}, fmt.Errorf("recount %s: %w", h, err)
		}
	}
	ids, err := r.List(ctx)
	if err != nil {
		return Recount{}, fmt.Errorf("recount %s: %w", h, err)
	}
	for _, id := range ids {
		if !run.seen[id] {
			if err := run.matter(ctx, id, nil); err != nil {
				return Recount{}, fmt.Errorf("recount %s: %w", h, err)
			}
		}
	}
	run.found.Cells = transparency.Compare(run.kept, run.counted)
	return run.found, nil
}

// agenda finds the matters that are still to be counted.
func (r *recounting) agenda(ctx context.Context) error {
	end := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for shard := range agenda.WorkShards {
		for cursor := ""; ; {
			page, next, err := r.Store.Rows(ctx, true, shard, end, cursor, pageSize)
			if err != nil {
				return fmt.Errorf("read agenda partition %d: %w", shard, err)
			}
			for _, row := range page {
				if row.Kind == agenda.Count {
					r.waits[row.Matter] = true
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return nil
}

// shard compares the matters that have rows in the partition. The parts of a matter follow each other.
func (r *recounting) shard(ctx context.Context, shard int) error {
	var parts []store.ReportRow
	done := func() error {
		if len(parts) == 0 {
			return nil
		}
		group := parts
		parts = nil
		return r.matter(ctx, group[0].Matter, group)
	}
	err := rows(ctx, r.Store, r.half, shard, func(row *store.ReportRow) (bool, error) {
		if len(parts) > 0 && parts[0].Matter != row.Matter {
			if err := done(); err != nil {
				return false, err
			}
		}
		parts = append(parts, *row)
		return true, nil
	})
	if err != nil {
		return err
	}
	return done()
}

// matter compares one matter's rows with its records.
func (r *recounting) matter(ctx context.Context, id string, parts []store.ReportRow) error {
	kept := make([]facts.Row, len(parts))
	for i := range parts {
		if err := json.Unmarshal(parts[i].Facts, &kept[i]); err != nil {
			return fmt.Errorf("read the row of matter %s: %w", id, err)
		}
		if err := r.kept.Add(kept[i]); err != nil {
			return err
		}
	}
	head, result, err := r.reckon(ctx, id)
	if err != nil {
		return err
	}
	again := r.seen[id]
	r.seen[id] = true
	d := Difference{Matter: id, Records: head.Version, Waits: r.waits[id]}
	switch {
	case len(parts) == 0 && (result == nil || !within(result, r.half)):
		return nil
	case len(parts) == 0, result == nil, again, parts[0].Secret != result.Secret:
		d.What = []string{"row"}
	default:
		if d.What, err = differ(kept, result.Rows); err != nil {
			return err
		}
	}
	if !again {
		r.found.Matters++
	}
	if len(parts) > 0 {
		d.Row = parts[0].Version
	}
	if len(d.What) > 0 {
		r.found.Differences = append(r.found.Differences, d)
	}
	if again || result == nil {
		return nil
	}
	for i := range result.Rows {
		if err := r.counted.Add(result.Rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// reckon reads the matter's records; the result is nil where there are none.
func (r *recounting) reckon(ctx context.Context, id string) (head matter.Head, result *reckon.Result, err error) {
	head, err = r.Store.Head(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && head.Version == 0 {
		return head, nil, nil
	}
	if err != nil {
		return head, nil, fmt.Errorf("read matter %s: %w", id, err)
	}
	orders, err := r.Store.Orders(ctx, id)
	if err != nil {
		return head, nil, fmt.Errorf("read the orders of matter %s: %w", id, err)
	}
	reckoning := reckon.New(head, orders)
	if _, err := recount.Feed(ctx, r.Store, &head, reckoning, never); err != nil {
		return head, nil, err
	}
	out := reckoning.Result(r.Now())
	return head, &out, nil
}

// never is for a reading that takes the time it takes.
func never() bool { return false }

func within(r *reckon.Result, h transparency.Half) bool {
	return !h.Start().Before(r.First.Start()) && !h.Start().After(r.Last.Start())
}

// differ names the kinds of facts that differ. Both sides are compared as they are stored.
func differ(kept, counted []facts.Row) ([]string, error) {
	body, err := json.Marshal(counted)
	if err != nil {
		return nil, fmt.Errorf("write what the records say: %w", err)
	}
	var now []facts.Row
	if err := json.Unmarshal(body, &now); err != nil {
		return nil, fmt.Errorf("read what the records say: %w", err)
	}
	if len(kept) != len(now) {
		return []string{"notices"}, nil
	}
	var what []string
	add := func(name string, a, b any) {
		if !reflect.DeepEqual(a, b) && (len(what) == 0 || what[len(what)-1] != name) {
			what = append(what, name)
		}
	}
	for i := range now {
		a, b := kept[i], now[i]
		if i == 0 {
			add("request", []any{a.Country, a.RequestType, a.Known, a.SecretSince, a.Request},
				[]any{b.Country, b.RequestType, b.Known, b.SecretSince, b.Request})
			add("orders", a.Orders, b.Orders)
			add("challenges", a.Challenges, b.Challenges)
			add("bands", a.Security, b.Security)
		}
		add("notices", a.Notices, b.Notices)
	}
	return what, nil
}
