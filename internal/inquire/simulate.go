package inquire

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// Simulation asks which notices would move under other rules or at a later instant.
type Simulation struct {
	// At is the later instant for which the dues are computed. Zero is now.
	At time.Time
	// Rules are the rules to try, nil for the rules in force.
	Rules *law.Book
	// Cursor is where the page before ended, "" for the first page. Limit bounds the agenda rows that are read.
	Cursor string
	Limit  int
}

// SimulationView is one page of the notices that would move.
type SimulationView struct {
	Now time.Time `json:"now"`
	At  time.Time `json:"at"`
	// Rules and NewRules are the compared revisions.
	Rules    string `json:"rules"`
	NewRules string `json:"newRules"`
	// Open counts the open notices that this page compared.
	Open  int     `json:"open"`
	Moves []Moved `json:"moves"`
	Next  string  `json:"next,omitempty"`
}

// Moved is one open notice that would move.
type Moved struct {
	Notice     string      `json:"notice"`
	Matter     string      `json:"matter"`
	Disclosure string      `json:"disclosure"`
	Subject    string      `json:"subject"`
	Recipient  matter.Role `json:"recipient"`
	// Before is the due now. After is the due as it would be. Null means that nobody could say.
	Before *time.Time `json:"before"`
	After  *time.Time `json:"after"`
	// Change is "earlier", "later" or "due". "due" means that the due stays and will have come at the instant asked about.
	Change string `json:"change"`
	// SignOff means that the move is an earlier one. A person has to approve it before the rules are put to work.
	SignOff bool `json:"signOff"`
	// Because names the restraints that make the difference.
	Because []string `json:"because"`
}

// The values of Moved.Change.
const (
	changeEarlier = "earlier"
	changeLater   = "later"
	changeDue     = "due"
)

// Simulate applies the rules or the instant to the open notices of the next agenda rows, and lists the notices that
// would move. It changes nothing. The page ends after Limit rows. A later page may list a notice again.
func (s *Service) Simulate(ctx context.Context, q Simulation) (SimulationView, error) {
	shard, after, err := parseWalk(q.Cursor)
	if err != nil {
		return SimulationView{}, err
	}
	now := s.Now()
	v := SimulationView{Now: matter.Floor(now), At: matter.Floor(now), Rules: s.Law.Revision(), Moves: []Moved{}}
	if q.At.After(now) {
		v.At = matter.Ceil(q.At)
	}
	v.NewRules = v.Rules
	if q.Rules != nil {
		v.NewRules = q.Rules.Revision()
	}
	t := &trial{agendaView: agendaView{Service: s, now: now, eval: restraint.NewEvaluator(),
		loaded: map[string]*loadedMatter{}}, rules: q.Rules,
		heads: map[string]*matter.Head{}, seen: map[string]bool{}, view: &v}
	for left := q.Limit; shard < agenda.NoticeShards; shard, after = shard+1, "" {
		for {
			if left <= 0 {
				v.Next = formatWalk(shard, after)
				return v, nil
			}
			rows, next, err := s.Store.Rows(ctx, false, shard, endOfTime, after, min(left, window))
			if err != nil {
				return v, fmt.Errorf("read the agenda: %w", err)
			}
			left -= max(len(rows), 1)
			for _, r := range rows {
				if err := t.row(ctx, r); err != nil {
					return v, err
				}
			}
			if after = next; after == "" {
				break
			}
		}
	}
	return v, nil
}

// endOfTime is after every row.
var endOfTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// trial compares the matters as they are with the matters as they would be.
type trial struct {
	agendaView
	rules *law.Book
	heads map[string]*matter.Head
	seen  map[string]bool
	view  *SimulationView
}

