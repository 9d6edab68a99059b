package law

import "lapse/internal/matter"

// Route is how an order may be challenged under the rule that it cites, as far as the rules say.
type Route struct {
	// Route is what the provider can file, Standard what the court held the order against.
	Route    string `json:"route,omitempty"`
	Standard string `json:"standard,omitempty"`
	// Clock runs on ClockOn, for as long as Clock says.
	Clock   string `json:"clock,omitempty"`
	ClockOn string `json:"clockOn,omitempty"`
}

// RouteOf is the route of a challenge to an order under the rule; what the rule does not say stays empty.
func RouteOf(r Rule) Route {
	out := Route{Route: r.Challenge, Standard: r.Standard, ClockOn: r.ClockOn}
	if r.Clock != nil {
		out.Clock = r.Clock.String()
	}
	return out
}

// Sorted are the findings of an order by what became of them, so that a challenge reproaches only what failed. Findings
// that passed or do not apply are left out.
type Sorted struct {
	Failed, Unknown, NeedsPerson []matter.Finding
}

// Sort sorts findings by what became of them, in their order.
func Sort(findings []matter.Finding) Sorted {
	out := Sorted{Failed: []matter.Finding{}, Unknown: []matter.Finding{}, NeedsPerson: []matter.Finding{}}
	for _, f := range findings {
		switch f.Status {
		case matter.Fail:
			out.Failed = append(out.Failed, f)
		case matter.Unknown:
			out.Unknown = append(out.Unknown, f)
		case matter.NeedsPerson:
			out.NeedsPerson = append(out.NeedsPerson, f)
		}
	}
	return out
}
