// Package review judges a request before counsel decides. It checks that the request says what it has to say and that
// it came by a known channel. It looks for the seven lawful grounds to challenge the request (O8 to O14). A person has
// to judge good faith, and any law without a verified rule. Nothing here forbids or allows telling anybody.
package review

import (
	"cmp"
	"time"

	"lapse/internal/law"
	"lapse/internal/matter"
)

// The checks of a request beside the grounds: its required fields, and its channel. A failed channel check raises an
// alarm.
const (
	FieldsCheck  = "F01"
	ChannelCheck = "O6"
)

// Subject holds the facts about an affected account that the review needs.
type Subject struct {
	ID, Country string
	Class       matter.AccountClass
	// Evidence is the evidence for the country: "billing", "registration" or "declared"; "" if nobody has said.
	Evidence string
}

// EvidenceDeclared is the evidence of a country that only the user has declared.
const EvidenceDeclared = "declared"

// SubjectsOf returns the subjects of an event.
func SubjectsOf(posted []matter.PostedSubject) []Subject {
	out := make([]Subject, len(posted))
	for i, p := range posted {
		out[i] = Subject{ID: p.ID, Country: p.Country, Class: p.Class, Evidence: p.Evidence}
	}
	return out
}

// Input holds everything that the review looks at. A nil or zero field was not said.
type Input struct {
	Request  matter.Request
	Subjects []Subject
	// Identifiers counts the request's identifiers: the matter's subjects so far, and those that match no account.
	Identifiers int
	// IssuerVerified is a person's answer that the issuer is genuine (O12).
	IssuerVerified *law.Verification
	// Orders are the matter's orders recorded so far. Secrecy without an end is a ground (O13).
	Orders []matter.Order
	// Fields lists the things that requests have to say.
	Fields Fields
	Book   *law.Book
	Policy law.Policy
	Now    time.Time
}

// Request reviews the request. It returns one finding for each check, in order. Findings of grounds have the severity
// deficient; a failed one is a lawful ground to challenge. The others are advice.
func Request(in Input) []matter.Finding {
	out := []matter.Finding{law.WithFault(fields(in), law.FaultPaper), law.WithFault(channel(in), law.FaultPaper)}
	for _, g := range Grounds() {
		out = append(out, g.finding(in))
	}
	return out
}

// finding judges the ground.
func (g Ground) finding(in Input) matter.Finding {
	f := g.judge(in)
	f.Check, f.Severity, f.Citation = g.Check, matter.Deficient, cmp.Or(f.Citation, g.Rests)
	if f.Evidence == nil {
		f.Evidence = matter.Evidence{}
	}
	f.Evidence["ground"] = g.Code
	return law.WithFault(f, law.FaultPaper)
}

// Ground is one of the seven lawful grounds to challenge a request.
type Ground struct {
	// Check is the ground's number. Code is its name in a decision or a challenge. Former is its former name.
	Check, Code, Former string
	// Asks is the question. Fails says when the check finds the ground by itself. Rests is the citation of its finding if
	// no law answers.
	Asks, Fails, Rests string
	judge              func(Input) matter.Finding
}

// Grounds lists the seven in their order.
func Grounds() []Ground {
	return []Ground{
		{
			Check: "O8", Code: "overbroad", Asks: "Is it bounded: identifiers, categories, dates?",
			Fails: "content or traffic data is asked for without a first and a last day, the days contradict each other, or " +
				"it " +
				"names more identifiers than policy accepts",
			Rests: law.OwnPolicy + "a request is bounded", judge: overbroad,
		},
		{
			Check: "O9", Code: "no_legal_basis", Asks: "Does it rest on a law of the requesting country?",
			Fails: "the law it names is another jurisdiction's",
			Rests: law.OwnPolicy + "a request names the law it rests on", judge: basis,
		},
		{
			Check: "O10", Code: "not_good_faith", Asks: "Does it serve the detection or prevention of crime in good faith?",
			Fails: "a person has found that it does not, the topics that were flagged before them",
			Rests: law.OwnPolicy + "data is handed over to detect or prevent crime in good faith", judge: goodFaith,
		},
		{
			Check: "O11", Code: "outside_jurisdiction", Asks: "Are the persons within the requesting country?",
			Fails: "a person's account belongs to another country",
			Rests: law.OwnPolicy + "a request is held against the country of each account", judge: outside,
		},
		{
			Check: "O12", Code: "no_authority", Asks: "May this issuer make such a request?",
			Fails: "the rules of the country let other roles make it, and not this one, and none of them has validated it",
			Rests: law.OwnPolicy + "who may ask is held against a verified law", judge: authority,
		},
		{
			Check: "O13", Code: "no_end_date", Former: "ndo_no_end_date", Asks: "Does every order of secrecy have an end?",
			Fails: "an order of the matter has none that can be determined, no law lets it stand without, and the fault is " +
				"the " +
				"paper's",
			Rests: law.OwnPolicy + "an order of secrecy names its end", judge: endless,
		},
		{
			Check: "O14", Code: "bad_service", Asks: "Was it signed, addressed and served as it has to be?",
			Fails: "it is unsigned, signed after it came, addressed to another entity, or served another way than it may be",
			Rests: law.OwnPolicy + "a request is signed, addressed and served as it has to be", judge: service,
		},
	}
}
