package law

import (
	"fmt"
	"maps"
)

// With is the book with the rules of one jurisdiction replaced. The file has the form of those under data/ and is
// read as strictly. A file that says what the book says leaves its revision. The book itself stays as it is.
func (b *Book) With(raw []byte) (*Book, error) {
	j, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("decode rules: %w", err)
	}
	out := &Book{rules: map[string]Jurisdiction{}}
	maps.Copy(out.rules, b.rules)
	out.rules[j.Code] = j
	out.revision, err = digest(out.Jurisdictions())
	return out, err
}
