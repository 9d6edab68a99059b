package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/inquire"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

const (
	// listed bounds the matters on the docket, upcoming the things that come next.
	listed, upcoming = 200, 12
	// horizon is how far ahead the docket lists reviews and other things. It is longer than the longest review period,
	// that of a statute.
	horizon = 400 * 24 * time.Hour
)

// docketView is the start page.
type docketView struct {
	Matters []matterLine
	// Left counts the matters that are not shown.
	Left  int
	Needs []need
	Next  []agendaLine
	// Host is the address by which the reader reached the stack. Example is an event to post there.
	Host, Example string
}

// matterLine is one matter of the docket.
type matterLine struct {
	ID, What string
	State    chip
	tally
	// Due is the first due among the waiting notices.
	Due      stamp
	Distance string
}

// agendaLine is one thing that comes next.
type agendaLine struct {
	At                        stamp
	Distance                  string
	What, Href, About, Matter string
}

func (s *Site) docket(r *http.Request) (content, error) {
	ctx, now := r.Context(), s.Now()
	ids, err := s.Matters(ctx)
	if err != nil {
		return content{}, fmt.Errorf("list the matters: %w", err)
	}
	slices.Sort(ids)
	d := docketView{Host: r.Host, Example: example(now), Left: max(len(ids)-listed, 0)}
	seen := sights{notices: map[string]inquire.NoticeView{}, ends: map[string]time.Time{}}
	for _, id := range ids[:len(ids)-d.Left] {
		v, err := s.Inquire.Matter(ctx, id, "", counted)
		if errors.Is(err, store.ErrNotFound) {
			// The matter was opened, and its first event is not recorded yet.
			continue
		}
		if err != nil {
			return content{}, err
		}
		seen.add(v)
		d.Matters = append(d.Matters, lineOf(v, now))
		waiting, err := s.approvalNeeds(r, id)
		if err != nil {
			return content{}, err
		}
		d.Needs = append(append(d.Needs, waiting...), needsOf(v)...)
	}
	rows, err := s.Inquire.AgendaUntil(ctx, now.Add(horizon), "", counted)
	if err != nil {
		return content{}, err
	}
	d.Needs = reviewed(d.Needs, reviews(rows))
	d.Next = seen.lines(rows.Items, now)
	return content{"docket", "Docket", d}, nil
}

func lineOf(v inquire.MatterView, now time.Time) matterLine {
	l := matterLine{ID: v.ID, What: "the request has not arrived yet", State: matterChip(v.State),
		tally: tallyOf(v.Notices)}
	l.More = v.Next != ""
	if v.Request != nil {
		l.What = capital(instrument(v.Request.Instrument)) + ", " + v.Request.Issuer.Name
	}
	if len(l.dues) > 0 {
		l.Due, l.Distance = day(l.dues[0]), distance(l.dues[0], now)
	}
	return l
}

// sights holds the facts about the docket's matters that the lines of the agenda need.
type sights struct {
	notices map[string]inquire.NoticeView
	// ends are the known ends of orders, by "<matter>.<order>".
	ends map[string]time.Time
}

func (s sights) add(v inquire.MatterView) {
	for _, n := range v.Notices {
		s.notices[n.ID] = n
	}
	for _, o := range v.Orders {
		s.ends[v.ID+"."+o.ID] = instant(o.Until)
	}
}

// lines returns the first lines of the agenda. Several notices of a matter at one instant share a line.
func (s sights) lines(items []inquire.Item, now time.Time) []agendaLine {
	var out []agendaLine
	several := 1
	for _, i := range items {
		l := s.line(i, now)
		if n := len(out); n > 0 && out[n-1].At == l.At && out[n-1].Matter == l.Matter && out[n-1].What == l.What {
			several++
			out[n-1].About, out[n-1].Href = fmt.Sprint(several, " of them"), "/matters/"+l.Matter
			continue
		}
		if len(out) == upcoming {
			break
		}
		several, out = 1, append(out, l)
	}
	return out
}

// line describes an item of the agenda.
func (s sights) line(i inquire.Item, now time.Time) agendaLine {
	l := agendaLine{At: minute(i.At), Distance: distance(i.At, now), Matter: i.Matter}
	switch i.Kind {
	case agenda.Notice:
		l.What, l.Href, l.About = "A notice falls due.", "/notices/"+i.ID, i.ID
		if n, ok := s.notices[i.ID]; ok {
			l.About = n.Subject
			if n.State != notice.Scheduled {
				l.What = "A notice is visited again (" + spaced(n.State) + ")."
			}
		}
	case agenda.Order:
		l.About = i.Ref
		l.What, l.Href = "An order is reviewed.", "/matters/"+l.Matter
		if s.ends[i.ID].Equal(i.At) {
			l.What = "An order ends."
		}
	case agenda.Exception:
		l.About = i.Ref
		l.What, l.Href = "An exception is reviewed.", "/matters/"+l.Matter
	case agenda.Replan, agenda.Announce:
		l.What = map[agenda.Kind]string{agenda.Replan: "Dues are planned anew.",
			agenda.Announce: "A change is announced."}[i.Kind]
	case agenda.MakeNotices:
		l.About = i.Ref
		l.What = "Notices are made."
	case agenda.Approval:
		l.What, l.Href, l.About = "An approval lapses.", "/approvals", i.Ref
	case agenda.Moved:
		l.What, l.Href, l.About = "A security message to a former address falls due.", "/notices/"+i.ID, i.ID
	case agenda.Erase:
		l.About = i.Ref
		l.What = "Contacts are erased."
	}
	return l
}

// reviews returns the next review of each order, by "<matter>.<order>".
func reviews(v inquire.AgendaView) map[string]time.Time {
	out := map[string]time.Time{}
	for _, i := range v.Items {
		if i.Kind == agenda.Order {
			out[i.ID] = i.At
		}
	}
	return out
}

// reviewsAhead reads the reviews from the agenda.
func (s *Site) reviewsAhead(ctx context.Context, now time.Time) (map[string]time.Time, error) {
	v, err := s.Inquire.AgendaUntil(ctx, now.Add(horizon), "", counted)
	return reviews(v), err
}

// example returns an event that can be posted as it is.
func example(now time.Time) string {
	return fmt.Sprintf(`{"specversion": "1.0", "id": "try-1", "source": "legal.example",
 "type": "lapse.request.received.v1", "subject": "mat-try-1", "actor": "intake:me",
 "data": {"reference": "26-0001", "instrument": "search_warrant", "legalBasis": "18 U.S.C. 2703", "receivedAt": %q,
  "issuer": {"name": "Example District Court", "role": "court", "country": "US", "zone": "America/Los_Angeles"},
  "dataSought": [{"category": "content"}],
  "subjects": [{"id": "u1", "accountClass": "consumer",
   "contacts": [{"role": "user", "email": "u1@example.com", "verified": true}]}]}}`,
		matter.Floor(now).Format(time.RFC3339))
}
