package law

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
)

// With is the book with the rules of one jurisdiction replaced. The file has the form of those under data/ and is
// read as strictly. The revision follows from the book's own and from the file. The book itself stays as it is.
func (b *Book) With(raw []byte) (*Book, error) {
	j, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("decode rules: %w", err)
	}
	out := &Book{rules: map[string]Jurisdiction{}}
	maps.Copy(out.rules, b.rules)
	out.rules[j.Code] = j
	sum := sha256.Sum256(append([]byte(b.revision+"\n"), raw...))
	out.revision = hex.EncodeToString(sum[:])[:16]
	return out, nil
}
