package events

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"lapse/internal/event"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// longTexts are the members of data that hold the words of a paper or a person. They may have lines and tabs.
var longTexts = []string{
	"reference", "name", "contact", "legalBasis", "addressee", "servedVia", "offence", "reason", "note", "docket",
	"courtFindings", "facts", "route", "text", "flags", "grounds", "forum",
}

// isHidden reports whether a reader cannot see r: a control character (Unicode's general category Cc), a format
// character (Cf), a separator of lines or paragraphs, or a default-ignorable character. The last are the characters of
// DerivedCoreProperties.txt's Default_Ignorable_Code_Point. That property is made of
// Other_Default_Ignorable_Code_Point, Variation_Selector and most of Cf (Unicode Standard Annex 44).
func isHidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// breaksLine reports whether r is hidden and yet allowed in a long text.
func breaksLine(r rune) bool { return strings.ContainsRune("\n\t\u2028\u2029", r) }

// hiddenIn returns the first forbidden hidden character of a text, and whether there is one.
func hiddenIn(text string, long bool) (rune, bool) {
	for _, r := range text {
		if isHidden(r) && !(long && breaksLine(r)) {
			return r, true
		}
	}
	return 0, false
}

// hiddenCharacters finds every string of the event that holds a hidden character, because two such strings can look
// alike. A member's name counts as a string of its own.
func hiddenCharacters(posted map[string]any) []event.Fault {
	var found []event.Fault
	check := func(pointer, text string, long bool) {
		if r, bad := hiddenIn(text, long); bad {
			detail := fmt.Sprintf("holds %U, a character that cannot be seen", r)
			found = append(found, event.Fault{Pointer: pointer, Detail: detail})
		}
	}
	var walk func(pointer string, v any, data, long bool)
	walk = func(pointer string, v any, data, long bool) {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				here := at(pointer, name)
				check(here, name, false)
				walk(here, value, data || pointer == "" && name == "data", data && slices.Contains(longTexts, name))
			}
		case []any:
			for i, value := range v {
				walk(at(pointer, strconv.Itoa(i)), value, data, long)
			}
		case string:
			check(pointer, v, long)
		}
	}
	walk("", posted, false, false)
	return found
}

// Persons counts the different persons of an approvedBy. Blank entries are nobody. Entries that read alike are one
// person. They are compared after Unicode's compatibility composition (NFKC) and case-folding, without hidden
// characters.
func Persons(approvedBy []string) int { return len(persons(approvedBy)) }

// PersonsBeside counts the different persons of an approvedBy other than the named one.
func PersonsBeside(approvedBy []string, other string) int {
	all := persons(approvedBy)
	delete(all, person(other))
	return len(all)
}

func persons(approvedBy []string) map[string]bool {
	all := map[string]bool{}
	for _, entry := range approvedBy {
		if p := person(entry); p != "" {
			all[p] = true
		}
	}
	return all
}

// person returns the form in which persons are compared. Intake takes only ASCII names; a ledger may hold older ones.
func person(entry string) string {
	seen := strings.Map(func(r rune) rune {
		if isHidden(r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(entry))
	return norm.NFKC.String(cases.Fold().String(seen))
}
