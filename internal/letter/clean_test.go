package letter

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCleanMakesOneHarmlessLine(t *testing.T) {
	for point, row := range map[string]struct{ in, want string }{
		"plain text stays":                {"18 U.S.C. 2703(a)", "18 U.S.C. 2703(a)"},
		"CR, LF and NUL":                  {"a\r\nBcc: b\x00c", "a Bcc: b c"},
		"runs of spaces":                  {"  a \t\u00a0 b\u2028c ", "a b c"},
		"text that turns the line around": {"ab\u202ecd\u2066", "abcd"},
		"zero width and byte order mark":  {"a\u200bb\ufeff", "ab"},
		"joiners of other scripts":        {"می\u200cخواهم", "می\u200cخواهم"},
		"bytes that are no text":          {"a\xffb", "a\ufffdb"},
		"300 characters":                  {strings.Repeat("x", 300), strings.Repeat("x", 300)},
		"301 characters":                  {strings.Repeat("x", 301), strings.Repeat("x", 299) + "…"},
		"300 wide characters":             {strings.Repeat("法", 300), strings.Repeat("法", 300)},
		"4,000 words":                     {strings.Repeat("a ", 4000), strings.Repeat("a ", 149) + "a…"},
		"nothing but controls":            {"\r\n\x00", ""},
	} {
		t.Run(point, func(t *testing.T) { require.Equal(t, row.want, clean(row.in)) })
	}
}

func TestMasking(t *testing.T) {
	for point, row := range map[string]struct{ in, want string }{
		"none":             {"", ""},
		"one":              {"a", "a***"},
		"short":            {"abcde", "a***"},
		"six":              {"abcdef", "ab***f"},
		"long":             {"acct-7781", "ac***1"},
		"other characters": {"日本語日本語", "日本***語"},
		"control":          {"\nabcdef", "ab***f"},
	} {
		t.Run(point, func(t *testing.T) { require.Equal(t, row.want, masked(row.in)) })
	}
}

func TestWrap(t *testing.T) {
	long := strings.Repeat("x", 100)
	for point, row := range map[string]struct{ in, want string }{
		"fits":              {strings.Repeat("a", 70), "- " + strings.Repeat("a", 70) + "\n"},
		"one too long":      {strings.Repeat("a", 69) + " b", "- " + strings.Repeat("a", 69) + "\n  b\n"},
		"a word too long":   {"a " + long + " b", "- a\n  " + long + "\n  b\n"},
		"only long words":   {long + " " + long, "- " + long + "\n  " + long + "\n"},
		"counts characters": {strings.Repeat("é", 68) + " b", "- " + strings.Repeat("é", 68) + " b\n"},
		"nothing":           {"", "- \n"},
		"breaks at the last": {strings.Repeat("ab ", 30) + "c",
			"- " + strings.TrimRight(strings.Repeat("ab ", 23), " ") + "\n  " + strings.Repeat("ab ", 7) + "c\n"},
	} {
		t.Run(point, func(t *testing.T) {
			var b strings.Builder
			wrap(&b, row.in, "- ", "  ")
			require.Equal(t, row.want, b.String())
		})
	}
}
