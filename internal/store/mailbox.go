package store

import "context"

// Mailboxes keeps the secret that the mailboxes of contacts are named with.
type Mailboxes interface {
	// MailboxSecret returns the wrapped secret, or ErrNotFound while none is kept.
	MailboxSecret(ctx context.Context) ([]byte, error)
	// KeepMailboxSecret keeps the wrapped secret, if none is kept. A kept one is never replaced, because the names made
	// with it stand on record.
	KeepMailboxSecret(ctx context.Context, wrapped []byte) error
}
