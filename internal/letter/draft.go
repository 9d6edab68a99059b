package letter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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
	// language is the value of Content-Language.
	language, template string
	// subject is written with marks, as the open pieces are.
	subject    string
	text, html []piece
	// boundary parts the bodies of every mail of this draft; "" is made from each text.
	boundary string
	// referenced says that the mails carry their reference in a header field, signed that they need a code and carry a
	// signature.
	referenced, signed bool
}

// piece is some whole lines of a layout: fixed ones, kept beside their quoted-printable form, or, where open is set,
// lines that it lays out for one recipient.
type piece struct {
	run
	open func(v values) string
}

// The marks stand in a draft where a recipient's own values go. No other value can hold one: clean takes out controls.
const markReference, markAccount, markSubject, markCode = "\x01", "\x02", "\x03", "\x04"

// marks are all of them, in the order of values.
var marks = [...]string{markReference, markAccount, markSubject, markCode}

// values stand for the marks, in their order.
type values [len(marks)]string

func (v values) fill(s string) string {
	for i, mark := range marks {
		s = strings.ReplaceAll(s, mark, v[i])
	}
	return s
}

// personalised reports whether a mark stands in s.
func personalised(s string) bool {
	return strings.ContainsAny(s, markReference+markAccount+markSubject+markCode)
}

// escaped are the values as they stand in HTML.
func (v values) escaped() values {
	for i := range v {
		v[i] = html.EscapeString(v[i])
	}
	v[2] = strings.ReplaceAll(v[2], "+", "&#43;") // as html/template writes it
	return v
}

// The placeholders for what is one recipient's own. They have the width of the real values, and no code can look so.
const formAccount, formCode = "***", "*****-*****"

// lines are the pieces of a page.
func lines(page string) []piece {
	var c cutter
	for line := range strings.Lines(page) {
		if personalised(line) {
			c.open(func(v values) string { return v.fill(line) })
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

func (c *cutter) empty() bool { return len(c.pieces) == 0 && c.fixed.Len() == 0 }

func (c *cutter) open(layOut func(v values) string) {
	c.pieces = append(c.done(), piece{open: layOut})
}

func (c *cutter) done() []piece {
	if c.fixed.Len() > 0 {
		c.pieces = append(c.pieces, piece{run: newRun(c.fixed.String())})
		c.fixed.Reset()
	}
	return c.pieces
}

// For is the letter of the notice with these personal facts. It shows the account masked. Reference and account are
// needed, and the code where the facts have a verify page.
func (d *Draft) For(p Personal) (Letter, error) {
	v, err := d.values(p)
	if err != nil {
		return Letter{}, err
	}
	return d.letter(v), nil
}

// Form is the letter with fixed placeholders for account and code. Its preview is kept and hashed as the form of every
// mail with this reference. A version 1 letter has no placeholders: its form is the letter.
func (d *Draft) Form(p Personal) (Letter, error) {
	v, err := d.formValues(p)
	if err != nil {
		return Letter{}, err
	}
	l := d.letter(v)
	l.proof.form = true
	return l, nil
}

// FormDigest is the digest of the form that a mail with these personal facts and headers has: that of the Preview of
// Form, without laying out and encoding anew what all recipients share.
func (d *Draft) FormDigest(p Personal, h Headers) (string, error) {
	v, err := d.formValues(p)
	if err != nil {
		return "", err
	}
	m := d.content(v)
	m.proof.form = true
	form, err := m.preview(h)
	if err != nil {
		return "", err
	}
	return FormDigest(form), nil
}

func (d *Draft) formValues(p Personal) (values, error) {
	if !d.referenced {
		return d.values(p)
	}
	v := values{clean(p.Reference), formAccount, "", formCode}
	return d.withSubject(v), d.checkReference(v[0])
}

func (d *Draft) letter(v values) Letter {
	return Letter{
		Subject: v[2], Text: join(d.text, v), HTML: join(d.html, v.escaped()),
		Language: d.language, Template: d.template, proof: d.proof(v),
	}
}

func (d *Draft) proof(v values) proof {
	p := proof{boundary: d.boundary, signed: d.signed, code: v[3]}
	if d.referenced {
		p.reference = v[0]
	}
	return p
}

// Compose is For and then Letter.Compose, without laying out and encoding anew what all recipients share.
func (d *Draft) Compose(p Personal, h Headers) ([]byte, error) {
	v, err := d.values(p)
	if err != nil {
		return nil, err
	}
	return d.content(v).compose(h)
}

func (d *Draft) content(v values) content {
	return content{
		subject: v[2], language: d.language, text: runs(d.text, v), html: runs(d.html, v.escaped()), proof: d.proof(v),
	}
}

func (d *Draft) values(p Personal) (values, error) {
	v := values{clean(p.Reference), masked(p.Account), "", clean(p.Code)}
	if err := d.checkReference(v[0]); err != nil {
		return v, err
	}
	if v[1] == "" {
		return v, fmt.Errorf("write the letter of notice %q: the account is missing", v[0])
	}
	if code, err := ReadCode(v[3]); d.signed && (err != nil || code != v[3]) {
		return v, fmt.Errorf("write the letter of notice %q: the code is missing or none", v[0])
	}
	return d.withSubject(v), nil
}

// checkReference refuses a reference that nobody could look up. Those of version 1 had another form.
func (d *Draft) checkReference(s string) error {
	if s == "" {
		return errors.New("write a letter: the reference is missing")
	}
	if read, err := ReadReference(s); d.referenced && (err != nil || read != s) {
		return errors.New("write a letter: the reference is none")
	}
	return nil
}

func (d *Draft) withSubject(v values) values {
	v[2] = capped(v.fill(d.subject), maxSubject)
	return v
}

// join is the layout for one recipient.
func join(pieces []piece, v values) string {
	var b strings.Builder
	b.Grow(usualSize)
	for _, x := range pieces {
		if x.open != nil {
			b.WriteString(x.open(v))
		}
		b.Write(x.plain)
	}
	return b.String()
}

// runs are the layout for one recipient, in both forms.
func runs(pieces []piece, v values) []run {
	out := make([]run, len(pieces))
	for i, x := range pieces {
		if x.open != nil {
			x.run = newRun(x.open(v))
		}
		out[i] = x.run
	}
	return out
}

// boundaryOf is a boundary for bodies like these: the start of the text's digest with the marks. No text holds its own
// digest, and the HTML says the same.
func boundaryOf(text []piece) string {
	sum := sha256.Sum256([]byte(join(text, marks)))
	return hex.EncodeToString(sum[:24])
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
