package events

import (
	"slices"
	"strings"
	"unicode/utf8"

	"lapse/internal/event"
)

// maxFaults bounds the answer to a hostile event. An event of 256 KB can hold 40,000 doubled keys.
const maxFaults = 1000

// maxToken is the most characters of a field name that a pointer repeats.
const maxToken = 64

// at appends one token to a JSON pointer (RFC 6901). A name with an @ may be an address in the wrong place, so it is
// not repeated. A very long name is cut.
func at(pointer, token string) string {
	if strings.Contains(token, "@") {
		token = redacted
	}
	if utf8.RuneCountInString(token) > maxToken {
		token = string([]rune(token)[:maxToken]) + "…"
	}
	if strings.ContainsAny(token, "~/") {
		token = strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
	}
	return pointer + "/" + token
}

// pointerTo returns the JSON pointer of a path of tokens.
func pointerTo(path []string) string {
	p := ""
	for _, token := range path {
		p = at(p, token)
	}
	return p
}

// tidy keeps one fault for each pointer and sorts by pointer, whatever order the faults were found in.
func tidy(found []event.Fault) []event.Fault {
	slices.SortFunc(found, func(a, b event.Fault) int {
		return strings.Compare(a.Pointer+"\x00"+a.Detail, b.Pointer+"\x00"+b.Detail)
	})
	var list []event.Fault
	for _, f := range slices.Compact(found) {
		if last := len(list) - 1; last >= 0 && list[last].Pointer == f.Pointer {
			list[last].Detail += "; " + f.Detail
			continue
		}
		if len(list) == maxFaults {
			return append(list, event.Fault{Detail: "there are more faults than are listed here"})
		}
		list = append(list, f)
	}
	return list
}
