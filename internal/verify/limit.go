package verify

import (
	"net/http"

	"golang.org/x/time/rate"
)

// The limit of the local stack. In the cloud API Gateway has its own.
const (
	PerSecond = 5
	Burst     = 200
)

// LimitedRoutes are Routes, with questions let through at PerSecond after a first Burst, and the others answered with
// 429. The limit goes by real time.
func (p *Page) LimitedRoutes() map[string]http.HandlerFunc {
	limiter := rate.NewLimiter(PerSecond, Burst)
	routes := p.Routes()
	for _, pattern := range []string{"GET /verify", "POST /verify"} {
		next := routes[pattern]
		routes[pattern] = func(w http.ResponseWriter, r *http.Request) {
			if !limiter.Allow() {
				p.busy(w, r)
				return
			}
			next(w, r)
		}
	}
	return routes
}
