package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"pgregory.net/rapid"

	"lapse/internal/matter"
	"lapse/internal/seal"
	"lapse/internal/store"
)

func address(t require.TestingT, s string) matter.Address {
	a, err := matter.ParseAddress(s)
	require.NoError(t, err)
	return a
}

func fileKey(t *testing.T) *seal.FileKey {
	t.Helper()
	key, err := seal.OpenFileKey(filepath.Join(t.TempDir(), "key"))
	require.NoError(t, err)
	return key
}

func TestSealedAddressOpensOnlyInItsPlace(t *testing.T) {
	ctx, key := t.Context(), fileKey(t)
	sealer, opener := seal.Sealer{Key: key}, seal.Opener{Key: key}
	public, wrapped, err := sealer.NewKeys(ctx, "mat-1")
	require.NoError(t, err)
	_, otherWrapped, err := sealer.NewKeys(ctx, "mat-2")
	require.NoError(t, err)
	sealed, err := sealer.Seal(public, address(t, "user@example.com"), matter.AssociatedData("mat-1", "u1", matter.User))
	require.NoError(t, err)

	got, err := opener.Open(ctx, "mat-1", wrapped, sealed, matter.AssociatedData("mat-1", "u1", matter.User))
	require.NoError(t, err)
	require.Equal(t, "user@example.com", got.Reveal())

	changed := append([]byte(nil), sealed...)
	changed[len(changed)-1] ^= 1
	for _, row := range []struct {
		name       string
		matter     string
		wrapped    []byte
		sealed     []byte
		associated []byte
	}{
		{"another subject", "mat-1", wrapped, sealed, matter.AssociatedData("mat-1", "u2", matter.User)},
		{"another role", "mat-1", wrapped, sealed, matter.AssociatedData("mat-1", "u1", matter.Admin)},
		{"another matter's place", "mat-1", wrapped, sealed, matter.AssociatedData("mat-2", "u1", matter.User)},
		{"another matter's keys", "mat-2", otherWrapped, sealed, matter.AssociatedData("mat-1", "u1", matter.User)},
		{"keys moved to another matter", "mat-3", wrapped, sealed, matter.AssociatedData("mat-1", "u1", matter.User)},
		{"a changed byte", "mat-1", wrapped, changed, matter.AssociatedData("mat-1", "u1", matter.User)},
		{"nothing sealed", "mat-1", wrapped, nil, matter.AssociatedData("mat-1", "u1", matter.User)},
		{"changed keys", "mat-1", append([]byte{1}, wrapped...), sealed, matter.AssociatedData("mat-1", "u1", matter.User)},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := opener.Open(ctx, row.matter, row.wrapped, row.sealed, row.associated)
			require.ErrorIs(t, err, seal.ErrUnreadable)
			require.NotContains(t, err.Error(), "example.com")
		})
	}
}

func TestErasedKeysOpenNothing(t *testing.T) {
	ctx, key := t.Context(), fileKey(t)
	sealer, opener := seal.Sealer{Key: key}, seal.Opener{Key: key}
	public, wrapped, err := sealer.NewKeys(ctx, "mat-1")
	require.NoError(t, err)
	place := matter.AssociatedData("mat-1", "u1", matter.User)
	sealed, err := sealer.Seal(public, address(t, "user@example.com"), place)
	require.NoError(t, err)
	_, err = opener.Open(ctx, "mat-1", wrapped, sealed, place)
	require.NoError(t, err)

	_, err = opener.Open(ctx, "mat-1", nil, sealed, place)
	require.ErrorIs(t, err, seal.ErrErased)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestSealRefusesNoAddressAndNoKeys(t *testing.T) {
	sealer := seal.Sealer{Key: fileKey(t)}
	public, _, err := sealer.NewKeys(t.Context(), "mat-1")
	require.NoError(t, err)
	_, err = sealer.Seal(public, matter.Address{}, nil)
	require.Error(t, err)
	_, err = sealer.Seal([]byte("no keyset"), address(t, "user@example.com"), nil)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "example.com")
}

