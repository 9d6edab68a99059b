package matter

import (
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Address is an e-mail address that cannot leak by accident: every way of printing it redacts, and only Reveal returns
// it. The zero Address is none.
type Address struct{ email string }

const redacted = "[address]"

// ErrAddress is matched by every error of ParseAddress. Its texts never repeat the address.
var ErrAddress = errors.New("not an address Lapse can write to")

// ParseAddress reads one bare address, local@domain. The local part has to be 7-bit (SES refuses others); an
// internationalised domain is turned into its ASCII form (RFC 5891). Lists, display names, comments, quoted local
// parts with spaces, CR, LF and other controls are refused.
func ParseAddress(s string) (Address, error) {
	refuse := func(why string) (Address, error) { return Address{}, fmt.Errorf("%w: %s", ErrAddress, why) }
	if len(s) > 320 {
		return refuse("longer than 320 bytes")
	}
	for _, r := range s {
		if r < 0x20 || r == 0x7f {
			return refuse("it holds a control character")
		}
	}
	if strings.ContainsAny(s, ",;<>\"()[] \\:") {
		return refuse("one bare address is wanted, without name, list, comment or quotes")
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || strings.Count(s, "@") != 1 {
		return refuse("it is not of the form local@domain")
	}
	local, domain := s[:at], s[at+1:]
	for i := range len(local) {
		if local[i] >= 0x80 {
			return refuse("the part before @ has to be 7-bit ASCII")
		}
	}
	if len(local) > 64 {
		return refuse("the part before @ is longer than 64 bytes")
	}
	if strings.Contains(local, "=?") {
		return refuse("the part before @ looks like an encoded word (RFC 2047)")
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	ascii = strings.ToLower(ascii)
	if err != nil || !strings.Contains(ascii, ".") || strings.HasSuffix(ascii, ".") {
		return refuse("the part after @ is not a domain name")
	}
	if len(ascii) > 253 || slices.ContainsFunc(strings.Split(ascii, "."),
		func(label string) bool { return len(label) > 63 }) {
		return refuse("the part after @ is longer than a domain name may be (RFC 1035: 63 bytes a label, 253 in all)")
	}
	// The form made of what is no UTF-8 is itself refused: an address that is sealed has to be read when it is opened.
	if again, err := idna.Lookup.ToASCII(ascii); err != nil || again != ascii {
		return refuse("the part after @ is not a domain name")
	}
	whole := local + "@" + ascii
	if p, err := mail.ParseAddress(whole); err != nil || p.Address != whole {
		return refuse("it is not of the form local@domain")
	}
	return Address{whole}, nil
}

// Reveal returns the address itself, in ASCII, for sealing and for the To header; nothing else may call it.
func (a Address) Reveal() string { return a.email }

// Equal reports whether both are one mailbox for all we know: servers may tell upper from lower case before the @, and
// hardly any does.
func (a Address) Equal(b Address) bool { return strings.EqualFold(a.email, b.email) }

// IsZero reports whether there is no address.
func (a Address) IsZero() bool { return a.email == "" }

// String redacts.
func (a Address) String() string { return redacted }

// GoString redacts.
func (a Address) GoString() string { return redacted }

// LogValue redacts.
func (a Address) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText redacts, and with it JSON.
func (a Address) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText reads the form of ParseAddress.
func (a *Address) UnmarshalText(b []byte) error {
	p, err := ParseAddress(string(b))
	if err != nil {
		return err
	}
	*a = p
	return nil
}
