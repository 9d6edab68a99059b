package letter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"strings"
	"time"

	"lapse/internal/matter"
)

// Headers are what a mail needs beside its letter. From and ReplyTo are bare addresses of the service's own; MessageID
// is "left@right" without angle brackets; Date is written in UTC. SES replaces Date and Message-ID, so Digest leaves
// them out.
type Headers struct {
	To                        matter.Address
	From, SenderName, ReplyTo string
	MessageID                 string
	Date                      time.Time
	// Signer signs letters that have a code. No other letter needs one.
	Signer *Signer
}

// These stand for the recipient in a preview; .invalid belongs to nobody (RFC 2606).
const hiddenName, hiddenAddress = "recipient hidden", "hidden@recipient.invalid"

// The placeholders of a form for what each mail has of its own. No signature can look so.
const formMessageID, formSignature = "form@lapse.invalid", "v=1; kid=*; sig=*"

// Compose writes the whole MIME message: multipart/alternative, the plain text first, both parts quoted-printable, so
// that every byte is 7-bit. The same letter and headers give the same bytes. No error holds an address.
func (l Letter) Compose(h Headers) ([]byte, error) { return l.content().compose(h) }

// Preview is Compose with the recipient hidden. h.To is not looked at, so it needs no key. Of a letter from Draft.Form
// it is the form of every mail with this reference: date, message id and signature are placeholders too, and h.Signer
// is not needed. FormDigest of it goes on the record.
func (l Letter) Preview(h Headers) ([]byte, error) { return l.content().preview(h) }

// FormDigest is the SHA-256, in hex, of a form that Preview wrote.
func FormDigest(form []byte) string {
	sum := sha256.Sum256(form)
	return hex.EncodeToString(sum[:])
}

func (l Letter) content() content {
	return content{
		subject: l.Subject, language: l.Language, proof: l.proof,
		text: []run{newRun(l.Text)}, html: []run{newRun(l.HTML)},
	}
}

// content is a message but for its headers, the bodies in the order of their runs.
type content struct {
	subject, language string
	text, html        []run
	proof             proof
}

func (m content) compose(h Headers) ([]byte, error) {
	if h.To.IsZero() {
		return nil, errors.New("compose notice: no recipient")
	}
	return m.write(h, &netmail.Address{Address: h.To.Reveal()})
}

func (m content) preview(h Headers) ([]byte, error) {
	if m.proof.form {
		h.MessageID, h.Date = formMessageID, time.Unix(0, 0)
	}
	return m.write(h, &netmail.Address{Name: hiddenName, Address: hiddenAddress})
}

// headerField is one field of a message.
type headerField struct{ name, value string }

// proofFields are the fields with the letter's reference and signature.
func (m content) proofFields(h Headers) ([]headerField, error) {
	if m.proof.reference == "" {
		return nil, nil
	}
	fields := []headerField{{ReferenceHeader, m.proof.reference}}
	switch {
	case !m.proof.signed:
		return fields, nil
	case m.proof.form:
		return append(fields, headerField{SignatureHeader, formSignature}), nil
	case h.Signer == nil:
		return nil, errors.New("compose notice: no signer for a letter with a code")
	}
	var text strings.Builder
	for _, r := range m.text {
		text.Write(r.plain)
	}
	signature := h.Signer.Sign(m.proof.reference, m.proof.code, text.String())
	return append(fields, headerField{SignatureHeader, signature}), nil
}

