package inquire

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
)

// ApprovalView is one event that waits for another person.
type ApprovalView struct {
	ID     string     `json:"id"`
	Matter string     `json:"matter"`
	Type   event.Type `json:"type"`
	// By is the principal that asked. It is empty where nobody was authenticated.
	By string    `json:"by"`
	At time.Time `json:"at"`
	// Expires is null where it never lapses.
	Expires *time.Time `json:"expires"`
	// Needs is how many persons more have to decide.
	Needs int `json:"needs"`
	// Data is the event's data.
	Data json.RawMessage `json:"data"`
	// Actor is who the sender says asked; answers do not show it.
	Actor string `json:"-"`
}

// ApprovalsView is one page of what waits for another person, the oldest first.
type ApprovalsView struct {
	Items []ApprovalView `json:"items"`
	Next  string         `json:"next,omitempty"`
}

// maxPageData is how many bytes of data a page of approvals holds before it ends.
const maxPageData = 700 << 10

// Approvals lists at most limit approvals that wait, after the cursor ("" for the first page). Each has an agenda row
// at the instant at which it becomes an alarm, so no approval that waits is missed.
func (s *Service) Approvals(ctx context.Context, cursor string, limit int) (ApprovalsView, error) {
	from, err := parseCursor(cursor)
	if err != nil {
		return ApprovalsView{}, err
	}
	rows, err := s.approvalRows(ctx)
	if err != nil {
		return ApprovalsView{}, err
	}
	view, data := ApprovalsView{Items: []ApprovalView{}}, 0
	var last Item
	for _, r := range rows {
		item := itemOf(r, r.At)
		if compare(item, from) <= 0 {
			continue
		}
		a, err := s.Store.Approval(ctx, r.Matter, r.Ref)
		if isNotFound(err) || err == nil && (!a.Waits(s.Now()) || !a.Overdue().Equal(r.At)) {
			continue
		}
		if err != nil {
			return ApprovalsView{}, fmt.Errorf("read approval %s: %w", r.ID(), err)
		}
		if len(view.Items) == limit || len(view.Items) > 0 && data+len(a.Posted.Data) > maxPageData {
			view.Next = formatCursor(last)
			break
		}
		last, data = item, data+len(a.Posted.Data)
		view.Items = append(view.Items, viewOf(&a))
	}
	return view, nil
}

// ApprovalsOf lists the matter's approvals that wait, the oldest first.
func (s *Service) ApprovalsOf(ctx context.Context, id string) ([]ApprovalView, error) {
	all, err := s.Store.Approvals(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the approvals of %s: %w", id, err)
	}
	slices.SortStableFunc(all, func(a, b ledger.Approval) int { return a.Version - b.Version })
	var out []ApprovalView
	for i := range all {
		if all[i].Waits(s.Now()) {
			out = append(out, viewOf(&all[i]))
		}
	}
	return out, nil
}

// mostNamed is how many approvals an explanation names.
const mostNamed = 3

// waits says what of the matter waits for another person, and so has no effect yet. It is empty where nothing does.
func (s *Service) waits(ctx context.Context, id string) (string, error) {
	all, err := s.ApprovalsOf(ctx, id)
	if err != nil || len(all) == 0 {
		return "", err
	}
	var named []string
	for _, a := range all[:min(len(all), mostNamed)] {
		named = append(named, fmt.Sprintf("%s (approval %s)", events.Name(a.Type), a.ID))
	}
	text := " Another person has to approve what one person has decided: " + strings.Join(named, ", ")
	if more := len(all) - len(named); more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text + ".", nil
}

func viewOf(a *ledger.Approval) ApprovalView {
	v := ApprovalView{
		ID: a.ID, Matter: a.Matter, Type: a.Posted.Type, By: a.Posted.Principal, At: a.At, Needs: a.Needs(),
		Data: a.Posted.Data, Actor: a.Posted.Actor,
	}
	if !a.Expires.IsZero() {
		v.Expires = &a.Expires
	}
	return v
}

// approvalRows returns the rows of all approvals, in the order of a list.
func (s *Service) approvalRows(ctx context.Context) ([]agenda.Row, error) {
	// Whoever asked may have had a clock that is ahead.
	upTo := matter.Ceil(s.Now().Add(ledger.ApprovalOverdue + matter.Margin))
	var out []agenda.Row
	for shard := range agenda.WorkShards {
		for p := (&partition{work: true, shard: shard}); ; p.rows = p.rows[1:] {
			r, err := p.peek(ctx, s.Store, upTo)
			if err != nil {
				return nil, err
			}
			if r == nil {
				break
			}
			if r.Kind == agenda.Approval {
				out = append(out, *r)
			}
		}
	}
	slices.SortFunc(out, func(a, b agenda.Row) int { return compare(itemOf(a, a.At), itemOf(b, b.At)) })
	return out, nil
}
