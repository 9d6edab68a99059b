package letter

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
)

//go:embed templates
var files embed.FS

// original is the language every other one falls back to.
const original = "en"

// newestNumber is the version that new notices get.
const newestNumber = "2"

// languages are those there is a letter in, the original first.
var languages = [...]string{original, "de", "fr", "es", "nl", "pt", "ja"}

// ErrLanguage means that there is no letter in a language.
var ErrLanguage = errors.New("there is no letter in this language")

// edition is one template version.
type edition interface {
	name() string
	// showsDay reports whether of Facts.Now the letter shows the day only.
	showsDay() bool
	// prepare writes a letter up to the personal facts.
	prepare(f Facts) (*Draft, error)
}

// Languages lists the languages there is a letter in, as BCP 47 tags.
func Languages() []string { return append([]string(nil), languages[:]...) }

// In returns the newest template version in exactly that language. Error: ErrLanguage.
func In(lang string) (templateVersion string, err error) {
	for _, l := range languages {
		if l == lang {
			return l + "-" + newestNumber, nil
		}
	}
	all := strings.Join(languages[:], ", ")
	return "", fmt.Errorf("choose a letter in %q, there are %s: %w", clean(lang), all, ErrLanguage)
}

// library is every edition in one language by name.
type library struct {
	editions map[string]edition
}

// load reads the embedded files, once.
var load = sync.OnceValues(func() (*library, error) {
	l := &library{editions: map[string]edition{}}
	first, err := readFirst("en-1")
	if err != nil {
		return nil, fmt.Errorf("read letter template en-1: %w", err)
	}
	l.editions["en-1"] = first
	for _, lang := range languages {
		e, err := readSecond(lang)
		if err != nil {
			return nil, fmt.Errorf("read letter template %s-2: %w", lang, err)
		}
		l.editions[e.name()] = e
	}
	return l, nil
})

// find returns the version with the name, or the newest English one for "".
func find(name string) (edition, error) {
	l, err := load()
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = original + "-" + newestNumber
	}
	if e, ok := l.editions[name]; ok {
		return e, nil
	}
	// "de+en-2" is "de-2" over "en-2".
	if lang, rest, ok := strings.Cut(name, "+"); ok {
		_, number, _ := strings.Cut(rest, "-")
		above, isSecond := l.editions[lang+"-"+number].(*second)
		beneath, also := l.editions[rest].(*second)
		if isSecond && also && above != beneath {
			return &bilingual{above, beneath}, nil
		}
	}
	return nil, fmt.Errorf("find letter template %q: there is no such version", clean(name))
}

// Prepare writes the letter up to its personal facts, which it does not look at. It fails as Render does.
func Prepare(f Facts) (*Draft, error) {
	t, err := find(f.Template)
	if err != nil {
		return nil, err
	}
	d, err := t.prepare(f)
	if err != nil {
		return nil, fmt.Errorf("write a letter in %s: %w", t.name(), err)
	}
	return d, nil
}

// readJSON reads an embedded file, strictly.
func readJSON(fsys embed.FS, name string, into any) error {
	raw, err := fsys.ReadFile(name)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}
