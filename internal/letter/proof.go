package letter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

// ProofKey makes the references and codes of letters: both are HMACs under it (RFC 2104, SHA-256). The key makes codes.
// To check one, VerifyDigest is enough. The zero key still makes references that tell notices apart, but anybody can
// compute those.
type ProofKey struct{ forReferences, forCodes []byte }

// NewProofKey returns the key with its two secrets, which should be 32 random bytes each. Who only has to name notices
// needs no secret for codes, and then cannot make them.
func NewProofKey(references, codes []byte) ProofKey {
	return ProofKey{append([]byte(nil), references...), append([]byte(nil), codes...)}
}

// String hides the secret.
func (ProofKey) String() string { return "letter.ProofKey" }

// GoString hides the secret.
func (ProofKey) GoString() string { return "letter.ProofKey" }

// Reference is how a notice is called in its letter and by whoever asks about it: 16 characters in groups of four. It
// shows neither the matter nor the subject. An invalid notice id has an empty reference.
func (k ProofKey) Reference(noticeID string) string {
	return k.reference("lapse/reference/v1", noticeID)
}

// MovedReference is the reference of the security message to a former address. It differs from the notice's, so that
// nobody can link the two mails.
func (k ProofKey) MovedReference(noticeID string) string {
	return k.reference("lapse/moved/v1", noticeID)
}

// ReferenceOf is how a notice or a security message is called in its letter.
func (k ProofKey) ReferenceOf(n *notice.Notice) string {
	if n.Kind == notice.Moved {
		return k.MovedReference(n.ID)
	}
	return k.Reference(n.ID)
}

func (k ProofKey) reference(purpose, noticeID string) string {
	if _, _, ok := notice.SplitID(noticeID); !ok {
		return ""
	}
	return grouped(encode(sum(k.forReferences, purpose, noticeID), referenceLength), 4)
}

// Code is the code of one attempt to mail a letter to an address, in two groups of five. The reference is read as
// ReadReference reads it; the code of what is no reference is "".
func (k ProofKey) Code(reference, attempt string, to matter.Address) string {
	ref, err := ReadReference(reference)
	if err != nil || attempt == "" || to.IsZero() {
		return ""
	}
	c := encode(sum(k.forCodes, "lapse/code/v1", ref, attempt, to.Reveal()), codeLength-1)
	return grouped(c+string(checkCharacter(c)), 5)
}

func sum(secret []byte, parts ...string) []byte {
	mac := hmac.New(sha256.New, secret)
	for _, p := range parts {
		mac.Write([]byte(p))
		mac.Write([]byte{0})
	}
	return mac.Sum(nil)
}

// VerifyDigest is the SHA-256, in hex, under which the verify page finds that a pair was issued. It takes the pair as
// people type it; ok is false where it is none, and the digest is then that of no pair ever issued, so that the caller
// does the same work for it.
func VerifyDigest(reference, code string) (digest string, ok bool) {
	return verifyDigest("lapse/verify/v1", reference, code, "")
}

// VerifyAddressDigest is VerifyDigest for a pair and the address its mail went to.
func VerifyAddressDigest(reference, code string, to matter.Address) (digest string, ok bool) {
	digest, ok = verifyDigest("lapse/verify-address/v1", reference, code, to.Reveal())
	return digest, ok && !to.IsZero()
}

func verifyDigest(purpose, reference, code, address string) (string, bool) {
	ref, refErr := ReadReference(reference)
	c, codeErr := ReadCode(code)
	sum := sha256.Sum256([]byte(purpose + "\x00" + ref + "\x00" + c + "\x00" + address))
	return hex.EncodeToString(sum[:]), refErr == nil && codeErr == nil
}
