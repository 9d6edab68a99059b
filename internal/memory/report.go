package memory

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"lapse/internal/store"
)

// reportRow orders rows by matter and part.
type reportRow struct{ store.ReportRow }

func (a reportRow) compare(b reportRow) int {
	return cmp.Or(cmp.Compare(a.Matter, b.Matter), cmp.Compare(a.Part, b.Part))
}

// reportPlace names a partition of the report's rows.
type reportPlace struct {
	half  string
	shard int
}

func placeOf(r store.ReportRow) reportPlace {
	if r.Secret {
		return reportPlace{r.Half, store.ReportSecret}
	}
	h := fnv.New32a()
	h.Write([]byte(r.Matter))
	return reportPlace{r.Half, int(h.Sum32() % store.ReportShards)}
}

// PutReport implements store.Reports.
func (s *Store) PutReport(ctx context.Context, r store.ReportRow) error {
	return s.do(ctx, "PutReport", r.Matter, func() error { return s.replaceReport(r) })
}

// replaceReport puts the row unless the stored one is newer.
func (s *Store) replaceReport(r store.ReportRow) error {
	if !whole(r.Counted, r.Opened) {
		return s.violated("the report's row of %s has an instant with a fraction of a second", r.Matter)
	}
	if err := store.TooLarge("the report's row of matter "+r.Matter, len(r.Facts)+len(r.Matter)); err != nil {
		return err
	}
	rows := s.reports[placeOf(r)]
	if rows == nil {
		rows = &sorted[reportRow]{}
		put(&s.reports, placeOf(r), rows)
	}
	old, ok := rows.get(reportRow{r})
	if ok && (old.Version > r.Version || old.Version == r.Version && old.Counted.After(r.Counted)) {
		return nil
	}
	rows.put(reportRow{cloneReport(r)})
	return nil
}

func cloneReport(r store.ReportRow) store.ReportRow {
	r.Facts = slices.Clone(r.Facts)
	r.Counted, r.Opened = r.Counted.UTC(), r.Opened.UTC()
	return r
}

// DropReport implements store.Reports.
func (s *Store) DropReport(ctx context.Context, r store.ReportRow) error {
	r.Facts = nil // what stays of a dropped row
	return s.do(ctx, "DropReport", r.Matter, func() error { return s.replaceReport(r) })
}

// ReportRows implements store.Reports.
func (s *Store) ReportRows(ctx context.Context, half string, shard int, after string,
	limit int) ([]store.ReportRow, string, error) {
	p, err := call(ctx, s, "ReportRows", half, func() (p page[store.ReportRow], err error) {
		rows := s.reports[reportPlace{half, shard}]
		if rows == nil {
			return p, nil
		}
		from := reportRow{}
		if after != "" {
			id, part, _ := strings.Cut(after, "#")
			from.Matter = id
			if from.Part, err = strconv.Atoi(part); err != nil {
				return p, fmt.Errorf("read cursor %q: not one of the report's", after)
			}
		}
		for x := range rows.after(from) {
			if len(x.Facts) == 0 {
				continue
			}
			if len(p.items) == limit {
				last := p.items[limit-1]
				p.next = last.Matter + "#" + strconv.Itoa(last.Part)
				break
			}
			p.items = append(p.items, cloneReport(x.ReportRow))
		}
		return p, nil
	})
	return p.items, p.next, err
}
