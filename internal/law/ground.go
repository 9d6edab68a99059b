package law

import (
	"slices"
	"strings"
)

// Ground is a reason for silence that laws list.
type Ground struct {
	Code string
	// Text names it for people. Words are parts of words, in lower case, by which papers name it.
	Text  string
	Words []string
}

// Grounds is the vocabulary of grounds. Papers word them freely, so a match is by parts of words.
func Grounds() []Ground {
	return []Ground{
		{"life_safety", "danger to the life or physical safety of a person", []string{"life", "safety", "bodily",
			"physical harm", "leib", "leben"}},
		{"flight", "flight from prosecution", []string{"flight", "flee", "flucht"}},
		{"evidence", "destruction of or tampering with evidence", []string{"evidence", "tamper", "destr", "beweis"}},
		{"intimidation", "intimidation of potential witnesses", []string{"intimidat", "witness", "zeugen"}},
		{"jeopardy", "otherwise seriously jeopardising an investigation", []string{"jeopard", "imperil", "hinder"}},
		{"trial_delay", "unduly delaying a trial", []string{"delay"}},
		{"official_proceeding", "impeding an official proceeding", []string{"official proceeding"}},
		{"national_security", "danger to the national security", []string{"national security", "security of the state"}},
		{"investigation", "interference with a criminal, counterterrorism or counterintelligence investigation",
			[]string{"interfer", "counterterror", "counterintel"}},
		{"diplomatic", "interference with diplomatic relations", []string{"diplomatic"}},
		{"purpose", "the purpose of the investigation", []string{"purpose", "zweck", "belang van het onderzoek"}},
		{"serious_offence", "a serious offence", []string{"serious offence", "serious offense", "erhebliche straftat"}},
		{"balancing", "balancing of the interests in the single case", []string{"balanc", "abwägung"}},
		{"assets", "danger to significant assets", []string{"asset", "vermögenswert"}},
		{"public_welfare", "public security or welfare", []string{"public security", "public welfare", "welfare of the",
			"wohl des"}},
		{"private_interest", "a private interest", []string{"private interest"}},
		{"justice", "the interests of justice", []string{"interests of justice", "ends of justice"}},
	}
}

func groundCodes() []string {
	var out []string
	for _, g := range Grounds() {
		out = append(out, g.Code)
	}
	return out
}

// groundsIn lists the codes of the grounds that a paper's own words name.
func groundsIn(stated string) []string {
	s := strings.ToLower(stated)
	var out []string
	for _, g := range Grounds() {
		if strings.Contains(s, g.Code) || slices.ContainsFunc(g.Words, func(w string) bool {
			return strings.Contains(s,
				w)
		}) {
			out = append(out, g.Code)
		}
	}
	return out
}

// groundText says a ground to people.
func groundText(code string) string {
	for _, g := range Grounds() {
		if g.Code == code {
			return g.Text
		}
	}
	return code
}
