package transparency

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assets embed.FS

// page is what stands around the content of every page.
type page struct {
	Language, Title, Publisher, Policy string
	Sample, Draft                      bool
	// Root leads to the folder with the stylesheet: "", "../" or "../../".
	Root string
	// Here is the navigation's entry of the page; Crumb is the way up.
	Here       string
	Navigation []link
	Languages  []link
	Feed       string
	Body       any
}

// link is one link; Current marks the page itself.
type link struct {
	Text, Href, Language string
	Current              bool
}

// pageName is the file name of a page in a language: index.html, index.de.html.
func pageName(language string) string {
	if language == Languages()[0] {
		return "index.html"
	}
	return "index." + language + ".html"
}

// newPage fills what every page has. Folder is the page's path below the report's folder, "" for the first page.
func newPage(w *words, p *Publisher, here, folder, root, title string) page {
	out := page{
		Language: w.language, Title: title, Publisher: p.Name, Policy: Policy, Sample: p.Sample, Root: root, Here: here,
		Feed: p.at("feed.atom"),
	}
	for _, entry := range []struct{ name, folder string }{{"reports", ""}, {"guide", "guide"}} {
		out.Navigation = append(out.Navigation, link{Text: w.T("nav." + entry.name),
			Href: p.at(entry.folder, pageName(w.language)), Current: here == entry.name})
	}
	for _, language := range Languages() {
		if c, err := catalogueOf(language); err == nil {
			out.Languages = append(out.Languages, link{Text: c.texts["language"], Href: pageName(language),
				Language: language, Current: language == w.language})
		}
	}
	return out
}

// render makes the page with one of the templates.
func (p page) render(w *words, name string) ([]byte, error) {
	t, err := template.New("").Funcs(w.functions()).ParseFS(templateFiles, "templates/layout.html",
		"templates/parts.html",
		"templates/"+name+".html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", p); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return tidy(b.Bytes()), w.err
}

// functions are those of the templates.
func (w *words) functions() template.FuncMap {
	return template.FuncMap{
		"t": w.text, "n": w.number, "signed": w.signed, "day": w.day, "half": w.half, "country": w.country,
		"pageName": func() string { return pageName(w.language) },
	}
}

// tidy drops blank lines and the blanks at the beginning of lines, which templates leave.
func tidy(raw []byte) []byte {
	var b bytes.Buffer
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// assetFiles are the stylesheet, the script and the icon, which stand beside the pages that use them.
func assetFiles() []File {
	var files []File
	for _, name := range []string{"filter.js", "icon.svg", "style.css"} {
		if body, err := assets.ReadFile("assets/" + name); err == nil {
			files = append(files, File{name, body})
		}
	}
	return files
}

// pages are the pages of a half, one a language.
func (s *Snapshot) pages(data []File) ([]File, error) {
	var out []File
	for _, language := range Languages() {
		w, err := newWords(language)
		if err != nil {
			return nil, err
		}
		p := newPage(w, &s.Publisher, "half", s.Half.String(), "",
			w.T("title.half", s.Publisher.Name, w.half(s.Half)))
		p.Draft, p.Body = s.Draft, newHalfView(w, s, data)
		body, err := p.render(w, "half")
		if err != nil {
			return nil, err
		}
		out = append(out, File{pageName(language), body})
	}
	return out, nil
}

// byteSize writes the size of a download.
func (w *words) byteSize(n int) string {
	return w.T("download.size", cmp.Or((n+1023)/1024, 1))
}
