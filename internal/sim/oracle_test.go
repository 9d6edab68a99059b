package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/dispatch"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// oracle watches every step and keeps the first broken promise.
type oracle struct {
	// broken names the promise, why says what happened.
	broken, why string
	posted      []string
	// events counts those that were posted.
	events   int
	attempts map[string]*attempt
	// unsure is when the last unknown outcome of a notice was recorded.
	unsure map[string]time.Time
	// moved is when a notice was last moved, leased until when its last claim gave it away.
	moved, leased map[string]time.Time
	// again counts how often a notice whose mail came back was put back for a new contact.
	again map[string]int
	eval  *restraint.Evaluator
	// told is what was announced of which notice, of the announcements of ends.
	told map[[2]string]bool
	// acts are the versions of the last hold, release and cancellation of a notice on record.
	acts map[string]map[notice.Op]int
	// mails, repeated, unknowns and crashes are counts of the run; latest is how late the latest mail was.
	mails, repeated, unknowns, crashes int
	latest                             time.Duration
}

// attempt is a claim as the world saw it.
type attempt struct {
	life    *life
	version int
	step    int
	sends   int
	doubt   bool
}

// check is a consistent read of a head, with the instant by the true clock.
type check struct {
	head matter.Head
	at   time.Time
	step int
}

const (
	// skews is how far two clocks may be apart, with a second for rounding.
	skews = 5 * time.Second
	// bound is how late a mail may be once the faults are over: a row put off by an hour because its notice was made
	// slowly, and after that a lease, a window and a pause.
	bound = 2 * time.Hour
)

func (o *oracle) init() {
	o.attempts, o.unsure, o.again = map[string]*attempt{}, map[string]time.Time{}, map[string]int{}
	o.eval = restraint.NewEvaluator()
	o.moved, o.leased = map[string]time.Time{}, map[string]time.Time{}
	o.acts, o.told = map[string]map[notice.Op]int{}, map[[2]string]bool{}
}

func (w *world) failed() bool { return w.broken != "" }

// fail keeps the first broken promise, with a mutant the first that it is meant to break.
func (w *world) fail(promise, format string, args ...any) {
	if m := w.mutant.promise; m != "" && m != promise && promise != explored {
		return
	}
	if w.broken == "" {
		w.broken, w.why = promise, fmt.Sprintf(format, args...)
		w.remark("BROKEN %s: %s", promise, w.why)
	}
}

// headRead remembers the last consistent read of a life.
func (w *world) headRead(l *life, h matter.Head) {
	if w.mutant.store != nil { // which may change what it is given
		h.Restraints = slices.Clone(h.Restraints)
	}
	l.checked = check{h, w.now, w.steps}
}

// beforeMail checks a mail as it reaches SES, whatever SES does with it: it has a running claim, one mail a claim, and
// a final check after the claim that forbade nothing by the true clock.
func (w *world) beforeMail(l *life, m notice.Mail, o notice.Outcome) {
	a := w.attempts[m.Attempt]
	if a == nil || a.life != l {
		w.fail("every act on record", "a mail of %s without a claim", m.Notice)
		return
	}
	w.heeded(l, m)
	w.anotherContact(m)
	if a.sends++; a.sends > 1 {
		w.fail("at most one, or say so", "two mails of one attempt of %s", m.Notice)
	}
	a.doubt = a.doubt || o == notice.OutcomeUnknown
	n, seen := w.store.PeekAt(m.Notice), &l.checked
	if n == nil || seen.step <= a.step {
		w.fail("never early", "no final check after the claim of %s", m.Notice)
		return
	}
	to := w.target(n)
	if running := n.Attempt(m.Attempt); running != nil {
		to = restraint.TargetAt(n, running.Recipient)
	}
	for _, i := range w.eval.Covering(&seen.head, to) {
		if i.Covers(seen.at) {
			w.fail("never early", "%s at %s under %s, which holds until %s", m.Notice, seen.at.Format(time.StampMilli), i.Source,
				i.Until.Format(time.TimeOnly))
		}
	}
	w.obeyed(l, m)
	w.anybodyElse(l, m)
	if seen.at.Before(n.Base) {
		w.fail("never early", "%s before its disclosure", m.Notice)
	}
	if seen.head.Version != a.version {
		w.fail("every act on record", "the claim of %s names version %d, its final check saw %d", m.Notice, a.version,
			seen.head.Version)
	}
}

