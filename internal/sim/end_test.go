package sim

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/restraint"
)

// finish checks what has to hold once everything is over.
func (w *world) finish() {
	if w.failed() {
		return
	}
	if list := w.store.Violations; len(list) > 0 {
		w.fail("store", "%s", strings.Join(list, "; "))
	}
	w.ledger()
	w.forgotten()
	w.warned()
	w.counted()
	d, _ := w.store.Disclosures(context.Background(), mat, "")
	targets, made := map[notice.Kind]int{}, map[notice.Kind]int{}
	for _, x := range d {
		kind := notice.Told
		if x.Advance {
			kind = notice.Advance
		}
		targets[kind] += len(x.Targets)
	}
	h := w.head()
	for n := range w.notices() {
		w.over(n, h)
		made[n.Kind]++
	}
	for _, kind := range []notice.Kind{notice.Told, notice.Advance} {
		if made[kind] != targets[kind] {
			w.fail("never lost", "%d notices of %d", made[kind], targets[kind])
		}
	}
	for id, m := range w.ses.mails {
		n := w.store.PeekAt(m.notice)
		if n.Attempt(m.token) == nil {
			w.fail("every act on record", "mail %s of %s is none of its attempts", id, m.notice)
		}
	}
	if !w.failed() && w.planning() {
		w.fail("never lost", "work is left: %s", w.leftovers())
	}
}

// over checks one notice at the end.
func (w *world) over(n *notice.Notice, h *matter.Head) {
	if !n.State.Terminal() {
		w.fail("never lost", "%s is %s at the end", n.ID, n.State)
	}
	switch debt := w.debt(n); debt {
	case owed.Payable:
		w.fail("never lost", "%s is %s (%s), and there is a contact that it was not tried with", n.ID, n.State, n.Reason)
	case owed.Unpayable:
		w.indebted(n)
	default:
		if _, ok := w.rowOf(n.ID); ok {
			w.fail("superset rule", "%s is %s and still has rows", n.ID, n.State)
		}
	}
	if taken := w.ses.counts[n.ID]; taken-w.again[n.ID]-thrown(n)-1 > n.Unknowns() {
		w.fail("at most one, or say so", "%d mails of %s, %d outcomes recorded as unknown", taken, n.ID, n.Unknowns())
	} else if taken == 0 && n.State != notice.Failed && n.State != notice.Cancelled &&
		n.State != notice.ToldOtherwise && n.State != notice.Withheld {
		w.fail("never lost", "%s is %s without a mail", n.ID, n.State)
	}
	w.owedOnceMore(n)
	w.truthful(n)
	w.lateEvidence(n, h)
	if end := ends()[n.State]; end != "" && n.Kind == notice.Told && !w.told[[2]string{n.ID, end}] {
		w.fail("every end is announced", "%s is %s, and the bus was not told %s", n.ID, n.State, end)
	}
}

// owedOnceMore checks that whoever can be written to now was.
func (w *world) owedOnceMore(n *notice.Notice) {
	known := w.reached[n.Subject]
	if n.Kind != notice.Told || n.Reason != notice.ReasonNoContact || len(known) == 0 ||
		w.wished && n.Subject == w.erased {
		return
	}
	dead := func(address string) bool {
		return slices.ContainsFunc(n.Attempts, func(a notice.Attempt) bool {
			return a.Dead && a.Recipient.Mailbox == address // a mail came back from there for good
		})
	}
	if now := known[len(known)-1].mails; len(now) > 0 && !dead(now[0]) {
		w.fail("never lost", "%s found nobody to write to, and %s stands on record", n.ID, now[0])
	}
}

// ends are the announcements of the ends that are announced.
func ends() map[notice.State]string {
	return map[notice.State]string{
		notice.Delivered: "lapse.notice.delivered", notice.Complained: "lapse.notice.delivered",
		notice.Unconfirmed: "lapse.notice.unknown",
		notice.Bounced:     "lapse.notice.undeliverable", notice.Failed: "lapse.notice.undeliverable",
	}
}

// untold forgets what was announced of a notice that goes on after an end: the next end is another.
func (w *world) untold(id string) {
	for _, end := range ends() {
		delete(w.told, [2]string{id, end})
	}
}

// announced remembers what the bus took about the end of a notice. Only an end without a sign has that reason.
func (w *world) announced(detailType string, detail []byte) {
	var d struct {
		Notice string
		Reason notice.Reason
	}
	switch detailType {
	case "lapse.notice.scheduled", "lapse.notice.sent":
		return
	}
	if err := json.Unmarshal(detail, &d); err != nil {
		w.fail("simulator", "read an announcement: %v", err)
	}
	if detailType != "lapse.notice.unknown" || d.Reason == notice.ReasonNoSign {
		w.told[[2]string{d.Notice, detailType}] = true
	}
}

// lateEvidence checks that an order which came after the mail left its trace.
func (w *world) lateEvidence(n *notice.Notice, h *matter.Head) {
	if !n.State.Accepted() || n.LateOrder != "" {
		return
	}
	for _, a := range n.Attempts {
		if a.Outcome == notice.OutcomeRejected {
			continue
		}
		for _, i := range w.eval.Covering(h, restraint.TargetAt(n, a.Recipient)) {
			if _, ours := i.Kind.Exception(); ours {
				continue // what we decided later ourselves did not bind the mail
			}
			if r, _ := h.Restraint(i.Source); r.Changed() > a.Head && i.Covers(a.Claimed) {
				w.fail("late orders leave evidence", "%s was told at %s, and %s says nothing of it", n.ID, a.Claimed, i.Source)
			}
		}
	}
}

// rehashed is of how many runs one computes the hashes of its ledger anew; the others compare them as they stand.
const rehashed = 16

// ledger checks that every event is on record once, in an unbroken chain.
func (w *world) ledger() {
	h := w.head()
	entries, _ := w.store.Entries(context.Background(), mat, 0, h.Version+10)
	if len(entries) != h.Version {
		w.fail("ledger complete", "%d entries at version %d", len(entries), h.Version)
		return
	}
	prev, seen := "", map[string]int{}
	for i, e := range entries {
		hash := e.Hash
		if w.seed%rehashed == 0 {
			e.Hash = "" // it stays so where Seal fails
			_ = e.Chain()
		}
		if e.Seq != i+1 || e.Prev != prev || e.Hash != hash {
			w.fail("ledger complete", "entry %d does not follow the one before", i+1)
		}
		prev = hash
		seen[e.EventID]++
	}
	if h.LastHash != prev {
		w.fail("ledger complete", "the head does not name the last entry")
	}
	for _, id := range w.posted {
		if seen[id] != 1 {
			w.fail("ledger complete", "event %s is on record %d times", id, seen[id])
		}
	}
	if slices.ContainsFunc(entries, func(e ledger.Entry) bool { return len(e.Pending) > 0 }) {
		w.fail("never lost", "amended subjects are still pending")
	}
}
