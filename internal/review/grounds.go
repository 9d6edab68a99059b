package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/law"
	"lapse/internal/matter"
)

// overbroad is O8. It judges identifiers and dates. It need not judge categories, because an event without them is
// refused.
func overbroad(in Input) matter.Finding {
	var unbounded []string
	anyDated := false
	for _, d := range in.Request.DataSought {
		anyDated = anyDated || dated(d)
		backwards := !d.From.IsZero() && !d.To.IsZero() && d.To.Before(d.From)
		if dated(d) && (d.From.IsZero() || d.To.IsZero()) || backwards {
			unbounded = append(unbounded, d.Category)
		}
	}
	identifiers := max(in.Identifiers, len(in.Subjects)+in.Request.Unmatched)
	if named := in.Request.Selectors; named != nil {
		identifiers = max(identifiers, *named)
	}
	subjects := max(len(in.Subjects), in.Identifiers-in.Request.Unmatched)
	f := matter.Finding{Evidence: matter.Evidence{"subjects": subjects, "identifiers": identifiers}}
	switch most := in.Policy.MaxIdentifiers; {
	case len(unbounded) > 0:
		f.Status, f.Evidence["unbounded"] = matter.Fail, unbounded
		f.Message = "Data is asked for without a first and a last day: " + strings.Join(unbounded, ", ") + "."
	case most > 0 && identifiers > most:
		f.Status, f.Evidence["most"] = matter.Fail, most
		f.Message = fmt.Sprintf("It names %d identifiers, and policy accepts %d without a challenge.", identifiers, most)
	case !anyDated:
		f.Status, f.Message = matter.Pass, "What is asked for has no period that would have to be bounded."
	default:
		f.Status, f.Message = matter.Pass, "Identifiers, categories and dates are bounded."
	}
	return f
}

// basis is O9. A citation that is not in the table goes to counsel. It is no reason to reject by itself.
func basis(in Input) matter.Finding {
	r, how := in.Book.CitedByRequest(in.Request.Issuer.Country, in.Request.Issuer.Region, in.Request.LegalBasis, in.Now)
	f := matter.Finding{Evidence: matter.Evidence{"legalBasis": string(how)}}
	if r.ID != "" {
		f.Evidence["rule"], f.Citation = r.ID, r.Citation
	}
	switch how {
	case law.CitedVerified:
		f.Status, f.Message = matter.Pass, "It names a law of the requesting country."
	case law.CitedForeign:
		f.Status, f.Message = matter.Fail, "The law it names is another jurisdiction's and gives the requesting country "+
			"nothing."
	case law.CitedNothing:
		f.Status, f.Message = matter.Unknown, "It names no law; ask the authority for one."
	case law.CitedUnverified:
		f.Status, f.Message = matter.NeedsPerson, "It names a law that nobody has verified: ask counsel."
	case law.CitedNotInForce:
		f.Status, f.Message = matter.NeedsPerson, "It names a law that is not in force by the table: ask counsel."
	default:
		f.Status, f.Message = matter.NeedsPerson, "It names a law that the table of the requesting country does not "+
			"know: ask counsel."
	}
	return f
}

// topics are the flags that require a second look by a person.
func topics() []string { return []string{"speech", "journalism", "dissent", "abortion"} }

// goodFaith is O10. Only a person can answer it. The answer makes it pass, or makes it a ground.
func goodFaith(in Input) matter.Finding {
	f := matter.Finding{Status: matter.NeedsPerson, Evidence: matter.Evidence{"offenceStated": filled(in.Request.Offence)}}
	if flagged := flaggedTopics(in.Request.Flags); len(flagged) > 0 {
		f.Evidence["flags"] = flagged
		f.Message = " Flagged: " + strings.Join(flagged, ", ") + "."
	}
	if !filled(in.Request.Offence) {
		f.Message += " No offence is stated."
	}
	switch answer := in.Request.GoodFaith; {
	case answer == nil:
		f.Message = "Whether it serves the detection or prevention of crime in good faith is for a person to say." + f.Message
	case answer.Serves:
		f.Status, f.Evidence["note"] = matter.Pass, answer.Note
		f.Message = "A person has found that it serves the detection or prevention of crime in good faith."
	default:
		f.Status, f.Evidence["note"] = matter.Fail, answer.Note
		f.Message = "A person has found that it does not serve the detection or prevention of crime in good faith." +
			f.Message
	}
	return f
}

