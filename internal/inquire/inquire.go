// Package inquire answers questions about matters, notices and the agenda, as internal/httpapi/openapi.json defines
// them. It only reads. Every state and due in an answer is computed for the instant of the question.
package inquire

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/review"
	"lapse/internal/store"
)

// Store is the part of the store that inquire reads.
type Store interface {
	store.Matters
	store.Approvals
	Notice(ctx context.Context, id string) (notice.Notice, error)
	Notices(ctx context.Context, id, after string, limit int) ([]notice.Notice, string, error)
	Subjects(ctx context.Context, id string, ids []string) (map[string]matter.Subject, error)
	Letter(ctx context.Context, id, digest string) ([]byte, error)
	Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string, limit int) ([]agenda.Row, string, error)
}

// Service answers questions.
type Service struct {
	Now   func() time.Time
	Store Store
	// Law holds the rules in force. A simulation compares others with them.
	Law *law.Book
	// Letter is the sender that previews show.
	Letter LetterSettings
	// Names makes the references of notices; nil takes Letter.Proof.
	Names References
}

// NoticeView is one notice in an answer. Absent instants are null.
type NoticeView struct {
	ledger.NoticeBrief
	SentAt      *time.Time     `json:"sentAt"`
	DeliveredAt *time.Time     `json:"deliveredAt"`
	Reason      *notice.Reason `json:"reason"`
	// Overdue means that nothing forbids the notice and yet it has waited for longer than Grace.
	Overdue bool `json:"overdue,omitempty"`
}

// OrderView is one order or standing restraint in an answer. A null From is the beginning. A null Until is an unknown
// end.
type OrderView struct {
	ID    string            `json:"id"`
	Kind  matter.OrderKind  `json:"kind"`
	State matter.OrderState `json:"state"`
	Flags []string          `json:"flags"`
	// Challenges are the challenges of the order, with the court's answers.
	Challenges []matter.OrderChallenge `json:"challenges,omitempty"`
	// Reason is how an ended order was ended (lifted, vacated or permitted), or why two persons declared it void.
	Reason string `json:"reason,omitempty"`
	// EndedBy is who ended it, "court" or "authority"; empty where nobody has said.
	EndedBy  string           `json:"endedBy,omitempty"`
	From     *time.Time       `json:"from"`
	Until    *time.Time       `json:"until"`
	Citation string           `json:"citation,omitempty"`
	Findings []matter.Finding `json:"findings"`
	// Origin is why its restraint stands; answers do not show it.
	Origin matter.Origin `json:"-"`
}

// DisclosureView is one disclosure in an answer, with all its parts together.
type DisclosureView struct {
	ID string `json:"id"`
	matter.DisclosureFacts
	// Subjects counts the subjects with data over all parts. NoData are those of whom nothing was held.
	Subjects int      `json:"subjects"`
	NoData   []string `json:"noData,omitempty"`
}

// MatterView is a matter in an answer, with one page of its notices.
type MatterView struct {
	ID          string           `json:"id"`
	Version     int              `json:"version"`
	State       matter.State     `json:"state"`
	Request     *matter.Request  `json:"request"`
	Findings    []matter.Finding `json:"findings"`
	Orders      []OrderView      `json:"orders"`
	Exceptions  []ExceptionView  `json:"exceptions"`
	Disclosures []DisclosureView `json:"disclosures"`
	Notices     []NoticeView     `json:"notices"`
	Next        string           `json:"next,omitempty"`
}

// loadedMatter is a matter as loaded for one question, with the instant of the question.
type loadedMatter struct {
	now    time.Time
	eval   *restraint.Evaluator
	head   matter.Head
	orders []matter.Order
	// exceptions are the provider's own reasons not to tell.
	exceptions []matter.Exception
}

// longestID is the longest id of a matter or a subject, as in the events' schemas. No record has a longer one. The
// store refuses a key that is much longer.
const longestID = 64

// load reads a matter's head, orders and exceptions. The error is store.ErrNotFound until the matter's first event is
// recorded.
func (s *Service) load(ctx context.Context, id string) (*loadedMatter, error) {
	if len(id) > longestID {
		return nil, fmt.Errorf("read a matter under an id of %d bytes: %w", len(id), store.ErrNotFound)
	}
	h, err := s.Store.Head(ctx, id)
	if err == nil && h.Version == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read matter %s: %w", id, err)
	}
	orders, err := s.Store.Orders(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the orders of %s: %w", id, err)
	}
	exceptions, err := s.Store.Exceptions(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the exceptions of %s: %w", id, err)
	}
	return &loadedMatter{now: s.Now(), eval: restraint.NewEvaluator(), head: h, orders: orders,
		exceptions: exceptions}, nil
}