// row compares the notice of a row, once.
func (t *trial) row(ctx context.Context, r agenda.Row) error {
	if r.Kind != agenda.Notice || t.seen[r.ID()] {
		return nil
	}
	t.seen[r.ID()] = true
	n, err := t.Store.Notice(ctx, r.ID())
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read notice %s: %w", r.ID(), err)
	}
	if !unfinished(&n) {
		return nil
	}
	l, err := t.loadOnce(ctx, n.Matter)
	if l == nil || err != nil {
		return err
	}
	t.view.Open++
	tried, err := t.tried(ctx, n.Matter, l)
	if err != nil {
		return err
	}
	about, err := t.subjectOf(ctx, &n)
	if err != nil {
		return err
	}
	before, known := t.eval.NoticeDue(&n, about, &l.head, t.now)
	after, still := t.eval.NoticeDue(&n, about, tried, t.view.At)
	m := Moved{
		Notice: n.ID, Matter: n.Matter, Disclosure: n.Disclosure, Subject: n.Subject, Recipient: n.Recipient(about).Role,
		Before: optional(before, known), After: optional(after, still),
		Because: t.because(restraint.TargetOf(&n, about), &l.head, tried),
	}
	switch {
	case still && (!known || after.Before(before)):
		m.Change, m.SignOff = changeEarlier, true
	case known && (!still || after.After(before)):
		m.Change = changeLater
	case known && before.After(t.now) && !before.After(t.view.At):
		m.Change = changeDue
	default:
		return nil
	}
	t.view.Moves = append(t.view.Moves, m)
	return nil
}

func optional(t time.Time, known bool) *time.Time {
	if !known {
		return nil
	}
	return matter.Instant(t)
}

// because names the restraints of a notice's target that differ between the two heads. If none differs, it names all
// of them.
func (t *trial) because(target restraint.Target, now, tried *matter.Head) []string {
	a, b := t.eval.Covering(now, target), t.eval.Covering(tried, target)
	out, all := []string{}, []string{}
	for _, side := range [][2][]restraint.Interval{{a, b}, {b, a}} {
		for _, i := range side[0] {
			if !slices.Contains(all, i.Source) {
				all = append(all, i.Source)
			}
			same := slices.ContainsFunc(side[1], func(j restraint.Interval) bool {
				return i.Source == j.Source && i.From.Equal(j.From) && i.Until.Equal(j.Until)
			})
			if !same && !slices.Contains(out, i.Source) {
				out = append(out, i.Source)
			}
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// tried returns the matter's head as the tried rules would make it. It derives the standing restraints anew. It counts
// the ends of papers anew, as the calendar reads them today.
func (t *trial) tried(ctx context.Context, id string, l *loadedMatter) (*matter.Head, error) {
	if t.rules == nil {
		return &l.head, nil
	}
	if h, ok := t.heads[id]; ok {
		return h, nil
	}
	h := l.head
	h.Restraints = nil
	var standing []law.Standing
	if h.State != matter.AwaitingRequest {
		req, err := t.Store.Request(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read the request of %s: %w", id, err)
		}
		standing, _ = t.rules.Standing(&req, t.now)
	}
	kept := map[string]bool{}
	for _, r := range l.head.Restraints {
		byLaw := r.Origin.FromRequest()
		if byLaw {
			o := slices.IndexFunc(l.orders, func(o matter.Order) bool { return o.ID == r.ID })
			stands := false
			for _, s := range standing {
				if o >= 0 && s.AnsweredBy(&r, l.orders[o].Received.LegalBasis) {
					kept[s.ID], stands = true, true
				}
			}
			if !stands {
				continue
			}
		}
		if !byLaw && r.Paper.End.Computed() {
			r.Paper.Rolls = t.rules.Rolls(r.Paper.Country)
			r.Until = t.eval.Reading(r.Paper, time.Time{}).Until
		}
		h.Restraints = append(h.Restraints, r)
	}
	for _, s := range standing {
		if !kept[s.ID] {
			h.Restraints = append(h.Restraints, matter.Restraint{
				ID: s.ID, Origin: s.Origin, Standing: s.ID, Kind: matter.Statute, All: true, Recorded: t.now,
				Paper: matter.Paper{End: matter.End{Kind: matter.EndNone}},
			})
		}
	}
	t.heads[id] = &h
	return &h, nil
}

func formatWalk(shard int, after string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("walk " + strconv.Itoa(shard) + " " + after))
}

func parseWalk(cursor string) (shard int, after string, err error) {
	if cursor == "" {
		return 0, "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.SplitN(string(raw), " ", 3)
	if err == nil && (len(parts) != 3 || parts[0] != "walk") {
		err = errors.New("not of this form")
	}
	if err == nil {
		shard, err = strconv.Atoi(parts[1])
	}
	if err != nil || shard < 0 || shard >= agenda.NoticeShards {
		return 0, "", ErrCursor
	}
	return shard, parts[2], nil
}
