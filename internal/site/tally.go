package site

import (
	"fmt"
	"slices"
	"time"

	"lapse/internal/inquire"
	"lapse/internal/notice"
)

// tally counts notices by their result for the people concerned.
type tally struct {
	// Told: SES took the mail. Waiting: a due is known. Open: held without a known end. Unsure: nobody knows whether the
	// mail went out. Failed: still owed. Dropped: nobody will be told.
	Told, Waiting, Open, Unsure, Failed, Dropped int
	// Ahead: SES took the mail that tells before the disclosure. What else becomes of such a notice is not counted: the
	// letter after the disclosure is what is owed.
	Ahead int
	// dues are the dues of the waiting, ascending and each once.
	dues []time.Time
	// More means that there are more notices than were counted.
	More bool
}

// isTold reports whether a mail of the notice is out and has not come back, or the recipient was told otherwise.
func isTold(s notice.State) bool {
	return slices.Contains([]notice.State{notice.Sent, notice.Delivered, notice.Unconfirmed, notice.Complained,
		notice.ToldOtherwise}, s)
}

func tallyOf(notices []inquire.NoticeView) tally {
	var t tally
	for _, n := range notices {
		if n.Kind == notice.Advance {
			if isTold(n.State) {
				t.Ahead++
			}
			continue
		}
		if isTold(n.State) {
			t.Told++
			continue
		}
		switch n.State {
		case notice.Unknown:
			t.Unsure++
		case notice.Failed, notice.Bounced:
			t.Failed++
		case notice.Cancelled, notice.Withheld:
			t.Dropped++
		default:
			if n.Due == nil {
				t.Open++
				continue
			}
			t.Waiting++
			t.dues = append(t.dues, *n.Due)
		}
	}
	slices.SortFunc(t.dues, time.Time.Compare)
	t.dues = slices.CompactFunc(t.dues, time.Time.Equal)
	return t
}

// counted is the most notices that a tally counts.
const counted = 1000

// sentences say how many people may be told, and when.
func (t tally) sentences(c court, now time.Time) []string {
	var out []string
	add := func(n int, one, several string) {
		if n > 0 {
			out = append(out, capital(count(n))+" "+plural(n, one, several))
		}
	}
	add(t.Ahead, "was told before the disclosure.", "were told before the disclosure.")
	add(t.Told, "has been told.", "have been told.")
	add(t.Waiting, "may be told "+t.when(c, now)+".", "may be told "+t.when(c, now)+".")
	if t.Open > 0 {
		out = append(out, "For "+count(t.Open)+" nobody can say when.")
	}
	if t.Unsure > 0 {
		out = append(out, "For "+count(t.Unsure)+" nobody knows whether the mail went out.")
	}
	add(t.Failed, "could not be reached and is still owed the notice.",
		"could not be reached and are still owed the notice.")
	add(t.Dropped, "will not be told.", "will not be told.")
	if t.More && len(out) > 0 {
		out[0] = fmt.Sprintf("Of the first %d: ", counted) + out[0]
	}
	return out
}

// when writes the dues in words.
func (t tally) when(c court, now time.Time) string {
	n := len(t.dues)
	if n == 0 || !t.dues[n-1].After(now) {
		return "now"
	}
	first, last := c.sentence(t.dues[0]), c.sentence(t.dues[n-1])
	switch {
	case n == 1:
		return "from " + first
	case !t.dues[0].After(now):
		return "between now and " + last
	}
	return "between " + first + " and " + last
}
