package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"lapse/internal/event"
	"lapse/internal/inquire"
)

// maxRules is the most a simulation may be asked with, in bytes: a rules file or two.
const maxRules = 1 << 20

// simulation is the body of POST /v1/simulate.
type simulation struct {
	At time.Time `json:"at"`
	// Rules are files of the form of internal/law/data, each in place of its jurisdiction's.
	Rules  []json.RawMessage `json:"rules"`
	Cursor string            `json:"cursor"`
	Limit  *int              `json:"limit"`
}

// postSimulate lists what new rules, or a later date, would move. It records nothing.
func (a *API) postSimulate(w http.ResponseWriter, r *http.Request) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		WriteProblem(w, Problem{Status: http.StatusUnsupportedMediaType, Detail: "send application/json"})
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRules+1))
	switch {
	case err != nil:
		WriteProblem(w, Problem{Status: http.StatusBadRequest, Detail: "the body could not be read to its end"})
		return
	case len(body) > maxRules:
		WriteProblem(w, Problem{Status: http.StatusRequestEntityTooLarge, Detail: "at most " + strconv.Itoa(maxRules>>10) + " KB"})
		return
	}
	q, faults := a.simulation(body)
	if faults != nil {
		p := a.problem(r, faults)
		if !faults.Syntax {
			p.Detail = "the simulation cannot be run"
		}
		WriteProblem(w, p)
		return
	}
	v, err := a.Inquire.Simulate(r.Context(), q)
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	write(w, http.StatusOK, v)
}

// simulation reads the body, strictly.
func (a *API) simulation(body []byte) (inquire.Simulation, *event.Faults) {
	refuse := func(pointer, detail string) (inquire.Simulation, *event.Faults) {
		return inquire.Simulation{}, &event.Faults{List: []event.Fault{{Pointer: pointer, Detail: detail}}}
	}
	var s simulation
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		if _, syntax := errors.AsType[*json.SyntaxError](err); syntax || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return inquire.Simulation{}, &event.Faults{Syntax: true, List: []event.Fault{{Detail: "not one JSON text"}}}
		}
		return refuse("", `{"at": instant, "rules": [rules files], "cursor": text, "limit": number}, nothing else`)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return refuse("", "text after the object")
	}
	q := inquire.Simulation{At: s.At, Cursor: s.Cursor, Limit: maxLimit}
	if s.Limit != nil {
		if q.Limit = *s.Limit; q.Limit < 1 || q.Limit > maxLimit {
			return refuse("/limit", "a number from 1 to "+strconv.Itoa(maxLimit))
		}
	}
	if !s.At.IsZero() && !s.At.After(a.Inquire.Now()) {
		return refuse("/at", "has to lie ahead of the clock")
	}
	for i, raw := range s.Rules {
		if q.Rules == nil {
			q.Rules = a.Inquire.Law
		}
		book, err := q.Rules.With(raw)
		if err != nil {
			return refuse("/rules/"+strconv.Itoa(i), err.Error())
		}
		q.Rules = book
	}
	return q, nil
}
