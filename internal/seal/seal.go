// Package seal keeps e-mail addresses readable by one function only. Every matter has its own HPKE key pair (RFC 9180:
// DHKEM X25519, HKDF-SHA256, AES-256-GCM). The public keyset seals; it stands in the matter's head in clear. The
// private keyset opens; it stands beside it, wrapped. The wrapping key never leaves KMS; on a laptop it is a file. The
// functions intake and api may only wrap, so they can seal and not open. Deleting the wrapped keyset erases the
// matter's addresses, because nothing else can open them.
package seal

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	tinkhpke "github.com/tink-crypto/tink-go/v2/hybrid/hpke"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"lapse/internal/matter"
	"lapse/internal/store"
)

// Overhead is the number of bytes that sealing adds to an address: 32 of the encapsulated key and 16 of the tag. The
// keys have tink's raw variant. The other variant adds 5 bytes, which help only keysets with several keys.
const Overhead = 48

// ErrErased: the matter's wrapped keyset is gone, so its addresses cannot be opened. The error also matches
// store.ErrNotFound, for callers that may not import this package.
var ErrErased = fmt.Errorf("the keys of the matter are erased: %w", store.ErrNotFound)

// ErrUnreadable: the bytes were not sealed under this matter's key for this place, or were changed since. A retry does
// not help.
var ErrUnreadable = errors.New("the bytes were not sealed for this place, or changed since")

// KeyWrapper wraps and unwraps private keysets. A keyset wrapped for one matter must not unwrap for another. Wrapping
// needs less permission than unwrapping, and intake has only that permission.
type KeyWrapper interface {
	Wrap(ctx context.Context, matterID string, plain []byte) ([]byte, error)
	Unwrap(ctx context.Context, matterID string, wrapped []byte) ([]byte, error)
}

// wrappingContext binds a wrapped keyset to its matter. Its parts are scheme, partition key, sort key and attribute, as
// in matter.AssociatedData. Tests fix it, because a change would make every stored keyset unreadable.
func wrappingContext(matterID string) []byte {
	return []byte("lapse/v1\x00M#" + matterID + "\x00M\x00keyset")
}

// Sealer is the public side: it makes key pairs and seals addresses. It is safe for concurrent use.
type Sealer struct {
	Key KeyWrapper
}

// NewKeys makes the key pair of a matter. public is in clear, and wrapped is the private keyset, wrapped.
func (s *Sealer) NewKeys(ctx context.Context, matterID string) (public, wrapped []byte, err error) {
	handle, err := keyset.NewHandle(hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Raw_Key_Template())
	if err != nil {
		return nil, nil, fmt.Errorf("make the keys of matter %s: %w", matterID, err)
	}
	publicHandle, err := handle.Public()
	if err != nil {
		return nil, nil, fmt.Errorf("make the keys of matter %s: %w", matterID, err)
	}
	// The buffer is large enough from the start. Growing would leave a copy of the private key behind.
	var open, private bytes.Buffer
	private.Grow(1024)
	if err := publicHandle.WriteWithNoSecrets(keyset.NewBinaryWriter(&open)); err != nil {
		return nil, nil, fmt.Errorf("write the public keyset of matter %s: %w", matterID, err)
	}
	// tink's own encrypted form would only add the key's metadata in clear.
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&private)); err != nil {
		return nil, nil, fmt.Errorf("write the private keyset of matter %s: %w", matterID, err)
	}
	defer clear(private.Bytes())
	wrapped, err = s.Key.Wrap(ctx, matterID, private.Bytes())
	if err != nil {
		return nil, nil, fmt.Errorf("wrap the private keyset of matter %s: %w", matterID, err)
	}
	return open.Bytes(), wrapped, nil
}

// Seal encrypts an address under a matter's public keyset. Only the same associated data (matter.AssociatedData) opens
// the address again. The result is Overhead bytes longer than the address.
func (s *Sealer) Seal(public []byte, a matter.Address, associated []byte) ([]byte, error) {
	if a.IsZero() {
		return nil, errors.New("seal an address: the address is empty")
	}
	handle, err := keyset.ReadWithNoSecrets(keyset.NewBinaryReader(bytes.NewReader(public)))
	if err != nil {
		return nil, fmt.Errorf("seal an address: read the public keyset: %w", err)
	}
	encrypter, err := hybrid.NewHybridEncrypt(handle)
	if err != nil {
		return nil, fmt.Errorf("seal an address: %w", err)
	}
	sealed, err := encrypter.Encrypt([]byte(a.Reveal()), associated)
	if err != nil {
		return nil, fmt.Errorf("seal an address: %w", err)
	}
	return sealed, nil
}

