package letter

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

func aKey() ProofKey {
	return NewProofKey([]byte("0123456789abcdef0123456789abcdef"), []byte("0123456789abcdef0123456789abcdef"))
}

func address(t require.TestingT, s string) matter.Address {
	a, err := matter.ParseAddress(s)
	require.NoError(t, err)
	return a
}

func TestAReferenceNamesOneNoticeAndHidesTheMatter(t *testing.T) {
	k := aKey()
	id := notice.ID(nil, "operation-secret", "d1", "u1")
	ref := k.Reference(id)
	require.Regexp(t, `^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$`, ref)
	require.Equal(t, ref, k.Reference(id))
	for point, other := range map[string]string{
		"another matter about the same person": k.Reference(notice.ID(nil, "operation-other", "d1", "u1")),
		"another disclosure":                   k.Reference(notice.ID(nil, "operation-secret", "d2", "u1")),
		"the security message":                 k.MovedReference(id),
		"another key":                          NewProofKey([]byte("another"), nil).Reference(id),
		"no key":                               ProofKey{}.Reference(id),
	} {
		require.NotEqual(t, ref, other, point)
		require.Len(t, other, len(ref))
	}
	require.Empty(t, k.Reference("no notice id"))
}

func TestACodeIsOfOneReferenceAttemptAndAddress(t *testing.T) {
	k, to := aKey(), address(t, "person@example.org")
	const ref = "K3V7-Q2M5-X4C6-B2N5"
	code := k.Code(ref, "attempt-1", to)
	require.Regexp(t, `^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`, code)
	require.Equal(t, code, k.Code("k3v7q2m5x4c6b2n5", "attempt-1", to), "however the reference is typed")
	require.NotEqual(t, code, k.Code(ref, "attempt-2", to))
	require.NotEqual(t, code, k.Code(ref, "attempt-1", address(t, "other@example.org")))
	require.NotEqual(t, code, k.Code("0000-0000-0000-0000", "attempt-1", to))
	require.NotEqual(t, code, NewProofKey(nil, nil).Code(ref, "attempt-1", to))
	require.Empty(t, k.Code("none", "attempt-1", to))
	require.Empty(t, k.Code(ref, "", to))
	require.Empty(t, k.Code(ref, "attempt-1", matter.Address{}))
}

func TestNoKeyIsPrinted(t *testing.T) {
	k := NewProofKey([]byte("canary-secret"), []byte("canary-secret"))
	s, err := NewSigner([]byte("canary-secret-canary-secret-cana"))
	require.NoError(t, err)
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(form, Sender{Proof: k}), "canary")
		require.NotContains(t, fmt.Sprintf(form, Sender{Proof: k}), "99 97 110")
		require.NotContains(t, fmt.Sprintf(form, s), "canary")
		require.NotContains(t, fmt.Sprintf(form, s), "99 97 110")
	}
}

// typed draws the ways in which people type a reference or a code.
func typed(t *rapid.T, s string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(s, "-", "") {
		switch {
		case r == '1':
			r = rapid.SampledFrom([]rune("1IiLl１")).Draw(t, "one")
		case r == '0':
			r = rapid.SampledFrom([]rune("0Oo０")).Draw(t, "zero")
		case rapid.Bool().Draw(t, "lower"):
			r = []rune(strings.ToLower(string(r)))[0]
		}
		b.WriteRune(r)
		b.WriteString(rapid.SampledFrom([]string{"", "", "-", " ", "\u2010", "\u00a0"}).Draw(t, "gap"))
	}
	return b.String()
}

func TestHoweverItIsTypedItIsRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := NewProofKey([]byte(rapid.String().Draw(rt, "key")), []byte(rapid.String().Draw(rt, "codes")))
		ref := k.Reference(notice.ID(nil, rapid.StringMatching(`[a-z]{1,9}`).Draw(rt, "matter"), "d", "u"))
		code := k.Code(ref, rapid.StringMatching(`[a-f0-9]{1,32}`).Draw(rt, "attempt"), address(rt, "person@example.org"))
		readRef, err := ReadReference(typed(rt, ref))
		require.NoError(rt, err)
		require.Equal(rt, ref, readRef)
		readCode, err := ReadCode(typed(rt, code))
		require.NoError(rt, err)
		require.Equal(rt, code, readCode)
		want, ok := VerifyDigest(ref, code)
		require.True(rt, ok)
		got, ok := VerifyDigest(typed(rt, ref), typed(rt, code))
		require.True(rt, ok)
		require.Equal(rt, want, got)
	})
}

