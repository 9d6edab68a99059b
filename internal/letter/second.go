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

// prepareSecond writes the letter in one or two languages, one beneath the other.
func prepareSecond(name string, f Facts, in ...*second) (*Draft, error) {
	d := &Draft{template: name, referenced: true, signed: f.VerifyURL != ""}
	var text cutter
	var body strings.Builder
	var tags []string
	for i, t := range in {
		w, err := t.write(f)
		if err != nil {
			return nil, err
		}
		tags = append(tags, t.language)
		y := t.layout()
		if i == 0 {
			d.subject = w.subject
			if len(in) > 1 {
				beneath := in[1]
				beneath.layout().plain(&text, []block{{Paragraph: beneath.words.Beneath}})
				body.WriteString(`<p lang="` + beneath.language + `">` + template.HTMLEscapeString(beneath.words.Beneath) + "</p>\n")
			}
			y.plain(&text, w.blocks)
			body.WriteString("<h1>" + template.HTMLEscapeString(w.subject) + "</h1>\n" + string(y.markup(w.blocks)))
			continue
		}
		text.fixed.WriteString("\n\n" + strings.Repeat("=", columns) + "\n")
		y.plain(&text, append([]block{{Paragraph: w.subject}}, w.blocks...))
		body.WriteString("<hr>\n" + `<section lang="` + t.language + `">` + "\n<h1>" + template.HTMLEscapeString(w.subject) + "</h1>\n" +
			string(y.markup(w.blocks)) + "</section>\n")
	}
	d.language = strings.Join(tags, ", ")
	var whole strings.Builder
	whole.Grow(2 * usualSize)
	p := page{Language: tags[0], Subject: d.subject, Body: template.HTML(body.String())}
	if err := in[0].page.Execute(&whole, p); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	d.text, d.html = text.done(), lines(whole.String())
	d.boundary = boundaryOf(d.text)
	return d, nil
}
