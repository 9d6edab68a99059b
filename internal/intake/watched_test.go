package intake_test

import (
	"context"
	"sync"

	"lapse/internal/memory"
	"lapse/internal/store"
)

// watched is the memory store with a watch on every change.
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
