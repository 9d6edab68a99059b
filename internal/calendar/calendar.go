// Package calendar turns what an order says about time into instants: the ends of court-local days, periods, and what
// has to be assumed where the paper is unsure. It reads no clock and no machine's zone files.
//
// Unsure input can only lengthen a hold (law 3). Three means serve that. Where the place is not sure, every candidate
// place is computed and the latest end and the earliest start are taken. A date that is absurd, lies ahead of the clock
// or is contradicted by another counts as missing, and both sides of a contradiction do. And an end that depends on
// something missing is no end. Contradictions are judged on what the paper says before anything is dropped, because a
// date that is no longer believed may still show that another one is wrong.
package calendar

import (
	"time"

	"lapse/internal/calendar/tzdata"
)

// Version is the IANA release that every result rests on, for example "2026f".
func Version() string { return tzdata.Version() }

// Load returns an IANA zone from the embedded files only; "", "Local" and offsets such as "UTC+3" give an error.
func Load(zone string) (*time.Location, error) { return tzdata.Load(zone) }
