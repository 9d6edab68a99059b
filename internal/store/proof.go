package store

import (
	"context"
	"time"
)

// Proofs keeps which letters were issued, for the page that says so, and the keys of letters.
type Proofs interface {
	// PutIssued keeps that a letter was issued, if nothing stands under its pair. Again: no change.
	PutIssued(ctx context.Context, i Issued) error
	// Issued returns what stands under the digest of a pair, or ErrNotFound. Pair itself comes back as asked for.
	Issued(ctx context.Context, pair string) (Issued, error)
	// LetterKeys returns the keys of letters; none were put yet where Revision is 0.
	LetterKeys(ctx context.Context) (LetterKeys, error)
	// PutLetterKeys replaces the keys if the stored Revision is one below, or none are stored and it is 1. The same again:
	// no change. Else ErrRace.
	PutLetterKeys(ctx context.Context, k LetterKeys) error
	// KeySet returns the published keys of letters, a JWK set, or ErrNotFound.
	KeySet(ctx context.Context) ([]byte, error)
	// PutKeySet publishes the keys of a revision, unless those of that one or a later one are published already.
	PutKeySet(ctx context.Context, revision int, set []byte) error
}

// Issued is the trace of one letter. It holds neither an address nor the letter's code, and neither can be found from
// it: the digests are over more bits than anybody can try.
type Issued struct {
	// Pair is the digest of reference and code (letter.VerifyDigest), Address that of both with the address.
	Pair, Address string
	// On is the day of the attempt in UTC, as YYYY-MM-DD.
	On string
}

// LetterKeys are the secrets that letters are made with, wrapped, and the public keys that check them.
type LetterKeys struct {
	// Revision counts the changes, from 1.
	Revision int
	// Reference and Code are the wrapped secrets of letter.ProofKey.
	Reference, Code []byte
	// Signing holds the signing keys, oldest first.
	Signing []SigningKey
}

// SigningKey is one key that signs letters dated from NotBefore to before Expires, in UTC.
type SigningKey struct {
	Public []byte
	// Wrapped is the wrapped seed, empty once the key signs no more.
	Wrapped            []byte
	NotBefore, Expires time.Time
}
