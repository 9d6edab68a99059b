package law

import (
	"slices"
	"strings"
	"time"

	"lapse/internal/matter"
)

// The citations of standing restraints that rest on no law.
const (
	// Unanswered is the citation of a hold that stands because no verified rule answers.
	Unanswered = OwnPolicy + "what no verified rule answers is held until counsel has"
	// Unstated is the citation of a hold that stands because the request names no law at all.
	Unstated = OwnPolicy + "a request that names no law is held until it names one"
	// Unread is the citation of a hold that stands because an order came that could not be read.
	Unread = OwnPolicy + "a paper that could not be read holds until two persons have declared it void"
)

// The ids of standing restraints that rest on no law are made of these and the country's code in lower case, or of the
// digest of a paper that could not be read. Nothing reads them back: a restraint's Origin says what it is.
const (
	unverifiedID = "law-unverified-"
	unstatedID   = "law-unstated-"
	unreadableID = "law-refused-"
)

// Unreadable is the hold for an order that could not be read or kept, by the digest of the event: SHA-256 in hex. Its
// id keeps the first 128 bits. message says what happened to the order.
func Unreadable(digest, message string) Standing {
	return Standing{ID: unreadableID + digest[:32], Citation: Unread, Message: message, Origin: matter.OriginUnreadable}
}

// StatesNoLaw is the code of the warning that a request names no law and is held for want of one.
const StatesNoLaw = "states_no_law"

// StatesNoLawMessage is the sentence of that warning.
const StatesNoLawMessage = "The request names no law, so nobody is told about it. An amendment " +
	"(lapse.request.amended.v1) " +
	"with a legal basis that a verified rule leaves open ends this hold by itself."

// EndedByBasis is how a hold for want of a legal basis ended, in matter.Ending: the request has named an open one.
const EndedByBasis = "basis_stated"

// EndedByRecord is how the hold of an order that could not be recorded ended, in matter.Ending: the order is recorded.
const EndedByRecord = "recorded"

// openness says why a provider may, or may not, tell about a request as long as no order forbids it.
type openness int

const (
	// unstated: the request names no law.
	unstated openness = iota
	// unverified: it names a law that no verified rule knows, or one that does not leave the provider free.
	unverified
	// open: every law it names is verified and in force, and one of them leaves the provider free for its instrument.
	open
)

// open judges a request by its instrument and its legal basis together, as the law stands at the instant. Both have to
// be verified open: a grand jury's subpoena is one thing under 18 U.S.C. 2703 and another under a state's own law.
// The rule is the open one.
func (b *Book) open(req *matter.Request, at time.Time) (Rule, openness) {
	said := tokens(req.LegalBasis)
	if len(said) == 0 {
		return Rule{}, unstated
	}
	anyRule := func(Rule) bool { return true }
	rules := current(named(b.of(req.Issuer.Country), req.Issuer.Region, said, anyRule), at)
	frees := slices.IndexFunc(rules, func(r Rule) bool { return slices.Contains(r.Open, req.Instrument) })
	doubtful := slices.ContainsFunc(rules, func(r Rule) bool { return !r.holds(at) })
	if frees < 0 || doubtful || len(unexplained(said, rules)) > 0 {
		return Rule{}, unverified
	}
	return rules[frees], open
}

// unexplained lists the words of a legal basis that belong to none of the rules found in it. They may name another law:
// "18 U.S.C. 2703(d) and Ala. Code 12-16-216" names one that the first two words say nothing about.
func unexplained(said []string, rules []Rule) []string {
	known := fillers()
	for _, r := range rules {
		known = append(known, tokens(r.Citation)...)
		known = append(known, tokens(r.Title)...)
		for _, c := range r.Cites {
			known = append(known, strings.Fields(strings.ToLower(c))...)
		}
	}
	return slices.DeleteFunc(slices.Clone(said), func(word string) bool {
		return slices.ContainsFunc(known, func(k string) bool { return within(word, k) })
	})
}

// fillers are words of a legal basis that name no law by themselves.
func fillers() []string {
	return strings.Fields("a an and as by et for in is of on or pursuant seq the to under with " +
		"act chapter code federal law paragraph part section sections statute subsection title " +
		"united states us usc stored communications")
}

// EndsUnstated returns the id under which a request was held for naming no law, where the request as it is now
// answers that: its instrument and its basis are both verified open. It is the one standing restraint that an
// amendment may end; Standing.Is finds it under whatever version. The second result is false where nothing is to be
// ended.
func (b *Book) EndsUnstated(req *matter.Request, at time.Time) (Standing, bool) {
	_, how := b.open(req, at)
	return Standing{ID: unstatedID + strings.ToLower(req.Issuer.Country), Citation: Unstated,
		Origin: matter.OriginUnstated}, how == open
}
