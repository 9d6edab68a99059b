package letter

import (
	"html"
	"html/template"
	"strings"
	"unicode/utf8"
)

// width is the longest line of the plain text: it stays under the 78 of RFC 5322 when somebody quotes it twice.
const width = 72

// usualSize is enough for most letters in one piece of memory, in each of their forms.
const usualSize = 6 << 10

// page is what the HTML layout is executed with.
type page struct {
	Language, Subject string
	Body              template.HTML
}

// block is one piece of a letter; exactly one of its fields is set.
type block struct {
	Heading, Paragraph string
	Link               link
	Fields             []field
	Items              []string
}

type field struct{ Label, Value string }

type link struct{ Label, URL string }

// parse reads the lines of an executed wording; the grammar stands in the wording's first comment. A value cannot
// break it: it holds no line end, and never stands first in a line.
func parse(s string) []block {
	blocks := make([]block, 0, 48)
	open := false
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		if line == "" {
			open = false
			continue
		}
		next := block{Paragraph: line}
		if len(line) > 2 && line[1] == ' ' {
			next = marked(line[0], line[2:], line)
		}
		if n := len(blocks); open && blocks[n-1].join(next) {
			continue
		}
		blocks = append(blocks, next)
		open = true
	}
	return blocks
}

// marked reads a line with a mark; whole is the line itself, which is a paragraph's if the mark is none.
func marked(mark byte, rest, whole string) block {
	switch mark {
	case '#':
		return block{Heading: rest}
	case '-':
		return block{Items: []string{rest}}
	case ':':
		label, value, _ := strings.Cut(rest, " | ")
		return block{Fields: []field{{label, value}}}
	case '>':
		label, url, _ := strings.Cut(rest, " | ")
		return block{Link: link{label, url}}
	}
	return block{Paragraph: whole}
}

// join adds a block of one line to the block before it, if they are of one kind that may have several.
func (b *block) join(next block) bool {
	switch {
	case b.Paragraph != "" && next.Paragraph != "":
		b.Paragraph += " " + next.Paragraph
	case b.Items != nil && next.Items != nil:
		b.Items = append(b.Items, next.Items...)
	case b.Fields != nil && next.Fields != nil:
		b.Fields = append(b.Fields, next.Fields...)
	default:
		return false
	}
	return true
}

// unit is one text of a letter that is wrapped by itself. lead is what stands before it; its lines begin as wrap says.
type unit struct {
	lead, text, first, rest string
	// ruled puts a line under it.
	ruled bool
}

func (u unit) write(b *strings.Builder) {
	b.WriteString(u.lead)
	wrap(b, u.text, u.first, u.rest)
	if u.ruled {
		b.WriteString(strings.Repeat("-", min(width, utf8.RuneCountInString(u.text))))
		b.WriteByte('\n')
	}
}

// units are a block as text.
func (x *block) units() []unit {
	switch {
	case x.Heading != "":
		return []unit{{lead: "\n", text: x.Heading, ruled: true}}
	case x.Paragraph != "":
		return []unit{{text: x.Paragraph}}
	case x.Link.URL != "":
		return []unit{{text: x.Link.Label + ": " + x.Link.URL, rest: "  "}}
	}
	var out []unit
	for _, f := range x.Fields {
		out = append(out, unit{text: f.Label + ": " + f.Value, rest: "  "})
	}
	for _, item := range x.Items {
		out = append(out, unit{text: item, first: "- ", rest: "  "})
	}
	return out
}

// plain lays the blocks out as text.
func plain(blocks []block) []piece {
	var c cutter
	for i := range blocks {
		for k, u := range blocks[i].units() {
			if i > 0 && k == 0 {
				u.lead = "\n" + u.lead
			}
			if !personalised(u.text) {
				u.write(&c.fixed)
				continue
			}
			c.open(func(p personal) string {
				var b strings.Builder
				own := u
				own.text = p.fill(u.text)
				own.write(&b)
				return b.String()
			})
		}
	}
	return c.done()
}

// wrap writes s, whose words are parted by single spaces, in lines of at most width characters where words allow it.
// The first line begins with first, the others with rest.
func wrap(b *strings.Builder, s, first, rest string) {
	b.WriteString(first)
	column := len(first)
	// line is where the words not written yet begin, gap the last space at which they can be parted.
	line, gap := 0, -1
	for i, r := range s {
		if r == ' ' {
			gap = i
		}
		if column++; column > width && gap >= 0 && r != ' ' {
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

// markup lays the blocks out as HTML: text in elements, and one attribute for links, all escaped. html/template does
// the same for the page around it; for every piece of a letter it would take longer than all the rest together.
func markup(blocks []block) template.HTML {
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
			b.WriteString("<p>" + html.EscapeString(x.Link.Label) + `: <a href="` + url + `">` + url + "</a></p>")
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
