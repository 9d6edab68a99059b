package site

import (
	"fmt"
	"html"
	"html/template"
	"strconv"
	"strings"
)

// picture collects the elements of one SVG. Classes of the stylesheet give colours and line widths; no element has a
// style of its own. Every text is escaped. Words come last, so that no line crosses them.
type picture struct{ b, words strings.Builder }

// path draws a line of the class. d holds the letters of commands and their numbers.
func (p *picture) path(class string, d ...any) {
	fmt.Fprintf(&p.b, `<path class="%s" d="%s"/>`, class, commands(d))
}

// hatched draws a filled shape.
func (p *picture) hatched(h hatch, d ...any) {
	fmt.Fprintf(&p.b, `<path class="bar-%s" fill="url(#%s)" d="%s"/>`, h, h, commands(d))
}

func (p *picture) circle(class string, x, y, r float64) {
	fmt.Fprintf(&p.b, `<circle class="%s" cx="%s" cy="%s" r="%s"/>`, class, number(x), number(y), number(r))
}

// text writes s at the place. anchor is "" (starts there), "middle" or "end".
func (p *picture) text(class string, x, y float64, anchor, s string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	if anchor != "" {
		anchor = ` text-anchor="` + anchor + `"`
	}
	fmt.Fprintf(&p.words, `<text%s x="%s" y="%s"%s>%s</text>`, class, number(x), number(y), anchor, html.EscapeString(s))
}

// titled writes a text that may be cut short. Its title holds the whole text.
func (p *picture) titled(x, y float64, short, whole string) {
	fmt.Fprintf(&p.words, `<text x="%s" y="%s"><title>%s</title>%s</text>`, number(x), number(y), html.EscapeString(whole),
		html.EscapeString(short))
}

// wrap returns the whole picture. sentence describes it for readers who do not see it.
func (p *picture) wrap(class string, width, height int, sentence string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="%s" viewBox="0 0 %d %d" role="img" aria-label="%s">%s</svg>`,
		class, width, height, html.EscapeString(sentence), p.b.String()+p.words.String()))
}

// commands writes path data.
func commands(d []any) string {
	var b strings.Builder
	for i, x := range d {
		var s string
		switch x := x.(type) {
		case string:
			s = x
		case int:
			s = strconv.Itoa(x)
		case float64:
			s = number(x)
		}
		if _, letter := x.(string); i > 0 && !letter && b.String()[b.Len()-1] <= '9' {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	return b.String()
}

// number writes a length with at most one decimal.
func number(x float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}

// textWidth estimates the widest room of a text at size 12 in the sans-serif faces of the stylesheet. The server has no
// font to measure, so the estimate follows the widest face, DejaVu Sans.
func textWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("ijlI.,:;·'| ", r):
			w += 4.2
		case strings.ContainsRune("frt-()/", r):
			w += 5.4
		case strings.ContainsRune("mwMW@%", r):
			w += 11.8
		case r >= 'A' && r <= 'Z' || r > 0x2000:
			w += 9.4
		default:
			w += 7.7
		}
	}
	return w
}

// fit cuts a text to the given room.
func fit(s string, room float64) string {
	if textWidth(s) <= room {
		return s
	}
	runes := []rune(s)
	for len(runes) > 1 && textWidth(string(runes)+"…") > room {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
