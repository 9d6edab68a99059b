package intake_test

import (
	"cmp"
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

	// Fail, if set, is asked before every Commit. Its error is the answer. The change is made first where Lose is set.
	Fail func(store.Change) error
	Lose bool

	mu      sync.Mutex
	changes []store.Change
}

func (w *watched) Commit(ctx context.Context, c store.Change) error {
	if w.Gate != nil {
		w.Gate(c)
	}
	var failed error
	if w.Fail != nil {
		failed = w.Fail(c)
	}
	if failed != nil && !w.Lose {
		return failed
	}
	err := w.Store.Commit(ctx, c)
	if err == nil {
		w.mu.Lock()
		w.changes = append(w.changes, c)
		w.mu.Unlock()
	}
	return cmp.Or(err, failed)
}
