// Package api makes the api function's handler.
package api

import (
	"net/http"

	"lapse/internal/config"
	"lapse/internal/config/intake"
	"lapse/internal/config/sender"
	"lapse/internal/httpapi"
	"lapse/internal/inquire"
	"lapse/internal/metrics"
)

// Make makes the HTTP door; caller names who was authenticated for a request.
func Make(p config.Process, caller func(*http.Request) string) (http.Handler, error) {
	r := p.Reader()
	from, count := sender.Read(r), p.Metrics(r)
	in, cfg, err := intake.Door(p, r, count)
	if err != nil {
		return nil, err
	}
	store := config.Store(cfg, r.Get("TABLE"))
	ask := &inquire.Service{Now: p.Now, Store: store, Law: in.Law, Letter: from}
	api := &httpapi.API{Intake: in, Inquire: ask, Principal: caller, Log: p.Log}
	return counting(api.Handler(), count), nil
}

// counting counts the events that were not taken: posts answered with a fault of the sender's.
func counting(h http.Handler, count *metrics.Writer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &status{ResponseWriter: w, code: http.StatusOK}
		h.ServeHTTP(seen, r)
		if r.Method == http.MethodPost && seen.code >= 400 && seen.code < 500 {
			count.One(intake.Refused)
		}
	})
}

// status remembers the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}
