package sim

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/dispatch"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// mutant is a design bug, put around the store or the mailer that the services get: production code has no switch for
// it.
type mutant struct {
	name string
	// promise is the one that the bug breaks: that another is broken too, or first, is no kill.
	promise string
	store   func(l *life, s store.Store) store.Store
	mailer  func(m dispatch.Mailer) dispatch.Mailer
	// move may change a move before it is applied; true refuses it.
	move func(m *notice.Act, before *notice.Notice) bool
	// unversioned deletes rows whatever version they were planned under.
	unversioned bool
	// deaf takes every announcement for made.
	deaf bool
	// seed is one that found it, tried before all others: some bugs show once in a thousand runs.
	seed uint64
	// scene is what every run with it plays: where the bug hurts is rare among all runs.
	scene scene
}

// mutants are the design bugs that somebody could fall for; the suite has to find every one of them.
func mutants() []mutant {
	around := func(wrap func(store.Store) store.Store) func(*life, store.Store) store.Store {
		return func(l *life, s store.Store) store.Store {
			if !strings.HasPrefix(l.p.name, "dispatch") {
				return s
			}
			return wrap(s)
		}
	}
	return []mutant{
		{name: "no skew margin", promise: "never early",
			store: around(func(s store.Store) store.Store { return noMargin{s} })},
		{name: "due row deleted first", promise: "superset rule",
			store: around(func(s store.Store) store.Store { return &deleteFirst{Store: s, seen: map[string]agenda.Row{}} })},
		{name: "row moved without its version", promise: "superset rule", unversioned: true, scene: putOff},
		{name: "row deleted because its notice is not there yet", promise: "superset rule",
			store: around(func(s store.Store) store.Store { return orphanDeleted{s} })},
		{name: "re-plan behind the backlog", promise: "lateness",
			store: func(l *life, s store.Store) store.Store { return replanBehind{s, l} }},
		{name: "blind retry after an unknown", promise: "at most one, or say so",
			mailer: func(m dispatch.Mailer) dispatch.Mailer { return blindRetry{m} }},
		{name: "no own-token branch", promise: "duplicate budget", move: func(m *notice.Act, n *notice.Notice) bool {
			return m.Op == notice.OpClaim && n.State == notice.Sending && n.Token == m.Token
		}},
		{
			name: "lease ignored", promise: "duplicate budget",
			store: around(func(s store.Store) store.Store { return leaseIgnored{s} }),
			move: func(m *notice.Act, n *notice.Notice) bool {
				if m.Op == notice.OpLost && !n.Lease.Before(m.At) {
					m.At = n.Lease.Add(time.Second)
				}
				return false
			},
		},
		{name: "no reconcile window", promise: "duplicate budget", move: func(m *notice.Act, _ *notice.Notice) bool {
			if m.Op == notice.OpUnsure || m.Op == notice.OpLost {
				m.Next = m.At
			}
			return false
		}},
		{name: "final check before the claim", promise: "never early",
			store: around(func(s store.Store) store.Store { return &checkFirst{Store: s} })},
		{name: "release keeps the token", promise: "never lost",
			store: func(l *life, s store.Store) store.Store { return tokenKept{s, l.p.w} }},
		{name: "torn transaction read as clear", promise: "never early", scene: longList, seed: 675,
			store: around(func(s store.Store) store.Store { return tornClear{s} })},
		{name: "stored due", promise: "never early", store: func(l *life, s store.Store) store.Store {
			if !strings.HasPrefix(l.p.name, "dispatch") {
				return s
			}
			return storedDue{s, l.p.w}
		}},
		{name: "extension not bumping the version", promise: "superset rule", scene: putOff,
			store: func(l *life, s store.Store) store.Store { return notBumped{s, l.p.w} }},
		{name: "re-plan row lost", promise: "superset rule",
			store: func(_ *life, s store.Store) store.Store { return rowLost{s, agenda.Replan} }},
		{name: "make-notices row lost", promise: "superset rule", store: func(_ *life, s store.Store) store.Store {
			return rowLost{s, agenda.MakeNotices}
		}},
		{name: "row moved by a head older than its plan", promise: "superset rule", scene: putOff, seed: 711,
			store: around(func(s store.Store) store.Store {
				return &olderHead{Store: s, planned: map[string]int{}}
			})},
		{name: "hold on record, and not on its notice", promise: "a person's word counts", seed: 1274,
			store: func(_ *life, s store.Store) store.Store { return unheld{s} }},
		{name: "hold forgotten over what SES reports", promise: "a person's word counts",
			store: func(l *life, s store.Store) store.Store { return forgetful{s, l.p.w} }},
		{name: "announcement taken for made", promise: "every end is announced", deaf: true},
		{name: "bounce treated as delivered", promise: "delivered is what counts",
			store: func(_ *life, s store.Store) store.Store { return bounceDelivered{s} }},
	}
}

