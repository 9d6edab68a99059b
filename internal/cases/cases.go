// Package cases holds tests only: the edge cases E1-E48 of the design's reference and its invariants I1-I6, played
// through intake, dispatch and inquire together over a store in memory.
package cases
