package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Applied returns pairs of a notice and an act that applies to it. There is a pair for every op and every state from
// which the state table lets the op move a notice.
func Applied(t *testing.T) (notices []notice.Notice, acts []notice.Act) {
	for _, op := range ops() {
		for _, state := range op.From() {
			n, a, ok := fitting(op, state)
			require.True(t, ok, "variants and arguments hold nothing that lets %s move from %s", op, state)
			n.Subject = fmt.Sprint(op, " from ", state)
			n.ID = notice.ID(nil, sampleMatter, "d1", n.Subject)
			notices, acts = append(notices, n), append(acts, a)
		}
	}
	return notices, acts
}

func fitting(op notice.Op, state notice.State) (notice.Notice, notice.Act, bool) {
	for _, n := range variants(state, op) {
		for _, a := range arguments(op) {
			after, effect := n.Apply(a)
			// An act that only records the outcome of its attempt does not move the notice.
			moved := after.State != n.State || after.Changed != n.Changed || after.CarriedOut != n.CarriedOut
			if effect == notice.Applied && (moved || op.To() == "") {
				return n, a, true
			}
		}
	}
	return notice.Notice{}, notice.Act{}, false
}

// Compare makes the same random calls, with the same random items, to a model and to a store. After every call it
// requires the same answers and the same kinds of error, and at the end the same records. repeated reports whether the
// store has repeated a write since the last call of repeated, because the answer to the first was lost. In that case
// the model's answer to a repetition is right too.
func Compare(t *testing.T, model, db store.Store, repeated func() bool) {
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		c := &comparison{T: rt, ctx: t.Context(), model: model, store: db, repeated: repeated, id: fmt.Sprint("mat-", runs)}
		c.both("open", func(s store.Store) (any, error) { return s.Open(c.ctx, newHead(c.id, "k1")) })
		c.putNotice()
		steps := []func(){c.open, c.commit, c.commit, c.rows, c.rows, c.putNotice, c.move, c.move, c.move, c.move, c.subjects,
			c.ledger, c.control, c.flight}
		for c.step = range rapid.IntRange(5, 20).Draw(rt, "steps") {
			rapid.SampledFrom(steps).Draw(rt, "step")()
		}
		c.everything()
	})
}

// comparison is one run of Compare on a matter of its own.
type comparison struct {
	*rapid.T
	ctx          context.Context
	model, store store.Store
	repeated     func() bool
	id           string
	step, now    int
	notices      []string
	receipts     []string
}

// both makes the call to both stores.
func (c *comparison) both(what string, call func(s store.Store) (any, error)) {
	want, wantErr := call(c.model)
	got, err := call(c.store)
	require.Equal(c, class(wantErr), class(err), "%s: the model answers %v, the store %v", what, wantErr, err)
	if wantErr == nil && want != nil {
		same(c, want, got, "%s", what)
	}
}

// class returns the kind of an error, as far as callers tell kinds apart.
func class(err error) string {
	for _, kind := range []error{store.ErrNotFound, store.ErrRace, event.ErrConflict, event.ErrPredecessor,
		store.ErrBusy, store.ErrTooLarge} {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	if err != nil {
		return "an error"
	}
	return ""
}

func (c *comparison) number(what string, from, to int) int {
	return rapid.IntRange(from, to).Draw(c.T, what)
}

func (c *comparison) open() {
	h := newHead(rapid.SampledFrom([]string{c.id, c.id + "-late"}).Draw(c.T, "matter"),
		fmt.Sprint("k", c.number("keys", 1, 3)))
	c.both("open", func(s store.Store) (any, error) { return s.Open(c.ctx, h) })
}

// commit makes a change that fits about half the time. Its version is right or wrong, its event new or old, its
// restraints whole or torn, and its items few or too many.
func (c *comparison) commit() {
	h, err := c.model.Head(c.ctx, c.id)
	require.NoError(c, err)
	h.Version += rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, -1, 1}).Draw(c.T, "beside")
	x := next(c.T, h, fmt.Sprintf("%s e%d", c.id, c.number("event", 1, 9)))
	c.receipts = append(c.receipts, x.Receipt.Key)
	c.restrain(&x.Head)
	c.papers(&x)
	if len(c.notices) > 0 && len(x.Rows) < store.MaxItems && c.number("decided", 1, 4) == 4 {
		n, err := c.model.Notice(c.ctx, rapid.SampledFrom(c.notices).Draw(c.T, "decided notice"))
		require.NoError(c, err)
		n, _ = n.Apply(notice.Decide(x.Head.Version))
		if c.number("old", 1, 6) == 6 {
			n.Revision--
		}
		x.Decided = &n
	}
	if len(x.Head.Restraints) > 0 && c.number("torn", 1, 10) == 10 {
		x.Head.Restraints[0].Torn = true
	}
	c.both("commit", func(s store.Store) (any, error) { return nil, s.Commit(c.ctx, x) })
}