// afterMail counts a mail that SES took.
func (w *world) afterMail(_ *life, m notice.Mail) {
	w.mails++
	n := w.store.PeekAt(m.Notice)
	accepted := w.ses.counts[m.Notice] - w.again[m.Notice] - thrown(n)
	if accepted > 1 {
		w.repeated++
	}
	if accepted-1 > n.Unknowns() {
		w.fail("at most one, or say so", "%d mails of %s, %d outcomes recorded as unknown", accepted, m.Notice, n.Unknowns())
	}
	if h := w.head(); accepted == 1 && w.again[m.Notice] == 0 && !w.faulty() {
		due, known := restraint.Due(w.eval.Covering(h, w.target(n)), n.Base, w.now)
		late := w.now.Sub(later(later(due, n.Created), w.calm))
		most := bound
		if w.seed%hugeMatters == 1 {
			most *= 2 // 250 people are told twice each, where they were told ahead
		}
		if w.latest = max(w.latest, late); known && late > most {
			w.fail("lateness", "%s was due at %s", m.Notice, due.Format(time.DateTime))
		}
	}
}

// afterAct checks an act on a notice.
func (w *world) afterAct(l *life, id string, a notice.Act, before, after *notice.Notice, ok bool) {
	if !ok {
		return
	}
	w.moved[id] = w.now
	switch {
	case a.Op == notice.OpClaim && before.State != notice.Sending:
		w.attempts[a.Token] = &attempt{life: l, version: a.Version, step: w.steps}
		w.leased[id] = after.Lease
		if before.State == notice.Unknown && w.now.Before(w.unsure[id].Add(notice.ReconcileWindow-skews)) {
			w.fail("duplicate budget", "%s tried again %s after an unknown outcome", id, w.now.Sub(w.unsure[id]))
		}
	case (a.Op == notice.OpLost || a.Op == notice.OpUnsure) && before.State == notice.Sending:
		w.unknowns++
		w.unsure[id] = w.now
		if a.At.Before(w.now) {
			w.unsure[id] = a.At
		}
		running := w.attempts[a.Token]
		if a.Op == notice.OpLost && w.now.Before(before.Lease.Add(-skews)) {
			w.fail("duplicate budget", "%s given up %s before its lease ends", id, before.Lease.Sub(w.now))
		}
		if !running.doubt && !running.life.hurt && running.life.over {
			w.fail("duplicate budget",
				"an outcome of %s is recorded as unknown although its dispatcher was well and SES answered", id)
		}
	case a.Op == notice.OpReopen && before.State == notice.Failed:
		w.untold(id)
	case a.Op == notice.OpReopen && before.State == notice.Bounced,
		a.Op == notice.OpReturn && after.State == notice.Retry && before.State != after.State:
		w.again[id]++
		w.untold(id)
	case a.Op == notice.OpFail && a.Reason == notice.ReasonAttempts && reached(before) < notice.MaxAttempts:
		w.fail("never lost", "%s fails for its attempts, of which %d may have reached SES", id, reached(before))
	case a.Op == notice.OpReject && a.Actor == notice.ActorLapse && !w.ses.rejected[id]:
		w.fail("never lost", "%s fails as rejected, which SES did not say", id)
	}
	w.truthful(after)
	if a.Op == notice.OpReopen && l.hurt {
		return // a sweep may have met the row before the move; it is put once more
	}
	w.rooted(after)
}

// reached counts the attempts that reached SES or may have.
func reached(n *notice.Notice) int {
	c := 0
	for _, a := range n.Attempts {
		if a.Outcome == notice.OutcomeAccepted || a.Outcome == notice.OutcomeUnknown {
			c++
		}
	}
	return c
}

