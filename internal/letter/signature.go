package letter

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// The header fields of a letter's proof.
const (
	ReferenceHeader = "Lapse-Reference"
	SignatureHeader = "Lapse-Signature"
)

// Secrets are what letters are proved with.
type Secrets struct {
	Proof  ProofKey
	Signer *Signer
}

// Signer signs letters with an Ed25519 key (RFC 8032). It is safe for concurrent use.
type Signer struct {
	key ed25519.PrivateKey
	id  string
}

// NewSigner returns the signer with a seed of 32 bytes.
func NewSigner(seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("make a signer: the seed has %d bytes and not %d", len(seed), ed25519.SeedSize)
	}
	key := ed25519.NewKeyFromSeed(seed)
	return &Signer{key, KeyID(public(key))}, nil
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// Public is the key that verifies what the signer signs.
func (s *Signer) Public() ed25519.PublicKey { return public(s.key) }

// String hides the key.
func (s *Signer) String() string { return "letter.Signer" }

// GoString hides the key.
func (s *Signer) GoString() string { return "letter.Signer" }

// Sign is the value of the Lapse-Signature field for a text with its reference and code.
func (s *Signer) Sign(reference, code, text string) string {
	sig := ed25519.Sign(s.key, SignedText(reference, code, text))
	return "v=1; kid=" + s.id + "; sig=" + base64.RawURLEncoding.EncodeToString(sig)
}

// KeyID is the key's JWK thumbprint (RFC 7638, with the members that RFC 8037 section 2 gives an OKP key).
func KeyID(key ed25519.PublicKey) string {
	x := base64.RawURLEncoding.EncodeToString(key)
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// SignedText is what a signature is over. Reference and code stand as in the letter, text is the plain text as a mail
// program decodes it.
func SignedText(reference, code, text string) []byte {
	sum := sha256.Sum256([]byte(CanonicalText(text)))
	return []byte("lapse-letter-v1\n" + reference + "\n" + code + "\n" + hex.EncodeToString(sum[:]) + "\n")
}

// CanonicalText is the text without what mail programs change on the way: CRLF is LF, blanks at line ends are gone,
// and exactly one LF ends it.
func CanonicalText(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 1)
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		b.WriteString(strings.TrimRight(line, " \t"))
		b.WriteByte('\n')
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// errNoSignature means that a Lapse-Signature field is missing or malformed.
var errNoSignature = errors.New("no readable signature in the " + SignatureHeader + " field")

// readSignature reads the value of a Lapse-Signature field.
func readSignature(value string) (kid string, sig []byte, err error) {
	seen := map[string]string{}
	for part := range strings.SplitSeq(value, ";") {
		name, v, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, again := seen[name]; !ok || again {
			return "", nil, errNoSignature
		}
		seen[name] = strings.Join(strings.Fields(v), "")
	}
	sig, err = base64.RawURLEncoding.Strict().DecodeString(seen["sig"])
	if err != nil || len(seen) != 3 || seen["v"] != "1" || seen["kid"] == "" || len(sig) != ed25519.SignatureSize {
		return "", nil, errNoSignature
	}
	return seen["kid"], sig, nil
}
