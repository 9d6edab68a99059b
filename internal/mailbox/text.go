package mailbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

var errNoPart = errors.New("the mail has no such part")

// Text returns the first plain text part of the n-th mail, decoded. It takes the text to be UTF-8. The error matches
// ErrNoMail if there is no such mail.
func (s *Server) Text(n int) (string, error) { return s.part(n, "text/plain") }

// HTML is Text for the first HTML part.
func (s *Server) HTML(n int) (string, error) { return s.part(n, "text/html") }

func (s *Server) part(n int, kind string) (string, error) {
	raw, err := s.Raw(n)
	if err != nil {
		return "", err
	}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", fmt.Errorf("read mail %d: %w", n, err)
	}
	text, err := firstPart(kind, textproto.MIMEHeader(message.Header), message.Body)
	if err != nil {
		return "", fmt.Errorf("read the %s of mail %d: %w", kind, n, err)
	}
	return text, nil
}

// firstPart finds the first part of a kind in a part, depth first.
func firstPart(wanted string, header textproto.MIMEHeader, body io.Reader) (string, error) {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain" // RFC 2045 section 5.2
	}
	if kind == wanted {
		b, err := io.ReadAll(transferDecoded(header, body))
		return string(b), err
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return "", errNoPart
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return "", errNoPart
		}
		if err != nil {
			return "", err
		}
		if text, err := firstPart(wanted, part.Header, part); !errors.Is(err, errNoPart) {
			return text, err
		}
	}
}

func transferDecoded(header textproto.MIMEHeader, body io.Reader) io.Reader {
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body) // which skips line ends
	}
	return body
}
