// Package httpapi is Lapse's HTTP API, as openapi.json beside this file defines it: events in, answers out. Every
// refusal is application/problem+json (RFC 9457). The same handler serves behind API Gateway and on the local stack.
package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// Intake takes events: it records each, and waits for what those that forbid mails find in flight. It holds for an
// order that is too large to be read.
type Intake interface {
	Record(ctx context.Context, raw []byte, by event.Caller) (intake.Result, error)
	Oversized(ctx context.Context, skimmed event.Event) error
	Await(ctx context.Context, results ...*intake.Result) error
}

// API answers HTTP requests.
type API struct {
	Intake  Intake
	Inquire *inquire.Service
	// Caller returns who was authenticated for a request. The principal goes on the ledger beside the claimed actor.
	Caller func(r *http.Request) event.Caller
	Log    *slog.Logger
}

// The limits of bodies, pages and cursors.
const (
	maxEvent = intake.MaxEvent
	maxBatch = 1 << 20
	// maxRead is how much of a body that is too large is looked at for the orders in it: what API Gateway lets through (a
	// payload of at most 10 MB, by its quotas for HTTP APIs).
	maxRead = 10 << 20
	// defaultLimit and maxLimit bound a page.
	defaultLimit = 100
	maxLimit     = 1000
	// maxCursor is longer than any cursor in an answer. DynamoDB refuses a key of over 1,024 bytes.
	maxCursor = 1024
)

// Routes returns the method and pattern of every route, as the OpenAPI document names them.
func (a *API) Routes() map[string]http.HandlerFunc {
	routes := map[string]http.HandlerFunc{
		"POST /v1/events":                               strict(a.post("")),
		"POST /v1/events/batch":                         strict(a.postBatch),
		"GET /v1/matters/{id}":                          strict(a.getMatter, "limit", "cursor", "next"),
		"GET /v1/matters/{id}/why":                      strict(a.getWhy, "subject", "recipient"),
		"GET /v1/matters/{id}/orders/{order}/challenge": strict(a.getChallenge),
		"POST /v1/simulate":                             strict(a.postSimulate),
		"GET /v1/agenda":                                strict(a.getAgenda, "before", "limit", "cursor", "next"),
		"GET /v1/approvals":                             strict(a.getApprovals, "limit", "cursor", "next"),
		"GET /v1/notices/{id}":                          strict(a.getNotice),
		"GET /v1/notices/{id}/preview":                  strict(a.getPreview, "lang"),
		"GET /openapi.json":                             strict(a.getOpenAPI),
		"GET /asyncapi.json":                            strict(a.getAsyncAPI),
		"GET /schemas/{name}":                           strict(a.getSchema),
	}
	for _, t := range event.Types() {
		routes["POST /v1/events/"+events.Name(t)] = strict(a.post(t))
	}
	return routes
}

// Handler serves all routes. Any other request gets a 404 or 405 problem.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range a.Routes() {
		mux.HandleFunc(pattern, h)
	}
	return Problems(mux)
}

// Problems turns the mux's own plain-text 404 and 405 into problem documents. It also forbids browsers to guess media
// types.
func Problems(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		probe := &probe{header: http.Header{}}
		h.ServeHTTP(probe, r)
		if allow := probe.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
		}
		if probe.status >= 300 && probe.status < 400 {
			mux.ServeHTTP(w, r)
			return
		}
		WriteProblem(w, Problem{Status: probe.status, Detail: http.StatusText(probe.status)})
	})
}

// probe records the mux's own answer.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) WriteHeader(status int)      { p.status = status }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }

func (a *API) getMatter(w http.ResponseWriter, r *http.Request) {
	cursor, limit, err := page(r)
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	v, err := a.Inquire.MatterPage(r.Context(), r.PathValue("id"), cursor, limit)
	a.answer(w, r, v, err)
}

func (a *API) getWhy(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("subject") == "" {
		WriteProblem(w, a.problem(r, &event.Faults{List: []event.Fault{{Pointer: "/subject",
			Detail: "say about whom: ?subject=ID"}}}))
		return
	}
	roles := []matter.Role{"", matter.User, matter.Guardian, matter.Admin, matter.LegalContact}
	recipient := matter.Role(q.Get("recipient"))
	if !slices.Contains(roles, recipient) {
		WriteProblem(w, a.problem(r, &event.Faults{List: []event.Fault{{Pointer: "/recipient",
			Detail: "one of user, guardian, admin, legal_contact"}}}))
		return
	}
	v, err := a.Inquire.Why(r.Context(), r.PathValue("id"), q.Get("subject"), recipient)
	a.answer(w, r, v, err)
}

func (a *API) getChallenge(w http.ResponseWriter, r *http.Request) {
	v, err := a.Inquire.Challenge(r.Context(), r.PathValue("id"), r.PathValue("order"))
	a.answer(w, r, v, err)
}

// farAhead bounds a question about the whole agenda.
var farAhead = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