// TestTheCheckCharacterFindsMistypedCharacters: every single one, and every swap of neighbours but that of 0 and Z, for
// which the Luhn algorithm gives the same.
func TestTheCheckCharacterFindsMistypedCharacters(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := rapid.StringMatching(`[0-9A-HJKMNP-TV-Z]{9}`).Draw(rt, "code")
		c += string(checkCharacter(c))
		_, err := ReadCode(c)
		require.NoError(rt, err)
		at := rapid.IntRange(0, 9).Draw(rt, "at")
		other := alphabet[rapid.IntRange(0, 31).Draw(rt, "other")]
		if other != c[at] {
			_, err = ReadCode(c[:at] + string(other) + c[at+1:])
			require.ErrorIs(rt, err, ErrCheck)
		}
		if at < 9 && c[at] != c[at+1] && !(strings.ContainsRune("0Z", rune(c[at])) &&
			strings.ContainsRune("0Z", rune(c[at+1]))) {
			_, err = ReadCode(c[:at] + string(c[at+1]) + string(c[at]) + c[at+2:])
			require.ErrorIs(rt, err, ErrCheck)
		}
	})
}

func TestWhatIsNoReferenceOrCode(t *testing.T) {
	for point, row := range map[string]struct {
		in   string
		want error
	}{
		"nothing":               {"", ErrLength},
		"one short":             {"7QH2M-4TVX", ErrLength},
		"one long":              {"7QH2M-4TVXYY", ErrLength},
		"a U":                   {"7QH2M-4TVXU", ErrCharacter},
		"another script":        {"7QH2M-4TVXΑ", ErrCharacter},
		"a wrong check":         {"7QH2M-4TVXA", ErrCheck},
		"a control":             {"7QH2M\x004TVXY", ErrCharacter},
		"a placeholder is none": {formCode, ErrCharacter},
	} {
		t.Run(point, func(t *testing.T) {
			_, err := ReadCode(row.in)
			require.ErrorIs(t, err, row.want)
			digest, ok := VerifyDigest("K3V7-Q2M5-X4C6-B2N5", row.in)
			require.False(t, ok)
			require.Len(t, digest, 64, "false answers take the same work")
		})
	}
	read, err := ReadCode(aCode)
	require.NoError(t, err)
	require.Equal(t, aCode, read)
}

func TestADigestWithAnAddressIsAnother(t *testing.T) {
	plain, ok := VerifyDigest("K3V7-Q2M5-X4C6-B2N5", aCode)
	require.True(t, ok)
	with, ok := VerifyAddressDigest("K3V7-Q2M5-X4C6-B2N5", aCode, address(t, "person@example.org"))
	require.True(t, ok)
	other, ok := VerifyAddressDigest("K3V7-Q2M5-X4C6-B2N5", aCode, address(t, "other@example.org"))
	require.True(t, ok)
	require.NotEqual(t, plain, with)
	require.NotEqual(t, with, other)
	_, ok = VerifyAddressDigest("K3V7-Q2M5-X4C6-B2N5", aCode, matter.Address{})
	require.False(t, ok)
}

// FuzzReadCode: whatever is typed, it is one of the errors or a code in its form, which reads as itself.
func FuzzReadCode(f *testing.F) {
	for _, seed := range []string{aCode, "7qh2m 4tvxy", "７ＱＨ２Ｍ−４ＴＶＸＹ", "",
		"-----", "\xff", strings.Repeat("0", 40),
		"0000000000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, read := range []func(string) (string, error){ReadCode, ReadReference} {
			got, err := read(s)
			if err != nil {
				require.Empty(t, got)
				continue
			}
			again, err := read(got)
			require.NoError(t, err)
			require.Equal(t, got, again)
		}
	})
}
