package memory

import (
	"bytes"
	"context"

	"lapse/internal/store"
)

// PutLetter implements store.Letters.
func (s *Store) PutLetter(ctx context.Context, id, digest string, facts []byte) error {
	return s.do(ctx, "PutLetter", id+"."+digest, func() error {
		if err := store.TooLarge("the facts of a letter", len(facts)); err != nil {
			return err
		}
		r := s.of(id)
		if _, ok := r.letters[digest]; !ok {
			put(&r.letters, digest, bytes.Clone(facts))
		}
		return nil
	})
}

// Letter implements store.Letters.
func (s *Store) Letter(ctx context.Context, id, digest string) ([]byte, error) {
	return call(ctx, s, "Letter", id+"."+digest, func() ([]byte, error) {
		return found(s.look(id).letters, digest, bytes.Clone)
	})
}
