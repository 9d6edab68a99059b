package httpapi

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"lapse/internal/event"
	"lapse/internal/inquire"
)

// strict refuses a query parameter that the route does not know. A typing error in a parameter must not look like an
// answer.
func strict(h http.HandlerFunc, allowed ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if found := queryFaults(r.URL.RawQuery, allowed); len(found) > 0 {
			WriteProblem(w, badQuestion(found))
			return
		}
		h(w, r)
	}
}

func queryFaults(query string, allowed []string) []event.Fault {
	values, err := url.ParseQuery(query)
	if err != nil {
		return []event.Fault{{Detail: "the query is not percent-encoded correctly"}}
	}
	var found []event.Fault
	for _, name := range slices.Sorted(maps.Keys(values)) {
		detail := ""
		switch {
		case !slices.Contains(allowed, name):
			// An unknown name may be anything, an address too, so it is not repeated.
			found = append(found, event.Fault{Detail: "this path does not have one of the parameters"})
			continue
		case len(values[name]) > 1:
			detail = "stands more than once"
		case values.Get(name) == "":
			detail = "is empty; leave the parameter out"
		default:
			continue
		}
		found = append(found, event.Fault{Pointer: "/" + name, Detail: detail})
	}
	return found
}

func badQuestion(found []event.Fault) Problem {
	return Problem{Status: http.StatusBadRequest, Detail: "the question cannot be answered", Errors: found}
}

// page reads the cursor and the limit of a paged question. The cursor is the "next" of the page before. It is given as
// "cursor", or as "next", its earlier name. If both are given, "cursor" counts.
func page(r *http.Request) (cursor string, limit int, err error) {
	q := r.URL.Query()
	limit = defaultLimit
	if s := q.Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > maxLimit {
			return "", 0, &event.Faults{List: []event.Fault{{Pointer: "/limit", Detail: "a number from 1 to 1000"}}}
		}
	}
	if cursor = q.Get("cursor"); cursor == "" {
		cursor = q.Get("next")
	}
	if len(cursor) > maxCursor {
		return "", 0, inquire.ErrCursor
	}
	return cursor, limit, nil
}
