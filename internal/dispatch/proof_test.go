package dispatch_test

import (
	"bytes"
	"context"
	"errors"
	"net/mail"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// keys opens the same secrets every time, unless told to fail.
type keys struct {
	secrets letter.Secrets
	fail    error
}

func (k *keys) Open(context.Context, time.Time) (letter.Secrets, error) { return k.secrets, k.fail }

// proved is a world whose letters have codes and signatures.
func proved(t *testing.T) (*world, *keys) {
	t.Helper()
	signer, err := letter.NewSigner(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	k := &keys{secrets: letter.Secrets{
		Proof: letter.NewProofKey([]byte("references"), []byte("codes")), Signer: signer,
	}}
	w := newWorld(t)
	w.Keys, w.Settings.Sender.VerifyURL = k, "https://example.com/verify"
	return w, k
}

// pair finds reference and code in a mail.
func pair(t *testing.T, raw []byte) (reference, code string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	require.NoError(t, err)
	code = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b`).FindString(string(raw))
	require.NotEmpty(t, code)
	return m.Header.Get(letter.ReferenceHeader), code
}

// TestALetterCanBeCheckedBeforeItGoes: whoever asks the moment it arrives is told that it is genuine.
func TestALetterCanBeCheckedBeforeItGoes(t *testing.T) {
	w, k := proved(t)
	w.open("u1", "u2")
	w.disclose("d1", "u1", "u2")
	var found []store.Issued
	w.mail.answer = func(m notice.Mail) (bool, error) {
		reference, code := pair(t, m.Raw)
		digest, ok := letter.VerifyDigest(reference, code)
		require.True(t, ok)
		issued, err := w.store.Issued(t.Context(), digest)
		require.NoError(t, err, "nothing stands there when the mail is handed over")
		address, ok := letter.VerifyAddressDigest(reference, code, m.To)
		require.True(t, ok)
		require.Equal(t, store.Issued{Pair: digest, Address: address, On: "2026-03-01"}, issued)
		found = append(found, issued)
		return true, nil
	}
	w.sweep()
	require.Len(t, found, 2)
	require.NotEqual(t, found[0].Pair, found[1].Pair)
	set, err := letter.KeySet([]letter.Key{{Public: k.secrets.Signer.Public()}})
	require.NoError(t, err)
	for _, m := range w.mail.mails {
		_, err := letter.VerifyMail(m.Raw, set)
		require.NoError(t, err)
	}
}

// TestEachAttemptHasACodeOfItsOwn: a repetition is another mail under the same reference, and both are genuine.
func TestEachAttemptHasACodeOfItsOwn(t *testing.T) {
	w, _ := proved(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.mail.answer = func(notice.Mail) (bool, error) { return true, errors.New("the answer was lost") }
	w.sweep()
	w.mail.answer = nil
	w.advance(16 * time.Minute)
	w.sweep()
	require.Len(t, w.mail.mails, 2)
	first, firstCode := pair(t, w.mail.mails[0].Raw)
	second, secondCode := pair(t, w.mail.mails[1].Raw)
	require.Equal(t, first, second)
	require.NotEqual(t, firstCode, secondCode)
	for _, code := range []string{firstCode, secondCode} {
		digest, _ := letter.VerifyDigest(first, code)
		_, err := w.store.Issued(t.Context(), digest)
		require.NoError(t, err)
	}
}

// TestNoLetterGoesThatCouldNotBeChecked: what fails before SES burns no attempt, and the letter goes later.
func TestNoLetterGoesThatCouldNotBeChecked(t *testing.T) {
	for point, fail := range map[string]func(w *world, k *keys){
		"the keys do not open": func(_ *world, k *keys) { k.fail = errors.New("KMS is away") },
		"it cannot be kept": func(w *world, _ *keys) {
			w.store.Fault = func(op, _ string) memory.Effect {
				if op == "PutIssued" {
					return memory.FailBefore
				}
				return memory.None
			}
		},
	} {
		w, k := proved(t)
		w.open("u1")
		w.disclose("d1", "u1")
		fail(w, k)
		require.NotZero(t, w.faultySweep().Errors, point)
		require.Zero(t, w.mail.count(), point)
		n := w.notice("d1", "u1")
		require.Empty(t, n.Attempts, point)
		require.NotEqual(t, notice.Sending, n.State, point)
		k.fail, w.store.Fault = nil, nil
		w.advance(time.Minute)
		w.sweep()
		require.Equal(t, 1, w.mail.count(), point)
	}
}

// TestACodeIsBoundToItsAddress.
func TestACodeIsBoundToItsAddress(t *testing.T) {
	w, _ := proved(t)
	w.open("u1")
	w.disclose("d1", "u1")
	w.sweep()
	reference, code := pair(t, w.mail.mails[0].Raw)
	digest, _ := letter.VerifyDigest(reference, code)
	issued, err := w.store.Issued(t.Context(), digest)
	require.NoError(t, err)
	other, err := matter.ParseAddress("somebody@example.org")
	require.NoError(t, err)
	address, _ := letter.VerifyAddressDigest(reference, code, other)
	require.NotEqual(t, address, issued.Address)
}
