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

// fileKeySize is the size of an AES-256 key in bytes.
const fileKeySize = 32

// FileKey wraps with an AES-256-GCM key from a file, for the local stack and tests. It is safe for concurrent use.
type FileKey struct {
	aead cipher.AEAD
}

// OpenFileKey reads the 32-byte key at path. If the file does not exist, OpenFileKey makes a random key there, readable
// by the owner only. Two processes that start at once end up with the same key. A crash leaves no key or a whole one.
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

// createKey puts a whole new key at path, unless another process was first. It links a finished file, because only that
// step is atomic and never overwrites.
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

// Wrap encrypts a keyset and authenticates the matter's id with it.
func (k *FileKey) Wrap(_ context.Context, matterID string, plain []byte) ([]byte, error) {
	return k.aead.Seal(nil, nil, plain, wrappingContext(matterID)), nil
}

// WrapSecret implements SecretWrapper.
func (k *FileKey) WrapSecret(_ context.Context, name string, plain []byte) ([]byte, error) {
	return k.aead.Seal(nil, nil, plain, secretContext(name)), nil
}

// Unwrap decrypts a keyset that Wrap encrypted for the same matter. Any other input is ErrUnreadable.
func (k *FileKey) Unwrap(_ context.Context, matterID string, wrapped []byte) ([]byte, error) {
	return k.open(wrapped, wrappingContext(matterID))
}

// UnwrapSecret implements SecretWrapper. Its error is that of Unwrap.
func (k *FileKey) UnwrapSecret(_ context.Context, name string, wrapped []byte) ([]byte, error) {
	return k.open(wrapped, secretContext(name))
}

func (k *FileKey) open(wrapped, associated []byte) ([]byte, error) {
	plain, err := k.aead.Open(nil, nil, wrapped, associated)
	if err != nil {
		return nil, ErrUnreadable
	}
	return plain, nil
}