// maxOpened bounds the unwrapped keysets that one Opener keeps. A sweep meets the same matters again and again, and
// each unwrapping costs a call to KMS. 1,000 keysets take about 1 MB.
const maxOpened = 1000

// Opener is the private side. It keeps at most maxOpened unwrapped keysets in memory, one a matter. It forgets a
// matter's keyset when Open gets no wrapped keyset. It is safe for concurrent use.
type Opener struct {
	Key KeyWrapper

	mu     sync.Mutex
	opened map[string]*opened
}

// opened is the unwrapped keyset of one matter. The lock is held during the unwrapping, so that many notices of one
// matter cost one call.
type opened struct {
	mu     sync.Mutex
	digest [sha256.Size]byte
	key    hpke.PrivateKey
}

// Open decrypts an address that was sealed under the matter's key with the same associated data. The error matches
// ErrErased if wrapped is empty, and ErrUnreadable if sealed was made for another place. Other errors come from the key
// wrapper.
func (o *Opener) Open(ctx context.Context, matterID string, wrapped, sealed,
	associated []byte) (matter.Address, error) {
	if len(wrapped) == 0 {
		o.forget(matterID)
		return matter.Address{}, fmt.Errorf("open an address of matter %s: %w", matterID, ErrErased)
	}
	key, err := o.key(ctx, matterID, wrapped)
	if err != nil {
		return matter.Address{}, fmt.Errorf("open an address of matter %s: %w", matterID, err)
	}
	plain, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), associated, sealed)
	if err != nil {
		return matter.Address{}, fmt.Errorf("open an address of matter %s: %w", matterID, ErrUnreadable)
	}
	a, err := matter.ParseAddress(string(plain))
	if err != nil {
		return matter.Address{}, fmt.Errorf("open an address of matter %s: %w", matterID, err)
	}
	return a, nil
}

// key returns the matter's private key. It unwraps the keyset if none is kept, or if wrapped differs from the one kept.
func (o *Opener) key(ctx context.Context, matterID string, wrapped []byte) (hpke.PrivateKey, error) {
	slot := o.slot(matterID)
	slot.mu.Lock()
	defer slot.mu.Unlock()
	digest := sha256.Sum256(wrapped)
	if slot.key != nil && slot.digest == digest {
		return slot.key, nil
	}
	private, err := o.Key.Unwrap(ctx, matterID, wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrap the private keyset: %w", err)
	}
	defer clear(private)
	key, err := readKey(private)
	if err != nil {
		return nil, fmt.Errorf("read the private keyset: %w", err)
	}
	slot.digest, slot.key = digest, key
	return key, nil
}

// readKey takes the private key out of a keyset that NewKeys made. The standard library opens with this key, because
// tink is slower: it derives the public key anew for every address, which takes three times as long as the opening.
func readKey(private []byte) (hpke.PrivateKey, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(private)))
	if err != nil {
		return nil, err
	}
	entry, err := handle.Primary()
	if err != nil {
		return nil, err
	}
	ours, err := tinkhpke.NewParameters(tinkhpke.ParametersOpts{
		KEMID: tinkhpke.DHKEM_X25519_HKDF_SHA256, KDFID: tinkhpke.HKDFSHA256, AEADID: tinkhpke.AES256GCM,
		Variant: tinkhpke.VariantNoPrefix,
	})
	if err != nil {
		return nil, err
	}
	key, ok := entry.Key().(*tinkhpke.PrivateKey)
	if !ok || !key.Parameters().Equal(ours) {
		return nil, errors.New("the key is of a kind that Lapse does not make")
	}
	return hpke.DHKEM(ecdh.X25519()).NewPrivateKey(key.PrivateKeyBytes().Data(insecuresecretdataaccess.Token{}))
}

// slot returns the matter's place. If the Opener is full, slot drops any other matter's place, which costs that matter
// one unwrapping.
func (o *Opener) slot(matterID string) *opened {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s, ok := o.opened[matterID]; ok {
		return s
	}
	if o.opened == nil {
		o.opened = make(map[string]*opened)
	}
	for id := range o.opened {
		if len(o.opened) < maxOpened {
			break
		}
		delete(o.opened, id)
	}
	s := &opened{}
	o.opened[matterID] = s
	return s
}

func (o *Opener) forget(matterID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.opened, matterID)
}
