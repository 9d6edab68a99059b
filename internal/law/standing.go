package law

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"lapse/internal/matter"
)

// Standing is a restraint that stands without any order. Its ID is also the Standing of the restraints that it makes.
type Standing struct {
	ID, Citation, Message string
	Origin                matter.Origin
}

// Anew is the restraint's id where it stands anew from a matter version on, one before having been ended for the
// request as it was then.
func (s Standing) Anew(version int) string { return s.ID + "-v" + strconv.Itoa(version) }

// Is reports whether the recorded restraint is this one, from whatever version on.
func (s Standing) Is(r *matter.Restraint) bool { return r.Standing == s.ID }

// AnsweredBy reports whether the recorded restraint is this one, or one that stands for several laws and cites this
// one. citation is what the restraint rests on.
func (s Standing) AnsweredBy(r *matter.Restraint, citation string) bool {
	if s.Is(r) {
		return true
	}
	cites := strings.Contains("; "+citation+";", "; "+s.Citation+";")
	return r.Origin.Standing() && cites && s.Origin == matter.OriginStatute
}

// Standing returns what forbids telling about a request without any order, as the law stands at the instant, and the
// finding that says so. Two things decide: the instrument, and the silence of the law that the request names as its
// basis. A request under 18 U.S.C. 3123 is no less secret for being called a court order.
//
// Where no silence answers, the request has to rest on a verified rule that leaves the provider free. Else it is held:
// under law-unstated-<country> if it names no law, under law-unverified-<country> if it names another one.
func (b *Book) Standing(req *matter.Request, at time.Time) ([]Standing, matter.Finding) {
	f := matter.Finding{
		Check: StandingCheck, Severity: matter.Advice,
		Evidence: matter.Evidence{"country": req.Issuer.Country, "instrument": string(req.Instrument)},
	}
	secret, answered, doubt := b.secret(req, at)
	rule, how := b.open(req, at)
	var out []Standing
	for _, r := range secret {
		out = append(out, Standing{r.standingID(), r.Citation, r.Text, matter.OriginStatute})
	}
	if held, holds := unanswered(req, how); doubt || !answered && holds {
		if doubt {
			held, _ = unanswered(req, unverified)
		}
		f.Status, f.Citation, f.Message = matter.NeedsPerson, held.Citation, held.Message
		out = append(out, held)
	}
	switch {
	case len(secret) > 0 && len(secret[0].Conditions) > 0:
		f.Status, f.Citation, f.Evidence["rule"] = matter.NeedsPerson, secret[0].Citation, secret[0].ID
		f.Message = "It is secret where the paper carries " + strings.Join(secret[0].Conditions, " and ") +
			". It is held until a person has read whether it does."
	case len(secret) > 0:
		f.Status, f.Citation = matter.Fail, secret[0].Citation
		f.Message = "Secret by statute without any order: " + secret[0].Text
		f.Evidence["rule"], f.Evidence[faultKey] = secret[0].ID, string(FaultPaper)
	case !doubt && how == open:
		f.Status, f.Citation, f.Message = matter.Pass, rule.Citation,
			"No statute keeps this kind of request secret by itself."
		f.Evidence["rule"] = rule.ID
	}
	return out, f
}

// StandingCheck is the number of the finding about secrecy without any order.
const StandingCheck = "L01"

// unanswered is the hold of a request that no silence keeps secret and no verified rule opens. The second result is
// false for a request that is open.
func unanswered(req *matter.Request, how openness) (Standing, bool) {
	country := strings.ToLower(req.Issuer.Country)
	switch how {
	case unstated:
		return Standing{unstatedID + country, Unstated,
			"The request names no law. Hold, and ask the authority for its legal basis.", matter.OriginUnstated}, true
	case unverified:
		return Standing{unverifiedID + country, Unanswered,
			"No verified rule leaves the provider free to tell about such a request under the law it names. " +
				"Hold, and ask counsel.", matter.OriginUnverified}, true
	}
	return Standing{}, false
}

// secret lists the rules that keep a request secret, the instrument's own rule first. answered says that one of them is
// the law of the request; a rule for some accounts only is not. doubt says that the request also names a silence that
// nobody has verified, or one that is not law at the instant.
func (b *Book) secret(req *matter.Request, at time.Time) (rules []Rule, answered, doubt bool) {
	for _, r := range b.of(req.Issuer.Country) {
		if !r.holds(at) || !r.Standing.reaches(req) {
			continue
		}
		if r.Standing.Flag != "" || !answered {
			rules = append(rules, r)
		}
		answered = answered || r.Standing.Flag == ""
	}
	named := named(b.of(req.Issuer.Country), req.Issuer.Region, tokens(req.LegalBasis), Rule.silent)
	for _, r := range current(named, at) {
		switch {
		case !r.holds(at):
			doubt = true
		default:
			answered = true
			if !slices.ContainsFunc(rules, func(have Rule) bool { return have.ID == r.ID }) {
				rules = append(rules, r)
			}
		}
	}
	return rules, answered, doubt
}