// headed changes every head that is read.
func headed(ctx context.Context, s store.Store, id string, change func(r *matter.Restraint)) (matter.Head, error) {
	h, err := s.Head(ctx, id)
	for i := range h.Restraints {
		change(&h.Restraints[i])
	}
	return h, err
}

// each reads the things one by one, as a mutant shows them.
func each[T any](ctx context.Context, ids []string,
	one func(context.Context, string) (T, error)) (map[string]T, error) {
	all := map[string]T{}
	for _, id := range ids {
		v, err := one(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all[id] = v
	}
	return all, nil
}

// noMargin takes the margin off every end, so that the check for the margin is one for the very instant.
type noMargin struct{ store.Store }

func (s noMargin) Head(ctx context.Context, id string) (matter.Head, error) {
	return headed(ctx, s.Store, id, func(r *matter.Restraint) {
		for _, t := range []*time.Time{&r.Until, &r.Ended, &r.Paper.End.At} {
			if !t.IsZero() {
				*t = t.Add(-matter.Margin)
			}
		}
	})
}

func (s noMargin) Heads(ctx context.Context, ids []string) (map[string]matter.Head, error) {
	return each(ctx, ids, s.Head)
}

// deleteFirst deletes the row that was read before it puts the one that takes its place.
type deleteFirst struct {
	store.Store
	seen map[string]agenda.Row
}

func (s *deleteFirst) Apply(ctx context.Context, held notice.Notice, m notice.Act) (notice.Notice, bool, error) {
	n, ok, err := s.Store.Apply(ctx, held, m)
	if ok {
		s.seen[held.ID] = agenda.Row{}
	}
	return n, ok, err
}

func (s *deleteFirst) PutRows(ctx context.Context, rows ...agenda.Row) error {
	for _, r := range rows {
		if _, moves := s.seen[r.ID()]; !moves || r.Kind != agenda.Notice {
			continue
		}
		upTo := r.At.Add(-time.Second)
		list, _, err := s.Store.Rows(ctx, false, r.Shard(), upTo, "", 1000)
		if err != nil {
			return err
		}
		for _, old := range list {
			if old.ID() == r.ID() {
				if err := s.DeleteRows(ctx, old); err != nil {
					return err
				}
			}
		}
	}
	return s.Store.PutRows(ctx, rows...)
}

// orphanDeleted takes a row without its notice for a leftover.
type orphanDeleted struct{ store.Store }

func (s orphanDeleted) PutRows(ctx context.Context, rows ...agenda.Row) error {
	return s.Store.PutRows(ctx, slices.DeleteFunc(slices.Clone(rows), func(r agenda.Row) bool {
		return !r.MissingSince.IsZero()
	})...)
}

// replanBehind plans anew only while no notice is due.
type replanBehind struct {
	store.Store
	life *life
}

func (s replanBehind) Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string,
	limit int) ([]agenda.Row, string, error) {
	list, next, err := s.Store.Rows(ctx, work, shard, upTo, after, limit)
	if !work || err != nil {
		return list, next, err
	}
	for i := range agenda.NoticeShards {
		if due, _, _ := s.life.p.w.store.Rows(ctx, false, i, upTo, "", 1); len(due) > 0 {
			return slices.DeleteFunc(list, func(r agenda.Row) bool { return r.Kind == agenda.Replan }), next, nil
		}
	}
	return list, next, nil
}

