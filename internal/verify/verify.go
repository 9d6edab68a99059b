// Package verify serves the public page on which anybody can check whether a mail is Lapse's own. It answers one
// question: whether a reference and a code were issued, and on which day; and, for who gives the address that received
// the mail, whether they belong to it. All false answers cost the same work and have the same size. Nothing that is
// typed in is kept, logged or shown again.
//
// The page works without script and sets no cookie. Its questions need no key: the digest of what was typed in names
// the item that says when it was issued.
package verify

import (
	"bytes"
	"context"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/store"
)

//go:embed page.html style.css words/*.json
var files embed.FS

// policy lets the page load its own stylesheet and post its form to where it came from. It forbids everything else.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm bounds the body of a form, in bytes.
const maxForm = 4 << 10

// Store is the part of the store that the page reads.
type Store interface {
	Issued(ctx context.Context, pair string) (store.Issued, error)
	KeySet(ctx context.Context) ([]byte, error)
}

// Page serves the page and the published keys.
type Page struct {
	Store Store
	// Sender is the service as its users know it.
	Sender string
	Log    *slog.Logger

	texts map[string]words
	page  *template.Template
}

// New returns the page. An error means that an embedded file cannot be read.
func New(s Store, sender string, log *slog.Logger) (*Page, error) {
	texts, err := readWords()
	if err != nil {
		return nil, err
	}
	page, err := template.ParseFS(files, "page.html")
	if err != nil {
		return nil, err
	}
	return &Page{Store: s, Sender: sender, Log: log, texts: texts, page: page}, nil
}

// Routes lists the method and pattern of every route.
func (p *Page) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /verify":                      p.get,
		"POST /verify":                     p.post,
		"GET /verify/style.css":            style,
		"GET /.well-known/lapse-keys.json": p.keys,
	}
}

// Handler serves the routes alone.
func (p *Page) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range p.Routes() {
		mux.HandleFunc(pattern, h)
	}
	return mux
}

func (p *Page) get(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !q.Has("ref") && !q.Has("code") {
		p.write(w, r, http.StatusOK, view{words: p.language(r, q.Get("lang"))})
		return
	}
	// An address never comes in a URL, which browsers and servers keep.
	p.check(w, r, question{reference: q.Get("ref"), code: q.Get("code"), lang: q.Get("lang")})
}

func (p *Page) post(w http.ResponseWriter, r *http.Request) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil ||
		media != "application/x-www-form-urlencoded" {
		p.refuse(w, http.StatusUnsupportedMediaType)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.refuse(w, http.StatusBadRequest)
		return
	}
	f := r.PostForm
	address := strings.TrimSpace(f.Get("address"))
	p.check(w, r, question{f.Get("ref"), f.Get("code"), address, f.Get("lang")})
}

// question is what somebody wants to know.
type question struct{ reference, code, address, lang string }

// answer is what the page and the JSON say.
type answer struct {
	Issued bool   `json:"issued"`
	On     string `json:"on,omitempty"`
	// ForAddress is absent where no address was given.
	ForAddress *bool `json:"forAddress,omitempty"`
}

// ask does the same work whatever was typed in: the digest of what is no pair names an item that does not exist.
func (p *Page) ask(ctx context.Context, q question) (a answer, mistyped bool, err error) {
	pair, ok := letter.VerifyDigest(q.reference, q.code)
	to, _ := matter.ParseAddress(q.address) // no address belongs to no mail
	address, known := letter.VerifyAddressDigest(q.reference, q.code, to)
	issued, err := p.Store.Issued(ctx, pair)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return a, false, err
	}
	a.Issued = err == nil && ok
	if a.Issued {
		a.On = issued.On
	}
	if q.address != "" {
		same := subtle.ConstantTimeCompare([]byte(address), []byte(issued.Address)) == 1
		belongs := a.Issued && known && same
		a.ForAddress = &belongs
	}
	return a, !ok, nil
}

func (p *Page) check(w http.ResponseWriter, r *http.Request, q question) {
	a, mistyped, err := p.ask(r.Context(), q)
	if err != nil {
		p.Log.ErrorContext(r.Context(), "verify: a question could not be answered", "error", err)
	}
	texts := p.language(r, q.lang)
	switch {
	case err != nil && wantsJSON(r):
		p.refuse(w, http.StatusServiceUnavailable)
	case err != nil:
		p.write(w, r, http.StatusServiceUnavailable, view{words: texts, Away: true})
	case wantsJSON(r):
		p.json(w, a)
	default:
		v := view{words: texts, Asked: true, Mistyped: mistyped, Issued: a.Issued, ForAddress: a.ForAddress}
		v.Date = texts.day(a.On)
		p.write(w, r, http.StatusOK, v)
	}
}

// keys serves the published keys, none before the first sweep has made any.
func (p *Page) keys(w http.ResponseWriter, r *http.Request) {
	set, err := p.Store.KeySet(r.Context())
	if errors.Is(err, store.ErrNotFound) {
		set, err = []byte(`{"keys":[]}`), nil
	}
	if err != nil {
		p.Log.ErrorContext(r.Context(), "verify: the keys could not be read", "error", err)
		p.refuse(w, http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// A key is published a day before it signs.
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(set) // a failed write means that the reader has gone
}

func style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.ServeFileFS(w, r, files, "style.css")
}

// busy answers a question past the limit.
func (p *Page) busy(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "1")
	if wantsJSON(r) {
		p.refuse(w, http.StatusTooManyRequests)
		return
	}
	p.write(w, r, http.StatusTooManyRequests, view{words: p.language(r, ""), Busy: true})
}

// guarded sets what every answer to a question carries.
func guarded(w http.ResponseWriter, media string) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Vary", "Accept, Accept-Language")
}

func (p *Page) json(w http.ResponseWriter, a answer) {
	raw, _ := json.Marshal(a) // an answer always has a JSON form
	guarded(w, "application/json")
	_, _ = w.Write(raw)
}

// refuse answers with a problem (RFC 9457) that repeats nothing of the question.
func (p *Page) refuse(w http.ResponseWriter, status int) {
	raw, _ := json.Marshal(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status})
	guarded(w, "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

func (p *Page) write(w http.ResponseWriter, r *http.Request, status int, v view) {
	v.Sender, v.Languages = p.Sender, p.languages()
	var b bytes.Buffer
	if err := p.page.Execute(&b, v); err != nil {
		p.Log.ErrorContext(r.Context(), "verify: the page cannot be written", "error", err)
		p.refuse(w, http.StatusInternalServerError)
		return
	}
	guarded(w, "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Language", v.Tag)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// wantsJSON reports whether the Accept header names JSON with a higher weight than HTML, or before it with the same.
func wantsJSON(r *http.Request) bool {
	best, weight := "", 0.0
	for one := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		media, params, err := mime.ParseMediaType(one)
		if err != nil || media != "application/json" && media != "text/html" {
			continue
		}
		q := 1.0
		if given, err := strconv.ParseFloat(params["q"], 64); err == nil {
			q = given
		}
		if q > weight {
			best, weight = media, q
		}
	}
	return best == "application/json"
}
