package law

import (
	"fmt"
	"strings"
	"time"

	"lapse/internal/matter"
)

// StillHolds is the code of the warning that the end of one hold leaves another standing.
const StillHolds = "still_holds"

// Hold is one hold that is left after another has ended. A zero Until is no known end.
type Hold struct {
	ID, Citation string
	Origin       matter.Origin
	Until        time.Time
}

// StillHeld says what holds after the end of another hold, and what would end each. It is "" where nothing is left. A
// termination notice ends a national security letter, and not the silence of 18 U.S.C. 2709(c) that stands beside it.
func StillHeld(left []Hold) string {
	if len(left) == 0 {
		return ""
	}
	parts := make([]string, len(left))
	for i, h := range left {
		name := h.ID
		if h.Citation != "" {
			name += " (" + h.Citation + ")"
		}
		parts[i] = fmt.Sprintf("%s holds until %s", name, endsBy(h))
	}
	return "Telling is not free yet: " + strings.Join(parts, "; ") + "."
}

// endsBy says what ends a hold.
func endsBy(h Hold) string {
	switch {
	case !h.Until.IsZero():
		return matter.Ceil(h.Until.UTC()).Format(time.RFC3339)
	case h.Origin == matter.OriginUnstated:
		return "an amendment names a legal basis that a verified rule leaves open, or two persons declare it void"
	case h.Origin == matter.OriginUnverified, h.Origin == matter.OriginUnreadable:
		return "two persons declare it void (lapse.order.assessed.v1), or the authority permits telling " +
			"(lapse.order.ended.v1)"
	}
	return "a court lifts it or the authority permits telling (lapse.order.ended.v1)"
}
