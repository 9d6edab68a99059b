package intake_test

import (
	"context"
	"sync"

	"lapse/internal/memory"
	"lapse/internal/store"
)

// watched is the memory store with a watch on every change: what it was, and that it had at most ten items.
type watched struct {
	*memory.Store
	// Gate, if set, is called before every Commit.
	Gate func(store.Change)

	mu      sync.Mutex
	changes []store.Change
}

func (w *watched) Commit(ctx context.Context, c store.Change) error {
	if w.Gate != nil {
		w.Gate(c)
	}
	err := w.Store.Commit(ctx, c)
	if err == nil {
		w.mu.Lock()
		w.changes = append(w.changes, c)
		w.mu.Unlock()
	}
	return err
}

// items counts what a change writes: head, receipt and entry, what else it names, and one for each list of its own.
func items(c store.Change) int {
	n := 3 + len(c.Orders) + len(c.Rows) + (len(c.Entry.Pending)+499)/500
	if c.Request != nil {
		n++
	}
	if c.Disclosure != nil {
		n++
	}
	if c.Subject != nil {
		n++
	}
	if c.Exception != nil {
		n++
	}
	if c.Held != "" {
		n++
	}
	for _, r := range c.Head.Restraints {
		if r.Revision == c.Head.Version && (len(r.Subjects) > 50 || len(r.Unknown) > 50) {
			n++
		}
	}
	return n
}
