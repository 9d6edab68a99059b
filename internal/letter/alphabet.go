package letter

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/width"
)

// alphabet is Crockford's Base32: the digits and the letters without I, L, O and U (crockford.com/base32.html).
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// The lengths in characters: 80 bits of a reference, and 45 bits of a code with its check character.
const (
	referenceLength = 16
	codeLength      = 10
)

// The reasons why what somebody typed is no reference or no code.
var (
	ErrCharacter = errors.New("a character that no reference and no code has")
	ErrLength    = errors.New("too short or too long")
	ErrCheck     = errors.New("the last character does not fit the others: something is mistyped")
)

// ReadReference reads a reference as people type it and returns it as it stands in a letter, in groups of four. It
// takes I and L for 1 and O for 0. Case, hyphens, spaces and full-width forms do not matter. Errors: ErrCharacter,
// ErrLength.
func ReadReference(s string) (string, error) {
	c, err := characters(s, referenceLength)
	if err != nil {
		return "", fmt.Errorf("read a reference: %w", err)
	}
	return grouped(c, 4), nil
}

// ReadCode reads a code as ReadReference reads a reference, and returns it in two groups of five. Errors: ErrCharacter,
// ErrLength, ErrCheck.
func ReadCode(s string) (string, error) {
	c, err := characters(s, codeLength)
	if err != nil {
		return "", fmt.Errorf("read a code: %w", err)
	}
	if checkCharacter(c[:codeLength-1]) != c[codeLength-1] {
		return "", fmt.Errorf("read a code: %w", ErrCheck)
	}
	return grouped(c, 5), nil
}

// characters returns the n characters of the alphabet that s means.
func characters(s string, n int) (string, error) {
	var b strings.Builder
	for _, r := range width.Fold.String(s) {
		switch r {
		case ' ', '\t', '\r', '\n', '-', '\u00a0', '\u00ad', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212':
			continue
		case 'I', 'i', 'L', 'l':
			r = '1'
		case 'O', 'o':
			r = '0'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if !strings.ContainsRune(alphabet, r) {
			return "", ErrCharacter
		}
		if b.WriteRune(r); b.Len() > n {
			return "", ErrLength
		}
	}
	if b.Len() != n {
		return "", ErrLength
	}
	return b.String(), nil
}

// grouped puts a hyphen after every n characters.
func grouped(s string, n int) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && i%n == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// encode writes the first 5n bits of raw in n characters.
func encode(raw []byte, n int) string {
	out := make([]byte, n)
	for i := range out {
		value := 0
		for bit := 5 * i; bit < 5*i+5; bit++ {
			value = value<<1 | int(raw[bit/8]>>(7-bit%8))&1
		}
		out[i] = alphabet[value]
	}
	return string(out)
}

// checkCharacter is the Luhn mod 32 character for s, whose characters are of the alphabet: the algorithm of ISO/IEC
// 7812-1 in another base. It finds every single wrong character and nearly every swap of two neighbours.
func checkCharacter(s string) byte {
	sum, factor := 0, 2
	for i := len(s) - 1; i >= 0; i-- {
		addend := factor * strings.IndexByte(alphabet, s[i])
		sum += addend/len(alphabet) + addend%len(alphabet)
		factor = 3 - factor
	}
	return alphabet[(len(alphabet)-sum%len(alphabet))%len(alphabet)]
}
