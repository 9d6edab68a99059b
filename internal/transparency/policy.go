package transparency

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// versionForm is how a version of the policy is named: it is a folder of the report.
var versionForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// PolicyText is one version of the notice policy, as Markdown. It stays reachable for ever, because matters were
// decided
// under it.
type PolicyText struct {
	// Version names its folder: letters, digits, dot, low line, hyphen.
	Version string
	// Text is the Markdown by language; a language without a text shows the first one of Languages. HTML in it is not
	// let through.
	Text map[string][]byte
}

type policyView struct {
	Version, Language, SHA256 string
	HTML                      template.HTML
}

// PolicyPages prints policy/{version}/index.html in every language.
func PolicyPages(p Publisher, policy PolicyText) ([]File, error) {
	if !versionForm.MatchString(policy.Version) {
		return nil, fmt.Errorf("print policy %q: not a name for a folder", policy.Version)
	}
	var files []File
	for _, language := range Languages() {
		w, err := newWords(language)
		if err != nil {
			return nil, err
		}
		written, text := language, policy.Text[language]
		if text == nil {
			written, text = Languages()[0], policy.Text[Languages()[0]]
		}
		if text == nil {
			return nil, fmt.Errorf("print policy %s: no text in %s", policy.Version, written)
		}
		var html bytes.Buffer
		if err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert(text, &html); err != nil {
			return nil, fmt.Errorf("print policy %s: %w", policy.Version, err)
		}
		folder := "policy/" + policy.Version
		out := newPage(w, &p, "policy", folder, "../../", w.T("title.policy", p.Name, policy.Version))
		out.Body = policyView{policy.Version, written, digest(text), template.HTML(withoutStyles(html.String()))}
		body, err := out.render(w, "policy")
		if err != nil {
			return nil, err
		}
		files = append(files, File{folder + "/" + pageName(language), body})
	}
	return files, nil
}

// withoutStyles turns the alignment of table cells into classes, because the pages allow no style in place.
func withoutStyles(html string) string {
	return strings.NewReplacer(` style="text-align:right"`, ` class="n"`, ` style="text-align:left"`, "",
		` style="text-align:center"`, "").Replace(html)
}
