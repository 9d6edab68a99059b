package httpapi

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/inquire"
)

// maxRules bounds the body of a simulation in bytes. It has room for a rules file or two.
const maxRules = 1 << 20

// postSimulate lists the notices that new rules, or a later date, would move. It records nothing.
func (a *API) postSimulate(w http.ResponseWriter, r *http.Request) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		WriteProblem(w, Problem{Status: http.StatusUnsupportedMediaType, Detail: "send application/json"})
		return
	}
	body, ok := readBody(w, r, maxRules)
	if !ok {
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

// simulation decodes the body strictly and reports every fault.
func (a *API) simulation(body []byte) (inquire.Simulation, *event.Faults) {
	q := inquire.Simulation{Limit: maxLimit}
	members, err := events.Object(body, "at", "rules", "cursor", "limit")
	if faults, ok := errors.AsType[*event.Faults](err); ok {
		return q, faults
	}
	var found []event.Fault
	member := func(name, detail string, into any, also func() bool) {
		if raw, ok := members[name]; ok && (json.Unmarshal(raw, into) != nil || string(raw) == "null" || !also()) {
			found = append(found, event.Fault{Pointer: "/" + name, Detail: detail})
		}
	}
	always := func() bool { return true }
	ahead := func() bool { return q.At.After(a.Inquire.Now()) }
	member("at", "has to be an instant in RFC 3339 form with offset, ahead of the clock", &q.At, ahead)
	member("cursor", "has to be the next of the page before", &q.Cursor, always)
	within := func() bool { return 1 <= q.Limit && q.Limit <= maxLimit }
	member("limit", "has to be a number from 1 to "+strconv.Itoa(maxLimit), &q.Limit, within)
	var rules []json.RawMessage
	member("rules", "has to be an array of rules files", &rules, always)
	for i, raw := range rules {
		if q.Rules == nil {
			q.Rules = a.Inquire.Law
		}
		book, err := q.Rules.With(raw)
		if err != nil {
			found = append(found, event.Fault{Pointer: "/rules/" + strconv.Itoa(i), Detail: err.Error()})
			continue
		}
		q.Rules = book
	}
	if len(found) > 0 {
		return q, &event.Faults{List: found}
	}
	return q, nil
}
