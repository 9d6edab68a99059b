package letter

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func signer(t require.TestingT, seed byte) *Signer {
	s, err := NewSigner(bytes.Repeat([]byte{seed}, 32))
	require.NoError(t, err)
	return s
}

func keySet(t require.TestingT, keys ...Key) []byte {
	raw, err := KeySet(keys)
	require.NoError(t, err)
	return raw
}

// mailed is a signed mail with its key set.
func mailed(t require.TestingT, template string) (raw, keys []byte) {
	f, s := checkable(oneOrder()), signer(t, 7)
	f.Template = template
	d, err := Prepare(f)
	require.NoError(t, err)
	h := headers("person@example.org")
	h.Signer = s
	raw, err = d.Compose(f.Personal(), h)
	require.NoError(t, err)
	return raw, keySet(t, Key{Public: signer(t, 1).Public()},
		Key{Public: s.Public(), NotBefore: h.Date.AddDate(0, 0, -1), Expires: h.Date.AddDate(10, 0, 0)})
}

func TestAGenuineMailIsVerified(t *testing.T) {
	for _, template := range []string{"en-2", "fr-2", "ja-2", "de+en-2"} {
		raw, keys := mailed(t, template)
		got, err := VerifyMail(raw, keys)
		require.NoError(t, err)
		require.Equal(t, Verified{"K3V7-Q2M5-X4C6-B2N5", aCode, KeyID(signer(t, 7).Public()), headers("a@example.org").Date},
			got)
	}
}

// TestALetterAndItsDraftAreSignedAlike: the two ways to compose give the same bytes.
func TestALetterAndItsDraftAreSignedAlike(t *testing.T) {
	raw, _ := mailed(t, "ja+en-2")
	f, h := checkable(oneOrder()), headers("person@example.org")
	f.Template, h.Signer = "ja+en-2", signer(t, 7)
	l := render(t, f)
	again, err := l.Compose(h)
	require.NoError(t, err)
	require.Equal(t, string(raw), string(again))
	h.Signer = nil
	_, err = l.Compose(h)
	require.ErrorContains(t, err, "no signer")
}

// TestAMailThatTravelledIsVerified: what mail programs change on the way does not matter.
func TestAMailThatTravelledIsVerified(t *testing.T) {
	raw, keys := mailed(t, "de-2")
	for point, change := range map[string]func(string) string{
		"saved with bare LF": func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") },
		"more header fields": func(s string) string {
			return "Received: by mx.example\r\n\twith ESMTP\r\nX-Spam: no\r\n" +
				s
		},
		"a field folded anew": func(s string) string { return strings.Replace(s, "\r\n sig=", "\r\n\t sig=", 1) },
		"another subject": func(s string) string {
			return strings.Replace(s, "\r\nSubject: ", "\r\nSubject: [EXTERN] ",
				1)
		},
		"blanks at the end of lines": func(s string) string {
			return strings.Replace(s, "Was geschehen ist\r\n", "Was geschehen ist=20\r\n", 1)
		},
	} {
		t.Run(point, func(t *testing.T) {
			changed := change(string(raw))
			require.NotEqual(t, string(raw), changed)
			_, err := VerifyMail([]byte(changed), keys)
			require.NoError(t, err)
		})
	}
}

