package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// received records the request: it opens the matter or fills one that an order opened.
func (s *Service) received(ctx context.Context, ev event.Event, data *event.RequestReceivedData) (plan, error) {
	h, err := s.open(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	if h.State != matter.AwaitingRequest {
		return s.again(ctx, ev)
	}
	d := s.begin(ev, h)
	req := data.Request
	req.Matter, req.Digest, req.Policy, req.Version = h.Matter, ev.Content, s.Policy, d.head().Version
	req.Receipt = ledger.ReceiptKey(ev.Source, ev.ID)
	d.head().State = matter.Received
	if err := s.subjects(ctx, d, data.Subjects, false); err != nil {
		return plan{}, err
	}
	if err := s.judge(ctx, d, &req, nil, data.Subjects); err != nil {
		return plan{}, err
	}
	d.change.Request = &req
	d.announce()
	return plan{draft: d, after: s.writePending(d)}, nil
}

// again is a second request.received for a matter whose request is recorded.
func (s *Service) again(ctx context.Context, ev event.Event) (plan, error) {
	req, err := s.Store.Request(ctx, ev.Matter)
	if err != nil {
		return plan{}, fmt.Errorf("read the request of %s: %w", ev.Matter, err)
	}
	if req.Digest != ev.Content {
		return plan{}, fmt.Errorf("the request of matter %s: %w", ev.Matter, event.ErrConflict)
	}
	return plan{recorded: req.Receipt}, nil
}

// amended changes fields of the request and adds subjects, or replaces them by id.
func (s *Service) amended(ctx context.Context, ev event.Event, data *event.RequestAmendedData) (plan, error) {
	h, req, err := s.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	d := s.begin(ev, h)
	before := req
	amend(&req, data)
	req.Version = d.head().Version
	if req.Instrument != before.Instrument || req.Reference != before.Reference {
		d.otherProcess()
	}
	if err := s.subjects(ctx, d, data.Subjects, true); err != nil {
		return plan{}, err
	}
	if err := s.judge(ctx, d, &req, &before, data.Subjects); err != nil {
		return plan{}, err
	}
	d.change.Request = &req
	d.announce()
	return plan{draft: d, after: s.writePending(d)}, nil
}

// otherProcess warns that orders of the process before hold what is handed over under the new one as well.
func (d *draft) otherProcess() {
	for _, r := range d.head().Restraints {
		if i := d.eval.Ends(&r, d.head().LastDisclosed); r.Void || ours(&r) || strings.HasPrefix(r.ID, "law-") ||
			!i.Until.IsZero() && !i.Until.After(d.now) {
			continue
		}
		d.answer.Warnings = append(d.answer.Warnings, ledger.Warning{
			Code: law.OtherProcess,
			Message: fmt.Sprintf("The process has changed since order %s was recorded. It holds what is handed over under "+
				"the new process as well, for telling that could reveal the one before: ask counsel.", r.ID),
		})
	}
}

// amend lays the posted fields over the request.
func amend(r *matter.Request, a *event.RequestAmendedData) {
	set(&r.Reference, a.Reference)
	set(&r.Instrument, a.Instrument)
	set(&r.Issuer, a.Issuer)
	set(&r.ReceivedAt, a.ReceivedAt)
	set(&r.LegalBasis, a.LegalBasis)
	set(&r.SignedOn, a.SignedOn)
	set(&r.ResponseDue, a.ResponseDue)
	set(&r.Addressee, a.Addressee)
	set(&r.ServedVia, a.ServedVia)
	set(&r.Offence, a.Offence)
	if a.Signed != nil {
		r.Signed = a.Signed
	}
	if a.DataSought != nil {
		r.DataSought = a.DataSought
	}
	if a.Flags != nil {
		r.Flags = a.Flags
	}
}

func set[T any](field *T, posted *T) {
	if posted != nil {
		*field = *posted
	}
}

func (d *draft) replanned() bool {
	return slices.ContainsFunc(d.change.Rows, func(r agenda.Row) bool { return r.Kind == agenda.Replan })
}

// decided records counsel's decision.
func (s *Service) decided(ctx context.Context, ev event.Event, data *event.RequestDecidedData) (plan, error) {
	h, req, err := s.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	d := s.begin(ev, h)
	if err := s.guard(ctx, d, &req, data); err != nil {
		return plan{}, err
	}
	req.Decision = &matter.Decided{
		Decision: data.Decision, Reason: data.Reason, Outcome: data.Outcome, Grounds: data.Grounds,
		Advance: data.AdvanceNotice, ApprovedBy: data.ApprovedBy, At: d.now, Actor: ev.Actor,
	}
	req.Version, req.Policy = d.head().Version, s.Policy
	if data.AdvanceNotice {
		d.answer.Warnings = append(d.answer.Warnings, ledger.Warning{
			Code: "no_advance_notice", Message: "The wish for an advance notice is on record. Nobody is told ahead: a notice " +
				"follows the disclosure.",
		})
	}
	if h.State != matter.Disclosed {
		d.head().State = map[matter.Decision]matter.State{
			matter.Comply: matter.Approved, matter.ComplyInPart: matter.Approved, matter.Challenge: matter.Challenged,
			matter.Reject: matter.Rejected, matter.Redirect: matter.Redirected, matter.Withdraw: matter.Withdrawn,
		}[data.Decision]
	}
	d.change.Request = &req
	return plan{draft: d}, nil
}

// subjects seals the posted subjects. Those not recorded yet are put at once, where they count for nothing before the
// event is recorded; those recorded by another event are replaced after the transaction, from the ledger entry.
// Contacts recorded before the request win over the request's; an amendment's win over both, save where they were
// erased.
func (s *Service) subjects(ctx context.Context, d *draft, posted []matter.PostedSubject, amendment bool) error {
	if len(posted) == 0 {
		return nil
	}
	h, key := d.head(), ledger.ReceiptKey(d.ev.Source, d.ev.ID)
	ids := make([]string, len(posted))
	for i, p := range posted {
		ids[i] = p.ID
	}
	recorded, err := s.Store.Subjects(ctx, h.Matter, ids)
	if err != nil {
		return fmt.Errorf("read the subjects of %s: %w", h.Matter, err)
	}
	var fresh, pending []matter.Subject
	for _, p := range posted {
		sub, err := s.seal(h, p, key)
		if err != nil {
			return err
		}
		was, have := recorded[p.ID]
		if have && was.Event == key && (was.Revision > 0 || was.Erased) {
			// This very event was recorded meanwhile; putting its subjects once more would undo what followed.
			return fmt.Errorf("put the subjects of %s: %w", h.Matter, store.ErrRace)
		}
		gone := was.Erased || was.Erasing > 0
		if !have || was.Event == key && !gone {
			fresh = append(fresh, sub)
			h.Subjects++
			continue
		}
		known, err := s.known(ctx, was)
		if err != nil {
			return err
		}
		if !known {
			h.Subjects++
		}
		if gone && len(sub.Contacts) > 0 {
			d.answer.Warnings = append(d.answer.Warnings, ledger.Warning{
				Code: "contacts_erased", Message: fmt.Sprintf("The contacts of subject %s are erased, or will be; those posted "+
					"here are "+
					"not kept. contact.changed records new ones.", p.ID),
			})
		}
		if gone || was.Revision > 0 && !amendment && len(was.Contacts) > 0 {
			sub.Contacts, sub.Erased, sub.Erasing = was.Contacts, was.Erased, was.Erasing
		}
		if was.Revision > 0 && !amendment && was.Language != "" {
			sub.Language = was.Language
		}
		sub.Revision = h.Version
		pending = append(pending, sub)
	}
	if skipped, err := s.Store.PutSubjects(ctx, fresh); err != nil {
		return fmt.Errorf("put the subjects of %s: %w", h.Matter, err)
	} else if len(skipped) > 0 {
		return fmt.Errorf("put the subjects of %s: %w", h.Matter, store.ErrRace)
	}
	if len(pending) > 0 {
		d.change.Entry.Pending = pending
		d.replan()
	}
	d.learn(posted, roomForLists-(len(pending)+pendingInItem-1)/pendingInItem)
	return nil
}

// learn takes the posted subjects off the unknown lists of the matter's restraints, and links whoever shares a
// recipient with one that a restraint names. A long list may stand in an item of its own, which its revision names, and
// the transaction has room for few more items: beyond that a restraint goes on covering everybody, and one that only
// gained a tenant keeps its revision.
func (d *draft) learn(posted []matter.PostedSubject, room int) {
	h := d.head()
	h.Restraints = slices.Clone(h.Restraints)
	names := 0
	for _, r := range h.Restraints {
		names += len(r.Subjects) + len(r.Unknown)
	}
	for i := range h.Restraints {
		r := &h.Restraints[i]
		left := slices.DeleteFunc(slices.Clone(r.Unknown), func(id string) bool {
			return slices.ContainsFunc(posted, func(p matter.PostedSubject) bool { return p.ID == id })
		})
		tenants := r.Tenants
		for _, p := range posted {
			if r.Torn || slices.Contains(r.Subjects, p.ID) {
				tenants = withTenant(tenants, p.Tenant)
			}
		}
		known, linked := len(left) < len(r.Unknown), !slices.Equal(tenants, r.Tenants)
		r.Tenants = tenants
		apart := len(r.Subjects) > inHead || names > inHeadTogether
		switch {
		case known && apart && room <= 0:
			known = false
			d.answer.Warnings = append(d.answer.Warnings, ledger.Warning{
				Code: "still_covers_everybody",
				Message: fmt.Sprintf("Order %s names more people than could be looked up at once. It covers everybody in the "+
					"matter until a person has assessed it.", r.ID),
			})
		case known && apart:
			room--
			r.Unknown, r.Revision = left, h.Version
		case known || linked && !apart && !r.Torn:
			r.Unknown, r.Revision = left, h.Version
		}
		if (known || linked) && !d.replanned() {
			d.replan()
		}
	}
}

const (
	// inHead and inHeadTogether are how long a list of subjects, and all of them together, may be to stand in the head for
	// sure: a list over 50 stands in an item of its own, and every one once the head exceeds 32 KB (docs/adr/0004), of
	// which ids of 64 bytes leave room for less than 400.
	inHead, inHeadTogether = 50, 300
	// roomForLists is what an amendment's ten items leave: head, receipt, entry, request, standing order and three rows.
	roomForLists = 2
	// pendingInItem is how many subjects that wait for their event stand in one of its items.
	pendingInItem = 500
)

// seal turns a posted subject into its form at rest.
func (s *Service) seal(h *matter.Head, p matter.PostedSubject, posted string) (matter.Subject, error) {
	sub := matter.Subject{
		Matter: h.Matter, ID: p.ID, Known: true, Class: p.Class, Tenant: p.Tenant, Country: p.Country, Language: p.Language,
		Event: posted,
	}
	contacts, err := s.sealContacts(h, p.ID, p.Contacts)
	sub.Contacts = contacts
	return sub, err
}

// writePending replaces subjects once their event is recorded. Where it does not come to it, the re-plan row does.
func (s *Service) writePending(d *draft) func(context.Context) {
	return func(ctx context.Context) {
		if _, err := owed.WritePendingSubjects(ctx, s.Store, &d.change.Entry); err != nil {
			s.Log.WarnContext(ctx, "amended subjects are left to the sweep", "matter", d.head().Matter, "version",
				d.head().Version, "error", err)
		}
	}
}

// known reports whether the matter's recorded events know the subject: one that was put before its event's transaction
// counts only once that event is recorded. An erased one was known when its erasure was recorded.
func (s *Service) known(ctx context.Context, sub matter.Subject) (bool, error) {
	if !sub.Known || sub.Revision > 0 || sub.Erased {
		return sub.Known, nil
	}
	_, err := s.Store.Receipt(ctx, sub.Event)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, wrap(err, "look for the event that brought a subject of %s", sub.Matter)
}

// lookup returns what is recorded of the ids, and the ids that the matter does not know, in the order given: one of
// those is in the first result only where a contact of it was recorded. Receipts are read once an event.
func (s *Service) lookup(ctx context.Context, id string, ids []string) (map[string]matter.Subject, []string, error) {
	recorded, err := s.Store.Subjects(ctx, id, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("read the subjects of %s: %w", id, err)
	}
	events := map[string]bool{}
	var unknown []string
	for _, x := range ids {
		sub, have := recorded[x]
		ok := have && sub.Known
		if ok && sub.Revision == 0 {
			if seen, asked := events[sub.Event]; asked {
				ok = seen
			} else if ok, err = s.known(ctx, sub); err != nil {
				return nil, nil, err
			}
			events[sub.Event] = ok
		}
		if !ok {
			unknown = append(unknown, x)
			if sub.Revision == 0 {
				delete(recorded, x)
			}
		}
	}
	return recorded, unknown, nil
}

// day is the forecast's horizon: notices that cannot go out within it earn a warning.
const day = 24 * time.Hour

// forecast warns where this many notices cannot drain in a day at SES's quota. A wrong clock is told to the operator
// and refuses nothing: an order that is recorded at a wrong instant holds, and one that is not recorded does not.
func (s *Service) forecast(ctx context.Context, d *draft, notices int) error {
	c, err := s.Store.Control(ctx)
	if err != nil {
		return fmt.Errorf("read the quota: %w", err)
	}
	if err := c.Clock(); err != nil {
		s.Log.ErrorContext(ctx, "an event is recorded at a wrong instant", "matter", d.ev.Matter, "version", d.head().Version,
			"error", err)
	}
	perDay := c.Quota.PerSecond * day.Seconds()
	if c.Quota.Per24h > 0 {
		perDay = min(perDay, c.Quota.Per24h)
	}
	if perDay > 0 && float64(notices) > perDay {
		d.answer.Warnings = append(d.answer.Warnings, ledger.Warning{
			Code: "cannot_drain_in_a_day",
			Message: fmt.Sprintf("%d notices cannot go out within a day: the quota allows %.0f. Ask for a higher quota "+
				"before they fall due.", notices, perDay),
		})
	}
	return nil
}
