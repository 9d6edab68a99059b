package memory

import (
	"bytes"
	"context"
	"reflect"
	"slices"

	"lapse/internal/store"
)

// proofs are the items of store.Proofs.
type proofs struct {
	issued map[string]store.Issued
	keys   store.LetterKeys
	// published is the revision of set.
	published int
	set       []byte
	// mailbox is the wrapped secret of mailboxes.
	mailbox []byte
}

// MailboxSecret implements store.Mailboxes.
func (s *Store) MailboxSecret(ctx context.Context) ([]byte, error) {
	return call(ctx, s, "MailboxSecret", "", func() ([]byte, error) {
		if s.proofs.mailbox == nil {
			return nil, store.ErrNotFound
		}
		return bytes.Clone(s.proofs.mailbox), nil
	})
}

// KeepMailboxSecret implements store.Mailboxes.
func (s *Store) KeepMailboxSecret(ctx context.Context, wrapped []byte) error {
	return s.do(ctx, "KeepMailboxSecret", "", func() error {
		if s.proofs.mailbox == nil {
			s.proofs.mailbox = bytes.Clone(wrapped)
		}
		return nil
	})
}

// PutIssued implements store.Proofs.
func (s *Store) PutIssued(ctx context.Context, i store.Issued) error {
	return s.do(ctx, "PutIssued", i.Pair, func() error {
		if _, ok := s.proofs.issued[i.Pair]; !ok {
			put(&s.proofs.issued, i.Pair, i)
		}
		return nil
	})
}

// Issued implements store.Proofs.
func (s *Store) Issued(ctx context.Context, pair string) (store.Issued, error) {
	return call(ctx, s, "Issued", pair, func() (store.Issued, error) {
		i, ok := s.proofs.issued[pair]
		if !ok {
			return store.Issued{}, store.ErrNotFound
		}
		return i, nil
	})
}

// LetterKeys implements store.Proofs.
func (s *Store) LetterKeys(ctx context.Context) (store.LetterKeys, error) {
	return call(ctx, s, "LetterKeys", "", func() (store.LetterKeys, error) { return copyKeys(s.proofs.keys), nil })
}

// PutLetterKeys implements store.Proofs.
func (s *Store) PutLetterKeys(ctx context.Context, k store.LetterKeys) error {
	return s.do(ctx, "PutLetterKeys", "", func() error {
		if reflect.DeepEqual(s.proofs.keys, k) {
			return nil
		}
		if s.proofs.keys.Revision != k.Revision-1 {
			return store.ErrRace
		}
		s.proofs.keys = copyKeys(k)
		return nil
	})
}

// KeySet implements store.Proofs.
func (s *Store) KeySet(ctx context.Context) ([]byte, error) {
	return call(ctx, s, "KeySet", "", func() ([]byte, error) {
		if s.proofs.published == 0 {
			return nil, store.ErrNotFound
		}
		return bytes.Clone(s.proofs.set), nil
	})
}

// PutKeySet implements store.Proofs.
func (s *Store) PutKeySet(ctx context.Context, revision int, set []byte) error {
	return s.do(ctx, "PutKeySet", "", func() error {
		if revision > s.proofs.published {
			s.proofs.published, s.proofs.set = revision, bytes.Clone(set)
		}
		return nil
	})
}

func copyKeys(k store.LetterKeys) store.LetterKeys {
	k.Reference, k.Code, k.Signing = bytes.Clone(k.Reference), bytes.Clone(k.Code), slices.Clone(k.Signing)
	for i, x := range k.Signing {
		k.Signing[i].Public, k.Signing[i].Wrapped = bytes.Clone(x.Public), bytes.Clone(x.Wrapped)
	}
	return k
}
