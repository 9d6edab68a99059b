package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/letter"
	"lapse/internal/matter"
)

// signedMail is a mail of a letter with reference and code, and the key set that verifies it.
func signedMail(t *testing.T, seed byte, date time.Time) (raw, keys []byte) {
	t.Helper()
	signer, err := letter.NewSigner(bytes.Repeat([]byte{seed}, 32))
	require.NoError(t, err)
	proof := letter.NewProofKey([]byte("references"), []byte("codes"))
	to, err := matter.ParseAddress("user@example.com")
	require.NoError(t, err)
	reference := proof.Reference("mat-1.aaaaaaaaaaaaaaaaaaaaaaaa")
	text := letter.Facts{
		Reference: reference, Account: "zebra7", Code: proof.Code(reference, "attempt", to), Recipient: matter.User,
		Disclosure: matter.DisclosureFacts{Basis: matter.BasisCompelled, At: date}, Now: date,
		PolicyURL: "https://example.com/policy", VerifyURL: "https://example.com/verify",
		ReplyTo: "legal@example.com", SenderName: "Example",
	}
	l, err := letter.Render(text)
	require.NoError(t, err)
	raw, err = l.Compose(letter.Headers{To: to, From: "notices@example.com", SenderName: "Example",
		ReplyTo: "legal@example.com", MessageID: "a@example.com", Date: date, Signer: signer})
	require.NoError(t, err)
	keys, err = letter.KeySet([]letter.Key{{Public: signer.Public(), NotBefore: date.Add(-time.Hour)}})
	require.NoError(t, err)
	return raw, keys
}

func TestASavedMailIsVerifiedOffline(t *testing.T) {
	date := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	raw, keys := signedMail(t, 1, date)
	_, others := signedMail(t, 2, date)
	_, later := signedMail(t, 1, date.Add(2*time.Hour))
	for _, c := range []struct {
		point     string
		raw, keys []byte
		refused   error
	}{
		{"as it was sent", raw, keys, nil},
		{"with another word in its text", bytes.Replace(raw, []byte("unsettling"), []byte("harmless--"), 1), keys,
			letter.ErrSignature},
		{"without its signature", bytes.Replace(raw, []byte(letter.SignatureHeader), []byte("X-Other"), 1), keys,
			letter.ErrNotSigned},
		{"against somebody else's keys", raw, others, letter.ErrKeyUnknown},
		{"dated before its key", raw, later, letter.ErrKeyNotValid},
	} {
		dir := t.TempDir()
		file, keyFile := filepath.Join(dir, "mail.eml"), filepath.Join(dir, "keys.json")
		require.NoError(t, os.WriteFile(file, c.raw, 0o600))
		require.NoError(t, os.WriteFile(keyFile, c.keys, 0o600))
		for _, mail := range []string{file, "-"} {
			var out strings.Builder
			err := (&verifyMailCommand{Mail: mail, Keys: keyFile, in: bytes.NewReader(c.raw), out: &out}).Run()
			if c.refused != nil {
				require.ErrorIs(t, err, c.refused, c.point)
				require.NotContains(t, out.String(), "genuine", c.point)
				continue
			}
			require.NoError(t, err, c.point)
			require.Contains(t, out.String(), "genuine", c.point)
			require.NotContains(t, out.String(), "@", "no address is printed")
		}
	}
}