// flaggedTopics returns the topics among the flags of a request.
func flaggedTopics(flags []string) []string {
	var out []string
	for _, topic := range topics() {
		names := func(flag string) bool { return strings.Contains(strings.ToLower(flag), topic) }
		if slices.ContainsFunc(flags, names) {
			out = append(out, topic)
		}
	}
	return out
}

// maxNamed bounds the subjects that a finding names. The finding counts all of them.
const maxNamed = 100

// outside is O11. It judges each person by the country of the account. A country that only the user has declared does
// not prove that the person is outside.
func outside(in Input) matter.Finding {
	from := in.Request.Issuer.Country
	out, unknown, declared := []string{}, []string{}, 0
	for _, s := range in.Subjects {
		abroad := !strings.EqualFold(s.Country, from)
		switch {
		case s.Country == "" || s.Country == "ZZ" || from == "ZZ":
			unknown = append(unknown, s.ID)
		case abroad && s.Evidence == EvidenceDeclared:
			unknown = append(unknown, s.ID)
			declared++
		case abroad:
			out = append(out, s.ID)
		}
	}
	f := matter.Finding{Evidence: matter.Evidence{
		"inside":  len(in.Subjects) - len(out) - len(unknown),
		"outside": out[:min(len(out), maxNamed)], "outsideCount": len(out),
		"unknown": unknown[:min(len(unknown), maxNamed)], "unknownCount": len(unknown), "declaredCount": declared,
		"countryEvidence": evidenceOf(in.Subjects),
	}}
	switch all := len(in.Subjects); {
	case len(out) > 0:
		f.Status = matter.Fail
		f.Message = fmt.Sprintf("%d of %d persons have accounts of another country than the requesting one.", len(out), all)
	case all == 0:
		f.Status, f.Message = matter.NotApplicable, "No persons are looked at."
	case len(unknown) > 0:
		f.Status, f.Message = matter.Unknown, fmt.Sprintf("The country of %d of %d persons is not known.", len(unknown), all)
	default:
		f.Status, f.Message = matter.Pass, "All persons have accounts of the requesting country."
	}
	return f
}

// evidenceOf counts the kinds of evidence for the persons' countries.
func evidenceOf(subjects []Subject) map[string]int {
	out := map[string]int{}
	for _, s := range subjects {
		if s.Evidence != "" {
			out[s.Evidence]++
		}
	}
	return out
}

// authority is O12. Some issuers may ask only if an entitled authority has validated the request.
func authority(in Input) matter.Finding {
	r := in.Request
	content := slices.ContainsFunc(r.DataSought, dated)
	may, citation := in.Book.MayDemand(r.Issuer.Country, r.Instrument, content, in.Now)
	f := matter.Finding{Citation: citation, Evidence: matter.Evidence{"role": r.Issuer.Role, "mayIssue": may}}
	if v := in.IssuerVerified; v != nil {
		f.Evidence["verified"] = map[string]any{"by": v.By, "method": v.Method, "at": v.At.UTC().Format(time.RFC3339)}
	}
	validated := false
	if v := in.Request.ValidatedBy; v != nil {
		validated = strings.EqualFold(v.Country, r.Issuer.Country) &&
			in.Book.MayValidate(r.Issuer.Country, r.Instrument, content, v.Role, in.Now)
		f.Evidence["validatedBy"] = v.Role
	}
	switch {
	case len(may) == 0 && in.IssuerVerified != nil:
		f.Status, f.Message = matter.Pass, "No verified rule says who may make such a request; a person has verified the "+
			"issuer."
	case len(may) == 0:
		f.Status, f.Message = matter.NeedsPerson, "No verified rule says who may make such a request there: ask counsel."
	case slices.Contains(may, r.Issuer.Role):
		f.Status, f.Message = matter.Pass, "The issuer's role may make such a request."
	case validated:
		f.Status, f.Message = matter.Pass, "The request is validated by somebody who may make it."
	default:
		f.Status, f.Message = matter.Fail, "The issuer's role may not make such a request."
	}
	return f
}

