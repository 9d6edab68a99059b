package letter

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestKeptFactsGiveTheSameLetter: what was sent can be shown later, whatever has changed since.
func TestKeptFactsGiveTheSameLetter(t *testing.T) {
	for _, v := range append(commonGoldens(), secondGoldens()...) {
		for _, template := range []string{"en-2", "de+en-2", "ja-2"} {
			f := v.facts
			f.Template = template
			raw, digest, err := f.Encode()
			require.NoError(t, err)
			require.Len(t, digest, 64)
			kept, err := ReadFacts(raw)
			require.NoError(t, err)
			require.Equal(t, newestLawTexts, kept.LawTexts)
			kept.Reference, kept.Account, kept.Code = f.Reference, f.Account, f.Code
			require.Equal(t, render(t, f), render(t, kept), v.name)
			_, again, err := kept.Encode()
			require.NoError(t, err)
			require.Equal(t, digest, again)
		}
	}
	v1 := oneOrder()
	v1.Template = "en-1"
	raw, _, err := v1.Encode()
	require.NoError(t, err)
	kept, err := ReadFacts(raw)
	require.NoError(t, err)
	kept.Reference, kept.Account = v1.Reference, v1.Account
	require.Equal(t, render(t, v1), render(t, kept))
	_, err = ReadFacts([]byte("{"))
	require.Error(t, err)
}

func TestFactsAreKeptOnceADayAndWithoutTheRecipient(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := checkable(oneOrder())
		_, want, err := f.Encode()
		require.NoError(rt, err)
		f.Reference, f.Account, f.Code = "x", "y", "z"
		// The day is that of the court's zone: Now lies at 00:00:05 there.
		f.Now = f.Now.Add(time.Duration(rapid.IntRange(0, 24*3600-6).Draw(rt, "later")) * time.Second)
		_, got, err := f.Encode()
		require.NoError(rt, err)
		require.Equal(rt, want, got)
		f.Now = f.Now.Add(24 * time.Hour)
		_, got, err = f.Encode()
		require.NoError(rt, err)
		require.NotEqual(rt, want, got)
	})
}
