package law

import (
	"cmp"
	"strings"
	"time"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// Paper is what the checks of an order look at: the order as posted, the calendar's reading of it, and what the matter
// knew when it came. What is missing makes a check unknown, never failed.
type Paper struct {
	Order matter.PostedOrder
	// Time is the paper as cleaned when recorded. Endless says that no end can be computed; Notes are the calendar's
	// findings about unsure input.
	Time    matter.Paper
	Endless bool
	Notes   []calendar.Note
	// Unknown are the named subjects the matter does not know; ExtendsKnown says whether the order it extends is recorded;
	// SameDocument is another order of the matter with the same document, "" if none.
	Unknown      []string
	ExtendsKnown bool
	SameDocument string
	// Tenants are those of the named subjects, as the order's restraint keeps them.
	Tenants []string
	// Chain are the earlier orders that this one extends, one after the other.
	Chain []Interval
	// Request is the matter's request, nil while it is awaited.
	Request *matter.Request
	// Book is the law, Policy the provider's own, Now the instant of the check.
	Book   *Book
	Policy Policy
	Now    time.Time
}

// Interval is the time that an earlier order covers. A zero From is not known, a zero Until is no known end.
type Interval struct {
	Order       string
	From, Until time.Time
}

// OwnPolicy begins the citation of a finding that rests on no law, but on the provider's own policy.
const OwnPolicy = "the provider's policy: "

// Check puts an order through K01 to K20. Each gives one finding, the passing ones too; what else was noted follows
// as advice. Nothing here shortens a hold: a failed check is a reason to challenge (law 3).
func Check(p Paper) []matter.Finding {
	c := p.read()
	out := make([]matter.Finding, 0, len(checks())+len(p.Notes))
	for _, k := range checks() {
		f := k.run(c)
		f.Check, f.Severity, f.Citation = k.ID, k.Severity, cmp.Or(f.Citation, k.Rests)
		out = append(out, f)
	}
	if f, said := c.otherProcess(); said {
		out = append(out, f)
	}
	for _, n := range p.Notes {
		out = append(out, matter.Finding{Check: n.Code, Status: matter.Fail, Severity: matter.Advice, Citation: OwnPolicy + "an unsure date or place holds longer", Message: n.Message})
	}
	return out
}

// CheckRule is one check as docs/law.md describes it.
type CheckRule struct {
	ID       string
	Severity matter.Severity
	// Asks is the question it answers; Fails says when it fails; Rests is what its finding cites where no law answers.
	Asks, Fails, Rests string
	run                func(reading) matter.Finding
}

// Checks lists K01 to K20 in their order.
func Checks() []CheckRule { return checks() }

func checks() []CheckRule {
	return []CheckRule{
		k01(), k02(), k03(), k04(), k05(), k06(), k07(), k08(), k09(), k10(),
		k11(), k12(), k13(), k14(), k15(), k16(), k17(), k18(), k19(), k20(),
	}
}

// reading is a paper with the rule it rests on.
type reading struct {
	Paper
	// rule is the verified rule in force that the paper cites; how says what became of its citation.
	rule Rule
	how  CiteStatus
	// ends is the calendar's reading, for a disclosure now where the period counts from one.
	ends calendar.Reading
}

func (p Paper) read() reading {
	c := reading{Paper: p}
	at := p.Now
	if !p.Time.SignedOn.IsZero() {
		at = noon(p.Time.SignedOn)
	}
	c.rule, c.how = p.Book.Cited(p.Order.Issuer.Country, p.Order.Issuer.Region, p.Order.LegalBasis, at)
	if c.how != CitedVerified {
		c.rule = Rule{}
	}
	c.ends = calendar.Read(p.Time, p.Now)
	return c
}

// cited reports whether a verified rule stands behind the paper.
func (c reading) cited() bool { return c.rule.ID != "" }

// noRule is the finding of a check that only a rule can answer.
func (c reading) noRule(what string) matter.Finding {
	why := map[CiteStatus]string{
		CitedNothing:    "The paper names no law",
		CitedUnknown:    "The law that the paper names is not in the table for its country",
		CitedForeign:    "The law that the paper names is another country's",
		CitedSeveral:    "The paper names several laws",
		CitedUnverified: "Nobody has verified the law that the paper names",
		CitedNotInForce: "The law that the paper names was not in force then",
	}[c.how]
	return matter.Finding{Status: matter.Unknown, Message: why + ", so " + what + " is for counsel to say.", Evidence: matter.Evidence{"legalBasis": string(c.how)}}
}

// precedent begins a finding that rests on an American decision, which is cited for American papers only.
func (c reading) precedent(id string) matter.Finding {
	f := matter.Finding{Evidence: matter.Evidence{}}
	if r, ok := c.Book.Rule(id); ok && r.Status == Verified && strings.EqualFold(c.Order.Issuer.Country, "US") {
		f.Citation, f.Evidence["rule"] = r.Citation, r.ID
	}
	return f
}

// bindsNobody is the finding of a check that only a paper that orders something has to pass.
func bindsNobody() matter.Finding {
	return matter.Finding{Status: matter.NotApplicable, Message: "A plea orders nothing."}
}

// statute reports whether the paper is no order that somebody had to make.
func (c reading) statute() bool { return c.Order.Kind == matter.Statute }

// with adds the rule to a finding: its citation, where it has none, and its id.
func (c reading) with(f matter.Finding) matter.Finding {
	if !c.cited() {
		return f
	}
	if f.Citation == "" {
		f.Citation = c.rule.Citation
	}
	if f.Evidence == nil {
		f.Evidence = matter.Evidence{}
	}
	f.Evidence["rule"] = c.rule.ID
	return f
}

// noon is the middle of the day in UTC: the rules change by days.
func noon(d matter.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC)
}
