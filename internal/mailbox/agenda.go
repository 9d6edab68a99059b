package mailbox

import (
	"container/heap"
	"time"
)

// owed is one event that SES will report about a mail.
type owed struct {
	// ID counts up. Events of the same instant are delivered in the order of their ids.
	ID int       `json:"id"`
	N  int       `json:"n"`
	At time.Time `json:"at"`
	// Event is SES' eventType.
	Event string `json:"event"`
	// Auto marks an event that comes by itself. A report set by Tell replaces an automatic delivery or bounce.
	Auto          bool   `json:"auto,omitempty"`
	BounceType    string `json:"bounceType,omitempty"`
	BounceSubType string `json:"bounceSubType,omitempty"`
}

// agenda holds the owed events by instant. Removed events stay in the heap until they come to its top.
type agenda struct {
	heap  byInstant
	alive map[int]int // event id to number of the mail
	// deliveries are the ids of the automatic delivery and bounce events, by number of the mail.
	deliveries map[int]int
	next       int
}

func newAgenda() agenda {
	return agenda{alive: make(map[int]int), deliveries: make(map[int]int), next: 1}
}

func (a *agenda) add(e owed) {
	heap.Push(&a.heap, e)
	a.alive[e.ID] = e.N
	if e.Auto && (e.Event == eventDelivery || e.Event == eventBounce) {
		a.deliveries[e.N] = e.ID
	}
	a.next = max(a.next, e.ID+1)
}

func (a *agenda) has(id int) bool {
	_, ok := a.alive[id]
	return ok
}

func (a *agenda) remove(id int) {
	n := a.alive[id]
	if a.deliveries[n] == id {
		delete(a.deliveries, n)
	}
	delete(a.alive, id)
}

// first returns the earliest event.
func (a *agenda) first() (owed, bool) {
	for len(a.heap) > 0 && !a.has(a.heap[0].ID) {
		heap.Pop(&a.heap)
	}
	if len(a.heap) == 0 {
		return owed{}, false
	}
	return a.heap[0], true
}

// byInstant implements heap.Interface.
type byInstant []owed

func (h byInstant) Len() int { return len(h) }

func (h byInstant) Less(i, k int) bool {
	if c := h[i].At.Compare(h[k].At); c != 0 {
		return c < 0
	}
	return h[i].ID < h[k].ID
}

func (h byInstant) Swap(i, k int) { h[i], h[k] = h[k], h[i] }

// Push appends x.
func (h *byInstant) Push(x any) { *h = append(*h, x.(owed)) }

// Pop removes and returns the last.
func (h *byInstant) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	*h = (*h)[:last]
	return e
}
