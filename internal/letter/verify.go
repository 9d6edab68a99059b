package letter

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// The reasons why a mail is not verified.
var (
	ErrNotSigned    = errors.New("the mail has no signature of a letter")
	ErrKeyUnknown   = errors.New("the key that the mail names is not in the key set")
	ErrKeyNotValid  = errors.New("the key that the mail names was not in use on the date of the mail")
	ErrSignature    = errors.New("the text of the mail and its signature do not belong together")
	ErrUnreadable   = errors.New("the mail has no plain text that can be read")
	errNotPlainText = errors.New("no plain text in this part")
)

// Verified is what VerifyMail found out about a genuine text.
type Verified struct {
	Reference, Code, KeyID string
	// Date is that of the mail's Date field. No signature covers it.
	Date time.Time
}

// maxParts bounds the parts of a message that are looked at, and how deep they may nest.
const maxParts, maxDepth = 50, 5

// codes finds what could be a code in a text. ReadCode decides.
var codes = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b`)

// VerifyMail reads a raw message (RFC 5322) and says whether its plain text was signed with a key of the JWK set, for
// that reference and one of the codes that stand in the text. It needs no network. It says nothing about the HTML part,
// the subject, the sender or the recipient: no signature covers them. Errors: ErrNotSigned, ErrKeyUnknown,
// ErrKeyNotValid, ErrSignature, ErrUnreadable, or that of ReadKeySet.
func VerifyMail(raw, keySet []byte) (Verified, error) {
	keys, err := ReadKeySet(keySet)
	if err != nil {
		return Verified{}, err
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Verified{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if len(m.Header[textproto.CanonicalMIMEHeaderKey(SignatureHeader)]) != 1 {
		return Verified{}, ErrNotSigned
	}
	kid, sig, err := readSignature(m.Header.Get(SignatureHeader))
	if err != nil {
		return Verified{}, fmt.Errorf("%w: %w", ErrNotSigned, err)
	}
	reference, err := ReadReference(m.Header.Get(ReferenceHeader))
	if err != nil {
		return Verified{}, fmt.Errorf("%w: %w", ErrNotSigned, err)
	}
	key, ok := keys[kid]
	if !ok {
		return Verified{}, ErrKeyUnknown
	}
	date, err := m.Header.Date()
	if err != nil || !key.valid(date) {
		return Verified{}, ErrKeyNotValid
	}
	parts := maxParts
	text, err := plainText(textproto.MIMEHeader(m.Header), m.Body, &parts, maxDepth)
	if err != nil {
		return Verified{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if !strings.Contains(text, reference) {
		return Verified{}, ErrSignature
	}
	for _, found := range codes.FindAllString(text, maxParts) {
		code, err := ReadCode(found)
		if err == nil && ed25519.Verify(key.Public, SignedText(reference, code, text), sig) {
			return Verified{reference, code, kid, date.UTC()}, nil
		}
	}
	return Verified{}, ErrSignature
}

// plainText finds the first text/plain of a part, depth first, and decodes it.
func plainText(header textproto.MIMEHeader, body io.Reader, parts *int, depth int) (string, error) {
	if *parts--; *parts < 0 || depth < 0 {
		return "", errNotPlainText
	}
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain" // RFC 2045 section 5.2
	}
	if kind == "text/plain" {
		b, err := io.ReadAll(decoded(header, body))
		if err != nil {
			return "", fmt.Errorf("decode the plain text: %w", err)
		}
		charset := strings.ToLower(params["charset"])
		if charset != "" && charset != "utf-8" && charset != "us-ascii" || !utf8.Valid(b) {
			return "", errors.New("the plain text is not in UTF-8")
		}
		return string(b), nil
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return "", errNotPlainText
	}
	reader := multipart.NewReader(body, params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return "", errNotPlainText
		}
		if err != nil {
			return "", fmt.Errorf("read the parts: %w", err)
		}
		if text, err := plainText(part.Header, part, parts, depth-1); !errors.Is(err, errNotPlainText) {
			return text, err
		}
	}
}

// decoded undoes the transfer encoding.
func decoded(header textproto.MIMEHeader, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(header.Get("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}
