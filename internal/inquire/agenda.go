package inquire

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lapse/internal/matter"
	"lapse/internal/restraint"
)

func isNotFound(err error) bool { return errors.Is(err, matter.ErrNotFound) }

// Item is one thing that will happen, at the instant computed for it.
type Item struct {
	At   time.Time   `json:"at"`
	Kind matter.Kind `json:"kind"`
	ID   string      `json:"id"`
}

// AgendaView is one page of the agenda, ascending by instant.
type AgendaView struct {
	Items []Item `json:"items"`
	Next  string `json:"next,omitempty"`
}

// window is how many rows of a partition one question reads at most.
const window = 2000

// ErrCursor is returned for a cursor that no answer gave.
var ErrCursor = errors.New("no cursor of this agenda")

// AgendaUntil lists what will really happen up to before, at most limit things, after the cursor ("" for the first
// page). Rows are only hints, some left behind by an earlier plan: each thing is listed once, where it stands now. A
// notice without a due is not listed; its order's review is.
func (s *Service) AgendaUntil(ctx context.Context, before time.Time, cursor string, limit int) (AgendaView, error) {
	from, err := parseCursor(cursor)
	if err != nil {
		return AgendaView{}, err
	}
	a := &agenda{Service: s, now: s.Now(), eval: restraint.NewEvaluator(), looks: map[string]*look{}, seen: map[Item]bool{}}
	horizon, err := a.gather(ctx, before)
	if err != nil {
		return AgendaView{}, err
	}
	slices.SortFunc(a.items, compare)
	view := AgendaView{Items: []Item{}}
	for _, i := range a.items {
		if i.At.After(before) || i.At.After(horizon) || compare(i, from) <= 0 {
			continue
		}
		if len(view.Items) == limit {
			view.Next = formatCursor(view.Items[limit-1])
			break
		}
		view.Items = append(view.Items, i)
	}
	return view, nil
}

func compare(a, b Item) int {
	return cmp.Or(a.At.Compare(b.At), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.ID, b.ID))
}

// agenda gathers the things of one question.
type agenda struct {
	*Service
	now   time.Time
	eval  *restraint.Evaluator
	looks map[string]*look
	seen  map[Item]bool
	items []Item
}

// gather reads the rows of all partitions and, for matters whose re-plan is still to come, all notices. It returns the
// instant up to which what it read is complete.
func (a *agenda) gather(ctx context.Context, before time.Time) (time.Time, error) {
	horizon := before
	for shard := range matter.WorkShards + matter.NoticeShards {
		work := shard < matter.WorkShards
		if !work {
			shard -= matter.WorkShards
		}
		rows, next, err := a.Agenda.Rows(ctx, work, shard, before, "", window)
		if err != nil {
			return horizon, fmt.Errorf("read the agenda: %w", err)
		}
		if next != "" && rows[len(rows)-1].At.Before(horizon) {
			horizon = rows[len(rows)-1].At
		}
		for _, r := range rows {
			if err := a.row(ctx, r); err != nil {
				return horizon, err
			}
		}
	}
	return horizon, nil
}

// row adds what the row points to, once.
func (a *agenda) row(ctx context.Context, r matter.Row) error {
	key := Item{Kind: r.Kind, ID: r.ID}
	if a.seen[key] {
		return nil
	}
	a.seen[key] = true
	switch r.Kind {
	case matter.KindNotice:
		n, err := a.Notices.Notice(ctx, r.ID)
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read notice %s: %w", r.ID, err)
		}
		return a.notice(ctx, &n)
	case matter.KindOrder:
		return a.order(ctx, r.ID)
	case matter.KindReplan:
		if err := a.matter(ctx, r.ID); err != nil {
			return err
		}
	}
	a.items = append(a.items, Item{At: r.At, Kind: r.Kind, ID: r.ID})
	return nil
}

// matter adds all notices of a matter whose rows are about to move.
func (a *agenda) matter(ctx context.Context, versioned string) error {
	id, _, _ := matter.SplitVersionedID(versioned)
	for after := ""; ; {
		page, next, err := a.Notices.Notices(ctx, id, after, window)
		if err != nil {
			return fmt.Errorf("list the notices of %s: %w", id, err)
		}
		for i := range page {
			key := Item{Kind: matter.KindNotice, ID: page[i].ID}
			if a.seen[key] {
				continue
			}
			a.seen[key] = true
			if err := a.notice(ctx, &page[i]); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

func (a *agenda) notice(ctx context.Context, n *matter.Notice) error {
	l, err := a.look(ctx, n.Matter)
	if err != nil {
		return err
	}
	if _, due := a.eval.NoticeDue(n, &l.head, a.now); !due {
		return nil
	}
	if at, open := a.eval.Look(n, &l.head, a.now); open {
		a.items = append(a.items, Item{At: at, Kind: matter.KindNotice, ID: n.ID})
	}
	return nil
}

func (a *agenda) order(ctx context.Context, id string) error {
	m, order, _ := strings.Cut(id, ".")
	l, err := a.look(ctx, m)
	if err != nil {
		return err
	}
	for i := range l.orders {
		if l.orders[i].ID != order {
			continue
		}
		if at, open := a.eval.OrderLook(&l.orders[i], &l.head, a.now); open {
			a.items = append(a.items, Item{At: at, Kind: matter.KindOrder, ID: id})
		}
	}
	return nil
}

func (a *agenda) look(ctx context.Context, id string) (*look, error) {
	if l, ok := a.looks[id]; ok {
		return l, nil
	}
	l, err := a.open(ctx, id)
	if err != nil {
		return nil, err
	}
	a.looks[id] = l
	return l, nil
}

func formatCursor(i Item) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(i.At.Unix(), 10) + " " + string(i.Kind) + " " + i.ID))
}

func parseCursor(s string) (Item, error) {
	if s == "" {
		return Item{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	parts := strings.SplitN(string(raw), " ", 3)
	if err != nil || len(parts) != 3 {
		return Item{}, ErrCursor
	}
	at, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return Item{}, ErrCursor
	}
	return Item{At: time.Unix(at, 0).UTC(), Kind: matter.Kind(parts[1]), ID: parts[2]}, nil
}