func (a *API) getAgenda(w http.ResponseWriter, r *http.Request) {
	cursor, limit, err := page(r)
	before := farAhead
	if s := r.URL.Query().Get("before"); s != "" && err == nil {
		// An unescaped "+" arrives as a space, and no instant has a space.
		if before, err = time.Parse(time.RFC3339, strings.ReplaceAll(s, " ", "+")); err != nil {
			err = &event.Faults{List: []event.Fault{{Pointer: "/before", Detail: "an instant in RFC 3339 form with offset"}}}
		}
	}
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	v, err := a.Inquire.AgendaUntil(r.Context(), before, cursor, limit)
	a.answer(w, r, v, err)
}

func (a *API) getNotice(w http.ResponseWriter, r *http.Request) {
	v, err := a.Inquire.Notice(r.Context(), r.PathValue("id"))
	a.answer(w, r, v, err)
}

func (a *API) getPreview(w http.ResponseWriter, r *http.Request) {
	p, err := a.Inquire.PreviewIn(r.Context(), r.PathValue("id"), r.URL.Query().Get("lang"))
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	h := w.Header()
	h.Set("Content-Language", p.Language)
	h.Set("Vary", "Accept")
	if p.Translated {
		h.Set("Lapse-Preview", "translated")
	}
	switch preferred(r.Header.Get("Accept"), "text/plain", "text/html", "message/rfc822") {
	case "text/html":
		// The page shows what authorities wrote. It has a style of its own and needs nothing else.
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
		sendTagged(w, r, "text/html; charset=utf-8", []byte(p.HTML))
	case "message/rfc822":
		sendTagged(w, r, "message/rfc822", p.Message)
	default:
		sendTagged(w, r, "text/plain; charset=utf-8", []byte(p.Text))
	}
}

// preferred is the media type of those offered that an Accept header names with the highest weight, the first of equal
// ones. It is the first one where the header names none.
func preferred(accept string, offered ...string) string {
	weights := map[string]float64{}
	for one := range strings.SplitSeq(accept, ",") {
		media, params, err := mime.ParseMediaType(one)
		if err != nil {
			continue
		}
		weights[media] = 1
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			weights[media] = q
		}
	}
	best := offered[0]
	for _, media := range offered {
		if weights[media] > weights[best] {
			best = media
		}
	}
	return best
}

// answer writes the result of a read as JSON with its ETag, or its error as a problem.
func (a *API) answer(w http.ResponseWriter, r *http.Request, v any, err error) {
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	body, err := matter.JSON(v)
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	sendTagged(w, r, "application/json", append(body, '\n'))
}

// sendTagged writes the body of a read with a strong ETag over it (RFC 9110 section 8.8.3), or 304 if the reader has
// the body.
func sendTagged(w http.ResponseWriter, r *http.Request, media string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	for _, have := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if have = strings.TrimSpace(have); have == tag || have == "W/"+tag || have == "*" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.Header().Set("Content-Type", media)
	// A failed write means that the reader has gone, which is no error.
	_, _ = w.Write(body)
}

func write(w http.ResponseWriter, status int, v any) {
	media := "application/json"
	if _, ok := v.(Problem); ok {
		media = problemMedia
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		status, media = http.StatusInternalServerError, problemMedia
		b.Reset()
		b.WriteString(`{"type":"about:blank","title":"Internal Server Error","status":500}`)
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// problem returns the problem document for an error. An error that is none of the client's business is logged and
// becomes a 500.
func (a *API) problem(r *http.Request, err error) Problem {
	if f, ok := errors.AsType[*event.Faults](err); ok {
		p := Problem{Status: http.StatusUnprocessableEntity, Detail: "the event was not taken; every fault is listed",
			Errors: f.List}
		if f.Syntax {
			p.Status, p.Detail = http.StatusBadRequest, "not JSON"
		}
		if r.Method != http.MethodPost {
			return badQuestion(f.List)
		}
		return p
	}
	if held, ok := errors.AsType[*intake.Held](err); ok {
		p := a.problem(r, held.Err)
		if p.Status == http.StatusRequestEntityTooLarge {
			p.Detail += holds(held.Restraint)
		} else {
			p.Detail += "; until then " + held.Restraint + " holds everybody of the matter"
		}
		return p
	}
	switch {
	case errors.Is(err, store.ErrNotFound) && r.Method != http.MethodPost:
		return Problem{Status: http.StatusNotFound, Detail: "nothing is recorded under this id"}
	case errors.Is(err, event.ErrConflict), errors.Is(err, event.ErrPredecessor):
		return Problem{Status: http.StatusConflict, Detail: err.Error()}
	case errors.Is(err, store.ErrTooLarge):
		return Problem{Status: http.StatusRequestEntityTooLarge,
			Detail: "what would be recorded of the event is larger than Lapse keeps"}
	case errors.Is(err, inquire.ErrCursor):
		return Problem{Status: http.StatusBadRequest, Detail: err.Error()}
	case errors.Is(err, store.ErrBusy), errors.Is(err, context.DeadlineExceeded):
		return Problem{Status: http.StatusServiceUnavailable, Detail: "busy; sending the same again is safe"}
	}
	a.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", r.Pattern, "error", err)
	return Problem{Status: http.StatusInternalServerError, Detail: "Lapse failed; sending the event again is safe"}
}