func TestRoundTripAndSizeOfEveryAddress(t *testing.T) {
	key := fileKey(t)
	sealer, opener := seal.Sealer{Key: key}, seal.Opener{Key: key}
	rapid.Check(t, func(rt *rapid.T) {
		id := rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`).Draw(rt, "matter")
		a := address(rt, rapid.StringMatching(`[a-z0-9]{1,20}@[a-z]{1,20}\.example`).Draw(rt, "address"))
		place := matter.AssociatedData(id, "u1", matter.User)
		public, wrapped, err := sealer.NewKeys(context.Background(), id)
		require.NoError(rt, err)
		sealed, err := sealer.Seal(public, a, place)
		require.NoError(rt, err)
		require.Len(rt, sealed, len(a.Reveal())+seal.Overhead)
		got, err := opener.Open(context.Background(), id, wrapped, sealed, place)
		require.NoError(rt, err)
		require.Equal(rt, a, got)
	})
}

func TestOpenedAddressStaysRedacted(t *testing.T) {
	ctx, key := t.Context(), fileKey(t)
	sealer, opener := seal.Sealer{Key: key}, seal.Opener{Key: key}
	public, wrapped, err := sealer.NewKeys(ctx, "mat-1")
	require.NoError(t, err)
	sealed, err := sealer.Seal(public, address(t, "user@example.com"), nil)
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "user@example.com")
	a, err := opener.Open(ctx, "mat-1", wrapped, sealed, nil)
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("opened", "address", a)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s", a, a, a, log.String()), "example.com")
}

// counting counts the unwrappings, and fails the first few.
type counting struct {
	*seal.FileKey
	calls, fail atomic.Int64
}

var errAway = errors.New("KMS is away")

func (c *counting) Unwrap(ctx context.Context, matterID string, wrapped []byte) ([]byte, error) {
	c.calls.Add(1)
	if c.fail.Add(-1) >= 0 {
		return nil, errAway
	}
	return c.FileKey.Unwrap(ctx, matterID, wrapped)
}

func TestManyNoticesOfOneMatterCostOneUnwrapping(t *testing.T) {
	ctx := t.Context()
	key := &counting{FileKey: fileKey(t)}
	sealer, opener := seal.Sealer{Key: key}, seal.Opener{Key: key}
	public, wrapped, err := sealer.NewKeys(ctx, "mat-1")
	require.NoError(t, err)
	sealed, err := sealer.Seal(public, address(t, "user@example.com"), nil)
	require.NoError(t, err)

	key.fail.Store(1)
	_, err = opener.Open(ctx, "mat-1", wrapped, sealed, nil)
	require.ErrorIs(t, err, errAway)

	key.calls.Store(0)
	var wg sync.WaitGroup
	failed := make([]error, 50)
	for i := range failed {
		wg.Go(func() { _, failed[i] = opener.Open(ctx, "mat-1", wrapped, sealed, nil) })
	}
	wg.Wait()
	require.NoError(t, errors.Join(failed...))
	require.EqualValues(t, 1, key.calls.Load())
}

// bare wraps nothing, so that one keyset serves any number of matters.
type bare struct{}

func (bare) Wrap(_ context.Context, _ string, plain []byte) ([]byte, error) {
	return bytes.Clone(plain), nil
}

func (bare) Unwrap(_ context.Context, _ string, wrapped []byte) ([]byte, error) {
	return bytes.Clone(wrapped), nil
}

func TestOpenerKeepsABoundedNumberOfMatters(t *testing.T) {
	ctx := t.Context()
	sealer, opener := seal.Sealer{Key: bare{}}, seal.Opener{Key: bare{}}
	public, wrapped, err := sealer.NewKeys(ctx, "mat-1")
	require.NoError(t, err)
	sealed, err := sealer.Seal(public, address(t, "user@example.com"), nil)
	require.NoError(t, err)
	for i := range seal.MaxOpened + 5 {
		_, err = opener.Open(ctx, fmt.Sprintf("mat-%d", i), wrapped, sealed, nil)
		require.NoError(t, err)
		require.Equal(t, min(i+1, seal.MaxOpened), seal.Kept(&opener))
	}
}

// TestOnlyKeysOfOurKindOpen: another kind would have to be told apart by every address it sealed.
func TestOnlyKeysOfOurKindOpen(t *testing.T) {
	for _, template := range []*tinkpb.KeyTemplate{
		hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template(),
		hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_CHACHA20_POLY1305_Raw_Key_Template(),
		hybrid.ECIESHKDFAES128GCMKeyTemplate(),
	} {
		handle, err := keyset.NewHandle(template)
		require.NoError(t, err)
		var private bytes.Buffer
		require.NoError(t, insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&private)))
		opener := seal.Opener{Key: bare{}}
		_, err = opener.Open(t.Context(), "mat-1", private.Bytes(), make([]byte, 100), nil)
		require.ErrorContains(t, err, "a kind that Lapse does not make")
		require.NotErrorIs(t, err, seal.ErrUnreadable)
	}
}

func BenchmarkOpen(b *testing.B) {
	sealer, opener := seal.Sealer{Key: bare{}}, seal.Opener{Key: bare{}}
	public, wrapped, err := sealer.NewKeys(b.Context(), "mat-1")
	require.NoError(b, err)
	place := matter.AssociatedData("mat-1", "u1", matter.User)
	sealed, err := sealer.Seal(public, address(b, "user@example.com"), place)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = opener.Open(b.Context(), "mat-1", wrapped, sealed, place)
	}
}

func TestFileKeyIsMadeOnceForTheOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	keys := make([]*seal.FileKey, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() { keys[i], _ = seal.OpenFileKey(path) })
	}
	wg.Wait()
	wrapped, err := keys[0].Wrap(t.Context(), "mat-1", []byte("secret"))
	require.NoError(t, err)
	for _, k := range keys {
		plain, err := k.Unwrap(t.Context(), "mat-1", wrapped)
		require.NoError(t, err)
		require.Equal(t, "secret", string(plain))
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing temporary stays")

	require.NoError(t, os.WriteFile(path, []byte("short"), 0o600))
	_, err = seal.OpenFileKey(path)
	require.ErrorContains(t, err, "5 bytes instead of 32")
	_, err = seal.OpenFileKey(filepath.Join(path, "below-a-file"))
	require.Error(t, err)
}
