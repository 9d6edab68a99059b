package intake

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/review"
)

// OtherChannel is the code of the warning that a request came by a channel that is none of the configured ones.
const OtherChannel = "other_channel"

// review judges the request anew with the posted subjects. What was found of subjects posted before stays: the request
// keeps no list of them to look at again.
func (p requestPlanner) review(d *draft, req *matter.Request, posted []matter.PostedSubject, orders []matter.Order) {
	found := review.Request(review.Input{
		Request: *req, Subjects: review.SubjectsOf(posted), Orders: orders, Fields: p.Fields, Book: p.Law, Policy: p.Rules,
		Identifiers: d.head().Subjects + req.Unmatched, IssuerVerified: verifiedIssuer(req, orders), Now: d.now,
	})
	for i := range found {
		found[i] = earlierPersons(found[i], req.Findings)
		if f := found[i]; f.Check == review.ChannelCheck && f.Status == matter.Fail {
			p.Log.Warn("a request came by a channel that is none of the configured ones", "matter", req.Matter, "version",
				d.head().Version)
			d.warn(OtherChannel, f.Message)
		}
	}
	for _, p := range posted {
		if !slices.Contains(req.Classes, p.Class) {
			req.Classes = append(slices.Clone(req.Classes), p.Class)
		}
	}
	d.answer.Findings = append(d.answer.Findings, found...)
}

// verifiedIssuer is a person's last answer that a paper of the request's own issuer is genuine. It is nil where there
// is none.
func verifiedIssuer(req *matter.Request, orders []matter.Order) *law.Verification {
	var last *law.Verification
	for _, o := range orders {
		by := o.Received.Issuer
		if by.Name != req.Issuer.Name || by.Role != req.Issuer.Role || by.Country != req.Issuer.Country {
			continue
		}
		for _, a := range o.Assessments {
			v := a.Verified
			if v != nil && a.Verdict == matter.VerdictBinding && (last == nil || v.At.After(last.At)) {
				last = new(law.Verification(*v))
			}
		}
	}
	return last
}

// personsCheck is the ground that is judged for each person.
const personsCheck = "O11"

// earlierPersons joins what an amendment says of its own subjects with what was found of those before: a failed ground
// stays, and so does an unknown one unless the new ones fail it.
func earlierPersons(f matter.Finding, before []matter.Finding) matter.Finding {
	i := slices.IndexFunc(before, func(b matter.Finding) bool { return b.Check == f.Check })
	if f.Check != personsCheck || i < 0 {
		return f
	}
	was := before[i]
	weight := []matter.Status{matter.NotApplicable, matter.Pass, matter.Unknown, matter.Fail}
	if f.Status == matter.NotApplicable {
		return was
	}
	if slices.Index(weight, was.Status) <= slices.Index(weight, f.Status) {
		f.Evidence = maps.Clone(f.Evidence)
		f.Evidence["earlier"] = map[string]any{"status": string(was.Status), "message": was.Message}
		return f
	}
	was.Evidence = maps.Clone(was.Evidence)
	was.Evidence["later"] = map[string]any{"status": string(f.Status), "message": f.Message}
	return was
}

// guard judges the request again as the matter's orders stand now, and refuses a decision to hand over data of an
// enterprise or a public body while a ground to challenge the request is open.
func (p requestPlanner) guard(ctx context.Context, d *draft, req *matter.Request,
	data *event.RequestDecidedData) error {
	orders, err := p.Store.Orders(ctx, req.Matter)
	if err != nil {
		return fmt.Errorf("read the orders of %s: %w", req.Matter, err)
	}
	before := req.Findings // the finding about secrecy without any order stands before the review's
	p.review(d, req, nil, orders)
	if i := slices.IndexFunc(before, func(f matter.Finding) bool { return f.Check == law.StandingCheck }); i >= 0 {
		d.answer.Findings = slices.Insert(d.answer.Findings, 0, before[i])
	}
	req.Findings = d.answer.Findings
	if faults := review.Guard(*data, req.Findings, req.Classes, req.Challenged); len(faults) > 0 {
		return &event.Faults{List: faults}
	}
	req.Challenged = req.Challenged || data.Decision == matter.Challenge
	return nil
}
