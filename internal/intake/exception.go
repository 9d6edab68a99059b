package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// exceptionPlanner plans the events about the provider's own exceptions.
type exceptionPlanner struct{ planner }

// notApproved ends the sentence that people read about an exception that nobody has approved yet.
const notApproved = " or, before that, approved by a second person"

// requested records the provider's own reason not to tell yet. It holds from this transaction on, so that
// nobody is told while a second person looks at it, but without one only for matter.ApprovalGrace.
func (p exceptionPlanner) requested(ctx context.Context, ev event.Event, data *matter.PostedException) (plan, error) {
	h, _, err := p.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	all, err := p.Store.Exceptions(ctx, ev.Matter)
	if err != nil {
		return plan{}, fmt.Errorf("read the exceptions of %s: %w", ev.Matter, err)
	}
	if was := exceptionOf(all, data.ExceptionID); was != nil {
		if was.Digest != ev.Content {
			return plan{}, fmt.Errorf("exception %s: %w", data.ExceptionID, event.ErrConflict)
		}
		return plan{recorded: was.Receipt}, nil
	}
	if _, taken := h.Restraint(data.ExceptionID); taken {
		return plan{}, fmt.Errorf("exception %s has the id of an order: %w", data.ExceptionID, event.ErrConflict)
	}
	d := p.begin(ev, h)
	x := &matter.Exception{
		Matter: h.Matter, ID: data.ExceptionID, Digest: ev.Content, Requested: *data, RequestedBy: ev.Actor, Recorded: d.now,
		RequestedPerson: ev.Person, Version: d.head().Version, Revision: d.head().Version,
		Receipt: ledger.ReceiptKey(ev.Source, ev.ID),
	}
	terms := p.terms(data.Kind)
	if x.ReviewAt, err = d.review(data.ReviewAt, d.now.Add(terms.Review), d.now.Add(terms.End)); err != nil {
		return plan{}, err
	}
	r := matter.Restraint{
		ID: x.ID, Origin: matter.OriginException, Kind: data.Kind.Restraint(), All: data.Covers.Subjects.All,
		Subjects: data.Covers.Subjects.IDs, Recipients: data.Covers.Recipients, Recorded: d.now,
	}
	if err := p.link(ctx, d, &r); err != nil {
		return plan{}, err
	}
	d.endsAt(&r, earliest(x.ReviewAt, matter.Ceil(d.now.Add(matter.ApprovalGrace))), notApproved)
	d.head().Restraints = append(slices.Clone(h.Restraints), r)
	return p.complete(ctx, d, x)
}

// link adds the tenants and mailboxes of those whom a restraint names. An exception names only subjects that the matter
// knows.
func (p exceptionPlanner) link(ctx context.Context, d *draft, r *matter.Restraint) error {
	if r.All {
		return nil
	}
	named, unknown, err := p.lookup(ctx, d.head().Matter, r.Subjects)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return fmt.Errorf("the request does not know subject %s (an amendment adds subjects): %w", unknown[0],
			event.ErrPredecessor)
	}
	d.name(r, subjectsOf(named))
	return nil
}

// terms are those of the kind, the default ones where none are configured.
func (p exceptionPlanner) terms(kind matter.ExceptionKind) matter.Terms {
	if t, ok := p.Terms[kind]; ok {
		return t
	}
	return matter.DefaultTerms()[kind]
}