func TestAnImitationIsNotVerified(t *testing.T) {
	raw, keys := mailed(t, "en-2")
	other, _ := mailed(t, "de-2")
	field := func(s string) string {
		_, rest, _ := strings.Cut(s, SignatureHeader+":")
		value, _, _ := strings.Cut(rest, "\r\nContent-Type")
		return value
	}
	for point, row := range map[string]struct {
		change func(string) string
		want   error
	}{
		"a word of the text changed": {func(s string) string {
			return strings.Replace(s, "search warrant", "search permit",
				1)
		}, ErrSignature},
		"a sentence more": {func(s string) string {
			return strings.Replace(s, "What happened\r\n", "Pay at evil.example\r\nWhat happened\r\n", 1)
		}, ErrSignature},
		"another code in the text": {func(s string) string { return strings.Replace(s, aCode, "00000-00000", 1) },
			ErrSignature},
		"another reference in the header": {func(s string) string {
			return strings.Replace(s, "Lapse-Reference: K3V7",
				"Lapse-Reference: K3V8", 1)
		}, ErrSignature},
		"the signature of another letter": {func(s string) string {
			return strings.Replace(s, field(s), field(string(other)),
				1)
		}, ErrSignature},
		"no signature": {func(s string) string {
			return strings.Replace(s, SignatureHeader, "X-Other",
				1)
		}, ErrNotSigned},
		"two signatures": {func(s string) string { return SignatureHeader + ": v=1; kid=a; sig=b\r\n" + s },
			ErrNotSigned},
		"another version of signature": {func(s string) string { return strings.Replace(s, "v=1;", "v=2;", 1) },
			ErrNotSigned},
		"no reference": {func(s string) string {
			return strings.Replace(s, ReferenceHeader, "X-Other",
				1)
		}, ErrNotSigned},
		"a key of somebody else": {func(s string) string {
			return strings.Replace(s,
				"kid="+KeyID(signer(t, 7).Public()), "kid=other", 1)
		}, ErrKeyUnknown},
		"the id of another key": {func(s string) string {
			return strings.Replace(s, KeyID(signer(t, 7).Public()), KeyID(signer(t, 1).Public()), 1)
		}, ErrSignature},
		"before the key": {func(s string) string { return strings.Replace(s, "01 Sep 2026", "01 Sep 2025", 1) },
			ErrKeyNotValid},
		"after the key": {func(s string) string { return strings.Replace(s, "01 Sep 2026", "01 Sep 2036", 1) },
			ErrKeyNotValid},
		"no date": {func(s string) string { return strings.Replace(s, "\r\nDate:", "\r\nX-Date:", 1) },
			ErrKeyNotValid},
		"no plain text": {func(s string) string { return strings.Replace(s, "text/plain", "text/other", 1) }, ErrUnreadable},
		"no mail":       {func(string) string { return "no mail" }, ErrUnreadable},
	} {
		t.Run(point, func(t *testing.T) {
			forged := row.change(string(raw))
			require.NotEqual(t, string(raw), forged)
			_, err := VerifyMail([]byte(forged), keys)
			require.ErrorIs(t, err, row.want)
		})
	}
}

func TestTheSignedText(t *testing.T) {
	const digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // of "hello"
	require.Equal(t, "lapse-letter-v1\nR\nC\n"+FormDigest([]byte("a\nb\n"))+"\n",
		string(SignedText("R", "C", "a \t\r\nb\r\n\r\n\r\n")))
	require.Equal(t, digest, FormDigest([]byte("hello")))
	rapid.Check(t, func(rt *rapid.T) {
		s := strings.ReplaceAll(rapid.String().Draw(rt, "text"), "\r", "") // a lone CR is no line end of a mail
		c := CanonicalText(s)
		require.Equal(rt, c, CanonicalText(c), "it stays as it is")
		require.Equal(rt, c, CanonicalText(strings.ReplaceAll(c, "\n", "\r\n")))
		require.True(rt, strings.HasSuffix(c, "\n") && !strings.HasSuffix(c, "\n\n"))
	})
}

// TestAKeyIDIsTheThumbprintOfTheStandard takes the key of RFC 8037 appendix A.3.
func TestAKeyIDIsTheThumbprintOfTheStandard(t *testing.T) {
	keys, err := ReadKeySet([]byte(`{"keys":[{"kty":"RSA","kid":"r"},{"kty":"OKP","crv":"Ed25519","kid":"k",` +
		`"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	require.NoError(t, err)
	require.Len(t, keys, 1)
	require.Equal(t, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", KeyID(keys["k"].Public))
}

func TestAKeySetIsReadAsItWasWritten(t *testing.T) {
	at := time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC)
	k := Key{Public: signer(t, 7).Public(), NotBefore: at, Expires: at.AddDate(10, 0, 0)}
	raw := keySet(t, k)
	got, err := ReadKeySet(raw)
	require.NoError(t, err)
	require.Equal(t, map[string]Key{KeyID(k.Public): k}, got)
	var shape map[string][]map[string]any
	require.NoError(t, json.Unmarshal(raw, &shape))
	require.Equal(t, float64(at.Unix()), shape["keys"][0]["nbf"])
	require.NotContains(t, shape["keys"][0], "d", "no private part")
	for point, bad := range map[string]string{
		"not JSON": "{", "empty": `{"keys":[]}`, "a short key": `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"AA"}]}`,
		"no id": `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`,
	} {
		_, err := ReadKeySet([]byte(bad))
		require.Error(t, err, point)
	}
	_, err = KeySet([]Key{{}})
	require.Error(t, err)
	_, err = NewSigner([]byte("short"))
	require.Error(t, err)
}

// FuzzVerifyMail: no file makes the verification fail otherwise than by one of its errors, and none that is not the
// genuine text passes.
func FuzzVerifyMail(f *testing.F) {
	raw, keys := mailed(f, "en-2")
	genuine, err := VerifyMail(raw, keys)
	require.NoError(f, err)
	f.Add(raw)
	f.Add(bytes.Replace(raw, []byte("multipart/alternative"), []byte("multipart/mixed"), 1))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n--a--\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := VerifyMail(raw, keys)
		if err == nil {
			require.Equal(t, genuine.Reference, got.Reference)
			require.Equal(t, genuine.Code, got.Code)
		}
	})
}
