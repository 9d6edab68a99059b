package law

import (
	"fmt"
	"strings"
)

// opening is the first page of docs/law.md; its verb is the rules revision.
const opening = "# The law as Lapse knows it\n\n" +
	"Generated from internal/law/data by `make docs` and kept in step by a test; rules revision %s. " +
	"It is a table for a lawyer to review, not legal advice.\n\n" +
	"Only a rule marked **verified** decides anything, and only while it is in force. A rule marked **unverified** or " +
	"**disabled** decides nothing.\nThe same holds for whatever no rule covers: it resolves to \"hold, ask counsel\". " +
	"A verified rule says that the cited source was read on the day given.\n" +
	"It does not say that counsel has signed it off.\n\n" +
	"A failed check never shortens a hold: a deficient order is challenged and holds to its stated end.\n\n"

// Document is docs/law.md: the rules in prose for a lawyer, one section a rule, and the checks of orders. A change of
// the law shows as a change of this text.
func (b *Book) Document() string {
	var w strings.Builder
	fmt.Fprintf(&w, opening, b.Revision())
	b.contents(&w)
	checksProse(&w)
	for _, j := range b.Jurisdictions() {
		j.prose(&w)
	}
	return w.String()
}

// contents counts the rules of each jurisdiction.
func (b *Book) contents(w *strings.Builder) {
	w.WriteString("| jurisdiction | verified | unverified | disabled |\n|---|---|---|---|\n")
	for _, j := range b.Jurisdictions() {
		n := map[string]int{}
		for _, r := range j.Rules {
			n[r.Status]++
		}
		fmt.Fprintf(w, "| [%s](#%s) | %d | %d | %d |\n", j.Name, strings.ReplaceAll(strings.ToLower(j.Name), " ", "-"),
			n[Verified], n[Unverified], n[Disabled])
	}
}

func checksProse(w *strings.Builder) {
	w.WriteString("\n## How an order is checked\n\n" +
		"A failed *binding* check leaves the order unread: it blocks until a person has looked. A failed *deficient* one " +
		"is a reason to challenge. *Advice* changes nothing.\n\n" +
		"| check | severity | asks | fails when | cites, where no law answers |\n|---|---|---|---|---|\n")
	for _, k := range Checks() {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", k.ID, k.Severity, k.Asks, k.Fails, k.Rests)
	}
	w.WriteString("\nAn order that names persons and not this process may be about another one: that is a finding of " +
		"its own (`" + OtherProcess + "`), for counsel. " +
		"A recipient whom the persons it names share with others, by a mailbox or as the admin, legal contact or guardian " +
		"of their tenant, is not told about the others either while it holds.\n")
	w.WriteString("\nThe longest time that a law allows is never an end: an order over it is deficient and holds to " +
		"its stated end. So a simulation with other maxima moves no notice; " +
		"what moves one is another standing secrecy, or another way of counting a period. A notice that would move to an " +
		"earlier day is marked as needing a person's sign-off.\n")
	w.WriteString("\nGrounds are recognised by these words in a paper:\n\n")
	for _, g := range Grounds() {
		fmt.Fprintf(w, "- %s: %s\n", g.Text, strings.Join(g.Words, ", "))
	}
}

func (j Jurisdiction) prose(w *strings.Builder) {
	fmt.Fprintf(w, "\n## %s\n\n", j.Name)
	if len(j.Members) > 0 {
		fmt.Fprintf(w, "These rules hold in %s, beside their own.\n", strings.Join(j.Members, ", "))
	}
	rolls := "The end of a computed period runs on over weekends and holidays."
	if !j.Rolls {
		rolls = "The end of a computed period does not run on over weekends and holidays."
	}
	fmt.Fprintf(w, "%s %s.%s Papers are written in: %s. Checked on %s.\n", rolls, j.RollsCitation,
		sources(j.RollsSources), strings.Join(j.Languages, ", "), j.CheckedOn)
	for _, r := range j.Rules {
		r.prose(w)
	}
}