// truthful checks that what a notice says of SES is so: SES took the mail that it rests on, and told of that mail what
// the notice is.
func (w *world) truthful(n *notice.Notice) {
	var told []string
	switch n.State {
	case notice.Sent, notice.Unconfirmed:
	case notice.Delivered:
		told = []string{"Delivery"}
	case notice.Bounced:
		told = []string{"Bounce", softBounce}
	case notice.Complained:
		told = []string{"Complaint"}
	default:
		return
	}
	if mail, ok := w.ses.mails[n.MessageID]; !ok || mail.notice != n.ID {
		w.fail("sent implies accepted", "%s is %s, and SES never took its mail %q", n.ID, n.State, n.MessageID)
	}
	said := w.ses.said[n.MessageID]
	if told != nil && !slices.ContainsFunc(told, func(kind string) bool { return slices.Contains(said, kind) }) {
		w.fail("delivered is what counts", "%s is %s, and of its mail SES said %v", n.ID, n.State, said)
	}
}

// rooted checks the superset rule for one notice.
func (w *world) rooted(n *notice.Notice) {
	if n.State.Terminal() {
		w.indebted(n)
		return
	}
	r, ok := w.rowOf(n.ID)
	if !ok {
		w.fail("superset rule", "%s is %s and has no agenda row", n.ID, n.State)
		return
	}
	// A row that stands at once is soon enough whatever the notice waits for, and so is one where the lease of an attempt
	// given back would have ended: a re-plan that met it running put it there.
	if !r.At.After(later(w.now, w.leased[n.ID]).Add(skews)) || w.torn > 0 || w.planning() {
		return
	}
	if n.State == notice.Unknown && w.policy == dispatch.AtMostOnce &&
		!r.At.After(later(n.Next, w.now).Add(24*time.Hour+skews)) {
		return // it waits for a person, and is looked at once a day
	}
	h := w.head()
	waits := *n
	switch n.State {
	case notice.Sending:
		// Who claimed it under an old head leaves a row where the restraints end: soon enough if the claim is lost.
		waits.State, waits.Next = notice.Scheduled, n.Lease
	case notice.Sent:
		// A late sign, or a dispatcher that stood still, finds an unknown notice, whose row may stand where the restraints
		// end, or a held one, whose row stands at its review. The right row comes next, see confirmed.
		waits.State, waits.Next = notice.Scheduled, n.SentAt.Add(notice.ConfirmWindow)
		if n.CarriedOut > 0 {
			waits.State = notice.Held
		}
	}
	look, _ := w.eval.NextVisit(&waits, w.subject(n), h, w.now)
	if ahead, _ := w.eval.NextVisit(&waits, w.subject(n), h, w.now.Add(skews)); ahead.After(look) {
		look = ahead // an order that begins in a moment has begun for a dispatcher whose clock is ahead
	}
	if r.At.After(later(look, w.now).Add(skews)) && r.MissingSince.IsZero() {
		w.fail("superset rule",
			"%s (%s) has to be looked at at %s, its first row stands at %s, and no re-planning is under way",
			n.ID, n.State, look.Format(time.DateTime), r.At.Format(time.DateTime))
	}
}

// confirmed checks, when a sign was taken, that the notice is looked at in time.
func (w *world) confirmed(id string) {
	n := w.store.PeekAt(id)
	if n == nil {
		return
	}
	if n.State == notice.Retry {
		w.rooted(n)
	}
	// The dispatcher's own row may still be on its way, unless only the sign told that SES took the mail.
	sign := slices.ContainsFunc(n.Attempts, func(a notice.Attempt) bool {
		return a.MessageID == n.MessageID &&
			a.WasUnknown
	})
	if r, ok := w.rowOf(id); n.State == notice.Sent && sign &&
		(!ok || r.At.After(n.SentAt.Add(notice.ConfirmWindow+skews))) {
		w.fail("superset rule", "%s is sent, its sign was taken, and no row looks at it after %s", id, notice.ConfirmWindow)
	}
}

// afterCommit checks that a recorded change left every notice with the row it needs, or with a row that plans it anew,
// and a disclosure with its notices, or with a row that makes them.
func (w *world) afterCommit(c store.Change) {
	w.shown(c, true)
	if d, ok, err := c.Entry.Decision(); err == nil && ok {
		if w.acts[d.Notice] == nil {
			w.acts[d.Notice] = map[notice.Op]int{}
		}
		w.acts[d.Notice][d.Act.Op] = c.Head.Version
	}
	if w.torn > 0 {
		return
	}
	for n := range w.notices() {
		w.rooted(n)
	}
	if d := c.Disclosure; d != nil {
		w.made(agenda.ForMakeNotices(d.Matter, d.ID, d.Part, d.Recorded, d.Version))
	}
}