// over reports whether two persons found the paper void, or a court or the authority has ended it.
func over(o matter.Order, now time.Time) bool {
	last := len(o.Assessments) - 1
	void := last >= 0 && o.Assessments[last].Verdict == matter.VerdictVoid
	return void || slices.ContainsFunc(o.Endings, func(e matter.Ending) bool { return !e.EffectiveAt.After(now) })
}

// Endless reports whether an order is a ground to challenge by itself: it has no end that can be determined, and the
// fault is the paper's. The citation is that of the finding. An order that is over or void is no ground, and neither is
// a missing end that only our own record lacks.
func Endless(o matter.Order, now time.Time) (citation string, is bool) {
	if o.Received.Kind == matter.Statute || over(o, now) {
		return "", false
	}
	for _, f := range o.Findings {
		if f.Check == law.EndCheck && f.Status == matter.Fail && law.FaultOf(f) != law.FaultRecord {
			return f.Citation, true
		}
	}
	return "", false
}

// endless is O13. It repeats K04 for the matter's orders.
func endless(in Input) matter.Finding {
	var without, citations []string
	orders := 0
	for _, o := range in.Orders {
		if o.Received.Kind == matter.Statute || over(o, in.Now) {
			continue
		}
		orders++
		citation, is := Endless(o, in.Now)
		if is {
			without = append(without, o.ID)
		}
		if citation != "" && !slices.Contains(citations, citation) {
			citations = append(citations, citation)
		}
	}
	switch {
	case len(without) > 0:
		return matter.Finding{
			Status: matter.Fail, Citation: strings.Join(citations, "; "), Evidence: matter.Evidence{"orders": without},
			Message: "An order of secrecy has no end that can be determined. It holds; challenge it.",
		}
	case orders == 0:
		return matter.Finding{Status: matter.NotApplicable, Message: "No order of secrecy is recorded."}
	}
	return matter.Finding{Status: matter.Pass, Message: "Every order of secrecy has an end, or a law that lets it " +
		"stand without."}
}

// service is O14.
func service(in Input) matter.Finding {
	r := in.Request
	var defects []string
	if r.Signed != nil && !*r.Signed {
		defects = append(defects, "it is not signed")
	}
	// The court's clock may be ahead, so the day after the UTC day of receipt is possible.
	if received := matter.DateOf(r.ReceivedAt.UTC()); !r.SignedOn.IsZero() && !r.ReceivedAt.IsZero() &&
		received.AddDays(1).Before(r.SignedOn) {
		defects = append(defects, "it is dated after it came")
	}
	if len(in.Policy.Entities) > 0 && filled(r.Addressee) && !law.Named(in.Policy.Entities, r.Addressee) {
		defects = append(defects, "it is addressed to another legal entity")
	}
	if len(in.Policy.Channels) > 0 && filled(r.ServedVia) && !law.Named(in.Policy.Channels, r.ServedVia) {
		defects = append(defects, "it was served by a channel that is none of the configured ones")
	}
	f := matter.Finding{}
	if rule, bad := in.Book.BadlyServed(r.Issuer.Country, r.Instrument, r.ServedVia, in.Now); bad {
		defects = append(defects, "it was served by somebody who may not")
		f.Citation = rule.Citation
	}
	switch {
	case len(defects) > 0:
		f.Status, f.Evidence = matter.Fail, matter.Evidence{"defects": defects}
		f.Message = "It is not served as it has to be: " + strings.Join(defects, ", ") + "."
	case r.Signed == nil && r.Instrument != matter.Emergency:
		f.Status, f.Message = matter.Unknown, "Nobody has said whether it is signed."
	default:
		f.Status, f.Message = matter.Pass, "Nothing is wrong with its signature, its address or its service, as far as "+
			"is recorded."
	}
	return f
}
