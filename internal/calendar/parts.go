package calendar

import (
	"slices"
	"time"

	"lapse/internal/matter"
)

// readParts is Read of the earliest or the latest of several ends. Each part is read as if it were the only one. A part
// that cannot be determined does not count among the earliest, and leaves the latest without an end.
func readParts(p matter.Paper, disclosed time.Time) Reading {
	parts := p.End.Parts()
	if len(parts) == 0 {
		p.End = matter.End{} // which cannot be read
		return readOne(p, disclosed)
	}
	var out Reading
	all, fromStart := true, false
	for i, part := range parts {
		alone := p
		alone.End = part
		r := readOne(alone, disclosed)
		out.Zone = r.Zone
		if fromStart = fromStart || r.From.IsZero(); out.From.IsZero() || r.From.Before(out.From) {
			out.From = r.From
		}
		out.addNotes(r, i, p.End.Kind)
		if r.Until.IsZero() {
			all = false
			continue
		}
		out.take(r, p.End.Kind)
	}
	if fromStart {
		out.From = time.Time{}
	}
	if p.End.Kind == matter.EndLatest && !all {
		out.Strict, out.Rolled, out.Until = time.Time{}, time.Time{}, time.Time{}
	}
	return out
}

// take takes the ends of a part that has one.
func (r *Reading) take(part Reading, kind matter.EndKind) {
	choose := later
	if kind == matter.EndEarliest {
		choose = earlier
	}
	if r.Until.IsZero() {
		choose = func(_, b time.Time) time.Time { return b }
	}
	r.Strict, r.Rolled, r.Until = choose(r.Strict, part.Strict), choose(r.Rolled, part.Rolled),
		choose(r.Until, part.Until)
}

// addNotes adds the notes of a part, each code of the whole paper once. Those about the part's own end say what becomes
// of the part.
func (r *Reading) addNotes(part Reading, i int, kind matter.EndKind) {
	for _, n := range part.Notes {
		if ofEnd(n.Code) {
			n = partNote(n.Code, i, kind)
		}
		if !slices.Contains(r.Notes, n) {
			r.Notes = append(r.Notes, n)
		}
	}
}

// ofEnd reports whether a note of the code says that there is no end.
func ofEnd(code string) bool {
	return slices.Contains([]string{CodeEndBeforeStart, CodeEndBeforeSigning, CodeEndUnreadable, CodeEndAbsurd,
		CodeTriggerMissing, CodeAwaitsDisclosure}, code)
}

// partNote says what becomes of an end of which one part cannot be determined.
func partNote(code string, i int, kind matter.EndKind) Note {
	if kind == matter.EndEarliest {
		return note(code, "Part %d of the end cannot be determined, so it does not count beside the others.", i+1)
	}
	return note(code, "Part %d of the end cannot be determined, so the order counts as having no end.", i+1)
}
