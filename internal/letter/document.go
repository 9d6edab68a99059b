package letter

import (
	"html/template"
	"strings"
)

// columns is the longest line of the plain text: it stays under the 78 of RFC 5322 when somebody quotes it twice.
const columns = 72

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
