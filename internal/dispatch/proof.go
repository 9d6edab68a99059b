package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// Keys opens the keys of letters.
type Keys interface {
	// Open returns the secrets that letters written at now are made with.
	Open(ctx context.Context, now time.Time) (letter.Secrets, error)
}

// writer is the letterhead with the keys in use at now, and what signs the letters.
func (s *sender) writer(ctx context.Context, now time.Time) (letter.Sender, *letter.Signer, error) {
	head := s.letterhead
	if s.keys == nil {
		return head, nil, nil
	}
	secrets, err := s.keys.Open(ctx, now)
	if err != nil {
		return head, nil, fmt.Errorf("open the keys of letters: %w", err)
	}
	head.Proof = secrets.Proof
	return head, secrets.Signer, nil
}

// issue returns the code of the attempt's letter, and keeps that the letter was issued, so that its reader can check it
// from the moment it arrives. A letter that is kept and never goes harms nobody: no one has its code.
func (s *sender) issue(ctx context.Context, key letter.ProofKey, reference, attempt string, to matter.Address,
	now time.Time) (code string, err error) {
	code = key.Code(reference, attempt, to)
	pair, ok := letter.VerifyDigest(reference, code)
	address, also := letter.VerifyAddressDigest(reference, code, to)
	if !ok || !also {
		return "", errors.New("make the code of a letter: its reference or its recipient is none")
	}
	issued := store.Issued{Pair: pair, Address: address, On: matter.DateOf(now.UTC()).String()}
	if err := s.store.PutIssued(ctx, issued); err != nil {
		return "", err
	}
	return code, nil
}