func (r Rule) prose(w *strings.Builder) {
	fmt.Fprintf(w, "\n### %s: %s\n\n**%s**, %s.", r.ID, r.Title, r.Status, r.Citation)
	if r.Region != "" {
		fmt.Fprintf(w, " In %s only.", r.Region)
	}
	if !r.From.IsZero() {
		fmt.Fprintf(w, " In force from %s.", r.From)
	}
	if !r.To.IsZero() {
		fmt.Fprintf(w, " In force until %s, that day excluded.", r.To)
	}
	fmt.Fprintf(w, " %s, binding %s.\n\n%s\n", kindText(r.Kind), bindsText(r.Binds), r.Text)
	for _, say := range []func(Rule) string{whoSigns, howLong, onWhat, without, served, afterwards} {
		if s := say(r); s != "" {
			w.WriteString("\n" + s + "\n")
		}
	}
	if r.Notes != "" {
		fmt.Fprintf(w, "\nNote: %s\n", r.Notes)
	}
	fmt.Fprintf(w, "\nRecognised by: %s.%s Checked on %s.\n", cites(r.Cites), sources(r.Sources), r.CheckedOn)
}

func kindText(k Kind) string {
	return map[Kind]string{
		ByCourtOrder: "Silence by an order", ByCertification: "Silence by an agency's certification",
		ByStatute: "Silence by statute", Demand: "A power to ask for data",
		OfPolicy: "A policy", CaseLaw: "A decision", Contract: "A contract",
		NoticeOwed: "A duty to tell somebody in spite of an order",
	}[k]
}

func bindsText(b string) string {
	return map[string]string{
		BindsProvider: "the provider", BindsAuthority: "the authority and not the provider",
		BindsBoth: "the authority and the provider", BindsNobody: "nobody to silence",
	}[b]
}

func whoSigns(r Rule) string {
	if len(r.Issuers) == 0 {
		return ""
	}
	s := "May be signed by: " + plain(r.Issuers) + "."
	if len(r.DataIssuers) > 0 {
		s += " For content and traffic data: " + plain(r.DataIssuers) + "."
	}
	if r.Validated {
		s += " Another authority where one of these has validated the paper."
	}
	if len(r.Demands) > 0 {
		s += " Requests made under it: " + plain(words(r.Demands)) + "."
	}
	return s
}

func howLong(r Rule) string {
	var parts []string
	switch r.End {
	case EndRequired:
		parts = append(parts, "An order under it names its end.")
	case EndOpen:
		parts = append(parts, "It stands without an end, and is reviewed regularly.")
	case EndCourtSets:
		parts = append(parts, "The court sets how long an order runs; the law asks for no date.")
	}
	if r.First != nil {
		parts = append(parts, "At most "+r.First.String()+".")
	}
	if r.Renewal != nil {
		parts = append(parts, "An extension: at most "+r.Renewal.String()+".")
	}
	if r.Exception != "" {
		parts = append(parts, "But "+r.Exception+".")
	}
	if r.AnswerWithin != nil {
		parts = append(parts, "It is answered within "+r.AnswerWithin.String()+".")
	}
	if r.AnswerUrgent != nil {
		parts = append(parts, "In an emergency it is answered within "+r.AnswerUrgent.String()+".")
	}
	return strings.Join(parts, " ")
}

func onWhat(r Rule) string {
	var parts []string
	if r.Standard != "" {
		parts = append(parts, "Standard: "+r.Standard+".")
	}
	if len(r.Grounds) > 0 {
		texts := make([]string, len(r.Grounds))
		for i, g := range r.Grounds {
			texts[i] = groundText(g)
		}
		parts = append(parts, "Grounds: "+strings.Join(texts, "; ")+".")
	}
	if r.Silence != "" {
		parts = append(parts, map[string]string{
			SilenceSubject: "Silence towards the person concerned.", SilenceAnyPerson: "Silence towards any person.",
			SilenceExceptCounsel: "Silence towards all but counsel.",
		}[r.Silence])
	}
	return strings.Join(parts, " ")
}

