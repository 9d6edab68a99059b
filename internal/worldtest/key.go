package worldtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
)

// Key stands for the KMS key: it keeps the keysets itself and hands out names for them. What was wrapped for one matter
// does not unwrap for another. It is safe for concurrent use.
type Key struct {
	mu      sync.Mutex
	wrapped map[string][]byte
}

// Wrap implements seal.KeyWrapper.
func (k *Key) Wrap(_ context.Context, matterID string, plain []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.wrapped == nil {
		k.wrapped = map[string][]byte{}
	}
	name := fmt.Sprintf("keyset %d of %s", len(k.wrapped), matterID)
	k.wrapped[name+matterID] = bytes.Clone(plain)
	return []byte(name), nil
}

// Unwrap implements seal.KeyWrapper.
func (k *Key) Unwrap(_ context.Context, matterID string, wrapped []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	plain, ok := k.wrapped[string(wrapped)+matterID]
	if !ok {
		return nil, errors.New("unwrap a keyset: the key wrapped no such keyset for this matter")
	}
	return bytes.Clone(plain), nil
}

// WrapSecret implements seal.SecretWrapper.
func (k *Key) WrapSecret(ctx context.Context, name string, plain []byte) ([]byte, error) {
	return k.Wrap(ctx, "secret "+name, plain)
}

// UnwrapSecret implements seal.SecretWrapper.
func (k *Key) UnwrapSecret(ctx context.Context, name string, wrapped []byte) ([]byte, error) {
	return k.Unwrap(ctx, "secret "+name, wrapped)
}
