package intake

import (
	"maps"
	"slices"

	"lapse/internal/matter"
)

// settled answers, with a person's verdict, the findings that no machine could: those unknown, those that need a
// person, and the failed ones that decide whether the paper binds at all (K01, K02, K14). What was found before stays
// in the evidence. What is wrong with a paper that binds, such as an end that nobody can tell, stays wrong.
func settled(findings []matter.Finding, a matter.Assessment) []matter.Finding {
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
