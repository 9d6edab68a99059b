package intake

import (
	"context"
	"fmt"
	"slices"

	"lapse/internal/event"
	"lapse/internal/facts"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/owed"
	"lapse/internal/review"
)

// requestPlanner plans the events about the request itself.
type requestPlanner struct{ planner }

// received records the request. It opens the matter, or fills one that an order or a contact has opened.
func (p requestPlanner) received(ctx context.Context, ev event.Event, data *event.RequestReceivedData) (plan, error) {
	h, err := p.open(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	if h.State != matter.AwaitingRequest {
		return p.again(ctx, ev)
	}
	d := p.begin(ev, h)
	req := data.Request
	req.Matter, req.Digest, req.Policy, req.Version = h.Matter, ev.Content, p.Policy, d.head().Version
	req.Receipt = ledger.ReceiptKey(ev.Source, ev.ID)
	d.head().State = matter.Received
	return p.judged(ctx, d, &req, nil, data.Subjects)
}

// again is a second request.received for a matter whose request is recorded.
func (p requestPlanner) again(ctx context.Context, ev event.Event) (plan, error) {
	req, err := p.Store.Request(ctx, ev.Matter)
	if err != nil {
		return plan{}, fmt.Errorf("read the request of %s: %w", ev.Matter, err)
	}
	if req.Digest != ev.Content {
		return plan{}, fmt.Errorf("the request of matter %s: %w", ev.Matter, event.ErrConflict)
	}
	return plan{recorded: req.Receipt}, nil
}

// amended changes fields of the request and adds subjects, or replaces them by id.
func (p requestPlanner) amended(ctx context.Context, ev event.Event, data *event.RequestAmendedData) (plan, error) {
	h, req, err := p.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	d := p.begin(ev, h)
	before := req
	amend(&req, data)
	req.Version = d.head().Version
	if req.Instrument != before.Instrument || req.Reference != before.Reference {
		d.warnOfOtherProcess()
	}
	return p.judged(ctx, d, &req, &before, data.Subjects)
}

// judged completes an event that changed what the request says: it keeps the posted subjects and judges the request
// anew. before is the request until now, nil where it was awaited.
func (p requestPlanner) judged(ctx context.Context, d *draft, req, before *matter.Request,
	posted []matter.PostedSubject) (plan, error) {
	subjects, err := p.subjects(ctx, d, posted, before != nil)
	if err != nil {
		return plan{}, err
	}
	orders, err := p.Store.Orders(ctx, req.Matter)
	if err != nil {
		return plan{}, fmt.Errorf("read the orders of %s: %w", req.Matter, err)
	}
	p.stand(d, req, before, orders)
	p.review(d, req, posted, orders)
	req.Findings = d.answer.Findings
	d.change.Request = req
	d.announce()
	d.learn(subjects) // the last, because it takes what room the others leave
	return plan{draft: d, after: p.writePending(d)}, nil
}

// warnOfOtherProcess warns that orders of the process before hold what is handed over under the new one as well.
func (d *draft) warnOfOtherProcess() {
	for _, r := range d.head().Restraints {
		until := d.eval.Ends(&r, d.head().LastDisclosed).Until
		if r.Void || !r.Origin.Paper() || r.Origin.Standing() || over(until, d.now) {
			continue
		}
		d.warn(law.OtherProcess, fmt.Sprintf("The process has changed since order %s was recorded. It holds what is handed "+
			"over under the new process as well, for telling that could reveal the one before: ask counsel.", r.ID))
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
	set(&r.Unmatched, a.Unmatched)
	set(&r.FisaTitle, a.FisaTitle)
	keep(&r.Selectors, a.Selectors)
	keep(&r.ValidatedBy, a.ValidatedBy)
	keep(&r.FisaCallRecords, a.FisaCallRecords)
	keep(&r.FirstOfProduct, a.FirstOfProduct)
	asksAnew := a.Offence != nil || a.Flags != nil || a.Instrument != nil || a.LegalBasis != nil || a.DataSought != nil
	if asksAnew && r.GoodFaith != nil && r.GoodFaith.Serves {
		r.GoodFaith = nil // it was an answer about the request as it was
	}
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

// keep lays a posted pointer over the request's.
func keep[T any](field **T, posted *T) {
	if posted != nil {
		*field = posted
	}
}

// decided records counsel's decision.
func (p requestPlanner) decided(ctx context.Context, ev event.Event, data *event.RequestDecidedData) (plan, error) {
	h, req, err := p.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	if err := p.fits(ctx, ev.Matter, facts.Outcome(data.Outcome)); err != nil {
		return plan{}, err
	}
	d := p.begin(ev, h)
	challenged := req.Challenged
	if answer := data.GoodFaith; answer != nil {
		req.GoodFaith = &matter.GoodFaith{Serves: answer.Verdict == matter.Yes, Note: answer.Note, By: ev.Actor, At: d.now}
	}
	if err := p.guard(ctx, d, &req, data); err != nil {
		return plan{}, err
	}
	// approvedBy never had to name two for such a decision: where persons are names, its reason is enough.
	d.two = p.Principals && review.Overrides(*data, req.Findings, req.Classes, challenged)
	if req.Decision != nil {
		req.Earlier = append(slices.Clone(req.Earlier), req.Decision.Kept())
	}
	req.Decision = &matter.Decided{
		Decision: data.Decision, Reason: data.Reason, Outcome: data.Outcome, Grounds: data.Grounds,
		Advance: data.AdvanceNotice, Until: data.AdvanceUntil, ApprovedBy: data.ApprovedBy, At: d.now, Actor: ev.Actor,
	}
	req.Version, req.DecidedIn, req.Policy = d.head().Version, d.head().Version, p.Policy
	p.answerObjections(d, &req, data)
	announced, subjects, err := p.advance(ctx, d, &req, data)
	if err != nil {
		return plan{}, err
	}
	if h.State != matter.Disclosed {
		d.head().State = decidedState(data.Decision)
	}
	d.change.Request = &req
	return plan{draft: d, after: p.announce(d, announced, subjects)}, nil
}

// decidedState is where a decision leaves a matter of which nothing was handed over.
func decidedState(decision matter.Decision) matter.State {
	return map[matter.Decision]matter.State{
		matter.Comply: matter.Approved, matter.ComplyInPart: matter.Approved, matter.Challenge: matter.Challenged,
		matter.Reject: matter.Rejected, matter.Redirect: matter.Redirected, matter.Withdraw: matter.Withdrawn,
	}[decision]
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
