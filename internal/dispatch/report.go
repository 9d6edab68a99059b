package dispatch

import (
	"math"
	"sync"
	"time"

	"lapse/internal/notice"
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
	// Moved counts agenda rows put elsewhere. Waiting counts the notices that could go but for pause or time. Contended
	// counts those that another dispatcher was working on. While nothing can be sent, Waiting is an upper bound: behind
	// the first page of each partition it counts rows, whether an order covers their notices or not.
	Moved     int `json:"moved"`
	Waiting   int `json:"waiting"`
	Contended int `json:"contended"`
	// Refused counts attempts that SES throttled or that did not reach it. Failed counts the notices that need another
	// channel, Unconfirmed those without any report in seven days, and Held those of unknown outcome that the policy
	// at_most_once leaves to a person.
	Refused     int `json:"refused"`
	Failed      int `json:"failed"`
	Unconfirmed int `json:"unconfirmed"`
	Held        int `json:"held"`
	// Duplicates counts mails accepted beside an earlier one of the same notice, LateOrders the orders found to have come
	// after the mail.
	Duplicates int `json:"duplicates"`
	LateOrders int `json:"lateOrders"`
	// Work counts work rows done; Unread the orders still unread after 24 h; Reviews the orders without a known end
	// and the exceptions that came up for review, Clocks the pending challenges whose clock ran out.
	Work    int `json:"work"`
	Unread  int `json:"unread"`
	Reviews int `json:"reviews"`
	Clocks  int `json:"clocks"`
	// Approvals counts what has waited for a second person for over two days.
	Approvals int `json:"approvals"`
	// Security counts the security messages to former addresses that became due.
	Security int `json:"security"`
	// Errors counts steps that failed and will be tried again; Orphans the rows whose item is missing, OrphanAlarms
	// those missing for over a day.
	Errors       int `json:"errors"`
	Orphans      int `json:"orphans"`
	OrphanAlarms int `json:"orphanAlarms"`
	// OldestOverdueSeconds is how far the oldest notice that could go was behind its due, sent or not. Only visited
	// notices count: an order may hold those that are only counted, and they came later.
	OldestOverdueSeconds int64 `json:"oldestOverdueSeconds"`
	// AtCapacity is set where the time, or the count during a pause, ended before the agenda did. Waiting and DrainSeconds
	// are those of a part then.
	AtCapacity bool `json:"atCapacity"`
	// DrainSeconds forecasts how long the waiting notices will take at SES's quota. It is an upper bound where Waiting is.
	DrainSeconds int64 `json:"drainSeconds"`
	// Paused says why nothing is sent; empty while it is.
	Paused string `json:"paused,omitempty"`
	// usedUp is set if the day's quota is used up.
	usedUp bool
}

// pausedBy says in the report which pause stands.
func (r *Report) pausedBy(p store.Pause) {
	r.Paused, r.usedUp = p.Reason(), p.Outcome == notice.OutcomeDaily
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

// overdue counts a notice that may go at now and could have gone since then.
func (t *tally) overdue(since, now time.Time) {
	behind := int64(max(now.Sub(since), 0) / time.Second)
	t.add(func(r *Report) { r.OldestOverdueSeconds = max(r.OldestOverdueSeconds, behind) })
}

// drain is how long so many notices take at a share of the quota at most: by its rate, or by its day where that takes
// longer. A used quota comes free 24 hours later, and may do so all at once, so days count whole.
func drain(left int, q store.Quota, share float64) time.Duration {
	if left == 0 {
		return 0
	}
	seconds := float64(left) / (max(q.PerSecond, 1) * share)
	if q.Per24h > 0 && float64(left) > q.Per24h-q.Sent24h {
		seconds = max(seconds, math.Ceil(float64(left)/q.Per24h)*24*time.Hour.Seconds())
	}
	return time.Duration(math.Ceil(seconds)) * time.Second
}