// Matter returns the matter with the page of notices that follows the cursor ("" for the first).
func (s *Service) Matter(ctx context.Context, id, cursor string, limit int) (MatterView, error) {
	l, err := s.load(ctx, id)
	if err != nil {
		return MatterView{}, err
	}
	v := MatterView{
		ID: id, Version: l.head.Version, State: l.head.State, Findings: []matter.Finding{}, Orders: []OrderView{},
		Exceptions: []ExceptionView{}, Disclosures: []DisclosureView{}, Notices: []NoticeView{},
	}
	if l.head.State != matter.AwaitingRequest {
		r, err := s.Store.Request(ctx, id)
		switch {
		case isNotFound(err):
			// The items of a transaction become visible one by one, and the head came first.
			return v, fmt.Errorf("read the request of %s, which is just being recorded: %w", id, store.ErrBusy)
		case err != nil:
			return v, fmt.Errorf("read the request of %s: %w", id, err)
		}
		v.Request = &r
		v.Findings = append(v.Findings, review.Current(r.Findings, l.orders, l.now)...)
	}
	parts, err := s.Store.Disclosures(ctx, id, "")
	if err != nil {
		return v, fmt.Errorf("read the disclosures of %s: %w", id, err)
	}
	parts = matter.HandedOver(parts)
	v.Disclosures = append(v.Disclosures, disclosures(parts)...)
	for i := range l.orders {
		v.Orders = append(v.Orders, l.order(&l.orders[i], parts))
	}
	for i := range l.exceptions {
		v.Exceptions = append(v.Exceptions, l.exception(&l.exceptions[i]))
	}
	page, next, err := s.Store.Notices(ctx, id, cursor, limit)
	if err != nil {
		return v, fmt.Errorf("list the notices of %s: %w", id, err)
	}
	about, err := s.subjectsOf(ctx, id, page)
	if err != nil {
		return v, err
	}
	for i := range page {
		if page[i].Kind != notice.Moved {
			v.Notices = append(v.Notices, l.notice(&page[i], about(&page[i])))
		}
	}
	v.Next = next
	return v, nil
}

func disclosures(parts []matter.Disclosure) []DisclosureView {
	var out []DisclosureView
	for _, p := range parts {
		i := slices.IndexFunc(out, func(v DisclosureView) bool { return v.ID == p.ID })
		if i < 0 {
			i = len(out)
			out = append(out, DisclosureView{ID: p.ID, DisclosureFacts: p.Facts})
		}
		out[i].Subjects += len(p.Targets)
		out[i].NoData = append(out[i].NoData, p.NoData...)
	}
	return out
}

// order returns one order for the instant of the question.
func (l *loadedMatter) order(o *matter.Order, parts []matter.Disclosure) OrderView {
	v := OrderView{
		ID: o.ID, Kind: o.Received.Kind, State: l.eval.State(o, &l.head, l.now), Flags: []string{},
		Citation: o.Received.LegalBasis, Findings: append([]matter.Finding{}, o.Findings...),
	}
	v.Challenges = o.Challenges
	if len(o.Challenges) > 0 {
		v.Flags = append(v.Flags, "challenged")
	}
	if o.Extended {
		v.Flags = append(v.Flags, "extended")
	}
	switch n := len(o.Assessments); {
	case v.State == matter.OrderEnded:
		v.Reason = restraint.Ended(o)
		v.EndedBy = o.Endings[len(o.Endings)-1].By
	case v.State == matter.OrderVoid && n > 0:
		v.Reason = o.Assessments[n-1].Reason
	}
	if r, ok := l.head.Restraint(o.ID); ok {
		var at []time.Time
		for _, p := range parts {
			at = append(at, matter.Ceil(p.Facts.At))
		}
		v.Kind, v.Origin = r.Kind, r.Origin
		v.From = matter.Instant(l.eval.Ends(r, time.Time{}).From)
		v.Until = matter.Instant(l.eval.LatestUntil(r, at))
	}
	return v
}

// notice returns one notice for the instant of the question, with its subject as it stands.
func (l *loadedMatter) notice(n *notice.Notice, s *matter.Subject) NoticeView {
	v := NoticeView{
		NoticeBrief: ledger.NoticeBrief{ID: n.ID, Disclosure: n.Disclosure, Subject: n.Subject,
			Recipient: n.Recipient(s).Role, State: n.State, Kind: n.Kind},
		SentAt: matter.Instant(n.SentAt), DeliveredAt: matter.Instant(n.DeliveredAt),
	}
	if due, known := l.eval.NoticeDue(n, s, &l.head, l.now); known {
		v.Due = matter.Instant(due)
	}
	if n.Reason != "" {
		v.Reason = &n.Reason
	}
	v.Overdue = l.overdue(n, v.Due)
	return v
}

// Grace is how late a notice may be before it is overdue. The alarm has the same bound. Sweeps start every minute, and
// a mail of unknown outcome waits this long.
const Grace = 15 * time.Minute

// overdue reports whether a notice that nothing forbids has waited for longer than Grace. Waiting for a report of SES
// or for a full mailbox does not count. A pause, a backoff and a probe do.
func (l *loadedMatter) overdue(n *notice.Notice, due *time.Time) bool {
	if n.State.Terminal() || n.State == notice.Sent || due == nil {
		return false
	}
	since := []time.Time{*due, n.Created}
	if n.State == notice.Unknown || n.Reason == notice.ReasonSoftBounce {
		since = append(since, n.Next)
	}
	return !slices.ContainsFunc(since, func(t time.Time) bool { return !l.now.After(t.Add(Grace)) })
}

