package keyring_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/keyring"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/worldtest"
)

const (
	day      = 24 * time.Hour
	noticeID = "mat-1.0123456789abcdef0123456789abcdef"
)

func start() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC) }

// counting counts the secrets that are opened, and can refuse.
type counting struct {
	worldtest.Key

	mu     sync.Mutex
	opened map[string]int
	refuse map[string]bool
}

func (c *counting) UnwrapSecret(ctx context.Context, name string, wrapped []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse[name] {
		return nil, errors.New("no right to " + name)
	}
	if c.opened == nil {
		c.opened = map[string]int{}
	}
	c.opened[name]++
	return c.Key.UnwrapSecret(ctx, name, wrapped)
}

func open(t *testing.T, r *keyring.Ring, now time.Time) letter.Secrets {
	t.Helper()
	s, err := r.Open(t.Context(), now)
	require.NoError(t, err)
	return s
}

func published(t *testing.T, s *memory.Store) map[string]letter.Key {
	t.Helper()
	raw, err := s.KeySet(t.Context())
	require.NoError(t, err)
	keys, err := letter.ReadKeySet(raw)
	require.NoError(t, err)
	return keys
}

func TestAProcessOpensEachSecretOnce(t *testing.T) {
	key, s := &counting{}, &memory.Store{}
	ring := &keyring.Ring{Key: key, Store: s}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { _, _ = ring.Open(t.Context(), start()) })
	}
	all.Wait()
	first := open(t, ring, start().Add(time.Minute))
	require.Same(t, first.Signer, open(t, ring, start().Add(3*time.Hour)).Signer)
	require.Equal(t, map[string]int{"reference": 1, "code": 1, "seed": 1}, key.opened)
}

func TestTwoProcessesHaveTheSameKeys(t *testing.T) {
	key, s := &counting{}, &memory.Store{}
	one, other := &keyring.Ring{Key: key, Store: s}, &keyring.Ring{Key: key, Store: s}
	var all sync.WaitGroup
	for _, r := range []*keyring.Ring{one, other} {
		all.Go(func() { _, _ = r.Open(t.Context(), start()) })
	}
	all.Wait()
	to, err := matter.ParseAddress("user@example.com")
	require.NoError(t, err)
	a, b := open(t, one, start()), open(t, other, start())
	require.Equal(t, a.Signer.Public(), b.Signer.Public())
	require.Equal(t, a.Proof.Reference(noticeID), b.Proof.Reference(noticeID))
	ref := a.Proof.Reference(noticeID)
	require.Equal(t, a.Proof.Code(ref, "t", to), b.Proof.Code(ref, "t", to))
	require.NotEqual(t, letter.ProofKey{}.Reference(noticeID), ref, "a secret is in it")
}

// TestWhoOnlyNamesNoticesOpensOneSecret: the answers' role may open no other.
func TestWhoOnlyNamesNoticesOpensOneSecret(t *testing.T) {
	key, s := &counting{}, &memory.Store{}
	_, err := (&keyring.Ring{Key: key, Store: s}).References(t.Context())
	require.ErrorIs(t, err, keyring.ErrNone)
	made := open(t, &keyring.Ring{Key: key, Store: s}, start())
	key.refuse = map[string]bool{"code": true, "seed": true}
	ring := &keyring.Ring{Key: key, Store: s}
	for range 2 {
		k, err := ring.References(t.Context())
		require.NoError(t, err)
		require.Equal(t, made.Proof.Reference(noticeID), k.Reference(noticeID))
	}
	require.Equal(t, 2, key.opened["reference"])
	_, err = ring.Open(t.Context(), start())
	require.ErrorContains(t, err, "no right to code", "a ring that named notices has not opened the codes")
}

// TestASuccessorIsPublishedADayBeforeItSigns, and the old key stays for ten years.
func TestASuccessorIsPublishedADayBeforeItSigns(t *testing.T) {
	for _, c := range []struct {
		point string
		steps time.Duration
		until time.Duration
	}{
		{"swept every six hours for three years", 6 * time.Hour, 3 * 365 * day},
		{"swept once in 100 days", 100 * day, 3 * 365 * day},
		{"swept once in 500 days", 500 * day, 2000 * day},
	} {
		s := &memory.Store{}
		ring := &keyring.Ring{Key: &counting{}, Store: s}
		seen := map[string]time.Time{}
		var last ed25519.PublicKey
		for now := start(); now.Before(start().Add(c.until)); now = now.Add(c.steps) {
			signer := open(t, ring, now).Signer
			keys := published(t, s)
			for id := range keys {
				if _, ok := seen[id]; !ok {
					seen[id] = now
				}
			}
			k := keys[letter.KeyID(signer.Public())]
			require.False(t, now.Before(k.NotBefore), c.point)
			require.True(t, now.Add(time.Hour).Before(k.Expires), "%s: a mail dated by SES is not too late", c.point)
			if last != nil && !last.Equal(signer.Public()) {
				since := k.NotBefore.Sub(seen[letter.KeyID(signer.Public())])
				require.GreaterOrEqual(t, since, day, c.point)
			}
			last = signer.Public()
			require.Len(t, keys, len(seen), "%s: none is taken back", c.point)
		}
		require.Greater(t, len(seen), 1, c.point)
	}
}

func TestAnOldKeyIsUnpublishedAfterTenYears(t *testing.T) {
	s := &memory.Store{}
	ring := &keyring.Ring{Key: &counting{}, Store: s}
	first := letter.KeyID(open(t, ring, start()).Signer.Public())
	end := published(t, s)[first].Expires
	for now := start(); now.Before(end.AddDate(10, 0, 0).Add(day)); now = now.Add(30 * day) {
		open(t, ring, now)
		require.Contains(t, published(t, s), first, now)
	}
	open(t, ring, end.AddDate(10, 0, 40))
	require.NotContains(t, published(t, s), first)
}

// TestAnExpiredSeedIsGone, so that nobody can sign with it later.
func TestAnExpiredSeedIsGone(t *testing.T) {
	s := &memory.Store{}
	ring := &keyring.Ring{Key: &counting{}, Store: s}
	for now := start(); now.Before(start().Add(400 * day)); now = now.Add(day) {
		open(t, ring, now)
	}
	k, err := s.LetterKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, k.Signing, 2)
	require.Empty(t, k.Signing[0].Wrapped)
	require.NotEmpty(t, k.Signing[1].Wrapped)
}

func TestAFailedStepIsTriedAgain(t *testing.T) {
	for _, op := range []string{"LetterKeys", "PutLetterKeys", "PutKeySet"} {
		for _, effect := range []memory.Effect{memory.FailBefore, memory.FailAfter} {
			name, failed := fmt.Sprint(op, effect), false
			s := &memory.Store{}
			s.Fault = func(o, _ string) memory.Effect {
				if o == op && !failed {
					failed = true
					return effect
				}
				return memory.None
			}
			ring := &keyring.Ring{Key: &counting{}, Store: s}
			_, err := ring.Open(t.Context(), start())
			require.ErrorIs(t, err, memory.ErrInjected, name)
			signer := open(t, ring, start()).Signer
			require.Contains(t, published(t, s), letter.KeyID(signer.Public()), name)
		}
	}
}
