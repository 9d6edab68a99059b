package law

import (
	"slices"
	"time"

	"lapse/internal/matter"
)

// Verification is a person's answer that a paper is genuine: who verified it, how, and when.
type Verification struct {
	By     string    `json:"by"`
	Method string    `json:"method"`
	At     time.Time `json:"at"`
}

// The numbers of the checks that a verification answers.
const (
	authenticityCheck = "K18"
	callbackCheck     = "K20"
)

// MethodCallback is the method of calling back at a number from another source. It answers K20 as well.
const MethodCallback = "callback"

// evidence is what a finding keeps of it.
func (v Verification) evidence() map[string]any {
	return map[string]any{"by": v.By, "method": v.Method, "at": v.At.UTC().Format(time.RFC3339)}
}

// Verify answers the findings of a recorded order that ask whether it is genuine: K18, and K20 where somebody called
// back. Other findings stay as they are.
func Verify(findings []matter.Finding, v Verification) []matter.Finding {
	out := slices.Clone(findings)
	for i, f := range out {
		if f.Check == authenticityCheck || f.Check == callbackCheck && v.Method == MethodCallback {
			out[i] = verified(f, v)
		}
	}
	return out
}

// verified is a finding that a verification answers.
func verified(f matter.Finding, v Verification) matter.Finding {
	f.Status, f.Message = matter.Pass, "A person has verified that it is genuine."
	f.Evidence = matter.Evidence{"verified": v.evidence()}
	return f
}
