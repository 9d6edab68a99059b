package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/law"
	"lapse/internal/matter"
)

// overbroad is O8. Identifiers and categories are there, or the event would have been refused.
func overbroad(in Input) matter.Finding {
	var unbounded []string
	anyDated := false
	for _, d := range in.Request.DataSought {
		anyDated = anyDated || dated(d)
		if dated(d) && (d.From.IsZero() || d.To.IsZero()) || !d.From.IsZero() && !d.To.IsZero() && d.To.Before(d.From) {
			unbounded = append(unbounded, d.Category)
		}
	}
	f := matter.Finding{Evidence: matter.Evidence{"subjects": len(in.Subjects)}}
	switch {
	case len(unbounded) > 0:
		f.Status, f.Evidence["unbounded"] = matter.Fail, unbounded
		f.Message = "Data is asked for without a first and a last day: " + strings.Join(unbounded, ", ") + "."
	case !anyDated:
		f.Status, f.Message = matter.Pass, "What is asked for has no period that would have to be bounded."
	default:
		f.Status, f.Message = matter.Pass, "Identifiers, categories and dates are bounded."
	}
	return f
}

// basis is O9. A citation that the table does not know goes to counsel, and is not rejected by itself.
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

// topics are flags under which a person has to look twice.
func topics() []string { return []string{"speech", "journalism", "dissent", "abortion"} }

// goodFaith is O10.
func goodFaith(in Input) matter.Finding {
	f := matter.Finding{Status: matter.NeedsPerson, Evidence: matter.Evidence{"offenceStated": filled(in.Request.Offence)}}
	var flagged []string
	for _, topic := range topics() {
		if slices.ContainsFunc(in.Request.Flags, func(flag string) bool {
			return strings.Contains(strings.ToLower(flag),
				topic)
		}) {
			flagged = append(flagged, topic)
		}
	}
	f.Message = "Whether it serves the detection or prevention of crime in good faith is for a person to say."
	if len(flagged) > 0 {
		f.Evidence["flags"] = flagged
		f.Message += " Flagged: " + strings.Join(flagged, ", ") + "."
	}
	if !filled(in.Request.Offence) {
		f.Message += " No offence is stated."
	}
	return f
}

// maxNamed is how many subjects a finding names; it counts them all.
const maxNamed = 100

// outside is O11, judged for each person by the country of the account.
func outside(in Input) matter.Finding {
	from := in.Request.Issuer.Country
	out, unknown := []string{}, []string{}
	for _, s := range in.Subjects {
		switch {
		case s.Country == "" || s.Country == "ZZ" || from == "ZZ":
			unknown = append(unknown, s.ID)
		case !strings.EqualFold(s.Country, from):
			out = append(out, s.ID)
		}
	}
	f := matter.Finding{Evidence: matter.Evidence{
		"inside": len(in.Subjects) - len(out) - len(unknown), "outside": out[:min(len(out), maxNamed)],
		"outsideCount": len(out),
		"unknown":      unknown[:min(len(unknown), maxNamed)], "unknownCount": len(unknown),
	}}
	switch {
	case len(out) > 0:
		f.Status, f.Message = matter.Fail, fmt.Sprintf("%d of %d persons have accounts of another country than the "+
			"requesting one.", len(out), len(in.Subjects))
	case len(in.Subjects) == 0:
		f.Status, f.Message = matter.NotApplicable, "No persons are looked at."
	case len(unknown) > 0:
		f.Status, f.Message = matter.Unknown, fmt.Sprintf("The country of %d of %d persons is not known.", len(unknown),
			len(in.Subjects))
	default:
		f.Status, f.Message = matter.Pass, "All persons have accounts of the requesting country."
	}
	return f
}

// authority is O12.
func authority(in Input) matter.Finding {
	role := in.Request.Issuer.Role
	content := slices.ContainsFunc(in.Request.DataSought, dated)
	may, citation := in.Book.MayDemand(in.Request.Issuer.Country, in.Request.Instrument, content, in.Now)
	f := matter.Finding{Citation: citation, Evidence: matter.Evidence{"role": role, "mayIssue": may}}
	switch {
	case len(may) == 0:
		f.Status, f.Message = matter.NeedsPerson, "No verified rule says who may make such a request there: ask counsel."
	case slices.Contains(may, role):
		f.Status, f.Message = matter.Pass, "The issuer's role may make such a request."
	default:
		f.Status, f.Message = matter.Fail, "The issuer's role may not make such a request."
	}
	return f
}

// over reports whether two persons found that the paper is none, or a court or the authority has ended it.
func over(o matter.Order, now time.Time) bool {
	last := len(o.Assessments) - 1
	void := last >= 0 && o.Assessments[last].Verdict == matter.VerdictVoid
	return void || slices.ContainsFunc(o.Endings, func(e matter.Ending) bool { return !e.EffectiveAt.After(now) })
}

// endless is O13: it repeats K04 of the matter's orders, those that are over or were found to be none left out.
func endless(in Input) matter.Finding {
	var without []string
	orders := 0
	for _, o := range in.Orders {
		if o.Received.Kind == matter.Statute || over(o, in.Now) {
			continue
		}
		orders++
		if slices.ContainsFunc(o.Findings, func(f matter.Finding) bool {
			return f.Check == "K04" &&
				f.Status == matter.Fail
		}) {
			without = append(without, o.ID)
		}
	}
	switch {
	case len(without) > 0:
		return matter.Finding{
			Status: matter.Fail, Citation: "18 U.S.C. 2705(b)", Evidence: matter.Evidence{"orders": without},
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
	// A day ahead of the UTC day of receipt is possible where the court's clock is ahead.
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
