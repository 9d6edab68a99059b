package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/ledger"
)

// contentMode is one of the three forms of CloudEvents over HTTP (HTTP Protocol Binding 1.0.2, section 3).
type contentMode int

const (
	unsupported contentMode = iota
	structured
	binary
	batched
)

// attributePrefix begins the name of every header that is an event's attribute in binary mode.
const attributePrefix = "Ce-"

// modeOf returns the content mode of a request, by its headers.
func modeOf(header http.Header) contentMode {
	media, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return unsupported
	}
	switch media {
	case "application/cloudevents+json":
		return structured
	case "application/cloudevents-batch+json":
		return batched
	case "application/json":
		if len(attributes(header)) > 0 {
			return binary
		}
	}
	return unsupported
}

// attributes returns the values of the headers that carry an event's attributes, by the attribute's name.
func attributes(header http.Header) map[string][]string {
	found := map[string][]string{}
	for name, values := range header {
		if attribute, ok := strings.CutPrefix(name, attributePrefix); ok && len(values) > 0 {
			found[strings.ToLower(attribute)] = values
		}
	}
	return found
}

// post takes events. If only is set, post takes events of that type only.
func (a *API) post(only event.Type) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		mode := modeOf(r.Header)
		if mode == unsupported {
			WriteProblem(w, unsupportedMedia("application/cloudevents+json, application/cloudevents-batch+json for an array, "+
				"or application/json with the attributes in ce- headers"))
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxRead))
		if err != nil {
			WriteProblem(w, unreadBody())
			return
		}
		if mode == batched && len(body) > maxBatch {
			a.reply(w, r, a.oversizedBatch(r, only, body))
			return
		}
		if mode == batched {
			a.takeBatch(w, r, only, body)
			return
		}
		if mode == binary && len(body) > maxEvent {
			a.reply(w, r, a.oversized(r, only, events.SkimBinary(attributes(r.Header), body)))
			return
		}
		if mode == binary {
			whole, err := events.FromBinary(attributes(r.Header), body)
			if err != nil {
				WriteProblem(w, a.problem(r, err))
				return
			}
			body = whole
		}
		a.reply(w, r, a.record(r, only, body))
	}
}

// reply waits for what is in flight, and answers.
func (a *API) reply(w http.ResponseWriter, r *http.Request, t taken) {
	all := []taken{t}
	a.await(r, all)
	status, answer := all[0].answer()
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	write(w, status, answer)
}

// postBatch takes only a batch. Clients generated from the OpenAPI document tell the bodies of one path apart by their
// types, and an array has none.
func (a *API) postBatch(w http.ResponseWriter, r *http.Request) {
	if modeOf(r.Header) != batched {
		WriteProblem(w, unsupportedMedia("application/cloudevents-batch+json"))
		return
	}
	a.post("")(w, r)
}

func unsupportedMedia(send string) Problem {
	return Problem{Status: http.StatusUnsupportedMediaType, Detail: "send " + send + ", in UTF-8"}
}

// readBody reads a body of at most limit bytes. If that fails, it answers with the fault and returns false.
func readBody(w http.ResponseWriter, r *http.Request, limit int) ([]byte, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	switch {
	case err != nil:
		WriteProblem(w, unreadBody())
	case len(body) > limit:
		WriteProblem(w, oversize(limit))
	default:
		return body, true
	}
	return nil, false
}

func unreadBody() Problem {
	return Problem{Status: http.StatusBadRequest, Detail: "the body could not be read to its end"}
}

func oversize(limit int) Problem {
	return Problem{Status: http.StatusRequestEntityTooLarge, Detail: "at most " + strconv.Itoa(limit>>10) + " KB"}
}

// taken is what became of one event of a request: the result, or else the problem that refuses it.
type taken struct {
	intake.Result
	problem *Problem
	// held are the restraints that the refused orders left.
	held []*intake.Held
}

// refused answers an event, or the wait for it, with an error.
func (a *API) refused(r *http.Request, err error) taken {
	t := taken{problem: new(a.problem(r, err))}
	if held, ok := errors.AsType[*intake.Held](err); ok {
		t.held = []*intake.Held{held}
	}
	return t
}

// record records one event.
func (a *API) record(r *http.Request, only event.Type, raw []byte) taken {
	if len(raw) > maxEvent {
		return a.oversized(r, only, events.Skim(raw))
	}
	// A caller may have the right to this route alone. An event without a type is refused below.
	if kind := events.TypeOf(raw); only != "" && kind != "" && kind != string(only) {
		wrong := event.Fault{Pointer: "/type", Detail: "has to be " + string(only) + " on this path"}
		return a.refused(r, &event.Faults{List: []event.Fault{wrong}})
	}
	res, err := a.Intake.Record(r.Context(), raw, a.Caller(r))
	if err != nil {
		return a.refused(r, err)
	}
	return taken{Result: res}
}

// await waits for what the recorded events of a request, and the restraints that its refused orders left, find in
// flight, once for all of them.
func (a *API) await(r *http.Request, all []taken) {
	var recorded []*intake.Result
	for i := range all {
		if all[i].problem == nil {
			recorded = append(recorded, &all[i].Result)
		}
		for _, h := range all[i].held {
			recorded = append(recorded, &h.Hold)
		}
	}
	err := a.Intake.Await(r.Context(), recorded...)
	if err == nil {
		return
	}
	// Nobody can tell what was in flight. What is recorded stays, and waits again when the same is posted again.
	for i := range all {
		if t := &all[i]; len(t.held) > 0 {
			all[i] = a.refused(r, &intake.Held{Err: err, Restraint: t.held[0].Restraint})
			all[i].held = nil
		} else if t.problem == nil && t.Answer.InFlight != nil {
			all[i] = a.refused(r, err)
		}
	}
}

// answer is the status and body of the answer.
func (t *taken) answer() (int, any) {
	switch {
	case t.problem != nil:
		if len(t.held) > 0 {
			t.problem.InFlight = []ledger.InFlight{}
		}
		for _, h := range t.held {
			t.problem.InFlight = append(t.problem.InFlight, h.Hold.Answer.InFlight...)
		}
		return problemOf(*t.problem)
	case t.Waiting != nil:
		return http.StatusAccepted, t.Waiting
	case t.New:
		return http.StatusCreated, t.Answer
	}
	return http.StatusOK, t.Answer
}

// batchAnswer is the part of a batch's answer about one event.
type batchAnswer struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Status int    `json:"status"`
	Body   any    `json:"body"`
}

// takeBatch records the events of an array in order, each on its own.
func (a *API) takeBatch(w http.ResponseWriter, r *http.Request, only event.Type, body []byte) {
	list, err := events.SplitBatch(body)
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	all := make([]taken, 0, len(list))
	for _, raw := range list {
		all = append(all, a.record(r, only, raw))
	}
	a.await(r, all)
	answers := make([]batchAnswer, 0, len(list))
	for i, raw := range list {
		// A map keeps names case-sensitive. An unreadable event has no id; its answer names the fault.
		var named map[string]any
		_ = json.Unmarshal(raw, &named)
		id, _ := named["id"].(string)
		source, _ := named["source"].(string)
		status, answer := all[i].answer()
		answers = append(answers, batchAnswer{id, source, status, answer})
	}
	write(w, http.StatusMultiStatus, answers)
}
