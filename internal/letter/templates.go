package letter

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	html "html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"

	"golang.org/x/text/language"
)

//go:embed templates
var files embed.FS

// version is one template version, for example "en-1".
type version struct {
	name    string
	words   words
	wording *template.Template
	page    *html.Template
}

// original is the language every other one falls back to.
const original = "en"

// library is every version by name, and the newest of each language, with the matcher over those languages.
type library struct {
	versions map[string]*version
	newest   []*version
	matcher  language.Matcher
}

// load reads the embedded files, once.
var load = sync.OnceValues(func() (*library, error) {
	names, err := fs.Glob(files, "templates/*.json")
	if err != nil {
		return nil, fmt.Errorf("list letter templates: %w", err)
	}
	l := &library{versions: map[string]*version{}}
	newest := map[string]*version{}
	for _, name := range names {
		v, err := read(strings.TrimSuffix(path.Base(name), ".json"))
		if err != nil {
			return nil, fmt.Errorf("read letter template %s: %w", name, err)
		}
		l.versions[v.name] = v
		if old := newest[v.words.Language]; old == nil || old.number() < v.number() {
			newest[v.words.Language] = v
		}
	}
	// The first tag is what the matcher falls back to.
	l.newest = append(l.newest, newest[original])
	delete(newest, original)
	for _, lang := range slices.Sorted(maps.Keys(newest)) {
		l.newest = append(l.newest, newest[lang])
	}
	tags := make([]language.Tag, len(l.newest))
	for i, v := range l.newest {
		if tags[i], err = language.Parse(v.words.Language); err != nil {
			return nil, fmt.Errorf("read language of letter template %s: %w", v.name, err)
		}
	}
	l.matcher = language.NewMatcher(tags)
	return l, nil
})

// number is the version's number within its language.
func (v *version) number() int {
	n, _ := strconv.Atoi(v.name[strings.LastIndexByte(v.name, '-')+1:])
	return n
}

// read reads one version's files, strictly.
func read(name string) (*version, error) {
	v := &version{name: name}
	raw, err := files.ReadFile("templates/" + name + ".json")
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v.words); err != nil {
		return nil, err
	}
	v.wording, err = template.New(name+".tmpl").ParseFS(files, "templates/"+name+".tmpl")
	if err != nil {
		return nil, err
	}
	v.page, err = html.New(v.words.Page).ParseFS(files, "templates/"+v.words.Page)
	return v, err
}

// find returns the version with the name, or the newest English one for "".
func find(name string) (*version, error) {
	l, err := load()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return l.newest[0], nil
	}
	v, ok := l.versions[name]
	if !ok {
		return nil, fmt.Errorf("find letter template %q: there is no such version", clean(name))
	}
	return v, nil
}

// Choose returns the language and the template version for a person whose language is tag (BCP 47, may be empty or
// malformed): the nearest language there is a letter in, else English. A notice freezes both when it is made.
func Choose(tag string) (lang, templateVersion string, err error) {
	l, err := load()
	if err != nil {
		return "", "", err
	}
	// A malformed tag matches nothing, which is English.
	wanted, _ := language.Parse(tag)
	_, i, _ := l.matcher.Match(wanted)
	return l.newest[i].words.Language, l.newest[i].name, nil
}