// restrain adds a restraint, changes one, or leaves the head as it is.
func (c *comparison) restrain(h *matter.Head) {
	r := sampleRestraint()
	r.ID, r.Revision = fmt.Sprint("ord-", c.number("order", 1, 4)), h.Version
	r.Subjects = subjectIDs(fmt.Sprint("v", h.Version), rapid.SampledFrom([]int{0, 2, 50, 51}).Draw(c.T, "covered"))
	r.Unknown = r.Subjects[:len(r.Subjects)/2]
	i := slices.IndexFunc(h.Restraints, func(x matter.Restraint) bool { return x.ID == r.ID })
	switch {
	case c.number("left", 0, 2) == 0:
	case i < 0:
		h.Restraints = append(h.Restraints, r)
	case c.number("dropped", 0, 4) == 0:
		h.Restraints = slices.Delete(h.Restraints, i, i+1)
	default:
		h.Restraints[i] = r
	}
}

// papers adds the items that an event may record beside the head.
func (c *comparison) papers(x *store.Change) {
	if rapid.Bool().Draw(c.T, "request") {
		x.Request = sampleRequest()
		x.Request.Matter, x.Request.Version = c.id, x.Head.Version
	}
	if rapid.Bool().Draw(c.T, "disclosure") {
		x.Disclosure = sampleDisclosure(fmt.Sprint("d", c.number("disclosure", 1, 2)), c.number("part", 1, 2),
			c.number("targets", 0, 3))
		x.Disclosure.Matter = c.id
	}
	if rapid.Bool().Draw(c.T, "order") {
		o := sampleOrder(fmt.Sprint("ord-", c.number("order", 1, 2)))
		o.Matter, o.Version = c.id, x.Head.Version
		x.Orders = append(x.Orders, o)
	}
	if rapid.Bool().Draw(c.T, "exception") {
		x.Exception = sampleException("ex-1")
		x.Exception.Matter = c.id
	}
	if rapid.Bool().Draw(c.T, "subject") {
		x.Subject = new(c.subject(c.number("id", 1, 4)))
	}
	// Twenty rows are refused for their number. Which of two reasons for a refusal comes first is left open.
	if h, _ := c.model.Head(c.ctx, c.id); x.Head.Version == h.Version+1 && c.number("many", 1, 12) == 12 {
		if _, err := c.model.Receipt(c.ctx, x.Receipt.Key); errors.Is(err, store.ErrNotFound) {
			x.Subject = nil // one that was erased is another reason
			for i := range 20 {
				x.Rows = append(x.Rows, agenda.ForAnnounce(c.id, 1, at(i)))
			}
			return
		}
	}
	if rapid.Bool().Draw(c.T, "row") {
		x.Rows = append(x.Rows, c.row())
	}
}

// row returns one of a few rows, so that puts and deletions meet.
func (c *comparison) row() agenda.Row {
	kind := rapid.SampledFrom([]agenda.Kind{agenda.Notice, agenda.Order, agenda.Replan}).Draw(c.T, "kind")
	return agenda.Row{
		At: at(c.number("at", 1, 2)), Kind: kind, Matter: c.id, Ref: c.id +
			".x", Planned: c.number("planned", 1, 3), Cursor: fmt.Sprint("c", c.step),
	}
}

func (c *comparison) rows() {
	r := c.row()
	if rapid.Bool().Draw(c.T, "delete") {
		c.both("delete row", func(s store.Store) (any, error) { return nil, s.DeleteRows(c.ctx, r) })
	} else {
		c.both("put row", func(s store.Store) (any, error) { return nil, s.PutRows(c.ctx, r) })
	}
	c.both("rows", func(s store.Store) (any, error) { return c.rowsOf(s, r) })
}

// rowsOf returns the run's own rows in the partition of r.
func (c *comparison) rowsOf(s store.Store, r agenda.Row) (mine []agenda.Row, err error) {
	for after := ""; ; {
		page, cursor, err := s.Rows(c.ctx, r.Work(), r.Shard(), far(), after, 100)
		for _, x := range page {
			if x.ID() == r.ID() {
				mine = append(mine, x)
			}
		}
		if after = cursor; err != nil || cursor == "" {
			return mine, err
		}
	}
}

