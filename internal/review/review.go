// Package review judges a request before counsel decides: whether it says what it has to, came by a known channel, and
// gives one of the seven lawful grounds to challenge it (O8 to O14). A machine judges what it can; good faith never, and
// what no verified rule answers goes to a person. Nothing here forbids or allows telling anybody.
package review

import (
	"cmp"
	"time"

	"lapse/internal/law"
	"lapse/internal/matter"
)

// The checks of a request beside the grounds: the fields that it has to fill, and the channel that it came by, whose
// failure is an alarm.
const (
	FieldsCheck  = "F01"
	ChannelCheck = "O6"
)

// Subject is an affected account as far as the review looks at it.
type Subject struct {
	ID, Country string
	Class       matter.AccountClass
}

// SubjectsOf are the subjects of an event.
func SubjectsOf(posted []matter.PostedSubject) []Subject {
	out := make([]Subject, len(posted))
	for i, p := range posted {
		out[i] = Subject{ID: p.ID, Country: p.Country, Class: p.Class}
	}
	return out
}

// Input is what the review looks at.
type Input struct {
	Request  matter.Request
	Subjects []Subject
	// Orders are the matter's orders recorded so far: secrecy without end is a ground (O13).
	Orders []matter.Order
	// Fields is what requests have to say.
	Fields Fields
	Book   *law.Book
	Policy law.Policy
	Now    time.Time
}

// Request reviews the request and gives one finding a check, in their order. Findings of grounds have the severity
// deficient: a failed one is a lawful ground to challenge. The others are advice.
func Request(in Input) []matter.Finding {
	out := []matter.Finding{fields(in), channel(in)}
	for _, g := range Grounds() {
		f := g.judge(in)
		f.Check, f.Severity, f.Citation = g.Check, matter.Deficient, cmp.Or(f.Citation, g.Rests)
		if f.Evidence == nil {
			f.Evidence = matter.Evidence{}
		}
		f.Evidence["ground"] = g.Code
		out = append(out, f)
	}
	return out
}

// Ground is one of the seven lawful grounds to challenge a request.
type Ground struct {
	// Check is its number, Code the name that a decision may use for it.
	Check, Code string
	// Asks is the question; Fails says when a machine finds the ground; Rests is what its finding cites where no law answers.
	Asks, Fails, Rests string
	judge              func(Input) matter.Finding
}

// Grounds lists the seven in their order.
func Grounds() []Ground {
	return []Ground{
		{"O8", "OVERBROAD", "Is it bounded: identifiers, categories, dates?", "content or traffic data is asked for without a first and a last day, or the days contradict each other", law.OwnPolicy + "a request is bounded", overbroad},
		{"O9", "NO_LEGAL_BASIS", "Does it rest on a law of the requesting country?", "the law it names is another jurisdiction's", law.OwnPolicy + "a request names the law it rests on", basis},
		{"O10", "NOT_GOOD_FAITH", "Does it serve the detection or prevention of crime in good faith?", "never: a person decides, the topics that were flagged before them", law.OwnPolicy + "data is handed over to detect or prevent crime in good faith", goodFaith},
		{"O11", "OUTSIDE_JURISDICTION", "Are the persons within the requesting country?", "a person's account belongs to another country", law.OwnPolicy + "a request is held against the country of each account", outside},
		{"O12", "NO_AUTHORITY", "May this issuer make such a request?", "the rules of the country let other roles make it, and not this one", law.OwnPolicy + "who may ask is held against a verified law", authority},
		{"O13", "NDO_NO_END_DATE", "Does every order of secrecy have an end?", "an order of the matter has none that can be determined, and no law lets it stand without", law.OwnPolicy + "an order of secrecy names its end", endless},
		{"O14", "BAD_SERVICE", "Was it signed, addressed and served as it has to be?", "it is unsigned, signed after it came, addressed to another entity, or served another way than it may be", law.OwnPolicy + "a request is signed, addressed and served as it has to be", service},
	}
}
