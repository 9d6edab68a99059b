package httpapi

import (
	"net/http"

	"lapse/internal/event"
	"lapse/internal/ledger"
)

const problemMedia = "application/problem+json"

// Problem is a problem document (RFC 9457). Type and Title follow from Status.
type Problem struct {
	Type   string        `json:"type"`
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Detail string        `json:"detail,omitempty"`
	Errors []event.Fault `json:"errors,omitempty"`
	// InFlight is what could not be held any more when a refused order began to hold; nil where nothing was refused so.
	InFlight []ledger.InFlight `json:"inFlight,omitzero"`
}

func (p Problem) filled() Problem {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	return p
}

// problemOf returns the status and body of a problem.
func problemOf(p Problem) (int, any) { return p.Status, p.filled() }

// WriteProblem answers with a problem document. A 503 says when to try again.
func WriteProblem(w http.ResponseWriter, p Problem) {
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	write(w, p.Status, p.filled())
}
