package dispatch

import "sync"

// memo reads each key once, even if many callers want it at the same time. Errors are not kept.
type memo[V any] struct {
	mu    sync.Mutex
	cells map[string]*cell[V]
}

type cell[V any] struct {
	read func() (V, error)
	// kept is true once read returns at once.
	kept bool
}

func (m *memo[V]) get(key string, read func() (V, error)) (V, error) {
	m.mu.Lock()
	if m.cells == nil {
		m.cells = map[string]*cell[V]{}
	}
	c, ok := m.cells[key]
	if !ok {
		c = &cell[V]{read: sync.OnceValues(read)}
		m.cells[key] = c
	}
	m.mu.Unlock()
	v, err := c.read()
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.kept = err == nil; !c.kept && m.cells[key] == c {
		delete(m.cells, key)
	}
	return v, err
}

// kept is the remembered value, if there is one already.
func (m *memo[V]) kept(key string) (v V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.cells[key]; c != nil && c.kept {
		v, _ = c.read()
		return v, true
	}
	return v, false
}

// put replaces the remembered value.
func (m *memo[V]) put(key string, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cells == nil {
		m.cells = map[string]*cell[V]{}
	}
	m.cells[key] = &cell[V]{func() (V, error) { return v, nil }, true}
}