func (m content) write(h Headers, to *netmail.Address) ([]byte, error) {
	from, err := matter.ParseAddress(h.From)
	if err != nil {
		return nil, fmt.Errorf("compose notice: sender: %w", err)
	}
	reply, err := matter.ParseAddress(h.ReplyTo)
	if err != nil {
		return nil, fmt.Errorf("compose notice: reply address: %w", err)
	}
	if !validMessageID(h.MessageID) {
		return nil, errors.New("compose notice: the message id is not of the form left@right")
	}
	if h.Date.IsZero() {
		return nil, errors.New("compose notice: no date")
	}
	sender := netmail.Address{Name: displayName(h.SenderName), Address: from.Reveal()}
	answer := netmail.Address{Address: reply.Reveal()}
	ours, err := m.proofFields(h)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, size(m.text)+size(m.html)+2<<10)
	for _, f := range append([]headerField{
		{"Auto-Submitted", "auto-generated"},
		{"Content-Language", encodedWord(m.language)},
		{"Date", h.Date.UTC().Format(time.RFC1123Z)},
		{"MIME-Version", "1.0"},
		{"Message-ID", "<" + h.MessageID + ">"},
		{"Subject", encodedWord(headerText(m.subject))},
		{"From", sender.String()},
		{"To", to.String()},
		{"Reply-To", answer.String()},
	}, ours...) {
		b = appendField(b, f.name, f.value)
	}
	boundary := m.boundary()
	b = append(b, "Content-Type: multipart/alternative;\r\n boundary="+boundary+"\r\n\r\n"...)
	b = appendPart(b, "--"+boundary, "text/plain", m.text)
	b = appendPart(b, "\r\n--"+boundary, "text/html", m.html)
	return append(b, "\r\n--"+boundary+"--\r\n"...), nil
}

func size(body []run) int {
	n := 0
	for _, r := range body {
		n += len(r.encoded)
	}
	return n
}

func encodedWord(s string) string { return mime.QEncoding.Encode("UTF-8", s) }

// fieldWidth is the longest line of a header field where its words allow it (RFC 5322 section 2.1.1 wants 78).
const fieldWidth = 76

// appendField appends a header field, folded between its words.
func appendField(b []byte, name, value string) []byte {
	b = append(b, name...)
	b = append(b, ':')
	column := len(name) + 2
	for word := range strings.SplitSeq(value, " ") {
		if column+len(word) >= fieldWidth-3 {
			b = append(b, "\r\n"...)
			column = 1
		}
		b = append(b, ' ')
		b = append(b, word...)
		column += len(word) + 1
	}
	return append(b, "\r\n"...)
}

// appendPart appends one body in its part.
func appendPart(b []byte, delimiter, mediaType string, body []run) []byte {
	b = append(b, delimiter...)
	b = append(b, "\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: "...)
	b = append(b, mediaType...)
	b = append(b, "; charset=UTF-8\r\n\r\n"...)
	for _, r := range body {
		b = append(b, r.encoded...)
	}
	return b
}

// boundary parts the two bodies. It comes from the text, so that the bytes are the same each time; no text can hold its
// own digest, and the HTML says the same.
func (m content) boundary() string {
	if m.proof.boundary != "" {
		return m.proof.boundary
	}
	sum := sha256.New()
	for _, r := range m.text {
		sum.Write(r.plain)
	}
	return hex.EncodeToString(sum.Sum(nil)[:24])
}

// headerText is clean, and keeps a text from being read as an encoded word (RFC 2047), which would smuggle in others.
func headerText(s string) string {
	return strings.ReplaceAll(capped(clean(s), maxSubject), "=?", "= ?")
}

// displayName is headerText without backslashes: beside other scripts net/mail leaves one as it is in an encoded word,
// where RFC 2047 section 5 (3) forbids it, and the field could not be read.
func displayName(s string) string { return headerText(strings.ReplaceAll(s, `\`, "/")) }

// validMessageID accepts the ids that need no quoting (dot-atom-text on both sides, RFC 5322 section 3.6.4).
func validMessageID(id string) bool {
	left, right, ok := strings.Cut(id, "@")
	if !ok || left == "" || right == "" || len(id) > 250 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.@", rune(c)) {
			return false
		}
	}
	return !strings.Contains(right, "@")
}

// Digest is the SHA-256, in hex, of a message that Compose or Preview wrote, without its To, Date and Message-ID
// fields: the same for the preview, the mail and a later proof of a version 1 letter. Later versions have FormDigest.
func Digest(raw []byte) string {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	sum := sha256.New()
	skip := false
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) == 0 || line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(string(line), ":")
			switch strings.ToLower(name) {
			case "to", "date", "message-id":
				skip = true
			default:
				skip = false
			}
		}
		if !skip {
			sum.Write(line)
			sum.Write([]byte("\r\n"))
		}
	}
	sum.Write([]byte("\r\n"))
	sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}
