// Package keyring keeps the keys of letters: the secrets of references and codes, and the seeds that sign. The first
// sweep of an installation makes them, and every process opens them once. A signing key is renewed every year. Its
// successor is published before it signs, and a key that signs no more stays published for ten years, so that a mail
// kept for so long can still be checked. Beside them it keeps the secret that mailboxes are named with.
package keyring

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// ErrNone means that no sweep has made the keys yet.
var ErrNone = errors.New("the keys of letters are not made yet; the first sweep makes them")

// The names that the secrets are wrapped under. A role may be granted a single one.
const (
	referenceSecret = "reference"
	codeSecret      = "code"
	seedSecret      = "seed"
)

const (
	// recheck is how long an opened ring trusts what it read. Half of beforeUse would do.
	recheck = time.Hour
	// secretSize is the size of a secret in bytes.
	secretSize = 32
	// raceTries is how often the keys are made or renewed where another process did it first.
	raceTries = 3
)

// Wrapper wraps secrets by name, as package seal does.
type Wrapper interface {
	WrapSecret(ctx context.Context, name string, plain []byte) ([]byte, error)
	UnwrapSecret(ctx context.Context, name string, wrapped []byte) ([]byte, error)
}

// Ring opens the keys of letters and keeps them open. It is safe for concurrent use.
type Ring struct {
	Key   Wrapper
	Store store.Proofs

	mu     sync.Mutex
	stored store.LetterKeys
	readAt time.Time
	// proof makes references and codes, named references only.
	proof, named *letter.ProofKey
	signers      map[string]*letter.Signer
}

// Open returns the secrets that letters written at now are made with. It makes and renews the keys, and publishes the
// public ones.
func (r *Ring) Open(ctx context.Context, now time.Time) (letter.Secrets, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stored.Revision == 0 || now.Sub(r.readAt).Abs() >= recheck {
		if err := r.refresh(ctx, now); err != nil {
			return letter.Secrets{}, err
		}
	}
	if r.proof == nil {
		references, err := r.unwrap(ctx, referenceSecret, r.stored.Reference)
		if err != nil {
			return letter.Secrets{}, err
		}
		codes, err := r.unwrap(ctx, codeSecret, r.stored.Code)
		if err != nil {
			return letter.Secrets{}, err
		}
		k := letter.NewProofKey(references, codes)
		r.proof = &k
	}
	signer, err := r.signer(ctx, now)
	return letter.Secrets{Proof: *r.proof, Signer: signer}, err
}

// References returns the key that names notices and makes no codes. Error: ErrNone.
func (r *Ring) References(ctx context.Context) (letter.ProofKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.named != nil {
		return *r.named, nil
	}
	stored, err := r.Store.LetterKeys(ctx)
	if err != nil {
		return letter.ProofKey{}, err
	}
	if stored.Revision == 0 {
		return letter.ProofKey{}, ErrNone
	}
	references, err := r.unwrap(ctx, referenceSecret, stored.Reference)
	if err != nil {
		return letter.ProofKey{}, err
	}
	k := letter.NewProofKey(references, nil)
	r.named = &k
	return k, nil
}

func (r *Ring) unwrap(ctx context.Context, name string, wrapped []byte) ([]byte, error) {
	plain, err := r.Key.UnwrapSecret(ctx, name, wrapped)
	if err != nil {
		return nil, fmt.Errorf("open the %s secret of letters: %w", name, err)
	}
	return plain, nil
}

// refresh reads the keys, makes or renews them where it is time, and publishes what stands.
func (r *Ring) refresh(ctx context.Context, now time.Time) error {
	for range raceTries {
		stored, err := r.Store.LetterKeys(ctx)
		if err != nil {
			return err
		}
		next, changed, err := r.renewed(ctx, stored, matter.Floor(now))
		if err != nil {
			return err
		}
		if changed {
			err := r.Store.PutLetterKeys(ctx, next)
			if errors.Is(err, store.ErrRace) {
				continue
			}
			if err != nil {
				return err
			}
		}
		if err := r.publish(ctx, next); err != nil {
			return err
		}
		r.stored, r.readAt = next, now
		return nil
	}
	return fmt.Errorf("renew the keys of letters: other processes came first %d times: %w", raceTries, store.ErrBusy)
}

func (r *Ring) publish(ctx context.Context, k store.LetterKeys) error {
	public := make([]letter.Key, 0, len(k.Signing))
	for _, x := range k.Signing {
		public = append(public, letter.Key{Public: x.Public, NotBefore: x.NotBefore, Expires: x.Expires})
	}
	set, err := letter.KeySet(public)
	if err != nil {
		return err
	}
	return r.Store.PutKeySet(ctx, k.Revision, set)
}

// signer is that of the newest key in use at now.
func (r *Ring) signer(ctx context.Context, now time.Time) (*letter.Signer, error) {
	for i := len(r.stored.Signing) - 1; i >= 0; i-- {
		k := r.stored.Signing[i]
		if now.Before(k.NotBefore) || len(k.Wrapped) == 0 {
			continue
		}
		if s := r.signers[string(k.Public)]; s != nil {
			return s, nil
		}
		seed, err := r.unwrap(ctx, seedSecret, k.Wrapped)
		if err != nil {
			return nil, err
		}
		defer clear(seed)
		s, err := letter.NewSigner(seed)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(s.Public(), k.Public) {
			return nil, errors.New("open the seed of letters: it is not that of the published key")
		}
		if r.signers == nil {
			r.signers = map[string]*letter.Signer{}
		}
		r.signers[string(k.Public)] = s
		return s, nil
	}
	return nil, errors.New("sign letters: no key is in use yet")
}

// newSecret makes a random secret and wraps it.
func (r *Ring) newSecret(ctx context.Context, name string) (plain, wrapped []byte, err error) {
	plain = make([]byte, secretSize)
	rand.Read(plain)
	wrapped, err = r.Key.WrapSecret(ctx, name, plain)
	if err != nil {
		return nil, nil, fmt.Errorf("wrap the %s secret of letters: %w", name, err)
	}
	return plain, wrapped, nil
}

// newSigning makes a signing key.
func (r *Ring) newSigning(ctx context.Context, notBefore time.Time) (store.SigningKey, error) {
	seed, wrapped, err := r.newSecret(ctx, seedSecret)
	if err != nil {
		return store.SigningKey{}, err
	}
	defer clear(seed)
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	return store.SigningKey{Public: public, Wrapped: wrapped, NotBefore: notBefore, Expires: notBefore.Add(life)}, nil
}
