package law

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// CiteStatus says what the book makes of a paper's legal basis.
type CiteStatus string

// The answers to a citation. Only CitedVerified lets a rule decide anything.
const (
	// CitedNothing: the paper names no legal basis.
	CitedNothing CiteStatus = "nothing"
	// CitedUnknown: no rule of the country is known under it.
	CitedUnknown CiteStatus = "unknown"
	// CitedForeign: it is a rule of another jurisdiction, and none of the country's.
	CitedForeign CiteStatus = "foreign"
	// CitedSeveral: it names several rules, and only a person can tell which one the paper rests on.
	CitedSeveral CiteStatus = "several"
	// CitedUnverified: nobody has verified the rule. CitedNotInForce: it is not law at that time.
	CitedUnverified CiteStatus = "unverified"
	CitedNotInForce CiteStatus = "not_in_force"
	CitedVerified   CiteStatus = "verified"
)

// Cited finds the rule that an order names as its legal basis. The rule keeps somebody silent. It is the zero Rule
// where the order names none or several.
func (b *Book) Cited(country, region, basis string, at time.Time) (Rule, CiteStatus) {
	return b.cited(country, region, basis, at, Rule.secrecy)
}

// CitedByRequest is Cited for the legal basis of a request, which may be any rule. Of several rules, one that holds
// is enough.
func (b *Book) CitedByRequest(country, region, basis string, at time.Time) (Rule, CiteStatus) {
	anyRule := func(Rule) bool { return true }
	r, how := b.cited(country, region, basis, at, anyRule)
	if how != CitedSeveral {
		return r, how
	}
	found := current(named(b.of(country), region, tokens(basis), anyRule), at)
	if i := slices.IndexFunc(found, func(r Rule) bool { return r.holds(at) }); i >= 0 {
		return found[i], CitedVerified
	}
	return Rule{}, how
}

func (b *Book) cited(country, region, basis string, at time.Time, wanted func(Rule) bool) (Rule, CiteStatus) {
	said := tokens(basis)
	if len(said) == 0 {
		return Rule{}, CitedNothing
	}
	found := current(named(b.of(country), region, said, wanted), at)
	switch {
	case len(found) > 1:
		return Rule{}, CitedSeveral
	case len(found) == 0 && b.elsewhere(country, said, wanted):
		return Rule{}, CitedForeign
	case len(found) == 0:
		return Rule{}, CitedUnknown
	case found[0].Status != Verified:
		return found[0], CitedUnverified
	case !found[0].inForce(at):
		return found[0], CitedNotInForce
	}
	return found[0], CitedVerified
}

// current leaves out the rules that are not in force at the instant while another one under the same citation is: a law
// that was amended stands here once for each of its times.
func current(found []Rule, at time.Time) []Rule {
	return slices.DeleteFunc(slices.Clone(found), func(r Rule) bool {
		return !r.inForce(at) && slices.ContainsFunc(found, func(o Rule) bool {
			return o.inForce(at) && slices.ContainsFunc(r.Cites, func(c string) bool { return slices.Contains(o.Cites, c) })
		})
	})
}

// elsewhere reports whether another jurisdiction has a rule under these words. A bare number names no rule there.
func (b *Book) elsewhere(country string, said []string, wanted func(Rule) bool) bool {
	own := b.of(country)
	for _, j := range b.Jurisdictions() {
		for _, r := range j.Rules {
			mine := slices.ContainsFunc(own, func(o Rule) bool { return o.ID == r.ID })
			if c := r.cite(said); !mine && wanted(r) && (len(c) > 1 || slices.Contains(said, "usc") && j.Code == "US" &&
				c != nil) {
				return true
			}
		}
	}
	return false
}

// named lists the rules under these words. A closer citation wins: 95a(6) does not name 95a as well.
func named(rules []Rule, region string, said []string, wanted func(Rule) bool) []Rule {
	type hit struct {
		rule Rule
		cite []string
	}
	var hits []hit
	for _, r := range rules {
		if !wanted(r) || r.Region != "" && region != "" && !strings.EqualFold(r.Region, region) {
			continue
		}
		if c := r.cite(said); c != nil {
			hits = append(hits, hit{r, c})
		}
	}
	var out []Rule
	for i, h := range hits {
		if !slices.ContainsFunc(hits, func(o hit) bool { return o.rule.ID != hits[i].rule.ID && closer(o.cite, h.cite) }) {
			out = append(out, h.rule)
		}
	}
	return out
}

// closer reports whether a says all that b says, and more.
func closer(a, b []string) bool {
	if strings.Join(a, " ") == strings.Join(b, " ") {
		return false
	}
	for _, word := range b {
		if !slices.ContainsFunc(a, func(w string) bool { return within(w, word) }) {
			return false
		}
	}
	return true
}

// cite returns the longest of the rule's citations that the words hold, nil if none.
func (r Rule) cite(said []string) []string {
	var best []string
	for _, c := range r.Cites {
		list := strings.Fields(strings.ToLower(c))
		all := !slices.ContainsFunc(list, func(word string) bool {
			return !slices.ContainsFunc(said, func(s string) bool { return within(s, word) })
		})
		if all && len(strings.Join(list, "")) > len(strings.Join(best, "")) {
			best = list
		}
	}
	return best
}

// within reports whether a word is another one, or a paragraph of it: 2705(b) is within 2705.
func within(word, of string) bool { return word == of || strings.HasPrefix(word, of+"(") }

var (
	dots       = regexp.MustCompile(`([\pL])\.`)
	paragraphs = regexp.MustCompile(`([0-9][0-9a-z.-]*)\s*(?:abs|absatz|subsection|para|lid)\s*([0-9a-z]+)\b`)
	marks      = regexp.MustCompile(`\b(?:ss?|arts?|artt|artikel|articles?|secs?|sections?|r|rules?)\s*([0-9])`)
	spaces     = regexp.MustCompile(`([0-9][0-9a-z.-]*)\s+\(`)
	commas     = regexp.MustCompile(`[\s,;]+`)
	further    = regexp.MustCompile(`^\([0-9a-z]{1,3}\)`)
)

// tokens cuts a legal basis into words: "18 U.S.C. § 2705 (b)" into 18, usc and 2705(b); "§ 95a Abs. 6 StPO" into
// 95a(6) and stpo. A further paragraph belongs to the section before it: "2703(a), (b)" is 2703(a) and 2703(b).
func tokens(basis string) []string {
	s := strings.ToLower(strings.ReplaceAll(basis, "§", " "))
	s = dots.ReplaceAllString(s, "$1")
	s = marks.ReplaceAllString(s, " $1")
	s = paragraphs.ReplaceAllString(s, "$1($2)")
	s = spaces.ReplaceAllString(s, "$1(")
	s = strings.ReplaceAll(s, "us code", "usc")
	var out []string
	for _, word := range commas.Split(s, -1) {
		if last := len(out) - 1; last >= 0 && further.MatchString(word) && strings.ContainsAny(out[last], "0123456789") {
			section, _, _ := strings.Cut(out[last], "(")
			word = section + word
		}
		word = strings.TrimPrefix(strings.Trim(word, ".:"), "(")
		if !strings.Contains(word, "(") {
			word = strings.TrimSuffix(word, ")")
		}
		if word != "" {
			out = append(out, word)
		}
	}
	return out
}
