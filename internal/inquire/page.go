package inquire

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"lapse/internal/matter"
)

// maxPage bounds a matter's page in bytes, as JSON. API Gateway's limit is 10 MB and Lambda's 6 MB. Readers have lower
// ones.
const maxPage = 950 << 10

// position is where a page of a matter ended: the last id of each list. A cursor is its JSON form.
type position struct {
	Order      string `json:"o,omitempty"`
	Exception  string `json:"x,omitempty"`
	Disclosure string `json:"d,omitempty"`
	// Notice is the store's own cursor. NoticesDone means that no notice follows.
	Notice      string `json:"n,omitempty"`
	NoticesDone bool   `json:"t,omitempty"`
}

// maxToken is longer than any part of a position in an answer.
const maxToken = 256

// MatterPage returns the matter with at most limit each of its orders, exceptions, disclosures and notices. They follow
// the cursor ("" for the first page). A page is under a megabyte, so it may hold fewer. Next is empty on the last page.
// The error is ErrCursor for a cursor that no answer gave.
func (s *Service) MatterPage(ctx context.Context, id, cursor string, limit int) (MatterView, error) {
	from, err := parsePosition(cursor)
	if err != nil {
		return MatterView{}, err
	}
	v, err := s.Matter(ctx, id, from.Notice, limit)
	if err != nil {
		return v, err
	}
	to := position{Notice: v.Next, NoticesDone: v.Next == ""}
	if from.NoticesDone {
		v.Notices, to.NoticesDone = []NoticeView{}, true
	}
	p := pager{limit: limit, room: maxPage, listed: len(v.Notices) > 0}
	p.take(v.Request)
	p.take(v.Findings)
	p.take(v.Notices)
	v.Orders, to.Order = pageOf(&p, v.Orders, from.Order, func(o *OrderView) string { return o.ID })
	v.Exceptions, to.Exception = pageOf(&p, v.Exceptions, from.Exception, func(x *ExceptionView) string { return x.ID })
	disclosureID := func(d *DisclosureView) string { return d.ID }
	v.Disclosures, to.Disclosure = pageOf(&p, v.Disclosures, from.Disclosure, disclosureID)
	switch {
	case p.err != nil:
		return v, fmt.Errorf("measure a page of matter %s: %w", id, p.err)
	case p.more || !to.NoticesDone:
		v.Next = to.String()
	default:
		v.Next = ""
	}
	return v, nil
}

// pager fills one page.
type pager struct {
	limit, room int
	// listed means that the page has an item; more means that another did not fit.
	listed, more bool
	err          error
}

// take subtracts the value's size from the room.
func (p *pager) take(v any) {
	raw, err := matter.JSON(v) // as an answer is written
	if err != nil {
		p.err = err
	}
	p.room -= len(raw) + 1
}

// pageOf returns the items after the given id that fit, ordered by id, and the id of the last item listed so far.
func pageOf[T any](p *pager, items []T, after string, id func(*T) string) ([]T, string) {
	out := []T{}
	for i := range items {
		if id(&items[i]) <= after {
			continue
		}
		room := p.room
		p.take(items[i])
		// The first item is always listed, so that the next page gets further.
		if len(out) == p.limit || p.listed && p.room < 0 {
			p.room, p.more = min(room, 0), true
			break
		}
		out, after, p.listed = append(out, items[i]), id(&items[i]), true
	}
	return out, after
}

// String returns the position as a cursor.
func (p position) String() string {
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and a boolean only
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func parsePosition(cursor string) (position, error) {
	var p position
	if cursor == "" {
		return p, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return p, ErrCursor
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return p, ErrCursor
	}
	if _, err := dec.Token(); err != io.EOF || p == (position{}) {
		return p, ErrCursor
	}
	for _, part := range []string{p.Order, p.Exception, p.Disclosure, p.Notice} {
		if len(part) > maxToken {
			return p, ErrCursor
		}
	}
	return p, nil
}