func without(r Rule) string {
	var parts []string
	if r.silent() {
		effect, meanwhile := "Lapse holds", ""
		if r.Status != Verified {
			effect, meanwhile = "If verified, Lapse would hold", " Until then one that names it is held for counsel."
		}
		kind := ""
		if list := r.Standing.Instruments; len(list) > 0 {
			kind = "of the kind " + plain(words(list)) + narrowed(r.Standing) + ", or "
		}
		parts = append(parts, fmt.Sprintf("Without any order, %s every notice about a request %sthat names this law as "+
			"its basis, under the id `%s`.%s", lowerFirst(effect), kind, r.standingID(), meanwhile))
	}
	if len(r.Conditions) > 0 {
		parts = append(parts, "It silences only where the paper carries "+strings.Join(r.Conditions, " and ")+".")
	}
	if len(r.Reaches) > 0 {
		parts = append(parts, "An order under it reaches: "+plain(words(r.Reaches))+".")
	}
	if len(r.Open) > 0 {
		parts = append(parts, "Without an order, nothing forbids telling about a request that rests on it and is one of: "+
			plain(words(r.Open))+".")
	}
	return strings.Join(parts, " ")
}

// narrowed says which requests of its instruments a standing rule is about.
func narrowed(s StandingRule) string {
	text := ""
	if len(s.Categories) > 0 {
		text += " for " + strings.ReplaceAll(plain(s.Categories), ", ", " or ") + " data"
	}
	if s.Flag != "" {
		text += " flagged `" + s.Flag + "`"
	}
	return text
}

func lowerFirst(s string) string {
	if strings.HasPrefix(s, "Lapse") {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func served(r Rule) string {
	var parts []string
	switch {
	case r.ServeWithin != nil && r.ServeFromThatDay:
		parts = append(parts, "Served within "+r.ServeWithin.String()+" that begin with the day it is made.")
	case r.ServeWithin != nil:
		parts = append(parts, "Served within "+r.ServeWithin.String()+" of the signing.")
	}
	if len(r.ServedBy) > 0 {
		parts = append(parts, "Served only by: "+strings.Join(r.ServedBy, ", ")+".")
	}
	if r.ConfirmWithin != nil {
		parts = append(parts, "Without a court: confirmation applied for within "+r.ConfirmWithin.String()+".")
	}
	if r.PaperWithin != nil {
		parts = append(parts, "An oral demand is put in writing within "+r.PaperWithin.String()+".")
	}
	return strings.Join(parts, " ")
}

func afterwards(r Rule) string {
	var parts []string
	if r.Notifies != "" {
		parts = append(parts, "Who tells the person: "+lower(r.Notifies))
	}
	if r.Remedy != "" {
		parts = append(parts, "The person's remedy: "+lower(r.Remedy))
	}
	if r.Challenge != "" {
		parts = append(parts, "The provider's: "+lower(r.Challenge))
	}
	if r.Clock != nil {
		parts = append(parts, "The clock runs on "+r.ClockOn+" for "+r.Clock.String()+"; the ban holds meanwhile.")
	}
	return strings.Join(parts, " ")
}

// lower begins a sentence's second half with a small letter.
func lower(s string) string {
	for _, name := range []string{"Nobody", "The ", "Two ", "Motion", "Petition", "Application", "Ask", "Reciprocal"} {
		if strings.HasPrefix(s, name) {
			return strings.ToLower(s[:1]) + s[1:]
		}
	}
	return s
}

func plain(list []string) string { return strings.ReplaceAll(strings.Join(list, ", "), "_", " ") }

func cites(list []string) string {
	if len(list) == 0 {
		return "nothing; no paper cites it"
	}
	quoted := make([]string, len(list))
	for i, c := range list {
		quoted[i] = "`" + c + "`"
	}
	return strings.Join(quoted, ", ")
}

func sources(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return " Sources: " + strings.Join(list, "; ") + "."
}
