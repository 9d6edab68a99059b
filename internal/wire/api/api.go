// Package api builds the HTTP door: the service that takes events, the one that answers questions, and the handler.
package api

import (
	"net/http"

	"lapse/internal/config"
	"lapse/internal/event"
	"lapse/internal/httpapi"
	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/keyring"
	"lapse/internal/metrics"
	"lapse/internal/seal"
	"lapse/internal/store"
	"lapse/internal/wire"
	wireintake "lapse/internal/wire/intake"
	"lapse/internal/wire/letterhead"
)

// Store is what the two services ask of the store.
type Store interface {
	wireintake.Store
	inquire.Store
	store.Proofs
}

// Ports are what the services work with. Caller says who was authenticated for a request.
type Ports struct {
	Store  Store
	Key    seal.Key
	Caller func(*http.Request) event.Caller
}

// Services are the services behind the door, and the door.
type Services struct {
	Intake  *intake.Service
	Inquire *inquire.Service
	API     *httpapi.API
	metrics *metrics.Writer
}

// New builds the services. An error means that embedded data cannot be read.
func New(p wire.Process, ports Ports, s config.API) (*Services, error) {
	in, err := wireintake.New(p, wireintake.Ports{Store: ports.Store, Key: ports.Key}, s.Door)
	if err != nil {
		return nil, err
	}
	ask := &inquire.Service{
		Now: p.Now, Store: ports.Store, Law: in.Law,
		Letter: letterhead.Sender(s.Sender), Names: &keyring.Ring{Key: ports.Key, Store: ports.Store},
	}
	door := &httpapi.API{Intake: in, Inquire: ask, Caller: ports.Caller, Log: p.Log}
	return &Services{Intake: in, Inquire: ask, API: door, metrics: p.Metrics(s.Stage)}, nil
}

// Counted is the handler, with the events that were not taken counted: posts answered with a fault of the sender's.
func (s *Services) Counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &status{ResponseWriter: w, code: http.StatusOK}
		h.ServeHTTP(seen, r)
		if r.Method == http.MethodPost && seen.code >= 400 && seen.code < 500 {
			s.metrics.One(wireintake.Refused)
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

// Function builds the handler of the api function. authenticated returns what API Gateway says of a request's caller,
// the zero IAM where it says nothing.
func Function(p wire.Process, getenv func(string) string, authenticated func(*http.Request) IAM) (http.Handler,
	error) {
	s, err := config.ReadAPI(getenv, wireintake.DefaultRules(), letterhead.Checks())
	if err != nil {
		return nil, err
	}
	cfg, err := config.AWS()
	if err != nil {
		return nil, err
	}
	table, key, err := wireintake.Clients(cfg, s.Door)
	if err != nil {
		return nil, err
	}
	caller := func(r *http.Request) event.Caller { return authenticated(r).Caller(s.PersonRoles) }
	services, err := New(p, Ports{Store: table, Key: key, Caller: caller}, s)
	if err != nil {
		return nil, err
	}
	return services.Counted(services.API.Handler()), nil
}
