package law

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"lapse/internal/matter"
)

// Unanswered is the citation of what holds because no verified rule answers.
const Unanswered = OwnPolicy + "what no verified rule answers is held until counsel has"

// Unread is the citation of what holds because an order came that could not be read.
const Unread = OwnPolicy + "a paper that could not be read holds until two persons have declared it void"

// Standing is a restraint that stands without any order.
type Standing struct {
	ID, Citation, Message string
}

// Anew is the restraint's id where it stands anew from a matter version on, one before having been ended for the
// request as it was then.
func (s Standing) Anew(version int) string { return s.ID + "-v" + strconv.Itoa(version) }

// Is reports whether a restraint of this id is this one, from whatever version on.
func (s Standing) Is(id string) bool {
	version, anew := strings.CutPrefix(id, s.ID+"-v")
	return id == s.ID || anew && version != "" && strings.Trim(version, "0123456789") == ""
}

// AnsweredBy reports whether the recorded paper is this restraint, or one that stands for several laws and cites this
// one.
func (s Standing) AnsweredBy(o *matter.Order) bool {
	cites := strings.Contains("; "+o.Received.LegalBasis+";", "; "+s.Citation+";")
	return s.Is(o.ID) || strings.HasPrefix(o.ID, "law-") && cites && s.Citation != Unanswered
}

// Standing returns what forbids telling about a request without any order, as the law stands at the instant, and the
// finding that says so. It goes by the instrument, and by the silence of the law that the request names as its basis:
// what is asked for under 18 U.S.C. 3123 is no less secret for being called a court order.
func (b *Book) Standing(req *matter.Request, at time.Time) ([]Standing, matter.Finding) {
	country := req.Issuer.Country
	secret, answered := b.secret(req, at)
	var out []Standing
	for _, r := range secret {
		out = append(out, Standing{r.standingID(), r.Citation, r.Text})
	}
	f := matter.Finding{Check: "L01", Severity: matter.Advice, Evidence: matter.Evidence{"country": country,
		"instrument": string(req.Instrument)}}
	if !answered {
		f.Status, f.Citation, f.Message = matter.NeedsPerson, Unanswered, "No verified rule: hold and ask counsel."
		out = append(out, Standing{"law-unverified-" + strings.ToLower(country), Unanswered, f.Message})
	}
	if len(secret) > 0 {
		f.Status, f.Citation, f.Message = matter.Fail, secret[0].Citation,
			"Secret by statute without any order: "+secret[0].Text
		f.Evidence["rule"] = secret[0].ID
	} else if r, ok := b.open(req, at); answered && ok {
		f.Status, f.Citation, f.Message = matter.Pass, r.Citation, "No statute keeps this kind of request secret by itself."
		f.Evidence["rule"] = r.ID
	}
	return out, f
}

// secret are the rules that keep a request secret, that of its instrument first. They answer for it, or a rule under
// which one may tell does, unless its legal basis is a silence that nobody has verified or that is not law at the
// instant.
func (b *Book) secret(req *matter.Request, at time.Time) (rules []Rule, answered bool) {
	_, answered = b.open(req, at)
	for _, r := range b.of(req.Issuer.Country) {
		if r.holds(at) && slices.Contains(r.Standing.Instruments, req.Instrument) {
			rules, answered = append(rules, r), true
			break
		}
	}
	doubt := false
	for _, r := range named(b.of(req.Issuer.Country), req.Issuer.Region, tokens(req.LegalBasis), Rule.silent) {
		switch {
		case !r.holds(at):
			doubt = true
		case !slices.ContainsFunc(rules, func(have Rule) bool { return have.ID == r.ID }):
			rules, answered = append(rules, r), true
		}
	}
	return rules, answered && !doubt
}

// open is the rule under which one may tell about a request with this instrument, as long as no order forbids it.
func (b *Book) open(req *matter.Request, at time.Time) (Rule, bool) {
	rules := b.of(req.Issuer.Country)
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.holds(at) && slices.Contains(r.Open, req.Instrument) })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}
