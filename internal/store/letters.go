package store

import "context"

// Letters keeps the facts that letters were written from, so that a letter can be shown later as it was sent, whatever
// has changed since. Many letters of a matter share one set of facts. A set holds no recipient's address.
type Letters interface {
	// PutLetter keeps a set of facts under its digest, if nothing stands there in the matter. Again: no change.
	// ErrTooLarge: the set would be larger than a store keeps.
	PutLetter(ctx context.Context, id, digest string, facts []byte) error
	// Letter returns the set of facts of the matter with the digest, or ErrNotFound.
	Letter(ctx context.Context, id, digest string) ([]byte, error)
}
