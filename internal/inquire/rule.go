package inquire

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// WhyRestraint is one restraint that covers a person, with its rule and the checks that decided its state.
type WhyRestraint struct {
	restraint.Reason
	Rule RuleView `json:"rule"`
	// State is the order's state (matter.OrderState) or the exception's (matter.ExceptionState).
	State string `json:"state"`
	// Checks are the findings that decided the state. An exception has none.
	Checks []matter.Finding `json:"checks"`
}

// RuleView is the rule under a restraint: a rule of docs/law.md, or the provider's own policy, whose ids begin with
// "policy-". The id, the citation and the text are never empty.
type RuleView struct {
	ID       string `json:"id"`
	Citation string `json:"citation"`
	Says     string `json:"says"`
	// End says whether the rule asks an order for its end (law.EndRequired, law.EndOpen), "" if it does not say. Maximum
	// and Renewal are the longest order and extension in words, "" if there is none. None of them shortens a hold.
	End     string `json:"end,omitempty"`
	Maximum string `json:"maximum,omitempty"`
	Renewal string `json:"renewal,omitempty"`
}

// explained adds to a reason the rule and the checks under it.
func (s *Service) explained(l *loadedMatter, why restraint.Reason) WhyRestraint {
	w := WhyRestraint{Reason: why, Checks: []matter.Finding{}}
	r, _ := l.head.Restraint(why.Source)
	if kind, ours := r.Kind.Exception(); ours {
		w.Rule = RuleView{
			ID: "policy-exception-" + strings.ReplaceAll(string(kind), "_", "-"), Citation: why.Citation,
			Says: "The provider may hold for " + restraint.ExceptionWords(kind) +
				" where two persons agree, until a review; what nobody renews ends there.",
		}
		if i := slices.IndexFunc(l.exceptions, func(x matter.Exception) bool { return x.ID == why.Source }); i >= 0 {
			w.State = string(l.eval.ExceptionState(&l.exceptions[i], &l.head, l.now))
		}
		return w
	}
	if r.Origin == matter.OriginUnapproved {
		w.Rule = RuleView{ID: "policy-unapproved", Citation: law.OwnPolicy + "two persons decide on an emergency disclosure",
			Says: "An emergency disclosure is recorded at once. Its notices wait until a second person has approved it."}
		if w.State = string(matter.ExceptionRequested); !r.Ended.IsZero() {
			w.State = string(matter.ExceptionEnded)
		}
		w.Citation = w.Rule.Citation
		return w
	}
	i := l.find(why.Source)
	if i < 0 { // the order is not visible yet; its restraint holds all the same
		w.Rule = RuleView{ID: "policy-unread", Citation: law.Unread, Says: "What has not been read holds."}
		w.Citation, w.State = w.Rule.Citation, string(matter.OrderReceived)
		return w
	}
	o := &l.orders[i]
	w.Rule, w.State = s.ruleOf(o, r), string(l.eval.State(o, &l.head, l.now))
	if w.Citation == "" {
		w.Citation = w.Rule.Citation
	}
	for _, f := range o.Findings {
		if decides(f) {
			w.Checks = append(w.Checks, f)
		}
	}
	return w
}

// decides reports whether an order's state rests on the finding. The kind of paper, its signature and its end always
// count. Any other finding counts if it left the order unread or deficient.
func decides(f matter.Finding) bool {
	if slices.Contains([]string{"K01", "K02", "K04", "K05", "L01"}, f.Check) {
		return true
	}
	return f.Severity != matter.Advice && f.Status == matter.Fail ||
		f.Severity == matter.Binding && f.Status == matter.Unknown
}

// ruleOf returns the rule behind an order or a standing restraint.
func (s *Service) ruleOf(o *matter.Order, r *matter.Restraint) RuleView {
	switch {
	case r.Kind == matter.Plea:
		days := restraint.Grace(r) / (24 * time.Hour)
		return RuleView{
			ID: "policy-plea", Citation: law.OwnPolicy + "a letter that asks for silence binds nobody",
			Says: fmt.Sprintf("It binds nobody. The authority has %d days of 24 hours, from when it was recorded, to bring "+
				"an order; it holds no longer, and not beyond its own end.", days),
		}
	case r.Origin == matter.OriginUnstated:
		return RuleView{ID: "policy-unstated", Citation: law.Unstated, Says: law.StatesNoLawMessage}
	case r.Origin == matter.OriginUnverified:
		return RuleView{ID: "policy-unverified", Citation: law.Unanswered,
			Says: "Nobody has verified what the law of the country says of such a request. It holds until counsel has answered."}
	case r.Origin == matter.OriginUnreadable:
		return RuleView{ID: "policy-unread", Citation: law.Unread,
			Says: "An order came that could not be read. It holds for everybody until two persons have declared it void."}
	}
	rule, known := s.cited(o, r)
	if !known {
		return RuleView{
			ID: "policy-order", Citation: law.OwnPolicy + "an order holds to its stated end",
			Says: "No verified rule stands behind it. It holds to its stated end, and without one until a court or the " +
				"authority ends it.",
		}
	}
	v := RuleView{ID: rule.ID, Citation: rule.Citation, Says: rule.Text, End: rule.End}
	if rule.First != nil {
		v.Maximum = rule.First.String()
	}
	if rule.Renewal != nil {
		v.Renewal = rule.Renewal.String()
	}
	return v
}

// cited is the rule by which an order was checked (K01 names it), or by which a restraint stands without any order.
func (s *Service) cited(o *matter.Order, r *matter.Restraint) (law.Rule, bool) {
	if rule, ok := s.Law.StandingRule(r.Standing); ok {
		return rule, true
	}
	for _, f := range o.Findings {
		if id, ok := f.Evidence["rule"].(string); ok && f.Check == "K01" {
			return s.Law.Rule(id)
		}
	}
	return law.Rule{}, false
}

// rests says in sentences which rules the restraints rest on.
func rests(list []WhyRestraint) string {
	var b strings.Builder
	for _, w := range list {
		fmt.Fprintf(&b, " %s rests on %s (%s).", w.Source, w.Rule.Citation, w.Rule.ID)
	}
	return b.String()
}
