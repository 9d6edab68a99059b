package transparency

import (
	"maps"
	"slices"
	"time"
)

// minimumCases is how many cases a median needs: with fewer, it tells about single people.
const minimumCases = 5

// spread counts cases by their number of days, so that a median needs no list of all cases and two spreads can be
// added.
type spread map[int]int

func (s spread) add(days, cases int) { s[days] += cases }

func (s spread) merge(other spread) {
	for d, n := range other {
		s[d] += n
	}
}

func (s spread) cases() int {
	n := 0
	for _, c := range s {
		n += c
	}
	return n
}

// median is the lower median; ok is false under minimumCases cases.
func (s spread) median() (days int, ok bool) {
	n := s.cases()
	if n < minimumCases {
		return 0, false
	}
	rank := (n + 1) / 2
	for _, d := range slices.Sorted(maps.Keys(s)) {
		if rank -= s[d]; rank <= 0 {
			return d, true
		}
	}
	return 0, false
}

// cells are the median and the greatest number of days as cells; an empty spread has neither.
func (s spread) cells() (median, greatest string) {
	if d, ok := s.median(); ok {
		median = itoa(d)
	}
	if len(s) > 0 {
		greatest = itoa(slices.Max(slices.Collect(maps.Keys(s))))
	}
	return median, greatest
}

// wholeDays is how many whole days of 24 hours lie between two instants, never less than 0.
func wholeDays(from, to time.Time) int { return max(0, int(to.Sub(from)/(24*time.Hour))) }
