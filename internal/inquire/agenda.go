package inquire

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// Item is one thing that will happen, at its computed instant.
type Item struct {
	At   time.Time   `json:"at"`
	Kind agenda.Kind `json:"kind"`
	ID   string      `json:"id"`
	// Matter and Ref are the row's fields. ID joins them.
	Matter string `json:"-"`
	Ref    string `json:"-"`
}

// itemOf returns the item of a row, at the instant.
func itemOf(r agenda.Row, at time.Time) Item {
	return Item{At: at, Kind: r.Kind, ID: r.ID(), Matter: r.Matter, Ref: r.Ref}
}

// AgendaView is one page of the agenda, ascending by instant.
type AgendaView struct {
	Items []Item `json:"items"`
	Next  string `json:"next,omitempty"`
}

// ErrCursor is the error for a cursor that no answer gave.
var ErrCursor = store.ErrCursor

// AgendaUntil lists at most limit things that will happen up to before, after the cursor ("" for the first page). Rows
// are only hints, and earlier plans may have left some behind. So each thing is listed once, at its instant by now. A
// notice without a due is not listed; the review of its order is.
func (s *Service) AgendaUntil(ctx context.Context, before time.Time, cursor string, limit int) (AgendaView, error) {
	from, err := parseCursor(cursor)
	if err != nil {
		return AgendaView{}, err
	}
	a := &agendaView{
		Service: s, now: s.Now(), before: before, from: from, most: limit + 1,
		eval: restraint.NewEvaluator(), loaded: map[string]*loadedMatter{}, seen: map[Item]bool{},
	}
	if err := a.replans(ctx); err != nil {
		return AgendaView{}, err
	}
	if err := a.gather(ctx); err != nil {
		return AgendaView{}, err
	}
	view := AgendaView{Items: append([]Item{}, a.items...)}
	if len(view.Items) > limit {
		view.Items = view.Items[:limit]
		view.Next = formatCursor(view.Items[limit-1])
	}
	return view, nil
}

func compare(a, b Item) int {
	return cmp.Or(a.At.Compare(b.At), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.ID, b.ID))
}

func formatCursor(i Item) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(i.At.Unix(), 10) + " " + string(i.Kind) + " " +
		i.ID))
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
	return Item{At: time.Unix(at, 0).UTC(), Kind: agenda.Kind(parts[1]), ID: parts[2]}, nil
}
