package site

import (
	"slices"
	"strings"
	"time"

	"lapse/internal/matter"
)

// answerLine is one step of the answer to a request.
type answerLine struct {
	At     stamp
	What   string
	Detail string
	at     time.Time
}

// sentences joins parts, each of which is a sentence of its own or a phrase.
func sentences(parts []string) string {
	var out strings.Builder
	for i, part := range parts {
		switch {
		case i > 0 && strings.HasSuffix(parts[i-1], "."):
			out.WriteString(" " + capital(part))
		case i > 0:
			out.WriteString("; " + part)
		default:
			out.WriteString(part)
		}
	}
	return out.String()
}

// answersOf lists the decisions about a request, its challenges and its closing, oldest first.
func answersOf(r *matter.Request) []answerLine {
	var out []answerLine
	add := func(at time.Time, what string, details ...string) {
		details = slices.DeleteFunc(details, func(s string) bool { return s == "" })
		out = append(out, answerLine{At: second(at), What: what, Detail: sentences(details), at: at})
	}
	if details := received(r); len(details) > 0 {
		add(r.ReceivedAt, "Received", details...)
	}
	for _, d := range r.Earlier {
		add(d.At, "Decided to "+decision(d.Decision), groundsLine(d.Grounds), outcomeLine(d.Outcome))
	}
	if d := r.Decision; d != nil {
		add(d.At, "Decided to "+decision(d.Decision), d.Reason, groundsLine(d.Grounds), outcomeLine(d.Outcome))
	}
	if g := r.GoodFaith; g != nil {
		word := "Found to serve"
		if !g.Serves {
			word = "Found not to serve"
		}
		add(g.At, word+" the detection or prevention of crime", g.Note)
	}
	for _, c := range r.Challenges {
		add(c.FiledAt, "Challenged: "+c.Route, groundsLine(c.Grounds), c.Forum, outcomeLine(string(c.Outcome)))
	}
	if c := r.Closing; c != nil {
		add(c.At, "Closed: "+spaced(c.Outcome), c.Reason)
	}
	slices.SortStableFunc(out, func(a, b answerLine) int { return a.at.Compare(b.at) })
	return out
}

// received lists what the request says of itself that only the report counts.
func received(r *matter.Request) []string {
	var out []string
	if n := r.Unmatched; n > 0 {
		out = append(out, count(n)+" "+plural(n, "identifier matches", "identifiers match")+" no account")
	}
	if r.Selectors != nil {
		out = append(out, count(*r.Selectors)+" "+plural(*r.Selectors, "selector", "selectors"))
	}
	if r.FisaTitle != "" {
		out = append(out, "FISA title "+r.FisaTitle)
	}
	if r.FirstOfProduct != nil && *r.FirstOfProduct {
		out = append(out, "the first of its kind for the product")
	}
	return out
}

func groundsLine(codes []string) string {
	if len(codes) == 0 {
		return ""
	}
	words := make([]string, len(codes))
	for i, code := range codes {
		words[i] = spaced(code)
	}
	return "grounds: " + strings.Join(words, ", ")
}

func outcomeLine(outcome string) string {
	if outcome == "" {
		return ""
	}
	return "outcome: " + spaced(outcome)
}
