package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"lapse/internal/event"
	"lapse/internal/facts"
	"lapse/internal/matter"
)

// The warnings of outcomes and disclosures that do not fit together.
const (
	// NothingDisclosed: an outcome says that data was handed over, and no disclosure is recorded.
	NothingDisclosed = "nothing_disclosed"
	// OutcomeContradicted: data was handed over although the request was closed with an outcome that says otherwise. The
	// request is open again.
	OutcomeContradicted = "outcome_contradicted"
)

// challenged records a challenge of the request, or what became of one. A challenge that was filed counts as one that
// counsel decided.
func (p requestPlanner) challenged(ctx context.Context, ev event.Event, data *event.RequestChallengedData) (plan,
	error) {
	h, req, err := p.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	d := p.begin(ev, h)
	c := matter.RequestChallenge{
		ID: data.ChallengeID, Grounds: data.Grounds, Route: data.Route, FiledAt: data.FiledAt, Forum: data.Forum,
		Outcome: cmp.Or(data.Outcome, matter.ChallengePending), DecidedAt: data.DecidedAt, Actor: ev.Actor, At: d.now,
	}
	req.Challenges = slices.Clone(req.Challenges)
	i := slices.IndexFunc(req.Challenges, func(was matter.RequestChallenge) bool { return was.ID == c.ID })
	switch {
	case i < 0:
		req.Challenges = append(req.Challenges, c)
	case req.Challenges[i].Route != c.Route || !req.Challenges[i].FiledAt.Equal(c.FiledAt):
		return plan{}, fmt.Errorf("challenge %s of another route or filing: %w", c.ID, event.ErrConflict)
	default:
		was := req.Challenges[i]
		c.Forum = cmp.Or(c.Forum, was.Forum)
		if c.Outcome == matter.ChallengePending {
			c.Outcome, c.DecidedAt = was.Outcome, was.DecidedAt // a filing may arrive after its outcome
		}
		req.Challenges[i] = c
	}
	req.Challenged, req.Version = true, d.head().Version
	if waits := h.State == matter.Received || h.State == matter.Approved; waits && c.Outcome == matter.ChallengePending {
		d.head().State = matter.Challenged
	}
	d.answer.Findings = append(d.answer.Findings, req.Findings...)
	d.change.Request = &req
	return plan{draft: d}, nil
}

// closed records what became of the request. A later closing takes the place of an earlier one, which stays on the
// ledger.
func (p requestPlanner) closed(ctx context.Context, ev event.Event, data *event.RequestClosedData) (plan, error) {
	h, req, err := p.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	outcome := facts.Outcome(data.Outcome)
	if err := p.fits(ctx, ev.Matter, outcome); err != nil {
		return plan{}, err
	}
	d := p.begin(ev, h)
	req.Closing = &matter.Closing{Outcome: data.Outcome, At: data.At, Reason: data.Reason, Actor: ev.Actor}
	req.Version = d.head().Version
	if h.Disclosures == 0 && outcome.HandedOver() {
		d.warn(NothingDisclosed, "The outcome says that data was handed over, and no disclosure is recorded. Nobody is "+
			"told before it is: post disclosure.made.")
	}
	d.answer.Findings = append(d.answer.Findings, req.Findings...)
	d.change.Request = &req
	return plan{draft: d}, nil
}

// fits refuses an outcome that the recorded disclosures contradict. An empty outcome says nothing.
func (p requestPlanner) fits(ctx context.Context, id string, outcome facts.Outcome) error {
	parts, err := p.Store.Disclosures(ctx, id, "")
	if err != nil {
		return fmt.Errorf("read the disclosures of %s: %w", id, err)
	}
	if outcome.Contradicted(disclosed(parts)) {
		return fmt.Errorf("outcome %s of matter %s and its disclosures: %w", outcome, id, event.ErrConflict)
	}
	return nil
}

// disclosed is what the parts of disclosures say for an outcome.
func disclosed(parts []matter.Disclosure) []facts.DisclosureFact {
	parts = matter.HandedOver(parts)
	out := make([]facts.DisclosureFact, len(parts))
	for i, part := range parts {
		out[i] = facts.DisclosureFact{At: part.Facts.At, Content: part.Facts.Content, WithData: len(part.Targets),
			Preserved: onlyPreserved(part.Facts.Categories)}
	}
	return out
}

// onlyPreserved reports whether data was only preserved, and none handed over.
func onlyPreserved(categories []string) bool {
	return !slices.ContainsFunc(categories, func(c string) bool { return c != "preservation" })
}

// reopen takes back a closing that the disclosure contradicts. What was handed over is recorded whatever was said
// before.
func (d *draft) reopen(req *matter.Request, parts []matter.Disclosure) {
	if req.Closing == nil || !facts.Outcome(req.Closing.Outcome).Contradicted(disclosed(parts)) {
		return
	}
	d.warn(OutcomeContradicted, fmt.Sprintf("The request was closed as %s, and the disclosures contradict that. It is "+
		"open again: post request.closed with the outcome that fits.", req.Closing.Outcome))
	req.Closing, req.Version = nil, d.head().Version
	d.change.Request = req
}
