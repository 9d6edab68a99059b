package facts

import (
	"slices"
	"time"
)

// Answered is what the records say about the answer to one request. It decides when the request was processed and what
// came of it.
type Answered struct {
	// Closing is the outcome of request.closed and ClosedAt its instant; empty and zero while it is open.
	Closing  Outcome
	ClosedAt time.Time
	// Decisions are all decisions, oldest first.
	Decisions []DecisionFact
	// Disclosures are all disclosures, in any order.
	Disclosures []DisclosureFact
}

// DecisionFact is one decision: its word (comply, comply_in_part, challenge, reject, redirect, withdrawn), when it was
// recorded, and the outcome it names, "" where it names none.
type DecisionFact struct {
	Decision string
	At       time.Time
	Outcome  Outcome
}

// DisclosureFact is one disclosure: its instant, whether content was in it, and how many of its subjects had data.
// Preserved says that the data was only preserved for the authority.
type DisclosureFact struct {
	At        time.Time
	Content   bool
	WithData  int
	Preserved bool
}

// HandedOver reports whether the outcome says that data of accounts was handed over.
func (o Outcome) HandedOver() bool { return o == Content || o == NonContent || o == Partial }

// Contradicted reports whether the disclosures contradict the outcome. Without any disclosure nothing does.
func (o Outcome) Contradicted(by []DisclosureFact) bool {
	if !slices.Contains(Outcomes(), o) || len(by) == 0 {
		return false
	}
	var with, content, given bool
	for _, d := range by {
		with = with || d.WithData > 0
		content = content || d.WithData > 0 && d.Content
		given = given || d.WithData > 0 && !d.Preserved
	}
	switch o {
	case Content:
		return !content
	case NonContent:
		return !with || content
	case Partial:
		return !with
	case GeneralInformation:
		return content
	case PreservedOnly:
		return given
	}
	return with
}

// ProcessedAt is the earliest of the closing, a decision to reject, redirect or note it withdrawn, and the first
// disclosure. It is zero where none has happened.
func (a Answered) ProcessedAt() time.Time {
	var all []time.Time
	if !a.ClosedAt.IsZero() {
		all = append(all, a.ClosedAt)
	}
	for _, d := range a.Decisions {
		if ends(d.Decision) != "" {
			all = append(all, d.At)
		}
	}
	for _, d := range a.Disclosures {
		all = append(all, d.At)
	}
	if len(all) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(all, time.Time.Compare)
}

// Outcome is the closing's, else the last decision's, else what the disclosures show, else what a decision without an
// outcome of its own means. It is "" while the request is not processed.
func (a Answered) Outcome() Outcome {
	if a.ProcessedAt().IsZero() {
		return ""
	}
	if a.Closing != "" {
		return a.Closing
	}
	if n := len(a.Decisions); n > 0 && a.Decisions[n-1].Outcome != "" {
		return a.Decisions[n-1].Outcome
	}
	if len(a.Disclosures) > 0 {
		return a.disclosed()
	}
	for _, d := range slices.Backward(a.Decisions) {
		if o := ends(d.Decision); o != "" {
			return o
		}
	}
	return NoResponsiveData // closed without an outcome: the schema refuses that
}

// disclosed is the outcome that the disclosures show: no data where nothing was held about any subject.
func (a Answered) disclosed() Outcome {
	outcome := NoResponsiveData
	for _, d := range a.Disclosures {
		switch {
		case d.WithData == 0:
		case d.Content:
			return Content
		default:
			outcome = NonContent
		}
	}
	return outcome
}

// ends is the outcome of a decision that ends a request by itself, "" for the others.
func ends(decision string) Outcome {
	switch decision {
	case "reject":
		return RejectedInvalid
	case "redirect":
		return RedirectedToCustomer
	case "withdrawn":
		return Withdrawn
	}
	return ""
}