// Event is one step in a notice's history.
type Event struct {
	At     time.Time `json:"at"`
	State  string    `json:"state"`
	Reason string    `json:"reason,omitempty"`
	// LateOrder is the order of a step that tells of a late one.
	LateOrder string `json:"-"`
}

// NoticeDetail is one notice with its history.
type NoticeDetail struct {
	NoticeView
	Matter  string  `json:"matter"`
	History []Event `json:"history"`
	// Unknowns counts the attempts that were ever unknown. The accepted mails exceed it by at most one.
	Unknowns int `json:"unknowns"`
	// SHA256 is that of the letter of each attempt, oldest first, with placeholders for what is one mail's own: of the
	// preview as message/rfc822 in the notice's own language, where that shows the attempt's letter.
	SHA256 []string `json:"sha256"`
}

// Notice returns one notice. The error is store.ErrNotFound if there is none.
func (s *Service) Notice(ctx context.Context, id string) (NoticeDetail, error) {
	n, l, err := s.noticeOf(ctx, id)
	if err != nil {
		return NoticeDetail{}, err
	}
	about, err := s.subjectOf(ctx, &n)
	if err != nil {
		return NoticeDetail{}, err
	}
	v := NoticeDetail{
		NoticeView: l.notice(&n, about), Matter: n.Matter, History: history(&n), Unknowns: n.Unknowns(), SHA256: []string{},
	}
	for _, a := range n.Attempts {
		if a.Form != "" {
			v.SHA256 = append(v.SHA256, a.Form)
		}
	}
	return v, nil
}

func (s *Service) noticeOf(ctx context.Context, id string) (notice.Notice, *loadedMatter, error) {
	if len(id) > 2*longestID {
		return notice.Notice{}, nil, fmt.Errorf("read a notice under an id of %d bytes: %w", len(id), store.ErrNotFound)
	}
	n, err := s.Store.Notice(ctx, id)
	if err != nil {
		return n, nil, fmt.Errorf("read notice %s: %w", id, err)
	}
	l, err := s.load(ctx, n.Matter)
	return n, l, err
}

// history lists the steps of a notice, oldest first, from the notice's own record. The record keeps each attempt's
// outcome, and of all reports of SES only the last.
func history(n *notice.Notice) []Event {
	out := []Event{{At: n.Created, State: string(notice.Scheduled)}}
	if len(n.Attempts) > 0 && n.Attempts[0].Claimed.Before(n.Created) {
		// Created is rounded up to the second and Claimed is not, so a claim can seem to come before the creation.
		out[0].At = n.Attempts[0].Claimed
	}
	for _, a := range n.Attempts {
		out = append(out, Event{At: a.Claimed, State: string(notice.Sending)})
		switch a.Outcome {
		case notice.OutcomeAccepted:
			reason := ""
			if a.WasUnknown {
				reason = "settled an unknown attempt"
			}
			out = append(out, Event{At: a.At, State: string(notice.Sent), Reason: reason})
		case notice.OutcomeUnknown:
			out = append(out, Event{At: a.At, State: string(notice.Unknown)})
		}
		if !a.Bounced.IsZero() {
			e := Event{At: a.Bounced, State: string(notice.Bounced)}
			if n.State == notice.Bounced && a.Bounced.Equal(n.Changed) {
				e.Reason = string(n.Reason)
			}
			out = append(out, e)
		}
	}
	if !n.DeliveredAt.IsZero() {
		out = append(out, Event{At: n.DeliveredAt, State: string(notice.Delivered), Reason: string(notice.ReasonDelivered)})
	}
	if state, known := signed(n.LastSign); known {
		e := Event{At: n.LastSignAt, State: string(state)}
		if state == n.State {
			e.Reason = string(n.Reason)
		}
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Event) int { return a.At.Compare(b.At) })
	if last := out[len(out)-1]; (n.State.Terminal() || n.State == notice.Held) && last.State != string(n.State) {
		out = append(out, Event{At: latest(last.At, n.Changed), State: string(n.State), Reason: string(n.Reason)})
	}
	return late(out, n)
}

// signed returns the state that a report of SES leads to, if neither an attempt nor DeliveredAt shows that state.
func signed(op notice.Op) (notice.State, bool) {
	switch op {
	case notice.OpComplaint:
		return notice.Complained, true
	case notice.OpReject:
		return notice.Failed, true
	}
	return "", false
}

// late adds the late order to a history. It changed no state.
func late(out []Event, n *notice.Notice) []Event {
	if n.LateAt.IsZero() {
		return out
	}
	after := slices.IndexFunc(out, func(e Event) bool { return e.At.After(n.LateAt) })
	if after < 0 {
		after = len(out)
	}
	state := out[max(after-1, 0)].State
	return slices.Insert(out, after, Event{At: n.LateAt, State: state, Reason: "late_order " + n.LateOrder,
		LateOrder: n.LateOrder})
}