// putNotice puts a notice in a random state.
func (c *comparison) putNotice() {
	all := variants(rapid.SampledFrom(notice.States()).Draw(c.T, "state"), rapid.SampledFrom(ops()).Draw(c.T, "for"))
	n := rapid.SampledFrom(all).Draw(c.T, "notice")
	n.Matter, n.Subject = c.id, fmt.Sprint("u", c.number("subject", 1, 3))
	n.ID = notice.ID(nil, c.id, "d1", n.Subject)
	c.notices = append(c.notices, n.ID)
	row := rowOf(n, at(c.number("at", 100, 101)))
	row.Planned = c.number("planned", 1, 3)
	c.both("put notice", func(s store.Store) (any, error) {
		return nil, errors.Join(s.PutRows(c.ctx, row), s.PutNotice(c.ctx, n))
	})
	c.both("rows", func(s store.Store) (any, error) { return c.rowsOf(s, row) })
}

// move draws an op. Most draws are ops that the state allows.
func (c *comparison) move() {
	n, err := c.model.Notice(c.ctx, rapid.SampledFrom(c.notices).Draw(c.T, "notice"))
	require.NoError(c, err)
	m := draw(c.T, n, c.step+1)
	if fitting := slices.DeleteFunc(ops(), func(o notice.Op) bool {
		return !slices.Contains(o.From(),
			n.State)
	}); len(fitting) > 0 && c.number("fits", 0, 3) > 0 {
		m.Op = rapid.SampledFrom(fitting).Draw(c.T, "op")
	}
	if m.Op == notice.OpClaim && n.State != notice.Sending {
		m.Token = fmt.Sprint("token of step ", c.step) // new in every attempt
	}
	m.Limit = rapid.SampledFrom([]int{0, 1, 2, 3, 9}).Draw(c.T, "limit")
	m.Version, m.Contact, m.Spare = cmp.Or(m.Version,
		c.number("version", 1, 12)), rapid.SampledFrom([]string{"", "1.1", "1.2"}).Draw(c.T, "contact"),
		rapid.Bool().Draw(c.T, "spare")
	c.now += rapid.SampledFrom([]int{1, 30, 61, 1000, 8 * 24 * 3600}).Draw(c.T, "seconds")
	m.At, m.Next = at(c.now), at(c.now+rapid.SampledFrom([]int{0, 60, 900}).Draw(c.T, "next"))
	if rapid.Bool().Draw(c.T, "edge") { // one second beside the instant of the condition
		edges := []time.Time{n.Next, n.Lease, n.SentAt, n.Changed, n.SentAt.Add(notice.ConfirmWindow)}
		if edge := rapid.SampledFrom(edges).Draw(c.T, "of"); edge.Year() > 2000 {
			m.At = edge.Add(time.Duration(c.number("beside", -1, 1)) * time.Second)
		}
	}
	want, wantOK, err := c.model.Apply(c.ctx, n, m)
	require.NoError(c, err)
	c.repeated()
	got, ok, err := c.store.Apply(c.ctx, c.holding(n), m)
	require.NoError(c, err)
	if c.repeated() {
		var again notice.Notice
		again, wantOK, err = c.model.Apply(c.ctx, n, m)
		require.NoError(c, err)
		same(c, want, again, "%s repeated", m.Op)
	}
	require.Equal(c, wantOK, ok, "%s from %s: %+v", m.Op, n.State, m)
	same(c, want, got, "%s from %s: %+v", m.Op, n.State, m)
}

// holding returns a notice as a caller may hold it: the stored notice, only its id, or an earlier state of it.
func (c *comparison) holding(n notice.Notice) notice.Notice {
	switch c.number("holding", 0, 3) {
	case 0:
		return notice.Notice{ID: n.ID}
	case 1:
		n.Revision, n.State = max(n.Revision-1, 0), rapid.SampledFrom(notice.States()).Draw(c.T, "held state")
	}
	return n
}

func (c *comparison) subject(i int) matter.Subject {
	x := sampleSubject(fmt.Sprint("u", i), fmt.Sprint("ev", c.number("event", 1, 2)), c.number("revision", 1, 3))
	x.Matter, x.Language = c.id, fmt.Sprint("l", c.step)
	x.Former = sampleFormer()[:c.number("former", 0, 2)]
	x.Erasing, x.Erased = max(c.number("erasing", -4, 1), 0), c.number("erased", 0, 4) == 4
	return x
}

