package httpapi

import (
	"errors"
	"net/http"
	"strings"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/store"
)

// oversized refuses an event that is too large to be decoded. An order leaves a restraint. skimmed is what can be told
// of the event. If only is set, the caller may have the right to that type alone: then an event of another type leaves
// nothing, and one that names no type counts as that type.
func (a *API) oversized(r *http.Request, only event.Type, skimmed event.Event) Problem {
	held, err := a.hold(r, only, skimmed)
	if err != nil {
		return a.problem(r, err)
	}
	p := oversize(maxEvent)
	if held != "" {
		p.Detail += holds(held)
	}
	return p
}

// oversizedBatch refuses an array that is too large to be split. Each matter that an order in it names is held once.
func (a *API) oversizedBatch(r *http.Request, only event.Type, body []byte) Problem {
	var held []string
	seen := map[string]bool{}
	for _, skimmed := range events.SkimBatch(body) {
		if seen[skimmed.Matter] {
			continue
		}
		restraint, err := a.hold(r, only, skimmed)
		if err != nil {
			return a.problem(r, err)
		}
		if restraint != "" {
			held, seen[skimmed.Matter] = append(held, restraint), true
		}
	}
	p := oversize(maxBatch)
	if len(held) > 0 {
		p.Detail += holds(held...)
	}
	return p
}

// hold leaves the restraint of an oversized order and returns its id, "" for an event that leaves none.
func (a *API) hold(r *http.Request, only event.Type, skimmed event.Event) (string, error) {
	if skimmed.Type == "" {
		skimmed.Type = only
	}
	if only != "" && skimmed.Type != only {
		return "", nil
	}
	skimmed.Caller = a.Caller(r)
	err := a.Intake.Oversized(r.Context(), skimmed)
	if held, ok := errors.AsType[*intake.Held](err); ok {
		return held.Restraint, nil
	}
	if errors.Is(err, store.ErrTooLarge) {
		return "", nil
	}
	return "", err
}

// mostNamed is how many restraints a refusal names.
const mostNamed = 10

// holds says which restraints hold since an order was not recorded.
func holds(restraints ...string) string {
	more := ""
	if len(restraints) > mostNamed {
		restraints, more = restraints[:mostNamed], ", ..."
	}
	return "; everybody of the matter is held until two persons have assessed this void: " +
		strings.Join(restraints, ", ") + more
}
