// Package law holds the law as Lapse knows it. It says which requests are secret without any order, and whose
// computed periods roll over weekends and holidays. It puts orders through checks. Rules are data with citations, one
// file a jurisdiction under data/. The checks are Go, so lawyers review text and engineers review code.
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

// Jurisdiction is one file of rules.
type Jurisdiction struct {
	// Code is ISO 3166-1 alpha-2; EU for the Union, whose rules hold in its Members beside their own.
	Code string `json:"jurisdiction"`
	Name string `json:"name"`
	// Languages are those its papers are written in, BCP 47.
	Languages []string `json:"languages"`
	Members   []string `json:"members,omitempty"`
	// Rolls says whether a computed period that ends on a weekend or a holiday ends on the next working day.
	Rolls         bool        `json:"rolls"`
	RollsCitation string      `json:"rollsCitation"`
	RollsSources  []string    `json:"rollsSources"`
	CheckedOn     matter.Date `json:"checkedOn"`
	Rules         []Rule      `json:"rules"`
}

// Book is the rules of all jurisdictions. The zero Book knows none and holds everything; so does a nil one.
type Book struct {
	rules    map[string]Jurisdiction
	revision string
}

// Load reads the embedded rules, strictly. It refuses an unknown field, a second text in a file, a jurisdiction or a
// rule given twice, an unknown word, and an instrument that is both open and secret.
func Load() (*Book, error) { return load(data) }

func load(files fs.FS) (*Book, error) {
	names, err := fs.Glob(files, "data/*.json")
	if err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	b := &Book{rules: map[string]Jurisdiction{}}
	seen := map[string]bool{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read rules %s: %w", name, err)
		}
		j, err := decode(raw)
		if err != nil {
			return nil, fmt.Errorf("decode rules %s: %w", name, err)
		}
		if _, twice := b.rules[j.Code]; twice {
			return nil, fmt.Errorf("rules %s: jurisdiction %s has rules already", name, j.Code)
		}
		for _, r := range j.Rules {
			for _, id := range []string{r.ID, r.standingID()} {
				if seen[id] {
					return nil, fmt.Errorf("rules %s: the id %s is used already", name, id)
				}
				seen[id] = true
			}
		}
		b.rules[j.Code] = j
	}
	b.revision, err = digest(b.Jurisdictions())
	return b, err
}

// digest is the revision of rules, by what they say: neither the form of a file nor the order of the files counts.
func digest(all []Jurisdiction) (string, error) {
	text, err := matter.JSON(all)
	if err != nil {
		return "", fmt.Errorf("digest rules: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:16], nil
}

// decode reads the rules of one jurisdiction.
func decode(raw []byte) (Jurisdiction, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var j Jurisdiction
	if err := dec.Decode(&j); err != nil {
		return j, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return j, errors.New("text after the object")
	}
	if !country(j.Code) {
		return j, fmt.Errorf("%q is no jurisdiction", j.Code)
	}
	for _, m := range j.Members {
		if !country(m) {
			return j, fmt.Errorf("%q is no member", m)
		}
	}
	open := map[matter.Instrument]bool{}
	for i := range j.Rules {
		if err := j.Rules[i].valid(); err != nil {
			return j, fmt.Errorf("rule %q: %w", j.Rules[i].ID, err)
		}
		for _, instrument := range j.Rules[i].Open {
			open[instrument] = true
		}
	}
	for _, r := range j.Rules {
		for _, instrument := range r.Standing.Instruments {
			if open[instrument] && r.Standing.Flag == "" {
				return j, fmt.Errorf("rule %q: %s is open as well", r.ID, instrument)
			}
		}
	}
	return j, nil
}

func country(code string) bool { return len(code) == 2 && code == strings.ToUpper(code) }

// Revision is the digest of the rules, written into every ledger entry and attempt.
func (b *Book) Revision() string { return b.revision }

// Rolls reports whether a computed period of an order from this country runs on over weekends and holidays. It does
// unless a verified rule says that it does not, for that is the longer reading.
func (b *Book) Rolls(country string) bool {
	j, ok := b.jurisdiction(country)
	return !ok || j.Rolls
}

// Rule returns the rule of the id, whatever its status.
func (b *Book) Rule(id string) (Rule, bool) {
	for _, j := range b.Jurisdictions() {
		for _, r := range j.Rules {
			if r.ID == id {
				return r, true
			}
		}
	}
	return Rule{}, false
}

// StandingRule returns the rule by which a standing restraint holds, whatever the rule's status. id is the restraint's
// Standing.
func (b *Book) StandingRule(id string) (Rule, bool) {
	for _, j := range b.Jurisdictions() {
		for _, r := range j.Rules {
			if r.silent() && r.standingID() == id {
				return r, true
			}
		}
	}
	return Rule{}, false
}

// Jurisdictions lists the files by code.
func (b *Book) Jurisdictions() []Jurisdiction {
	if b == nil {
		return nil
	}
	out := make([]Jurisdiction, 0, len(b.rules))
	for _, j := range b.rules {
		out = append(out, j)
	}
	slices.SortFunc(out, func(x, y Jurisdiction) int { return strings.Compare(x.Code, y.Code) })
	return out
}

func (b *Book) jurisdiction(country string) (Jurisdiction, bool) {
	if b == nil {
		return Jurisdiction{}, false
	}
	j, ok := b.rules[strings.ToUpper(country)]
	return j, ok
}

// of lists the rules that hold in a country, whatever their status: its own and, for a member, the Union's.
func (b *Book) of(country string) []Rule {
	j, _ := b.jurisdiction(country)
	rules := slices.Clone(j.Rules)
	for _, union := range b.Jurisdictions() {
		if slices.Contains(union.Members, strings.ToUpper(country)) {
			rules = append(rules, union.Rules...)
		}
	}
	return rules
}

// languages are those of a country's papers, nil where it has no file.
func (b *Book) languages(country string) []string {
	j, _ := b.jurisdiction(country)
	return j.Languages
}
