package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/store"
)

// oversized refuses an event that is too large to be decoded. An order leaves a restraint. skimmed is what can be told
// of the event. If only is set, the caller may have the right to that type alone: then an event of another type leaves
// nothing, and one that names no type counts as that type.
func (a *API) oversized(r *http.Request, only event.Type, skimmed event.Event) taken {
	held, err := a.hold(r, only, skimmed)
	if err != nil {
		return a.refused(r, err)
	}
	return tooLarge(maxEvent, held)
}

// oversizedBatch refuses an array that is too large to be split. Each matter that an order in it names is held once.
func (a *API) oversizedBatch(r *http.Request, only event.Type, body []byte) taken {
	var all []*intake.Held
	seen := map[string]bool{}
	for _, skimmed := range events.SkimBatch(body) {
		if seen[skimmed.Matter] {
			continue
		}
		held, err := a.hold(r, only, skimmed)
		if err != nil {
			return a.refused(r, err)
		}
		if held != nil {
			all, seen[skimmed.Matter] = append(all, held), true
		}
	}
	return tooLarge(maxBatch, all...)
}

// tooLarge refuses what has over limit bytes, and names the restraints that it left.
func tooLarge(limit int, held ...*intake.Held) taken {
	held = slices.DeleteFunc(held, func(h *intake.Held) bool { return h == nil })
	t := taken{problem: new(oversize(limit)), held: held}
	if len(held) > 0 {
		ids := make([]string, len(held))
		for i, h := range held {
			ids[i] = h.Restraint
		}
		t.problem.Detail += holds(ids...)
	}
	return t
}

// hold leaves the restraint of an oversized order and returns it, nil for an event that leaves none.
func (a *API) hold(r *http.Request, only event.Type, skimmed event.Event) (*intake.Held, error) {
	if skimmed.Type == "" {
		skimmed.Type = only
	}
	if only != "" && skimmed.Type != only {
		return nil, nil
	}
	skimmed.Caller = a.Caller(r)
	err := a.Intake.Oversized(r.Context(), skimmed)
	if held, ok := errors.AsType[*intake.Held](err); ok {
		return held, nil
	}
	if errors.Is(err, store.ErrTooLarge) {
		return nil, nil
	}
	return nil, err
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
