package letter

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// prose is the paragraphs and items of a letter: what people read as sentences.
func prose(t *testing.T, f Facts) string {
	e, err := find(f.Template)
	require.NoError(t, err)
	w, err := e.(*second).write(f)
	require.NoError(t, err)
	var b strings.Builder
	for _, x := range w.blocks {
		for _, s := range append([]string{x.Paragraph}, x.Items...) {
			if strings.ContainsAny(s, ".。") && !strings.Contains(s, "https://") {
				b.WriteString(s + "\n")
			}
		}
	}
	return b.String()
}

// readability is a measure of a text in a language, its name, and the least that our letters may have. The formulas for
// scripts with syllables are the Flesch reading ease and its adaptions, all 0 to about 100, higher being easier:
// en Flesch 1948; de Amstad 1978; fr Kandel and Moles 1958; es Fernández Huerta 1959; nl Douma 1960; pt Martins et al.
// 1996. Japanese has no such formula without a dictionary. There it is 100 less the mean length of a sentence in
// characters, which style guides want below 50.
func readability(lang, text string) (name string, score, least float64) {
	if lang == "ja" {
		sentences, characters := 0, 0
		for _, r := range text {
			if r == '。' {
				sentences++
			} else if !unicode.IsSpace(r) {
				characters++
			}
		}
		return "100 less characters a sentence", 100 - float64(characters)/float64(sentences), 60
	}
	words, sentences, syllables := 0, 0, 0
	for _, w := range strings.Fields(text) {
		if n := syllablesOf(lang, w); n > 0 {
			words, syllables = words+1, syllables+n
		}
		if strings.HasSuffix(w, ".") || strings.HasSuffix(w, ":") {
			sentences++
		}
	}
	length, weight := float64(words)/float64(sentences), float64(syllables)/float64(words)
	switch lang {
	case "de":
		return "Amstad", 180 - length - 58.5*weight, 55
	case "fr":
		return "Kandel-Moles", 207 - 1.015*length - 73.6*weight, 60
	case "es":
		return "Fernández Huerta", 206.84 - 1.02*length - 60*weight, 75
	case "nl":
		return "Douma", 206.84 - 0.93*length - 77*weight, 60
	case "pt":
		return "Martins", 248.835 - 1.015*length - 84.6*weight, 55
	}
	return "Flesch", 206.835 - 1.015*length - 84.6*weight, 60
}

// syllablesOf counts groups of vowels, without a silent e at the end of English and French words.
func syllablesOf(lang, word string) int {
	letters := strings.TrimFunc(strings.ToLower(word), func(r rune) bool { return !unicode.IsLetter(r) })
	n, in := 0, false
	for _, r := range letters {
		vowel := strings.ContainsRune("aeiouyäöüàâéèêëîïôùûáíóúãõ", r)
		if vowel && !in {
			n++
		}
		in = vowel
	}
	silent := strings.HasSuffix(letters, "e") && !strings.HasSuffix(letters, "le") ||
		strings.HasSuffix(letters, "es") && lang == "fr"
	if n > 1 && silent && (lang == "en" || lang == "fr") {
		n--
	}
	if n == 0 && letters != "" {
		n = 1
	}
	return n
}
