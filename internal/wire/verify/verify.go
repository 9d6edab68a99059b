// Package verify builds the public page that says whether a mail is Lapse's own.
package verify

import (
	"net/http"

	"lapse/internal/config"
	"lapse/internal/dynamo"
	"lapse/internal/verify"
	"lapse/internal/wire"
)

// New builds the page over a store. An error means that embedded data cannot be read.
func New(p wire.Process, store verify.Store, sender string) (*verify.Page, error) {
	return verify.New(store, sender, p.Log)
}

// Function builds the handler of the verify function.
func Function(p wire.Process, getenv func(string) string) (http.Handler, error) {
	s, err := config.ReadVerify(getenv)
	if err != nil {
		return nil, err
	}
	cfg, err := config.AWS()
	if err != nil {
		return nil, err
	}
	page, err := New(p, dynamo.New(dynamo.NewClient(cfg, config.Conns), s.Table), s.Sender)
	if err != nil {
		return nil, err
	}
	return page.Handler(), nil
}
