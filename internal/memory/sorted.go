package memory

import (
	"iter"
	"slices"
)

// chunkLimit bounds the elements of one chunk. With 256, both the shifting within a chunk and the list of chunks stay
// short up to millions of elements.
const chunkLimit = 256

// ordered is an element with a place in an order. compare is negative if the element comes before other, and zero if
// both have the same place.
type ordered[T any] interface{ compare(other T) int }

// sorted is an ordered set in chunks. Reading goes along slices, and an insertion shifts at most one chunk. No chunk is
// empty.
type sorted[T ordered[T]] struct{ chunks [][]T }

// find returns the place of x: the first chunk that does not end before x, and the index of x in it. If ok is false, x
// would have to be inserted there.
func (s *sorted[T]) find(x T) (chunk, index int, ok bool) {
	chunk, _ = slices.BinarySearchFunc(s.chunks, x, func(c []T, x T) int { return c[len(c)-1].compare(x) })
	if chunk == len(s.chunks) {
		return chunk, 0, false
	}
	index, ok = slices.BinarySearchFunc(s.chunks[chunk], x, T.compare)
	return chunk, index, ok
}

// get returns the element equal to x.
func (s *sorted[T]) get(x T) (T, bool) {
	c, i, ok := s.find(x)
	if !ok {
		var none T
		return none, false
	}
	return s.chunks[c][i], true
}

// put inserts x or replaces the element equal to it.
func (s *sorted[T]) put(x T) {
	c, i, ok := s.find(x)
	switch {
	case ok:
		s.chunks[c][i] = x
		return
	case len(s.chunks) == 0:
		s.chunks = [][]T{{x}}
		return
	case c == len(s.chunks):
		c, i = c-1, len(s.chunks[c-1])
	}
	full := slices.Insert(s.chunks[c], i, x)
	s.chunks[c] = full
	if len(full) > chunkLimit {
		half := len(full) / 2
		s.chunks = slices.Insert(s.chunks, c+1, slices.Clone(full[half:]))
		clear(full[half:])
		s.chunks[c] = full[:half]
	}
}

// remove deletes the element equal to x, if there is one.
func (s *sorted[T]) remove(x T) {
	c, i, ok := s.find(x)
	if !ok {
		return
	}
	s.chunks[c] = slices.Delete(s.chunks[c], i, i+1)
	if len(s.chunks[c]) == 0 {
		s.chunks = slices.Delete(s.chunks, c, c+1)
	}
}

// after yields the elements greater than x, ascending. The set must not change meanwhile.
func (s *sorted[T]) after(x T) iter.Seq[T] {
	return func(yield func(T) bool) {
		c, i, ok := s.find(x)
		if ok {
			i++
		}
		for ; c < len(s.chunks); c, i = c+1, 0 {
			for _, e := range s.chunks[c][i:] {
				if !yield(e) {
					return
				}
			}
		}
	}
}
