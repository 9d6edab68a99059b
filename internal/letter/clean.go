package letter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxValue is how many characters of a text from an event are shown; events allow 4,000, which would bury the rest.
	maxValue = 300
	// maxSubject keeps a header field readable, whatever a reference or a sender's name may be.
	maxSubject = 200
)

// clean makes one line of a text that others wrote: every run of spaces, line ends and controls becomes one space;
// invisible characters that can reorder or hide text are dropped (the two joiners that Persian and Indic scripts need
// stay); bytes that are no UTF-8 become U+FFFD; what is longer than maxValue is cut.
func clean(s string) string {
	if plainASCII(s) {
		return s
	}
	var b strings.Builder
	gap := false
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Z, r):
			gap = true
			continue
		case unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d':
			continue
		}
		if gap && n > 0 {
			b.WriteByte(' ')
			n++
		}
		gap = false
		b.WriteRune(r)
		if n++; n > maxValue {
			break
		}
	}
	return capped(b.String(), maxValue)
}

// plainASCII reports whether clean would return s itself: most values are short printable ASCII without double spaces.
func plainASCII(s string) bool {
	if len(s) > maxValue {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// capped cuts s to at most n characters, the last of which is then an ellipsis.
func capped(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

// masked shows the first two characters and the last one of an id, of one shorter than six only the first. The number
// of stars is always the same, so that it does not give the length away.
func masked(id string) string {
	const stars = "***"
	r := []rune(clean(id))
	switch {
	case len(r) == 0:
		return ""
	case len(r) < 6:
		return string(r[:1]) + stars
	}
	return string(r[:2]) + stars + string(r[len(r)-1:])
}
