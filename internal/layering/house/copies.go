package main

import (
	"cmp"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// window is from how many equal lines in a row on two places count as copies.
const window = 6

// place is a line of a file; next is its index among the lines that count.
type place struct {
	file        string
	line, index int
}

// pair is two places from which on the same lines stand.
type pair struct {
	a, b   place
	length int
}

// text is the lines of a file that count: no blank lines, comments and imports, no package clause and nothing that is
// punctuation alone.
type text struct {
	name  string
	lines []string
	at    []int
}

// form is what of a line is compared.
type form func(line string) string

// equal compares all of a line.
func equal(line string) string { return line }

// varied is what a copy changes: strings, numbers and names. Go's own words stay.
var varied = regexp.MustCompile("\"(?:\\\\.|[^\"\\\\])*\"|`[^`]*`|" +
	"\\b[0-9][0-9A-Za-z_.]*|\\b[A-Za-z_][0-9A-Za-z_]*\\b")

// shape compares a line as it would be with other names, strings and numbers.
func shape(line string) string {
	return varied.ReplaceAllStringFunc(line, func(word string) string {
		switch {
		case token.IsKeyword(word):
			return word
		case word[0] == '"' || word[0] == '`':
			return "s"
		case word[0] <= '9':
			return "0"
		}
		return "n"
	})
}

func read(f file, of form) text {
	t := text{name: f.name}
	imports := false
	number := 0
	for line := range strings.Lines(string(f.text)) {
		number++
		line = strings.TrimSpace(line)
		switch {
		case line == "import (":
			imports = true
		case imports:
			imports = line != ")"
		case strings.HasPrefix(line, "//"), strings.HasPrefix(line, "import "), strings.HasPrefix(line, "package "),
			strings.Trim(line, "{}()[],; ") == "":
		default:
			t.lines = append(t.lines, of(line))
			t.at = append(t.at, number)
		}
	}
	return t
}

// windows are the places of every run of window lines, by the lines' text. Lists, whose lines are much alike, do not
// count.
func windows(texts map[string]text) map[string][]place {
	all := map[string][]place{}
	for _, t := range texts {
		for i := 0; i+window <= len(t.lines); i++ {
			if lines := t.lines[i : i+window]; distinct(lines) >= window-1 {
				key := strings.Join(lines, "\n")
				all[key] = append(all[key], place{t.name, t.at[i], i})
			}
		}
	}
	return all
}

func distinct(lines []string) int {
	return len(slices.Compact(slices.Sorted(slices.Values(lines))))
}

func readAll(files []file, of form) map[string]text {
	texts := map[string]text{}
	for _, f := range files {
		texts[f.name] = read(f, of)
	}
	return texts
}

// duplicates lists the pairs of places that share window lines or more, each pair once and as long as it goes.
func duplicates(files []file, of form) []pair {
	texts := readAll(files, of)
	var pairs []pair
	for _, places := range windows(texts) {
		for i, a := range places {
			for _, b := range places[i+1:] {
				if p, first := extend(texts, a, b); first {
					pairs = append(pairs, p)
				}
			}
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int {
		return cmp.Or(cmp.Compare(x.a.file, y.a.file), cmp.Compare(x.a.line, y.a.line),
			cmp.Compare(x.b.file, y.b.file), cmp.Compare(x.b.line, y.b.line))
	})
	return pairs
}

// extend returns how long two places stay equal. It is not the first window of their run if the lines before them are
// equal too.
func extend(texts map[string]text, a, b place) (p pair, first bool) {
	if a.file > b.file || a.file == b.file && a.index > b.index {
		a, b = b, a
	}
	x, y := texts[a.file].lines, texts[b.file].lines
	if a.index > 0 && b.index > 0 && x[a.index-1] == y[b.index-1] {
		return pair{}, false
	}
	n := window
	for a.index+n < len(x) && b.index+n < len(y) && x[a.index+n] == y[b.index+n] {
		n++
	}
	return pair{a, b, n}, true
}

// copied counts the lines that stand in a run of window lines which stands elsewhere too, the original as well as
// each copy.
func copied(files []file, of form) int {
	covered := map[place]bool{}
	for _, places := range windows(readAll(files, of)) {
		if len(places) < 2 {
			continue
		}
		for _, p := range places {
			for i := range window {
				covered[place{file: p.file, index: p.index + i}] = true
			}
		}
	}
	return len(covered)
}