// blindRetry sends again at once where nobody knows what became of a mail.
type blindRetry struct{ dispatch.Mailer }

func (m blindRetry) Send(ctx context.Context, mail notice.Mail) (string, error) {
	id, err := m.Mailer.Send(ctx, mail)
	if e, ok := errors.AsType[*notice.SendError](err); ok && e.Outcome == notice.OutcomeUnknown {
		return m.Mailer.Send(ctx, mail)
	}
	return id, err
}

// leaseIgnored takes every attempt of somebody else for lost.
type leaseIgnored struct{ store.Store }

func (s leaseIgnored) Notice(ctx context.Context, id string) (notice.Notice, error) {
	n, err := s.Store.Notice(ctx, id)
	if n.State == notice.Sending {
		n.Lease = n.Lease.Add(-24 * time.Hour)
	}
	return n, err
}

func (s leaseIgnored) NoticesOf(ctx context.Context, ids []string) (map[string]notice.Notice, error) {
	return each(ctx, ids, s.Notice)
}

// checkFirst answers the final check with the head as it stood before the claim.
type checkFirst struct {
	store.Store
	before *matter.Head
}

func (s *checkFirst) Apply(ctx context.Context, held notice.Notice, m notice.Act) (notice.Notice, bool, error) {
	s.before = nil
	if m.Op == notice.OpClaim {
		id, _, _ := notice.SplitID(held.ID)
		h, err := s.Store.Head(ctx, id)
		if err != nil {
			return notice.Notice{}, false, err
		}
		s.before = &h
	}
	return s.Store.Apply(ctx, held, m)
}

func (s *checkFirst) Head(ctx context.Context, id string) (matter.Head, error) {
	if s.before != nil {
		return *s.before, nil
	}
	return s.Store.Head(ctx, id)
}

// tokenKept leaves an attempt that was given back among the notice's attempts.
type tokenKept struct {
	store.Store
	w *world
}

func (s tokenKept) with(n notice.Notice) notice.Notice {
	n.Attempts = append(slices.Clone(s.w.kept[n.ID]), n.Attempts...)
	return n
}

func (s tokenKept) Notice(ctx context.Context, id string) (notice.Notice, error) {
	n, err := s.Store.Notice(ctx, id)
	return s.with(n), err
}

func (s tokenKept) NoticesOf(ctx context.Context, ids []string) (map[string]notice.Notice, error) {
	return each(ctx, ids, s.Notice)
}

func (s tokenKept) Apply(ctx context.Context, held notice.Notice, m notice.Act) (notice.Notice, bool, error) {
	n, ok, err := s.Store.Apply(ctx, held, m)
	if m.Op == notice.OpRelease && ok {
		s.w.kept[held.ID] = append(s.w.kept[held.ID], notice.Attempt{Token: m.Token, Claimed: m.At})
	}
	return s.with(n), ok, err
}

// tornClear takes a list that could not be read for an empty one.
type tornClear struct{ store.Store }

func (s tornClear) Head(ctx context.Context, id string) (matter.Head, error) {
	return headed(ctx, s.Store, id, func(r *matter.Restraint) { r.Torn = false })
}

func (s tornClear) Heads(ctx context.Context, ids []string) (map[string]matter.Head, error) {
	return each(ctx, ids, s.Head)
}

// storedDue goes by the restraints as they stood when the first notice was made.
type storedDue struct {
	store.Store
	w *world
}

