// Package site serves the pages of the local stack: the docket, a matter, a notice and the inbox. They show the answers
// of package inquire, with the same words and pictures on every page. A hatched bar is an order, a cross-hatched one a
// statute, a dotted one our own exception. A torn edge is an unknown end. Hatching and colour carry the same meaning,
// so a reader can do without either.
//
// Every page works without script, and the Content-Security-Policy forbids it. There is one stylesheet from this server
// and no inline style. Pictures are SVG drawn in Go. Every text from an event is untrusted; templates and drawing
// escape it.
package site

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"lapse/internal/inquire"
	"lapse/internal/store"
)

//go:embed templates/*.html style.css icon.svg
var files embed.FS

// policy lets a page load its own stylesheet and icon, show a mail in a frame, and post forms to this server. It
// forbids everything else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-src 'self'; frame-ancestors 'none'"

// mailPolicy lets the HTML of a mail have the style it brings along, in a frame of our own pages. It forbids everything
// else: script, forms, and whatever would be fetched.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"

// Site serves the pages. Every field has to be set. No field gives the pages a store.
type Site struct {
	// Inquire answers questions about matters, notices and the agenda.
	Inquire *inquire.Service
	// Matters lists the ids of all matters.
	Matters func(ctx context.Context) ([]string, error)
	// Mails lists the inbox in order of arrival.
	Mails func() []Mail
	// Text returns the decoded plain text of mail n, and whether the mail has one.
	Text func(n int) (string, bool)
	// HTML is Text for the mail's HTML.
	HTML func(n int) (string, bool)
	// Give records that another principal approves what waits. Its errors are those of intake.Service.Take.
	Give func(ctx context.Context, a Approval) error
	// Next returns the next instant at which something will happen, and whether there is one.
	Next func(ctx context.Context) (time.Time, bool)
	// Now is the stack's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Mail is one mail in the inbox. The inbox plays the outside world, so it alone shows addresses.
type Mail struct {
	// N counts from 1 in order of arrival.
	N           int
	To, Subject string
	// ReceivedAt is by the stack's clock, in UTC.
	ReceivedAt time.Time
	MessageID  string
	// Tags are the message tags. "matter" and "notice" (the hash part of its id) name the mail's notice.
	Tags map[string]string
}

// Routes lists the method and pattern of every page. It panics if an embedded template is broken.
func (s *Site) Routes() map[string]http.HandlerFunc {
	pages := map[string]func(*http.Request) (content, error){
		"GET /{$}":            s.docket,
		"GET /matters/{id}":   s.matter,
		"GET /notices/{id}":   s.notice,
		"GET /approvals":      s.approvals,
		"GET /local/inbox":    s.inbox,
		"GET /local/mail/{n}": s.mail,
	}
	templates := parse()
	routes := map[string]http.HandlerFunc{
		"GET /style.css": file("style.css", "text/css; charset=utf-8"),
		"GET /icon.svg":  file("icon.svg", "image/svg+xml"),
	}
	routes["GET /local/mail/{n}/html"] = s.mailHTML
	for pattern, build := range pages {
		routes[pattern] = func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, templates, build) }
	}
	routes["POST /local/approvals"] = func(w http.ResponseWriter, r *http.Request) {
		none, err := s.give(w, r)
		if err == nil {
			http.Redirect(w, r, "/approvals", http.StatusSeeOther)
			return
		}
		s.serve(w, r, templates, func(*http.Request) (content, error) { return none, err })
	}
	return routes
}

// content is a page's template, title and data.
type content struct {
	template, title string
	data            any
}

// parse gives every page a copy of the layout with the page's own main part.
func parse() map[string]*template.Template {
	layout := template.Must(template.ParseFS(files, "templates/layout.html", "templates/parts.html"))
	out := map[string]*template.Template{}
	for _, name := range []string{"docket", "matter", "notice", "inbox", "mail", "approvals", "failure"} {
		out[name] = template.Must(template.Must(layout.Clone()).ParseFS(files, "templates/"+name+".html"))
	}
	return out
}

// file serves one embedded file.
func file(name, media string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", media)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeFileFS(w, r, files, name)
	}
}

// serve writes the page. If that fails, it writes a plain page with the reason.
func (s *Site) serve(w http.ResponseWriter, r *http.Request, templates map[string]*template.Template,
	build func(*http.Request) (content, error)) {
	status := http.StatusOK
	c, err := build(r)
	if err != nil {
		status, c = s.failure(r, err)
	}
	var b bytes.Buffer
	if err := templates[c.template].ExecuteTemplate(&b, "layout", s.frame(r, c)); err != nil {
		s.Log.ErrorContext(r.Context(), "page cannot be written", "route", r.Pattern, "error", err)
		http.Error(w, "the page cannot be written", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	// The clock's form leads back to its page by the referrer.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A failed write means that the reader has gone, which is no error.
	_, _ = w.Write(b.Bytes())
}

// failed is the data of the page that replaces a page that cannot be shown.
type failed struct {
	Status        int
	Title, Detail string
}

// failure returns the status and the page for an error. An error that is none of the reader's business is logged.
func (s *Site) failure(r *http.Request, err error) (int, content) {
	f := failed{Status: http.StatusInternalServerError, Title: "This page cannot be shown",
		Detail: "Lapse failed while it was read. Nothing was changed; try again."}
	refused, is := refusal(err)
	switch {
	case is:
		f = refused
	case errors.Is(err, store.ErrNotFound):
		f = failed{http.StatusNotFound, "Nothing here", "Nothing is recorded under this address."}
	case errors.Is(err, store.ErrBusy), errors.Is(err, context.DeadlineExceeded):
		f = failed{http.StatusServiceUnavailable, "Busy", "The store is busy. Try again in a moment."}
	default:
		s.Log.ErrorContext(r.Context(), "page failed", "route", r.Pattern, "error", err)
	}
	return f.Status, content{"failure", f.Title, f}
}
