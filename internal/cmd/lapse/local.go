package main

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"lapse/events"
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
	// A client that has gone away is nobody's error.
	_ = json.NewEncoder(rw).Encode(v)
}

// pushed is what a push of the clock says: a duration (ISO 8601) or an instant (RFC 3339).
type pushed struct {
	Advance string `json:"advance"`
	To      string `json:"to"`
}

// postClock pushes the clock and answers when it has arrived. A browser's form leads back to its page.
func (w *walker) postClock(rw http.ResponseWriter, r *http.Request) {
	p, form, err := readPush(r)
	if err == nil {
		err = w.push(r.Context(), p.target)
	}
	switch {
	case errors.Is(err, errPast):
		httpapi.WriteProblem(rw, httpapi.Problem{Status: http.StatusConflict, Detail: err.Error()})
	case errors.Is(err, errPush):
		httpapi.WriteProblem(rw, httpapi.Problem{Status: http.StatusUnprocessableEntity, Detail: err.Error()})
	case err != nil:
		httpapi.WriteProblem(rw, httpapi.Problem{Status: http.StatusInternalServerError, Detail: err.Error()})
	case form && strings.Contains(r.Header.Get("Accept"), "text/html"):
		http.Redirect(rw, r, back(r), http.StatusSeeOther)
	default:
		w.answerClock(rw)
	}
}

// back is the page of this stack that a form was on.
func back(r *http.Request) string {
	_, path, found := strings.Cut(r.Referer(), "://"+r.Host)
	if !found || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return "/"
	}
	return path
}

// errPush is a push that cannot be read.
var errPush = errors.New(`say {"advance":"P90D"} (ISO 8601) or {"to":"2026-09-01T07:00:05Z"} (RFC 3339)`)

func readPush(r *http.Request) (p pushed, form bool, err error) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(nil, r.Body, maxControl)
	if media == "application/x-www-form-urlencoded" || media == "multipart/form-data" {
		if r.FormValue("advance") != "" || r.FormValue("to") != "" {
			return pushed{r.FormValue("advance"), r.FormValue("to")}, true, nil
		}
		// curl -d sends JSON under the media type of a form.
		for key := range r.PostForm {
			if json.Unmarshal([]byte(key), &p) == nil {
				return p, false, nil
			}
		}
		return p, true, errPush
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if dec.Decode(&p) != nil {
		return p, false, errPush
	}
	return p, false, nil
}

func (p pushed) target(now time.Time) (time.Time, error) {
	switch {
	case (p.Advance == "") == (p.To == ""):
		return time.Time{}, errPush
	case p.To != "":
		t, err := time.Parse(time.RFC3339, p.To)
		if err != nil {
			return t, errPush
		}
		return t, nil
	}
	t, err := events.AddDuration(now, p.Advance)
	if err != nil {
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
