package mailbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"lapse/events"
	"lapse/internal/event"
)

// maxControl bounds the body of a request to the endpoints below, in bytes.
const maxControl = 64 << 10

// Mount adds the mailbox's own endpoints: the inbox as JSON, single mails, faults, and SES' reports. Refusals are
// problem+json (RFC 9457).
func (s *Server) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /local/inbox.json", s.getInbox)
	mux.HandleFunc("GET /local/inbox/{file}", s.getMail)
	mux.HandleFunc("POST /local/ses", s.postFault)
	mux.HandleFunc("POST /local/ses/events", s.postEvent)
}

func (s *Server) getInbox(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, "application/json", s.Mails())
}

func (s *Server) getMail(w http.ResponseWriter, r *http.Request) {
	number, isMail := strings.CutSuffix(r.PathValue("file"), ".eml")
	n, err := strconv.Atoi(number)
	if err != nil || !isMail {
		writeProblem(w, http.StatusNotFound, "a mail is /local/inbox/<n>.eml")
		return
	}
	raw, err := s.Raw(n)
	switch {
	case errors.Is(err, ErrNoMail):
		writeProblem(w, http.StatusNotFound, "there is no mail of that number")
	case err != nil:
		writeProblem(w, http.StatusInternalServerError, "the mail cannot be read")
	default:
		w.Header().Set("Content-Type", "message/rfc822")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(raw)
	}
}

// postFault takes {"fault", "times"?}; times is 1 if absent.
func (s *Server) postFault(w http.ResponseWriter, r *http.Request) {
	body, ok := readObject(w, r)
	if !ok {
		return
	}
	in := struct {
		fault string
		times int
	}{times: 1}
	faults := body.take(map[string]any{"fault": &in.fault, "times": &in.times}, "fault")
	if len(faults) == 0 && in.times < 1 {
		faults = append(faults, event.Fault{Pointer: "/times", Detail: "at least 1"})
	}
	if len(faults) == 0 {
		if err := s.SetFault(Fault(in.fault), in.times); err != nil {
			faults = append(faults, event.Fault{Pointer: "/fault",
				Detail: "one of none, throttle, reject, pause, drop_after_accept, error_500, slow"})
		}
	}
	if len(faults) > 0 {
		writeProblem(w, http.StatusUnprocessableEntity, "the fault is not set", faults...)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"fault": in.fault, "times": in.times})
}

// postEvent takes {"messageId", "event", "bounceType"?, "bounceSubType"?}, or {"auto"}.
func (s *Server) postEvent(w http.ResponseWriter, r *http.Request) {
	body, ok := readObject(w, r)
	if !ok {
		return
	}
	if _, is := body["auto"]; is {
		s.postAuto(w, body)
		return
	}
	var t Telling
	faults := body.take(map[string]any{"messageId": &t.MessageID, "event": &t.Event, "bounceType": &t.BounceType,
		"bounceSubType": &t.BounceSubType}, "messageId", "event")
	if _, known := eventType(t.Event); len(faults) == 0 && !known {
		faults = append(faults, event.Fault{Pointer: "/event",
			Detail: "one of send, delivery, bounce, complaint, reject, delivery_delay"})
	}
	if len(faults) == 0 {
		switch err := s.Tell(t); {
		case errors.Is(err, ErrNoMail):
			faults = append(faults, event.Fault{Pointer: "/messageId", Detail: "no mail has this id"})
		case err != nil:
			writeProblem(w, http.StatusInternalServerError, "the event cannot be kept")
			return
		}
	}
	if len(faults) > 0 {
		writeProblem(w, http.StatusUnprocessableEntity, "the event is not told", faults...)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"messageId": t.MessageID, "event": t.Event})
}

func (s *Server) postAuto(w http.ResponseWriter, body object) {
	var auto bool
	if faults := body.take(map[string]any{"auto": &auto}, "auto"); len(faults) > 0 {
		writeProblem(w, http.StatusUnprocessableEntity, "auto is not set", faults...)
		return
	}
	if err := s.SetAuto(auto); err != nil {
		writeProblem(w, http.StatusInternalServerError, "auto cannot be kept")
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"auto": auto})
}

// object is a JSON object whose fields are not decoded yet. Names are case-sensitive.
type object map[string]json.RawMessage

// readObject reads the body, or answers 400 or 413 and returns false.
func readObject(w http.ResponseWriter, r *http.Request) (object, bool) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControl))
	if err != nil {
		writeProblem(w, http.StatusRequestEntityTooLarge, "the body cannot be read or is too large")
		return nil, false
	}
	var o object
	if err := json.Unmarshal(raw, &o); err != nil || o == nil {
		writeProblem(w, http.StatusBadRequest, "the body is not a JSON object")
		return nil, false
	}
	if _, err := events.Object(raw, slices.Collect(maps.Keys(o))...); err != nil { // a key twice
		faults, _ := errors.AsType[*event.Faults](err)
		writeProblem(w, http.StatusUnprocessableEntity, "the body is not one plain JSON object", faults.List...)
		return nil, false
	}
	return o, true
}

// take decodes the known fields into their targets. It returns every fault: a field that is missing, unknown, or of
// another type.
func (o object) take(known map[string]any, required ...string) []event.Fault {
	var faults []event.Fault
	for name, raw := range o {
		target, ok := known[name]
		if !ok {
			escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
			faults = append(faults, event.Fault{Pointer: "/" + escaped, Detail: "unknown field"})
			continue
		}
		if err := json.Unmarshal(raw, target); err != nil || bytes.Equal(raw, []byte("null")) {
			faults = append(faults, event.Fault{Pointer: "/" + name, Detail: "of another type than wanted"})
		}
	}
	for _, name := range required {
		if _, ok := o[name]; !ok {
			faults = append(faults, event.Fault{Pointer: "/" + name, Detail: "missing"})
		}
	}
	slices.SortFunc(faults, func(a, b event.Fault) int { return strings.Compare(a.Pointer, b.Pointer) })
	return faults
}

type problem struct {
	Type   string        `json:"type"`
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Detail string        `json:"detail"`
	Errors []event.Fault `json:"errors,omitempty"`
}

func writeProblem(w http.ResponseWriter, status int, detail string, faults ...event.Fault) {
	writeJSON(w, status, "application/problem+json",
		problem{"about:blank", http.StatusText(status), status, detail, faults})
}

func writeJSON(w http.ResponseWriter, status int, kind string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the answer cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}
