package inquire_test

import (
	"lapse/internal/agenda"
	"lapse/internal/inquire"
	"lapse/internal/worldtest"
)

var start = worldtest.Start()

// world is a world to whose store the test writes directly.
type world struct{ *worldtest.World }

func newWorld(t worldtest.T) *world { return &world{worldtest.New(t)} }

// item is the item of a row that stands where it will be visited.
func item(r agenda.Row) inquire.Item {
	return inquire.Item{At: r.At, Kind: r.Kind, ID: r.ID(), Matter: r.Matter, Ref: r.Ref}
}
