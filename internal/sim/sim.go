// Package sim holds no code. Its tests run the real dispatch, intake and delivery against a simulated world, many
// thousand times, and check after every step that no promise is broken (docs/adr/0011).
//
// A run is one seed. Three dispatchers, two takers of events and one taker of SES' reports share one store in memory.
// Each has a clock that is up to 2 s wrong. Every call that leaves a service waits for the scheduler, which lets
// exactly one call go on, so a seed replays exactly. Before each call the scheduler may end the process, freeze it, or
// turn to another. Calls lose their request or their reply. SES throttles, refuses, pauses, or takes a mail and does
// not say so. Its reports come late, twice or never. In some runs people hold notices, ask for exceptions or want to be
// erased, and in some nobody sweeps for days. After a while the faults stop, and everything has to come to its end.
package sim
