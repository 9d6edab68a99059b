//go:build race

package sim

// slower is how much fewer runs the race detector leaves time for.
const slower = 20