func (c *comparison) subjects() {
	if id := fmt.Sprint("u", c.number("subject", 1, 5)); c.number("erase", 0, 2) == 0 {
		revision, beside := c.number("of revision", 1, 3), c.number("beside", -1, 1)/2
		h, err := c.model.Head(c.ctx, c.id)
		require.NoError(c, err)
		c.both("erase", func(s store.Store) (any, error) {
			return nil, s.Erase(c.ctx, c.id, id, revision, h.Version+beside)
		})
		return
	}
	if c.number("keep former", 0, 3) == 0 {
		left := c.subject(c.number("subject", 1, 5))
		c.both("keep former", func(s store.Store) (any, error) { return nil, s.KeepFormer(c.ctx, left) })
		return
	}
	var all []matter.Subject
	for i := range c.number("subjects", 1, 4) {
		all = append(all, c.subject(i+1))
	}
	c.both("put subjects", func(s store.Store) (any, error) {
		skipped, err := s.PutSubjects(c.ctx, all)
		slices.Sort(skipped)
		return skipped, err
	})
}

func (c *comparison) ledger() {
	seq := c.number("seq", 1, 5)
	if rapid.Bool().Draw(c.T, "drop pending") {
		c.both("drop pending", func(s store.Store) (any, error) { return nil, s.DropPending(c.ctx, c.id, seq) })
	} else {
		c.both("refuse", func(s store.Store) (any, error) {
			return nil, s.Refuse(c.ctx, ledger.Refusal{Digest: fmt.Sprint("d", seq), At: at(c.step)})
		})
	}
	c.both("entry", func(s store.Store) (any, error) { return s.Entry(c.ctx, c.id, seq) })
}

func (c *comparison) control() {
	switch c.number("part", 0, 4) {
	case 0:
		c.both("sweep", func(s store.Store) (any, error) { return nil, s.PutSweep(c.ctx, at(c.step)) })
	case 1:
		c.both("quota", func(s store.Store) (any, error) {
			return nil, s.PutQuota(c.ctx, store.Quota{PerSecond: float64(c.step), ReadAt: at(c.step)})
		})
	case 2:
		c.both("table", func(s store.Store) (any, error) { return nil, s.PutTable(c.ctx, fmt.Sprint("t", c.step)) })
	case 3:
		c.both("pause", func(s store.Store) (any, error) {
			return nil, s.PutPause(c.ctx, store.Pause{Outcome: "r", Since: at(c.step), ProbeAt: at(c.step + 1)})
		})
	case 4:
		c.both("refusals", func(s store.Store) (any, error) {
			return nil, s.PutRefusals(c.ctx, store.Refusals{Count: c.step, Code: "c", Accepted: at(c.step)})
		})
	}
	c.both("control", func(s store.Store) (any, error) { return s.Control(c.ctx) })
}

// everything compares all records of the run.
func (c *comparison) everything() {
	for what, read := range map[string]func(s store.Store) (any, error){
		"head":        func(s store.Store) (any, error) { return s.Head(c.ctx, c.id) },
		"late head":   func(s store.Store) (any, error) { return s.Head(c.ctx, c.id+"-late") },
		"entries":     func(s store.Store) (any, error) { return s.Entries(c.ctx, c.id, 0, 100) },
		"request":     func(s store.Store) (any, error) { return s.Request(c.ctx, c.id) },
		"orders":      func(s store.Store) (any, error) { return s.Orders(c.ctx, c.id) },
		"exceptions":  func(s store.Store) (any, error) { return s.Exceptions(c.ctx, c.id) },
		"disclosures": func(s store.Store) (any, error) { return s.Disclosures(c.ctx, c.id, "") },
		"part":        func(s store.Store) (any, error) { return s.Disclosure(c.ctx, c.id, "d1", 2) },
		"subjects": func(s store.Store) (any, error) {
			return s.Subjects(c.ctx, c.id, []string{"u1", "u2", "u3", "u4", "u5"})
		},
		"notices":   func(s store.Store) (any, error) { n, _, err := s.Notices(c.ctx, c.id, "", 100); return n, err },
		"no notice": func(s store.Store) (any, error) { return s.Notice(c.ctx, c.id+".none") },
	} {
		c.both(what, read)
	}
	for _, key := range c.receipts {
		c.both("receipt", func(s store.Store) (any, error) { return s.Receipt(c.ctx, key) })
	}
	for _, id := range c.notices {
		c.both("notice", func(s store.Store) (any, error) { return s.Notice(c.ctx, id) })
	}
}
