package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/httpapi"
)

// maxControl bounds the body of a request to the endpoints below, in bytes.
const maxControl = 64 << 10

// mount adds the endpoints that move the stack through time.
func (w *walker) mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /local/clock", func(rw http.ResponseWriter, _ *http.Request) { w.answerClock(rw) })
	mux.HandleFunc("POST /local/clock", w.postClock)
	mux.HandleFunc("POST /local/sweep", w.postSweep)
}

func (w *walker) answerClock(rw http.ResponseWriter) {
	writeJSON(rw, map[string]time.Time{"now": w.clock.Now().Truncate(time.Second)})
}

func writeJSON(rw http.ResponseWriter, v any) {
	rw.Header().Set("Content-Type", "application/json")
	// A failed write means that the client has gone, which is no error.
	_ = json.NewEncoder(rw).Encode(v)
}

// pushed is the body of a push of the clock: a duration (ISO 8601) or an instant (RFC 3339).
type pushed struct{ Advance, To string }

// postClock pushes the clock and answers once it has arrived. A browser's form leads back to its page.
func (w *walker) postClock(rw http.ResponseWriter, r *http.Request) {
	p, form, err := readPush(r)
	if err == nil {
		err = w.push(r.Context(), p.target)
	}
	faults, bad := errors.AsType[*event.Faults](err)
	switch {
	case errors.Is(err, errPast):
		httpapi.WriteProblem(rw, httpapi.Problem{Status: http.StatusConflict, Detail: err.Error()})
	case bad && faults.Syntax:
		detail := "not JSON; " + errPush.Error()
		httpapi.WriteProblem(rw, httpapi.Problem{Status: http.StatusBadRequest, Detail: detail, Errors: faults.List})
	case bad:
		detail := errPush.Error()
		httpapi.WriteProblem(rw, httpapi.Problem{Status: http.StatusUnprocessableEntity, Detail: detail, Errors: faults.List})
	case errors.Is(err, errPush), errors.Is(err, errFar):
		httpapi.WriteProblem(rw, httpapi.Problem{Status: http.StatusUnprocessableEntity, Detail: err.Error()})
	case err != nil:
		httpapi.WriteProblem(rw, httpapi.Problem{Status: http.StatusInternalServerError, Detail: err.Error()})
	case form && strings.Contains(r.Header.Get("Accept"), "text/html"):
		http.Redirect(rw, r, back(r), http.StatusSeeOther)
	default:
		w.answerClock(rw)
	}
}

// back returns the page of this stack that held the form.
func back(r *http.Request) string {
	_, path, found := strings.Cut(r.Referer(), "://"+r.Host)
	if !found || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return "/"
	}
	return path
}

// errPush is the error for a push that cannot be read.
var errPush = errors.New(`say {"advance":"P90D"} (ISO 8601) or {"to":"2026-09-01T07:00:05Z"} (RFC 3339)`)

// readPush reads a push and reports whether it came from a form.
func readPush(r *http.Request) (p pushed, form bool, err error) {
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxControl))
	if err != nil {
		return p, false, fmt.Errorf("%w, in at most %d bytes", errPush, maxControl)
	}
	// curl -d sends JSON with the media type of a form.
	if media == "application/x-www-form-urlencoded" && !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		values, err := url.ParseQuery(string(raw))
		if err != nil {
			return p, true, errPush
		}
		return p, true, p.fill(values)
	}
	if media == "multipart/form-data" {
		whole, err := multipart.NewReader(bytes.NewReader(raw), params["boundary"]).ReadForm(maxControl)
		if err != nil {
			return p, true, errPush
		}
		return p, true, p.fill(whole.Value)
	}
	members, err := events.Object(raw, "advance", "to")
	if err != nil {
		return p, false, err
	}
	for name, into := range map[string]*string{"advance": &p.Advance, "to": &p.To} {
		if text, ok := members[name]; ok && (json.Unmarshal(text, into) != nil || *into == "") {
			return p, false, errPush
		}
	}
	return p, false, nil
}

// fill takes a form's fields. Each may stand once, and no other field may stand there.
func (p *pushed) fill(values url.Values) error {
	known := map[string]*string{"advance": &p.Advance, "to": &p.To}
	for name, list := range values {
		if known[name] == nil || len(list) != 1 || list[0] == "" {
			return errPush
		}
		*known[name] = list[0]
	}
	return nil
}

// target returns the instant of the push, counted from now.
func (p pushed) target(now time.Time) (time.Time, error) {
	if (p.Advance == "") == (p.To == "") {
		return time.Time{}, errPush
	}
	t, err := time.Parse(time.RFC3339, p.To)
	if p.Advance != "" {
		t, err = events.AddDuration(now, p.Advance)
	}
	switch {
	case err == nil && t.UTC().Year() > lastYear:
		return t, errFar
	case err != nil:
		return t, errPush
	}
	return t, nil
}

func (w *walker) postSweep(rw http.ResponseWriter, r *http.Request) {
	report, err := w.sweep(r.Context())
	if err != nil {
		httpapi.WriteProblem(rw, httpapi.Problem{Status: http.StatusInternalServerError, Detail: err.Error()})
		return
	}
	writeJSON(rw, report)
}