func (s storedDue) Head(ctx context.Context, id string) (matter.Head, error) {
	h, err := s.Store.Head(ctx, id)
	if err != nil || h.Disclosures == 0 {
		return h, err
	}
	if s.w.stored == nil {
		s.w.stored = h.Restraints
	}
	h.Restraints = s.w.stored
	return h, nil
}

func (s storedDue) Heads(ctx context.Context, ids []string) (map[string]matter.Head, error) {
	return each(ctx, ids, s.Head)
}

// notBumped plans rows under a version that orders and their ends leave alone.
type notBumped struct {
	store.Store
	w *world
}

func (s notBumped) planned(r agenda.Row) agenda.Row {
	planned := r.Planned
	for v := range s.w.unbumped {
		if v <= r.Planned {
			planned--
		}
	}
	r.Planned = planned
	return r
}

func (s notBumped) Commit(ctx context.Context, c store.Change) error {
	err := s.Store.Commit(ctx, c)
	if t := c.Entry.Type; err == nil && (t == event.OrderReceived || t == event.OrderEnded) {
		s.w.unbumped[c.Head.Version] = true
	}
	return err
}

func (s notBumped) PutRows(ctx context.Context, rows ...agenda.Row) error {
	rows = slices.Clone(rows)
	for i, r := range rows {
		if r.Kind == agenda.Notice {
			rows[i] = s.planned(r)
		}
	}
	return s.Store.PutRows(ctx, rows...)
}

// olderHead hides from the dispatcher under which version a row was planned, so that it cannot tell that what it
// remembers of the matter is older. The simulator found this bug in the dispatcher itself.
type olderHead struct {
	store.Store
	mu      sync.Mutex
	planned map[string]int
}

func (s *olderHead) Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string,
	limit int) ([]agenda.Row, string, error) {
	list, next, err := s.Store.Rows(ctx, work, shard, upTo, after, limit)
	if work {
		return list, next, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range list {
		s.planned[list[i].ID()+list[i].At.String()], list[i].Planned = list[i].Planned, 0
	}
	return list, next, err
}

func (s *olderHead) DeleteRows(ctx context.Context, rows ...agenda.Row) error {
	rows = slices.Clone(rows)
	s.mu.Lock()
	for i, r := range rows {
		if v, ok := s.planned[r.ID()+r.At.String()]; ok && r.Planned == 0 {
			rows[i].Planned = v
		}
	}
	s.mu.Unlock()
	return s.Store.DeleteRows(ctx, rows...)
}

// rowLost records changes without the row that asks for what follows from them: that notices are planned anew, or made.
type rowLost struct {
	store.Store
	kind agenda.Kind
}

func (s rowLost) Commit(ctx context.Context, c store.Change) error {
	c.Rows = slices.DeleteFunc(slices.Clone(c.Rows), func(r agenda.Row) bool { return r.Kind == s.kind })
	return s.Store.Commit(ctx, c)
}

// unheld records what a person decided about a notice, and leaves it to the re-plan to tell the notice.
type unheld struct{ store.Store }

func (s unheld) Commit(ctx context.Context, c store.Change) error {
	c.Decided = nil
	return s.Store.Commit(ctx, c)
}

// forgetful keeps a person's hold in the notice's state alone, which a report of SES moves.
type forgetful struct {
	store.Store
	w *world
}

func (s forgetful) Apply(ctx context.Context, held notice.Notice, m notice.Act) (notice.Notice, bool, error) {
	if n := s.w.store.PeekAt(held.ID); n != nil && m.Op.Resumes() {
		n.Holding = false
	}
	return s.Store.Apply(ctx, held, m)
}

// bounceDelivered takes any answer of the receiving side for a delivery.
type bounceDelivered struct{ store.Store }

func (s bounceDelivered) Apply(ctx context.Context, held notice.Notice, m notice.Act) (notice.Notice, bool, error) {
	if m.Op == notice.OpBounce {
		m.Op, m.Reason = notice.OpDelivery, notice.ReasonDelivered
	}
	return s.Store.Apply(ctx, held, m)
}
