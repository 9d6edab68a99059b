package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"lapse/internal/httpapi"
)

// bodyTime bounds the arrival of a request's body. Headers have their own limit.
const bodyTime = 30 * time.Second

// guard keeps other sites out of the stack, which asks nobody for a password. A page elsewhere can make a browser on
// this machine send requests, across origins or under a host name that leads here (DNS rebinding).
func guard(port int, next http.Handler) (http.Handler, error) {
	hosts := ownHosts(port)
	origins := http.NewCrossOriginProtection() // by Sec-Fetch-Site, else Origin; neither: no page
	for _, host := range hosts {
		if err := origins.AddTrustedOrigin("http://" + host); err != nil {
			return nil, fmt.Errorf("trust the stack's own pages: %w", err)
		}
	}
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		deny(w, http.StatusForbidden, "only the stack's own pages, and programs that are no page, may change something")
	}))
	protected := origins.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(hosts, strings.ToLower(r.Host)) {
			deny(w, http.StatusMisdirectedRequest, "the stack answers under "+hosts[0]+" and its other local names only")
			return
		}
		protected.ServeHTTP(w, r)
	}), nil
}

func deny(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	httpapi.WriteProblem(w, httpapi.Problem{Status: status, Detail: detail})
}

// ownHosts lists the Host headers that mean the stack.
func ownHosts(port int) []string {
	var hosts []string
	for _, name := range []string{"127.0.0.1", "localhost", "[::1]"} {
		hosts = append(hosts, name+":"+strconv.Itoa(port))
		if port == 80 { // browsers leave this port out
			hosts = append(hosts, name)
		}
	}
	return hosts
}

// patient gives every body at most the given time to arrive. The server's ReadTimeout would also end a push of the
// clock, whose answer takes long.
func patient(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			control := http.NewResponseController(w)
			// A connection without deadlines comes from no server, so there is nothing to limit.
			if control.SetReadDeadline(time.Now().Add(limit)) == nil {
				r.Body = &timedBody{ReadCloser: r.Body, control: control}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// timedBody lifts the deadline once the body has arrived.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

// Read reads from the body.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{}) // the deadline was set before, so it can be set again
	}
	return n, err
}
