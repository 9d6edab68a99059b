// Package law is what Lapse knows of the law: which requests are secret by statute without any order, whose computed
// periods roll over weekends, and the checks an order is put through. Rules are data with citations, one file a
// jurisdiction under data/; the checks are Go, so that lawyers review text and engineers review code.
//
// A jurisdiction or an instrument without a verified rule resolves to "hold, ask counsel", never to "send".
package law

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"lapse/internal/matter"
)

//go:embed data/*.json
var data embed.FS

// Secret is an instrument that a statute keeps secret without any order.
type Secret struct {
	// ID is the standing restraint's id; it begins with "law-".
	ID         string            `json:"id"`
	Instrument matter.Instrument `json:"instrument"`
	Citation   string            `json:"citation"`
	Text       string            `json:"text"`
	// Status is "verified"; other rows are not used.
	Status string `json:"status"`
}

// jurisdiction is one file of rules.
type jurisdiction struct {
	Jurisdiction string `json:"jurisdiction"`
	// Rolls says whether a computed period that ends on a weekend ends on the next working day.
	Rolls         bool                `json:"rolls"`
	RollsCitation string              `json:"rollsCitation"`
	CheckedOn     matter.Date         `json:"checkedOn"`
	Open          []matter.Instrument `json:"open"`
	Secret        []Secret            `json:"secret"`
}

// Book is the rules of all jurisdictions. The zero Book knows none and holds everything.
type Book struct {
	rules    map[string]jurisdiction
	revision string
}

// Load reads the embedded rules, strictly: an unknown field, a second text in a file, a jurisdiction given twice, or an
// instrument that is both open and secret is an error.
func Load() (*Book, error) { return load(data) }

func load(files fs.FS) (*Book, error) {
	names, err := fs.Glob(files, "data/*.json")
	if err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	b := &Book{rules: map[string]jurisdiction{}}
	sum := sha256.New()
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read rules %s: %w", name, err)
		}
		j, err := decode(raw)
		if err != nil {
			return nil, fmt.Errorf("decode rules %s: %w", name, err)
		}
		if _, twice := b.rules[j.Jurisdiction]; twice {
			return nil, fmt.Errorf("rules %s: jurisdiction %s has rules already", name, j.Jurisdiction)
		}
		b.rules[j.Jurisdiction] = j
		fmt.Fprintf(sum, "%s %d\n", name, len(raw))
		sum.Write(raw)
	}
	b.revision = hex.EncodeToString(sum.Sum(nil))[:16]
	return b, nil
}

// decode reads the rules of one jurisdiction.
func decode(raw []byte) (jurisdiction, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var j jurisdiction
	if err := dec.Decode(&j); err != nil {
		return j, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return j, errors.New("text after the object")
	}
	if len(j.Jurisdiction) != 2 || j.Jurisdiction != strings.ToUpper(j.Jurisdiction) {
		return j, fmt.Errorf("%q is no jurisdiction", j.Jurisdiction)
	}
	for _, s := range j.Secret {
		switch {
		case !strings.HasPrefix(s.ID, "law-"):
			return j, fmt.Errorf("%q is no id of a standing restraint", s.ID)
		case !slices.Contains([]string{"verified", "unverified", "disabled"}, s.Status):
			return j, fmt.Errorf("%s: %q is no status", s.ID, s.Status)
		case slices.Contains(j.Open, s.Instrument):
			return j, fmt.Errorf("%s: %s is open as well", s.ID, s.Instrument)
		}
	}
	return j, nil
}

// Revision is the digest of the rules, written into every ledger entry and attempt.
func (b *Book) Revision() string { return b.revision }

// Rolls reports whether a computed period of an order from this country runs on over Saturday and Sunday. Where no
// verified rule says that it does not, it does: the longer reading.
func (b *Book) Rolls(country string) bool {
	j, ok := b.rules[strings.ToUpper(country)]
	return !ok || j.Rolls
}

// Standing is a restraint that stands without any order.
type Standing struct {
	ID, Citation, Message string
}

// Standing returns what forbids telling about a request with this instrument from this country without any order, and
// the finding that says so.
func (b *Book) Standing(country string, instrument matter.Instrument) ([]Standing, matter.Finding) {
	f := matter.Finding{Check: "L01", Severity: matter.Advice, Evidence: map[string]any{"country": country, "instrument": string(instrument)}}
	j, ok := b.rules[strings.ToUpper(country)]
	for _, s := range j.Secret {
		if ok && s.Instrument == instrument && s.Status == "verified" {
			f.Status, f.Citation, f.Message = matter.Fail, s.Citation, "Secret by statute without any order: "+s.Text
			return []Standing{{s.ID, s.Citation, s.Text}}, f
		}
	}
	if ok && slices.Contains(j.Open, instrument) {
		f.Status, f.Message = matter.Pass, "No statute keeps this kind of request secret by itself."
		return nil, f
	}
	f.Status, f.Message = matter.NeedsPerson, "No verified rule: hold and ask counsel."
	id := "law-unverified-" + strings.ToLower(country)
	return []Standing{{id, "no verified rule", f.Message}}, f
}
