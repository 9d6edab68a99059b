package intake

import (
	"context"
	"maps"
	"slices"
	"time"

	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/matter"
)

// assessed records a person's verdict. The last verdict counts. A void one ends the restraint, and a binding one makes
// it a court order's. After any verdict a person has looked, so unknown names no longer spread it over everybody.
func (p orderPlanner) assessed(ctx context.Context, ev event.Event, data *event.OrderAssessedData) (plan, error) {
	d, o, r, err := p.change(ctx, ev, data.OrderID)
	if err != nil {
		return plan{}, err
	}
	r.Void, r.Assessed = data.Verdict == matter.VerdictVoid, true
	switch data.Verdict {
	case matter.VerdictBinding:
		r.Kind = matter.CourtOrder
	case matter.VerdictPlea:
		r.Kind = matter.Plea
	}
	r.Unknown = nil
	if r.Spread > 0 {
		named, _, err := p.lookup(ctx, ev.Matter, r.Subjects)
		if err != nil {
			return plan{}, err
		}
		r.Spread = 0
		d.name(r, subjectsOf(named))
	}
	if data.UntilOverride != nil {
		earlier := p.override(d, r, *data.UntilOverride)
		end := law.Ends(r.Kind, r.Paper, d.eval.Endless(r.Paper))
		if i := slices.IndexFunc(o.Findings, func(f matter.Finding) bool { return f.Check == end.Check }); i >= 0 {
			o.Findings = slices.Clone(o.Findings)
			o.Findings[i] = end
		}
		if earlier {
			const fewer = "an end earlier than the computed one needs two different persons"
			if err := p.needsTwo(d, data.ApprovedBy, fewer); err != nil {
				return plan{}, err
			}
		}
	}
	if data.Verdict != matter.VerdictBinding {
		if err := p.needsTwo(d, data.ApprovedBy, "two different persons have to approve"); err != nil {
			return plan{}, err
		}
	}
	a := matter.Assessment{
		Verdict: data.Verdict, Reason: data.Reason, ApprovedBy: data.ApprovedBy, Override: data.UntilOverride,
		Verified: data.Verified, Actor: ev.Actor, At: d.now, Version: d.head().Version,
	}
	o.Assessments = append(o.Assessments, a)
	o.Findings = resolved(o.Findings, a)
	if data.Verified != nil {
		o.Findings = law.Verify(o.Findings, law.Verification(*data.Verified))
	}
	return p.complete(ctx, d, o)
}

// override replaces the end of a restraint and reports whether that makes it earlier: than the recorded end or than
// today's reading of the paper, whichever is later. An override that gives no end is never earlier. Where one of the
// two counts from a disclosure they cannot be compared, so the override is taken for earlier.
func (p orderPlanner) override(d *draft, r *matter.Restraint, end matter.End) bool {
	before, fromDisclosure := r.Until, r.Paper.End.FromDisclosure()
	if read := d.eval.Reading(r.Paper, time.Time{}).Until; !before.IsZero() && (read.IsZero() || read.After(before)) {
		before = read
	}
	r.Paper.End = end.Bare()
	reading := d.eval.Reading(r.Paper, time.Time{})
	r.Until = reading.Until
	if end.FromDisclosure() || fromDisclosure {
		return !d.eval.Endless(r.Paper)
	}
	return !r.Until.IsZero() && (before.IsZero() || r.Until.Before(before))
}

// resolved answers, with a person's verdict, the findings that no check could decide: those unknown, those that need a
// person, and the failed ones that decide whether the paper binds at all (K01, K02, K14). The finding before stays in
// the evidence. Another fault of a paper that binds, such as an end that nobody can tell, stays.
func resolved(findings []matter.Finding, a matter.Assessment) []matter.Finding {
	out := slices.Clone(findings)
	for i := range out {
		f := &out[i]
		decides := slices.Contains([]string{"K01", "K02", "K14"}, f.Check) && f.Status == matter.Fail ||
			a.Verdict == matter.VerdictPlea && f.Check == "K02"
		if !decides && f.Status != matter.Unknown && f.Status != matter.NeedsPerson && f.Evidence["settled"] == nil {
			continue
		}
		was := map[string]any{"status": string(f.Status), "message": f.Message}
		if before, ok := f.Evidence["settled"].(map[string]any); ok {
			was = before
		}
		evidence := matter.Evidence{}
		maps.Copy(evidence, f.Evidence)
		evidence["settled"] = was
		f.Evidence = evidence
		switch {
		case a.Verdict == matter.VerdictBinding:
			f.Status, f.Message = matter.Pass, "A person has looked and found that it binds: "+a.Reason
		case a.Verdict == matter.VerdictPlea && f.Check == "K02":
			f.Status, f.Message = matter.Fail, "Two persons have found that it is a plea, which binds nobody: "+a.Reason
		case a.Verdict == matter.VerdictPlea:
			f.Status, f.Message = matter.NotApplicable, "Two persons have found that it is a plea: "+a.Reason
		default:
			f.Status, f.Message = matter.NotApplicable, "Two persons have found that it is void: "+a.Reason
		}
	}
	return out
}
