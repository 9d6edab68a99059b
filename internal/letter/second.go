package letter

import (
	"fmt"
	"html/template"
	"strings"
	texttemplate "text/template"

	"golang.org/x/text/language"
)

// second is version 2 in one language.
type second struct {
	language string
	words    words
	wording  *texttemplate.Template
	page     *template.Template
}

// readSecond reads the files of a language.
func readSecond(lang string) (*second, error) {
	t := &second{language: lang}
	folder := "templates/v2/" + lang + "/"
	if err := readJSON(files, folder+"words.json", &t.words); err != nil {
		return nil, err
	}
	if err := readJSON(cldr, "cldr/"+lang+".json", &t.words.countries); err != nil {
		return nil, err
	}
	if t.words.locale = localeOf(lang); t.words.locale == nil {
		return nil, fmt.Errorf("find the locale of %s", language.Make(lang))
	}
	var err error
	if t.wording, err = texttemplate.New("letter.tmpl").ParseFS(files, folder+"letter.tmpl"); err != nil {
		return nil, err
	}
	t.page, err = template.New("page.html").ParseFS(files, "templates/v2/page.html")
	return t, err
}

func (t *second) name() string { return t.language + "-2" }

func (t *second) showsDay() bool { return true }

func (t *second) layout() layout { return layout{colon: t.words.Colon, wide: true} }

func (t *second) prepare(f Facts) (*Draft, error) { return prepareSecond(t.name(), f, t) }

// bilingual is a letter with the same in another language beneath, for a reader whose language is a guess.
type bilingual struct{ above, beneath *second }

func (t *bilingual) name() string { return t.above.language + "+" + t.beneath.name() }

func (t *bilingual) showsDay() bool { return true }

func (t *bilingual) prepare(f Facts) (*Draft, error) {
	return prepareSecond(t.name(), f, t.above, t.beneath)
}

// rendering is a letter in one language before its layout.
type rendering struct {
	subject string
	blocks  []block
}

func (t *second) write(f Facts) (rendering, error) {
	v, err := t.view(f)
	if err != nil {
		return rendering{}, err
	}
	subject, err := execute(t.wording, "subject", v)
	if err != nil {
		return rendering{}, err
	}
	body, err := execute(t.wording, "letter", v)
	if err != nil {
		return rendering{}, err
	}
	return rendering{subject, parse(body)}, nil
}

// prepareSecond writes the letter in one language, or in two with the second beneath.
func prepareSecond(name string, f Facts, above *second, beneath ...*second) (*Draft, error) {
	w, err := above.write(f)
	if err != nil {
		return nil, err
	}
	d := &Draft{
		template: name, language: above.language, subject: w.subject, referenced: true, signed: f.VerifyURL != "",
	}
	var text cutter
	var body strings.Builder
	for _, t := range beneath {
		t.layout().plain(&text, []block{{Paragraph: t.words.Beneath}})
		body.WriteString(tagged("p", t.language, t.words.Beneath) + "\n")
	}
	above.layout().plain(&text, w.blocks)
	body.WriteString(above.markup(w))
	for _, t := range beneath {
		w, err := t.write(f)
		if err != nil {
			return nil, err
		}
		text.fixed.WriteString("\n\n" + strings.Repeat("=", columns) + "\n")
		t.layout().plain(&text, append([]block{{Paragraph: w.subject}}, w.blocks...))
		body.WriteString("<hr>\n<section lang=\"" + t.language + "\">\n" + t.markup(w) + "</section>\n")
		d.language += ", " + t.language
	}
	var whole strings.Builder
	whole.Grow(2 * usualSize)
	p := page{Language: above.language, Subject: d.subject, Body: template.HTML(body.String())}
	if err := above.page.Execute(&whole, p); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	d.text, d.html = text.done(), lines(whole.String())
	d.boundary = boundaryOf(d.text)
	return d, nil
}

// markup is a letter in HTML with its subject as the heading.
func (t *second) markup(w rendering) string {
	return "<h1>" + template.HTMLEscapeString(w.subject) + "</h1>\n" + string(t.layout().markup(w.blocks))
}

// tagged is a text in an element with its language.
func tagged(element, lang, text string) string {
	return "<" + element + " lang=\"" + lang + "\">" + template.HTMLEscapeString(text) + "</" + element + ">"
}
