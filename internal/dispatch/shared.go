package dispatch

import "sync"

// shared lets callers who ask for the same key share one reading. It always begins after they asked, so it shows what
// was written before any of them did.
type shared[V any] struct {
	mu   sync.Mutex
	runs map[string]*reading[V]
}

// reading is one reading of a key: it runs, or it waits for the one before.
type reading[V any] struct {
	begun bool
	// next waits for this one's end.
	next *reading[V]
	over chan struct{}
	v    V
	err  error
}

func (s *shared[V]) get(key string, read func() (V, error)) (V, error) {
	s.mu.Lock()
	last := s.runs[key]
	if last != nil && last.next != nil {
		last = last.next
	}
	if last != nil && !last.begun {
		s.mu.Unlock()
		<-last.over
		return last.v, last.err
	}
	r := &reading[V]{over: make(chan struct{})}
	if last == nil {
		if s.runs == nil {
			s.runs = map[string]*reading[V]{}
		}
		s.runs[key] = r
	} else {
		last.next = r
	}
	s.mu.Unlock()
	if last != nil {
		<-last.over
	}
	return s.run(key, r, read)
}

// run makes a reading, and lets go who wait for it and for its end.
func (s *shared[V]) run(key string, r *reading[V], read func() (V, error)) (V, error) {
	s.mu.Lock()
	r.begun = true
	s.mu.Unlock()
	r.v, r.err = read()
	s.mu.Lock()
	if s.runs[key] = r.next; r.next == nil {
		delete(s.runs, key)
	}
	s.mu.Unlock()
	close(r.over)
	return r.v, r.err
}
