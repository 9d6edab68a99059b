package keyring

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"lapse/internal/matter"
	"lapse/internal/store"
)

// mailboxSecret is the name that the secret of mailboxes is wrapped under. The roles in template.yaml name it too.
const mailboxSecret = "mailbox"

// mailboxSize is the size of a mailbox' name in bytes. Two addresses of a matter with a million subjects have the same
// name once in 30 million such matters. Then one of them is held too long, and nobody is told too early.
const mailboxSize = 8

// Mailboxes names mailboxes, so that two contacts with the same address can be seen to share one while both addresses
// are sealed. The secret is made once for an installation, by the process that needs it first, and kept open. Mailboxes
// is safe for concurrent use.
type Mailboxes struct {
	Key   Wrapper
	Store store.Mailboxes

	mu     sync.Mutex
	secret []byte
}

// Mailbox returns the name of the address in the matter: a keyed hash. Addresses that differ only in upper and lower
// case have the same name, because hardly any server tells their mail apart. The same address has another name in
// another matter.
func (m *Mailboxes) Mailbox(ctx context.Context, matterID string, a matter.Address) (string, error) {
	secret, err := m.open(ctx)
	if err != nil {
		return "", err
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("lapse/v1\x00mailbox\x00" + matterID + "\x00" + strings.ToLower(a.Reveal())))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:mailboxSize]), nil
}

func (m *Mailboxes) open(ctx context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.secret != nil {
		return m.secret, nil
	}
	wrapped, err := m.Store.MailboxSecret(ctx)
	if errors.Is(err, store.ErrNotFound) {
		if err := m.first(ctx); err != nil {
			return nil, err
		}
		wrapped, err = m.Store.MailboxSecret(ctx) // another process may have kept its own
	}
	if err != nil {
		return nil, err
	}
	secret, err := m.Key.UnwrapSecret(ctx, mailboxSecret, wrapped)
	if err != nil {
		return nil, fmt.Errorf("open the secret of mailboxes: %w", err)
	}
	m.secret = secret
	return secret, nil
}

// first makes a random secret and keeps it, if none is kept.
func (m *Mailboxes) first(ctx context.Context) error {
	plain := make([]byte, secretSize)
	rand.Read(plain)
	wrapped, err := m.Key.WrapSecret(ctx, mailboxSecret, plain)
	if err != nil {
		return fmt.Errorf("wrap the secret of mailboxes: %w", err)
	}
	return m.Store.KeepMailboxSecret(ctx, wrapped)
}