// planning reports whether a row still asks for notices to be made or planned anew.
func (w *world) planning() bool {
	return w.workRow(func(r agenda.Row) bool { return r.Kind == agenda.Replan || r.Kind == agenda.MakeNotices })
}

func (w *world) workRow(is func(agenda.Row) bool) bool {
	for shard := range agenda.WorkShards {
		for r := range w.store.Agenda(true, shard) {
			if is(r) {
				return true
			}
		}
	}
	return false
}

// afterDelete checks what a deleted row was for.
func (w *world) afterDelete(r agenda.Row) {
	switch r.Kind {
	case agenda.Notice:
		if n := w.store.PeekAt(r.Ref); n != nil {
			w.rooted(n)
		} else if _, ok := w.rowOf(r.Ref); !ok {
			w.fail("superset rule", "the row of %s is gone before its notice was made", r.Ref)
		}
	case agenda.Replan:
		for n := range w.notices() {
			w.rooted(n)
		}
	case agenda.MakeNotices:
		w.made(r)
	}
}

// made checks that the part of a disclosure has all its notices, or a make-notices row.
func (w *world) made(row agenda.Row) {
	id, disclosure, part, name := row.Matter, row.Ref, row.Part, row.ID()
	if w.workRow(func(x agenda.Row) bool { return x.Kind == agenda.MakeNotices && x.ID() == name }) {
		return
	}
	d, err := w.store.Disclosure(context.Background(), id, disclosure, part)
	if err != nil {
		w.fail("never lost", "disclosure %s: %v", name, err)
	}
	for _, t := range d.Targets {
		n := w.store.PeekAt(notice.ID(nil, id, disclosure, t))
		if n == nil {
			w.fail("superset rule", "%s has no make-notices row, and no notice for %s", name, t)
			return
		}
		w.rooted(n)
	}
}

// eve is what stood before a sweep.
type eve struct {
	paused bool
	// replans are the re-plan rows that the sweep has to find, as they stand.
	replans map[agenda.Row]bool
	// notices are those that stood already.
	notices map[string]bool
	// version is the matter's.
	version int
}

func (w *world) beforeSweep(l *life) eve {
	c, _ := w.store.Control(context.Background())
	e := eve{c.Pause != (store.Pause{}), map[agenda.Row]bool{}, map[string]bool{}, w.head().Version}
	if w.faulty() {
		return e
	}
	for n := range w.notices() {
		e.notices[n.ID] = true
	}
	w.workRow(func(r agenda.Row) bool {
		if r.Kind == agenda.Replan && !r.At.After(l.p.now()) && w.torn == 0 {
			e.replans[r] = true
		}
		return false
	})
	return e
}

// afterSweep checks a sweep without any trouble: it left no work undone, and no notice behind that could go.
func (w *world) afterSweep(l *life, before eve, r dispatch.Report, err error) {
	if err != nil || w.faulty() || l.hurt || r.Errors+r.Refused+r.Contended > 0 || r.AtCapacity || before.paused ||
		r.Paused != "" || l.began.Before(w.calm) {
		return
	}
	if w.workRow(func(x agenda.Row) bool { return x.Kind == agenda.Replan && before.replans[x] }) {
		w.fail("lateness", "a sweep without trouble left a re-plan behind, %v: %s", before.replans, w.leftovers())
	}
	h := w.head()
	if w.planning() || h.Version != before.version {
		return // a lift on record since may take effect from before the sweep, which had read its rows by then
	}
	for n := range w.notices() {
		if !before.notices[n.ID] || n.State != notice.Scheduled && n.State != notice.Retry ||
			n.Next.After(l.began.Add(-skews)) {
			continue
		}
		if w.moved[n.ID].After(l.began) {
			continue // somebody else had it meanwhile
		}
		covering := w.eval.Covering(h, w.target(n))
		if !restraint.Clear(covering, n.Base, l.began.Add(-skews)) || !restraint.Clear(covering, n.Base, l.began.Add(skews)) {
			continue
		}
		if row, _ := w.rowOf(n.ID); row.MissingSince.IsZero() {
			w.fail("lateness", "a sweep without trouble left %s (%s) behind, which could go", n.ID, n.State)
		}
	}
}
