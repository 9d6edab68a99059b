package dispatch

import (
	"math"
	"sync"
	"time"

	"lapse/internal/store"
)

// Report is what one sweep did. All but the alarms are counts of this sweep; a notice may be counted in several.
type Report struct {
	// Due counts the agenda rows of notices up to now that were read; there may be more where AtCapacity is true.
	Due int `json:"due"`
	// Sent counts mails that SES accepted, Unknown those it may have.
	Sent    int `json:"sent"`
	Unknown int `json:"unknown"`
	// Blocked counts notices that a restraint, or a person, holds.
	Blocked int `json:"blocked"`
	// Moved counts agenda rows put elsewhere; Waiting the notices that could go but for pause or time; Contended those
	// that another dispatcher had in hand. While nothing can be sent, Waiting is the most there can be of what was read:
	// behind the first page of each partition it counts rows, and nobody looks whether an order covers the notice of one.
	Moved     int `json:"moved"`
	Waiting   int `json:"waiting"`
	Contended int `json:"contended"`
	// Refused counts attempts that SES throttled or that did not reach it, Failed the notices that need another
	// channel, Unconfirmed those without any sign in seven days, Held those of unknown outcome that the policy
	// at_most_once leaves to a person.
	Refused     int `json:"refused"`
	Failed      int `json:"failed"`
	Unconfirmed int `json:"unconfirmed"`
	Held        int `json:"held"`
	// Duplicates counts mails accepted beside an earlier one that a late sign had settled; LateOrders the orders
	// found to have come after the mail.
	Duplicates int `json:"duplicates"`
	LateOrders int `json:"lateOrders"`
	// Work counts work rows done; Unread the orders still unread after 24 h; Reviews the orders without a known end
	// and the exceptions that came up for review, Clocks the pending challenges whose clock ran out.
	Work    int `json:"work"`
	Unread  int `json:"unread"`
	Reviews int `json:"reviews"`
	Clocks  int `json:"clocks"`
	// Errors counts steps that failed and will be tried again; Orphans the rows whose item is missing, OrphanAlarms
	// those missing for over a day.
	Errors       int `json:"errors"`
	Orphans      int `json:"orphans"`
	OrphanAlarms int `json:"orphanAlarms"`
	// OldestOverdueSeconds is how far the oldest notice that could go was behind its due, sent or not, of those looked at:
	// what is only counted may be held by an order, and came later.
	OldestOverdueSeconds int64 `json:"oldestOverdueSeconds"`
	// AtCapacity is set where time, or what is counted during a pause, ended before the agenda did: then Waiting and
	// DrainSeconds are of a part.
	AtCapacity bool `json:"atCapacity"`
	// DrainSeconds forecasts how long what waits will take at the quota SES gave; an upper bound where Waiting is one.
	DrainSeconds int64 `json:"drainSeconds"`
	// Paused says why nothing is sent; empty while it is.
	Paused string `json:"paused,omitempty"`
}

// tally collects a report from many goroutines.
type tally struct {
	mu     sync.Mutex
	report Report
}

// add changes the report.
func (t *tally) add(change func(r *Report)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.report)
}

// overdue tells of a notice that may go at now and could have gone since.
func (t *tally) overdue(since, now time.Time) {
	behind := int64(max(now.Sub(since), 0) / time.Second)
	t.add(func(r *Report) { r.OldestOverdueSeconds = max(r.OldestOverdueSeconds, behind) })
}

// drain is how long so many notices take at the quota at most: by its rate, and by its day where that is less. What a
// day's quota was used up by comes free 24 hours later, and may do so all at once, so days count whole.
func drain(left int, q store.Quota) time.Duration {
	if left == 0 {
		return 0
	}
	seconds := float64(left) / (max(q.PerSecond, 1) * 0.95)
	if q.Per24h > 0 && float64(left) > q.Per24h-q.Sent24h {
		seconds = max(seconds, math.Ceil(float64(left)/q.Per24h)*24*time.Hour.Seconds())
	}
	return time.Duration(math.Ceil(seconds)) * time.Second
}