func exceptionOf(all []matter.Exception, id string) *matter.Exception {
	i := slices.IndexFunc(all, func(x matter.Exception) bool { return x.ID == id })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// review is the review as policy bounds it. An exception that wants more time than it may have is taken all the same,
// because it holds. The sender is warned.
func (d *draft) review(posted time.Time, limits ...time.Time) (time.Time, error) {
	if !posted.After(d.now) {
		return posted, fault("/data/reviewAt", "has to lie ahead of the clock")
	}
	at := posted
	for _, limit := range limits {
		at = earliest(at, matter.Floor(limit))
	}
	if at.Before(posted) {
		d.warn("review_bounded", fmt.Sprintf("The policy lets an exception of this kind go on until %s without another "+
			"look. It is reviewed, and ends unless it is renewed, then.", at.Format(time.RFC3339)))
	}
	return at, nil
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// endsAt gives an exception's restraint its end.
func (d *draft) endsAt(r *matter.Restraint, at time.Time, text string) {
	r.Paper.End = matter.End{Kind: matter.EndInstant, At: at, Text: text}
	r.Until, r.Revision = at, d.head().Version
}

// change prepares an event about a recorded exception that has not ended: the draft, the exception, and its
// restraint in the new head.
func (p exceptionPlanner) change(ctx context.Context, ev event.Event, id string) (*draft, *matter.Exception,
	*matter.Restraint, error) {
	h, _, err := p.existing(ctx, ev.Matter)
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := p.Store.Exceptions(ctx, ev.Matter)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read the exceptions of %s: %w", ev.Matter, err)
	}
	d := p.begin(ev, h)
	d.head().Restraints = slices.Clone(h.Restraints)
	x := exceptionOf(all, id)
	r, ok := d.head().Restraint(id)
	switch {
	case x == nil && (!ok || r.Origin != matter.OriginException):
		return nil, nil, nil, fmt.Errorf("exception %s of matter %s: %w", id, ev.Matter, event.ErrPredecessor)
	case x == nil, !ok, x.Revision > h.Version, r.Torn:
		return nil, nil, nil, fmt.Errorf("exception %s of matter %s is half recorded: %w", id, ev.Matter, store.ErrRace)
	case x.Ending != nil:
		return nil, nil, nil, fmt.Errorf("exception %s has ended: %w", id, event.ErrConflict)
	}
	x.Revision = d.head().Version
	return d, x, r, nil
}

// secondPerson wants somebody to approve who did not ask for the exception: two, where nobody knows who asked.
func (p exceptionPlanner) secondPerson(d *draft, x *matter.Exception, approvedBy []string) error {
	if p.Principals {
		d.two, d.before = true, x.RequestedPerson
		return nil
	}
	need := 1
	if x.RequestedBy == "" {
		need = 2
	}
	if events.PersonsBeside(approvedBy, x.RequestedBy) < need {
		return fault("/data/approvedBy", "somebody other than the person who asked for the exception has to approve it")
	}
	return nil
}

// approved records that a second person stands for the exception: it holds until its review.
func (p exceptionPlanner) approved(ctx context.Context, ev event.Event,
	data *event.ExceptionApprovedData) (plan, error) {
	d, x, r, err := p.change(ctx, ev, data.ExceptionID)
	if err != nil {
		return plan{}, err
	}
	if x.Approval != nil {
		return plan{}, fmt.Errorf("exception %s is approved already: %w", x.ID, event.ErrConflict)
	}
	if err := p.secondPerson(d, x, data.ApprovedBy); err != nil {
		return plan{}, err
	}
	x.Approval = &matter.ExceptionAct{At: d.now, Actor: ev.Actor, ApprovedBy: data.ApprovedBy}
	d.endsAt(r, x.ReviewAt, "")
	return p.complete(ctx, d, x)
}

// renewed lets an exception go on to a new review, as often and as long as its terms allow.
func (p exceptionPlanner) renewed(ctx context.Context, ev event.Event,
	data *event.ExceptionRenewedData) (plan, error) {
	d, x, r, err := p.change(ctx, ev, data.ExceptionID)
	if err != nil {
		return plan{}, err
	}
	terms := p.terms(x.Requested.Kind)
	last := matter.Floor(x.Recorded.Add(terms.End))
	switch {
	case x.Approval == nil:
		return plan{}, fmt.Errorf("the approval of exception %s: %w", x.ID, event.ErrPredecessor)
	case len(x.Renewals) >= terms.Renewals:
		return plan{}, fault("/data/exceptionId", fmt.Sprintf("was renewed as often as the policy allows, %d times",
			terms.Renewals))
	case !last.After(d.now):
		return plan{}, fault("/data/exceptionId", "has lasted as long as the policy allows, to "+last.Format(time.RFC3339))
	}
	if err := p.secondPerson(d, x, data.ApprovedBy); err != nil {
		return plan{}, err
	}
	if x.ReviewAt, err = d.review(data.ReviewAt, d.now.Add(terms.Review), last); err != nil {
		return plan{}, err
	}
	x.Renewals = append(x.Renewals, matter.ExceptionAct{At: d.now, Actor: ev.Actor, ApprovedBy: data.ApprovedBy,
		ReviewAt: x.ReviewAt})
	d.endsAt(r, x.ReviewAt, "")
	return p.complete(ctx, d, x)
}

// ended ends an exception now. What nothing else holds falls due.
func (p exceptionPlanner) ended(ctx context.Context, ev event.Event, data *event.ExceptionEndedData) (plan, error) {
	d, x, r, err := p.change(ctx, ev, data.ExceptionID)
	if err != nil {
		return plan{}, err
	}
	x.Ending = &matter.ExceptionAct{At: d.now, Actor: ev.Actor, Reason: data.Reason}
	r.Ended, r.Revision = d.now, d.head().Version
	return p.complete(ctx, d, x)
}

// complete completes an event that changed an exception.
func (p exceptionPlanner) complete(ctx context.Context, d *draft, x *matter.Exception) (plan, error) {
	d.replan()
	if at, open := d.eval.NextExceptionVisit(x, d.head(), d.now); open {
		d.row(agenda.ForException(x.Matter, x.ID, at, d.head().Version))
	}
	r, _ := d.head().Restraint(x.ID)
	d.answer.Exception = &ledger.ExceptionAnswer{
		ID: x.ID, State: d.eval.ExceptionState(x, d.head(), d.now), ReviewAt: x.ReviewAt,
		Until: d.eval.Ends(r, time.Time{}).Until,
	}
	if err := p.covered(ctx, d, x.ID); err != nil {
		return plan{}, err
	}
	d.change.Exception = x
	return plan{draft: d}, nil
}
