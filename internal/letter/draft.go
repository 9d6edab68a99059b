package letter

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"mime/quotedprintable"
	"strings"
)

// Draft is a letter written up to what only one recipient's holds, its reference and its account. The recipients of one
// disclosure mostly share everything else, and a draft makes a mail for each at a tenth of what writing it anew takes.
// It does not change, and is safe for concurrent use.
type Draft struct {
	language, template string
	// subject is written with marks, as the open pieces are.
	subject    string
	text, html []piece
}

// piece is some whole lines of a layout: fixed ones, kept beside their quoted-printable form, or, where open is set,
// lines that it lays out for one recipient.
type piece struct {
	run
	open func(p personal) string
}

// The marks stand in a draft where a recipient's own values go. No other value can hold one: clean takes out controls.
const markReference, markAccount, markSubject = "\x01", "\x02", "\x03"

// personal are the values for the marks, in their order.
type personal [3]string

func (p personal) fill(s string) string {
	for i, mark := range [...]string{markReference, markAccount, markSubject} {
		s = strings.ReplaceAll(s, mark, p[i])
	}
	return s
}

// personalised reports whether a mark stands in s.
func personalised(s string) bool {
	return strings.ContainsAny(s, markReference+markAccount+markSubject)
}

// escaped are the values as they stand in HTML.
func (p personal) escaped() personal {
	for i := range p {
		p[i] = html.EscapeString(p[i])
	}
	p[2] = strings.ReplaceAll(p[2], "+", "&#43;") // as html/template writes it
	return p
}

// Prepare writes the letter but for Facts.Reference and Facts.Account, which it does not look at. It fails as Render
// does.
func Prepare(f Facts) (*Draft, error) {
	t, err := find(f.Template)
	if err != nil {
		return nil, err
	}
	v, err := t.view(f)
	if err != nil {
		return nil, fmt.Errorf("write a letter in %s: %w", t.name, err)
	}
	var b strings.Builder
	if err := t.wording.ExecuteTemplate(&b, "subject", v); err != nil {
		return nil, fmt.Errorf("write a subject in %s: %w", t.name, err)
	}
	d := &Draft{language: t.words.Language, template: t.name, subject: b.String()}
	b.Reset()
	b.Grow(usualSize)
	if err := t.wording.ExecuteTemplate(&b, "letter", v); err != nil {
		return nil, fmt.Errorf("write a letter in %s: %w", t.name, err)
	}
	blocks := parse(b.String())
	var whole strings.Builder
	whole.Grow(usualSize)
	if err := t.page.Execute(&whole, page{Language: d.language, Subject: markSubject, Body: markup(blocks)}); err != nil {
		return nil, fmt.Errorf("write a page in %s: %w", t.name, err)
	}
	d.text, d.html = plain(blocks), lines(whole.String())
	return d, nil
}

// lines are the pieces of a page.
func lines(page string) []piece {
	var c cutter
	for line := range strings.Lines(page) {
		if personalised(line) {
			c.open(func(p personal) string { return p.fill(line) })
		} else {
			c.fixed.WriteString(line)
		}
	}
	return c.done()
}

// cutter collects pieces; what is written to fixed becomes one together.
type cutter struct {
	pieces []piece
	fixed  strings.Builder
}

func (c *cutter) open(layOut func(p personal) string) {
	c.pieces = append(c.done(), piece{open: layOut})
}

func (c *cutter) done() []piece {
	if c.fixed.Len() > 0 {
		c.pieces = append(c.pieces, piece{run: newRun(c.fixed.String())})
		c.fixed.Reset()
	}
	return c.pieces
}

// For is the letter of the notice with this reference about this account, which it shows masked. Both are needed.
func (d *Draft) For(reference, account string) (Letter, error) {
	p, err := d.personal(reference, account)
	if err != nil {
		return Letter{}, err
	}
	return Letter{
		Subject: p[2], Text: join(d.text, p), HTML: join(d.html, p.escaped()), Language: d.language, Template: d.template,
	}, nil
}

// Compose is For and then Letter.Compose, without laying out and encoding anew what all recipients share.
func (d *Draft) Compose(reference, account string, h Headers) ([]byte, error) {
	p, err := d.personal(reference, account)
	if err != nil {
		return nil, err
	}
	m := content{subject: p[2], language: d.language, text: runs(d.text, p), html: runs(d.html, p.escaped())}
	return m.compose(h)
}

func (d *Draft) personal(reference, account string) (personal, error) {
	p := personal{clean(reference), masked(account)}
	switch {
	case p[0] == "":
		return p, errors.New("write a letter: the reference is missing")
	case p[1] == "":
		return p, fmt.Errorf("write the letter of notice %q: the account is missing", p[0])
	}
	p[2] = capped(p.fill(d.subject), maxSubject)
	return p, nil
}

// join is the layout for one recipient.
func join(pieces []piece, p personal) string {
	var b strings.Builder
	b.Grow(usualSize)
	for _, x := range pieces {
		if x.open != nil {
			b.WriteString(x.open(p))
		}
		b.Write(x.plain)
	}
	return b.String()
}

// runs are the layout for one recipient, in both forms.
func runs(pieces []piece, p personal) []run {
	out := make([]run, len(pieces))
	for i, x := range pieces {
		if x.open != nil {
			x.run = newRun(x.open(p))
		}
		out[i] = x.run
	}
	return out
}

// run is some whole lines of a body, and the same in quoted-printable, which every line begins anew.
type run struct{ plain, encoded []byte }

func newRun(s string) run {
	var b bytes.Buffer
	b.Grow(len(s) + len(s)/8)
	w := quotedprintable.NewWriter(&b)
	// Writing to a bytes.Buffer does not fail.
	plain := []byte(s)
	_, _ = w.Write(plain)
	_ = w.Close()
	return run{plain, b.Bytes()}
}
