package letter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

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
}

// These stand for the recipient in a preview; .invalid belongs to nobody (RFC 2606).
const hiddenName, hiddenAddress = "recipient hidden", "hidden@recipient.invalid"

// Compose writes the whole MIME message: multipart/alternative, the plain text first, both parts quoted-printable, so
// that every byte is 7-bit. The same letter and headers give the same bytes. No error holds an address.
func (l Letter) Compose(h Headers) ([]byte, error) {
	if h.To.IsZero() {
		return nil, errors.New("compose notice: no recipient")
	}
	return l.compose(h, &netmail.Address{Address: h.To.Reveal()})
}

// Preview is Compose with the recipient hidden: it differs from the mail in To, Date and Message-ID alone, and h.To is
// not looked at, so it needs no key.
func (l Letter) Preview(h Headers) ([]byte, error) {
	return l.compose(h, &netmail.Address{Name: hiddenName, Address: hiddenAddress})
}

func (l Letter) compose(h Headers, to *netmail.Address) ([]byte, error) {
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
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary(l.boundary()))
	m.FromMailAddress(&netmail.Address{Name: headerText(h.SenderName), Address: from.Reveal()})
	m.ReplyToMailAddress(&netmail.Address{Address: reply.Reveal()})
	m.ToMailAddress(to)
	m.Subject(headerText(l.Subject))
	m.SetDateWithValue(h.Date.UTC())
	m.SetMessageIDWithValue(h.MessageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader(mail.HeaderContentLang, l.Language)
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	var b bytes.Buffer
	b.Grow((len(l.Text)+len(l.HTML))*5/4 + 1<<10)
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("compose notice: %w", err)
	}
	return b.Bytes(), nil
}

// boundary parts the two bodies. It comes from the text, so that the bytes are the same each time; no text can hold its
// own digest, and the HTML says the same.
func (l Letter) boundary() string {
	sum := sha256.Sum256([]byte(l.Text))
	return hex.EncodeToString(sum[:24])
}

// headerText is clean, and keeps a text from being read as an encoded word (RFC 2047), which would smuggle in others.
func headerText(s string) string {
	return strings.ReplaceAll(capped(clean(s), maxSubject), "=?", "= ?")
}

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
// fields: the same for the preview, the mail and a later proof of it.
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
