// Package cases holds tests only: edge cases (E and a number) and invariants (I and a number), played through intake,
// dispatch and inquire together over a store in memory.
package cases
