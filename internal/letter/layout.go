package letter

import (
	"html"
	"html/template"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// layout is how a language lays out its blocks.
type layout struct {
	// colon parts a label and its value.
	colon string
	// wide says that wide characters count two columns, and that lines may break between them.
	wide bool
}

// unit is one text of a letter that is wrapped by itself. lead is what stands before it; its lines begin as wrap says.
type unit struct {
	lead, text, first, rest string
	// ruled puts a line under it.
	ruled bool
}

func (y layout) write(b *strings.Builder, u unit) {
	b.WriteString(u.lead)
	length := utf8.RuneCountInString(u.text)
	if y.wide {
		wrapWide(b, u.text, u.first, u.rest)
		length = textWidth(u.text)
	} else {
		wrap(b, u.text, u.first, u.rest)
	}
	if u.ruled {
		b.WriteString(strings.Repeat("-", min(columns, length)))
		b.WriteByte('\n')
	}
}

// units are a block as text.
func (y layout) units(x *block) []unit {
	switch {
	case x.Heading != "":
		return []unit{{lead: "\n", text: x.Heading, ruled: true}}
	case x.Paragraph != "":
		return []unit{{text: x.Paragraph}}
	case x.Link.URL != "":
		return []unit{{text: x.Link.Label + y.colon + x.Link.URL, rest: "  "}}
	}
	var out []unit
	for _, f := range x.Fields {
		out = append(out, unit{text: f.Label + y.colon + f.Value, rest: "  "})
	}
	for _, item := range x.Items {
		out = append(out, unit{text: item, first: "- ", rest: "  "})
	}
	return out
}

// plain lays the blocks out as text, and adds it to what the cutter has.
func (y layout) plain(c *cutter, blocks []block) {
	for i := range blocks {
		for k, u := range y.units(&blocks[i]) {
			if k == 0 && !c.empty() {
				u.lead = "\n" + u.lead
			}
			if !personalised(u.text) {
				y.write(&c.fixed, u)
				continue
			}
			c.open(func(v values) string {
				var b strings.Builder
				own := u
				own.text = v.fill(u.text)
				y.write(&b, own)
				return b.String()
			})
		}
	}
}

// wrap writes s, whose words are parted by single spaces, in lines of at most 72 characters where words allow it. The
// first line begins with first, the others with rest.
func wrap(b *strings.Builder, s, first, rest string) {
	b.WriteString(first)
	column := len(first)
	// line is where the words not written yet begin, gap the last space at which they can be parted.
	line, gap := 0, -1
	for i, r := range s {
		if r == ' ' {
			gap = i
		}
		if column++; column > columns && gap >= 0 && r != ' ' {
			b.WriteString(s[line:gap])
			b.WriteByte('\n')
			b.WriteString(rest)
			line = gap + 1
			column = len(rest) + utf8.RuneCountInString(s[line:i]) + 1
			gap = -1
		}
	}
	b.WriteString(s[line:])
	b.WriteByte('\n')
}

// Characters that begin no line and that end none in Japanese (JIS X 4051, the common ones).
const (
	noStart = "、。，．・：；？！）］｝〕〉》」』】ー々" +
		"ぁぃぅぇぉっゃゅょァィゥェォッャュョ" + "%),.:;?!]}"
	noEnd = "（［｛〔〈《「『【([{"
)

// wrapWide is wrap for texts with wide characters: they take two columns, and a line may also break beside them.
func wrapWide(b *strings.Builder, s, first, rest string) {
	b.WriteString(first)
	column := len(first)
	// line is where the text not written yet begins; it can be parted so that one line ends at end and the next begins
	// at next.
	line, end, next := 0, -1, -1
	var before rune
	for i, r := range s {
		switch {
		case r == ' ':
			end, next = i, i+1
		case before != 0 && before != ' ' && breaksBetween(before, r):
			end, next = i, i
		}
		column += runeWidth(r)
		if column > columns && end >= 0 && r != ' ' {
			b.WriteString(s[line:end])
			b.WriteByte('\n')
			b.WriteString(rest)
			line = next
			column = len(rest) + textWidth(s[line:i]) + runeWidth(r)
			end = -1
		}
		before = r
	}
	b.WriteString(s[line:])
	b.WriteByte('\n')
}

func breaksBetween(before, r rune) bool {
	if strings.ContainsRune(noStart, r) || strings.ContainsRune(noEnd, before) {
		return false
	}
	return runeWidth(before) == 2 || runeWidth(r) == 2
}

// runeWidth is how many columns a character takes (Unicode Standard Annex 11).
func runeWidth(r rune) int {
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

func textWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// markup lays the blocks out as HTML: text in elements, and one attribute for links, all escaped. html/template does
// the same for the page around it; for every piece of a letter it would take longer than all the rest together.
func (y layout) markup(blocks []block) template.HTML {
	var b strings.Builder
	b.Grow(usualSize)
	element := func(name, text string) {
		b.WriteString("<" + name + ">")
		b.WriteString(html.EscapeString(text))
		b.WriteString("</" + name + ">")
	}
	for _, x := range blocks {
		switch {
		case x.Heading != "":
			element("h2", x.Heading)
		case x.Paragraph != "":
			element("p", x.Paragraph)
		case x.Link.URL != "":
			url := html.EscapeString(x.Link.URL)
			b.WriteString("<p>" + html.EscapeString(x.Link.Label+y.colon) + `<a href="` + url + `">` + url + "</a></p>")
		case x.Fields != nil:
			b.WriteString("<dl>\n")
			for _, f := range x.Fields {
				element("dt", f.Label)
				element("dd", f.Value)
				b.WriteByte('\n')
			}
			b.WriteString("</dl>")
		case x.Items != nil:
			b.WriteString("<ul>\n")
			for _, item := range x.Items {
				element("li", item)
				b.WriteByte('\n')
			}
			b.WriteString("</ul>")
		}
		b.WriteByte('\n')
	}
	return template.HTML(b.String())
}
