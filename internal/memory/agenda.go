package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/store"
)

// row orders the rows of a partition as the DynamoDB store's sort key does.
type row struct {
	agenda.Row
	id string
}

func (a row) compare(b row) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.id, b.id),
		cmp.Compare(a.Planned, b.Planned), cmp.Compare(a.Revision, b.Revision))
}

func newRow(r agenda.Row) row {
	r.At = r.At.UTC()
	return row{r, r.ID()}
}

// cursor returns the cursor that names the row's place.
func (a row) cursor() string {
	return strings.Join([]string{strconv.FormatInt(a.At.Unix(), 10), strconv.Itoa(a.Planned), strconv.Itoa(a.Revision),
		string(a.Kind), a.id}, "#")
}

// place returns the place that a cursor names.
func place(cursor string) (row, error) {
	parts := strings.SplitN(cursor, "#", 5)
	var numbers [3]int64
	for i := range numbers {
		n, err := strconv.ParseInt(parts[min(i, len(parts)-1)], 10, 64)
		if err != nil || len(parts) < 5 {
			return row{}, fmt.Errorf("read a cursor of the agenda: %w", store.ErrCursor)
		}
		numbers[i] = n
	}
	return row{agenda.Row{At: time.Unix(numbers[0], 0).UTC(), Planned: int(numbers[1]), Revision: int(numbers[2]),
		Kind: agenda.Kind(parts[3])}, parts[4]}, nil
}

// partition returns the part of the agenda that holds the row. Work comes first.
func (s *Store) partition(r agenda.Row) *sorted[row] { return s.shard(r.Work(), r.Shard()) }

func (s *Store) shard(work bool, shard int) *sorted[row] {
	if !work {
		shard += agenda.WorkShards
	}
	return &s.agenda[shard]
}

// Rows implements store.Agenda.
func (s *Store) Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string, limit int) ([]agenda.Row,
	string, error) {
	p, err := call(ctx, s, "Rows", partitionName(work, shard), func() (p page[agenda.Row], err error) {
		from := row{}
		if after != "" {
			if from, err = place(after); err != nil {
				return p, err
			}
		}
		for x := range s.shard(work, shard).after(from) {
			if x.At.After(upTo) {
				break
			}
			if len(p.items) == limit {
				p.next = newRow(p.items[limit-1]).cursor()
				break
			}
			p.items = append(p.items, x.Row)
		}
		return p, nil
	})
	return p.items, p.next, err
}

// partitionName returns the partition's key in the DynamoDB store.
func partitionName(work bool, shard int) string {
	digits := strconv.Itoa(shard)
	switch {
	case work:
		return "A#w" + digits
	case shard < 10:
		return "A#0" + digits
	}
	return "A#" + digits
}

// Agenda yields the rows of a partition, the earliest first. It is for simulations that inspect the store after every
// step. Nothing else may use the store meanwhile.
func (s *Store) Agenda(work bool, shard int) iter.Seq[agenda.Row] {
	return func(yield func(agenda.Row) bool) {
		for _, chunk := range s.shard(work, shard).chunks {
			for _, x := range chunk {
				if !yield(x.Row) {
					return
				}
			}
		}
	}
}

// PutRows implements store.Agenda. Each row is a call of its own to Fault, as "PutRow".
func (s *Store) PutRows(ctx context.Context, rows ...agenda.Row) error {
	var failed error
	for _, r := range rows {
		failed = errors.Join(failed, s.do(ctx, "PutRow", r.ID(), func() error {
			if !whole(r.At) {
				return s.violated("row %s stands at an instant with a fraction of a second", r.ID())
			}
			s.partition(r).put(newRow(r))
			return nil
		}))
	}
	return failed
}

// DeleteRows implements store.Agenda. Each row is a call of its own to Fault, as "DeleteRow".
func (s *Store) DeleteRows(ctx context.Context, rows ...agenda.Row) error {
	var failed error
	for _, r := range rows {
		failed = errors.Join(failed, s.do(ctx, "DeleteRow", r.ID(), func() error {
			s.partition(r).remove(newRow(r))
			return nil
		}))
	}
	return failed
}
