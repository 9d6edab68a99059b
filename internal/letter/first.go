package letter

import (
	"fmt"
	"html/template"
	"strings"
	texttemplate "text/template"
)

// first is version 1. It has English only, knows the letter after a disclosure only, and has no code. Notices made with
// it keep it, so it stays as it is.
type first struct {
	words   firstWords
	wording *texttemplate.Template
	page    *template.Template
}

// readFirst reads the files of a version 1.
func readFirst(name string) (*first, error) {
	t := &first{}
	if err := readJSON(files, "templates/v1/"+name+".json", &t.words); err != nil {
		return nil, err
	}
	var err error
	if t.wording, err = texttemplate.New(name+".tmpl").ParseFS(files, "templates/v1/"+name+".tmpl"); err != nil {
		return nil, err
	}
	t.page, err = template.New(t.words.Page).ParseFS(files, "templates/v1/"+t.words.Page)
	return t, err
}

func (t *first) name() string { return t.words.Language + "-1" }

func (t *first) showsDay() bool { return false }

func (t *first) prepare(f Facts) (*Draft, error) {
	v, err := t.view(f)
	if err != nil {
		return nil, err
	}
	d := &Draft{language: t.words.Language, template: t.name()}
	if d.subject, err = execute(t.wording, "subject", v); err != nil {
		return nil, err
	}
	written, err := execute(t.wording, "letter", v)
	if err != nil {
		return nil, err
	}
	blocks, y := parse(written), layout{colon: ": "}
	var whole strings.Builder
	whole.Grow(usualSize)
	p := page{Language: d.language, Subject: markSubject, Body: y.markup(blocks)}
	if err := t.page.Execute(&whole, p); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	var c cutter
	y.plain(&c, blocks)
	d.text, d.html = c.done(), lines(whole.String())
	return d, nil
}

// execute writes one part of a wording.
func execute(t *texttemplate.Template, part string, v any) (string, error) {
	var b strings.Builder
	b.Grow(usualSize)
	if err := t.ExecuteTemplate(&b, part, v); err != nil {
		return "", fmt.Errorf("write the %s: %w", part, err)
	}
	return b.String(), nil
}
