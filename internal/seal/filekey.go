package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// fileKeySize is AES-256's.
const fileKeySize = 32

// FileKey wraps with an AES-256-GCM key that stands in a file, for the local stack and tests. It is safe for concurrent
// use.
type FileKey struct {
	aead cipher.AEAD
}

// OpenFileKey reads the key at path, 32 bytes, or makes a random one there, readable by the owner only, if the file
// does not exist. Two processes that start at once end up with the same key, and a crash leaves either no key or a
// whole one.
func OpenFileKey(path string) (*FileKey, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = createKey(path); err == nil {
			key, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the wrapping key file: %w", err)
	}
	if len(key) != fileKeySize {
		return nil, fmt.Errorf("open the wrapping key file %s: %d bytes instead of %d", path, len(key), fileKeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("use the wrapping key file: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("use the wrapping key file: %w", err)
	}
	return &FileKey{aead: aead}, nil
}

// createKey puts a whole new key at path unless somebody else was first. Linking a finished file is the one step that
// is atomic and never overwrites.
func createKey(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	key := make([]byte, fileKeySize)
	rand.Read(key)
	_, err = f.Write(key)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Wrap encrypts a keyset; the matter's id is authenticated with it.
func (k *FileKey) Wrap(_ context.Context, matterID string, plain []byte) ([]byte, error) {
	return k.aead.Seal(nil, nil, plain, wrappingContext(matterID)), nil
}

// Unwrap decrypts what Wrap made for the same matter; anything else is ErrUnreadable.
func (k *FileKey) Unwrap(_ context.Context, matterID string, wrapped []byte) ([]byte, error) {
	plain, err := k.aead.Open(nil, nil, wrapped, wrappingContext(matterID))
	if err != nil {
		return nil, ErrUnreadable
	}
	return plain, nil
}
