package worldtest

import (
	"maps"
	"strings"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/matter"
)

// Object is a JSON object.
type Object = map[string]any

// With returns the object with the members of more, which win.
func With(o, more Object) Object {
	out := maps.Clone(o)
	if out == nil {
		out = Object{}
	}
	maps.Copy(out, more)
	return out
}

// Event is an event as a sender posts it. Its methods return changed copies, so a fixture can be shared.
type Event struct {
	Type event.Type
	Data Object
	// ID is the event's; a World numbers events without one.
	ID string
	// Extensions are the attributes that neither CloudEvents nor Lapse defines.
	Extensions Object
	// Matter is the event's subject. Actor is left out where it is empty.
	Matter, Actor string
}

// NewEvent is an event of the type about Matter, by one of counsel. The type may be short, such as "order.received".
func NewEvent(kind event.Type, data Object) Event {
	if !strings.HasPrefix(string(kind), "lapse.") {
		kind = "lapse." + kind + ".v1"
	}
	return Event{Type: kind, Data: data, Matter: Matter, Actor: Counsel}
}

// With is the event with these members of its data added or replaced.
func (e Event) With(more Object) Event {
	e.Data = With(e.Data, more)
	return e
}

// Without is the event without these members of its data.
func (e Event) Without(names ...string) Event {
	e.Data = maps.Clone(e.Data)
	for _, name := range names {
		delete(e.Data, name)
	}
	return e
}

// In is the event about another matter.
func (e Event) In(matterID string) Event {
	e.Matter = matterID
	return e
}

// By is the event of another actor, of nobody if it is "".
func (e Event) By(actor string) Event {
	e.Actor = actor
	return e
}

// Named is the event with this id.
func (e Event) Named(id string) Event {
	e.ID = id
	return e
}

// JSON is the event in the structured mode of CloudEvents.
func (e Event) JSON(t require.TestingT) []byte {
	posted := Object{
		"specversion": "1.0", "id": e.ID, "source": "legal.example", "type": e.Type, "subject": e.Matter, "data": e.Data,
	}
	if e.Actor != "" {
		posted["actor"] = e.Actor
	}
	maps.Copy(posted, e.Extensions)
	raw, err := matter.JSON(posted)
	require.NoError(t, err, "a fixture is JSON")
	return raw
}
