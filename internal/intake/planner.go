package intake

import (
	"context"
	"fmt"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/calendar"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/reckon"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// planner is the part that the planners of all nouns share: the records, the beginning of a change, and what several
// answers say.
type planner struct{ records }

// begin starts the change that makes the head's next version.
func (p planner) begin(ev event.Event, h matter.Head) *draft {
	now := matter.Ceil(p.Now())
	h.Version++
	h.Rules, h.Policy, h.TZ = p.Law.Revision(), p.Policy, calendar.Version()
	d := &draft{
		ev: ev, now: now, eval: restraint.NewEvaluator(),
		change: store.Change{
			Head: h, Rows: countRows(ev.Type, h, now),
			Entry: ledger.Entry{
				Matter: h.Matter, Seq: h.Version, Type: ev.Type, Source: ev.Source, EventID: ev.ID, Digest: ev.Digest,
				Actor: ev.Actor, Principal: ev.Principal, Door: ev.Door, EventTime: matter.Floor(ev.Time), At: now,
				Rules: h.Rules, Policy: h.Policy, TZ: h.TZ, Holidays: calendar.HolidaysVersion(), Data: ev.Raw,
				Extensions: ev.Extensions, Prev: h.LastHash,
			},
		},
		answer: ledger.Answer{Matter: h.Matter, Version: h.Version, Findings: []matter.Finding{},
			Warnings: []ledger.Warning{}, InFlight: nothingInFlight(ev.Type)},
	}
	if ev.Approved { // so that the planner counts them; both are filled in later
		d.change.Approval, d.change.Given = &ledger.Approval{}, &ledger.Receipt{}
	}
	return d
}

// countRows asks the next sweep to reckon what the report counts of the matter, where the event changes it.
func countRows(t event.Type, h matter.Head, now time.Time) []agenda.Row {
	if !reckon.Counts(t) {
		return nil
	}
	return []agenda.Row{agenda.ForCount(h.Matter, now, h.Version)}
}

// searched is how many notices are read to find those that a restraint covers. An order blocks at once, however big its
// matter is, so its answer must not wait for all of them.
const searched = 2000

// covered lists the notices that a restraint covers, as read just before its event is recorded, in the answer.
func (p planner) covered(ctx context.Context, d *draft, id string) error {
	d.answer.Notices = []ledger.NoticeBrief{}
	r, _ := d.head().Restraint(id)
	only := matter.Head{Restraints: []matter.Restraint{*r}}
	after := ""
	for looked := 0; d.head().Notices > 0 && looked < searched; looked += 2 * listed {
		page, next, err := p.Store.Notices(ctx, d.head().Matter, after, 2*listed)
		if err != nil {
			return fmt.Errorf("list the notices of %s: %w", d.head().Matter, err)
		}
		about, err := p.subjectsAbout(ctx, d.head().Matter, page)
		if err != nil {
			return err
		}
		for i := range page {
			n, s := &page[i], about[page[i].Subject]
			if n.Kind == notice.Moved || len(d.eval.Covering(&only, restraint.TargetOf(n, &s))) == 0 {
				continue
			}
			if d.answer.Notices = append(d.answer.Notices, d.noticeBrief(n, &s)); len(d.answer.Notices) == listed {
				return nil
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
	return nil
}

// subjectsAbout reads the subjects of some notices of a matter.
func (s records) subjectsAbout(ctx context.Context, id string, notices []notice.Notice) (map[string]matter.Subject,
	error) {
	ids := make([]string, len(notices))
	for i := range notices {
		ids[i] = notices[i].Subject
	}
	subjects, err := s.Store.Subjects(ctx, id, ids)
	return subjects, wrap(err, "read the subjects of some notices of %s", id)
}

// day is the forecast's horizon: notices that cannot go out within it earn a warning.
const day = 24 * time.Hour

// forecast warns where this many notices cannot drain in a day at SES's quota. A wrong clock is logged for the operator
// and refuses nothing: an order that is recorded at a wrong instant holds, and one that is not recorded does not.
func (p planner) forecast(ctx context.Context, d *draft, notices int) error {
	c, err := p.Store.Control(ctx)
	if err != nil {
		return fmt.Errorf("read the quota: %w", err)
	}
	if err := c.Clock(); err != nil {
		p.Log.ErrorContext(ctx, "an event is recorded at a wrong instant", "matter", d.ev.Matter, "version", d.head().Version,
			"error", err)
	}
	perDay := c.Quota.PerSecond * day.Seconds()
	if c.Quota.Per24h > 0 {
		perDay = min(perDay, c.Quota.Per24h)
	}
	if perDay > 0 && float64(notices) > perDay {
		d.warn("cannot_drain_in_a_day", fmt.Sprintf("%d notices cannot go out within a day: the quota allows %.0f. Ask for "+
			"a higher quota before they fall due.", notices, perDay))
	}
	return nil
}
