package law

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"lapse/internal/matter"
)

// OfChain reports whether a check asks about the orders that an order extends: K16 or K17.
func OfChain(check string) bool { return check == "K16" || check == "K17" }

// checkChain is K17: how long do an order and the orders it extends silence together? Overlaps count once and gaps
// not at all. It is advice, because no law forbids a long chain.
func checkChain() CheckRule {
	return CheckRule{
		ID: "K17", Severity: matter.Advice, Asks: "Do it and the orders it extends together stay within a year of silence?",
		Fails: "together they silence for more than the configured number of days, a year by default",
		Rests: OwnPolicy + "a chain of orders over the configured length is remarked on",
		run: func(c reading) matter.Finding {
			f := c.federalPolicy()
			if c.Order.Extends == "" {
				return matter.Finding{Status: matter.NotApplicable, Message: "The order extends no other."}
			}
			total, known := silence(append(slices.Clone(c.Chain), c.interval()))
			days := cmp.Or(c.Policy.ChainAlarmDays, DefaultPolicy().ChainAlarmDays)
			over := total > time.Duration(days)*24*time.Hour
			f.Evidence["orders"], f.Evidence["days"], f.Evidence["alarm"] = len(c.Chain)+1, int(total/(24*time.Hour)), days
			switch {
			case over:
				f.Status, f.Message = matter.Fail, fmt.Sprintf("Together with the orders it extends it silences for more than "+
					"%d days: have counsel ask why.", days)
			case !known || len(c.Chain) == 0:
				f.Status, f.Message = matter.Unknown, "How long the chain of orders silences cannot be told."
			default:
				f.Status, f.Message = matter.Pass, fmt.Sprintf("Together with the orders it extends it silences for no more "+
					"than %d days.", days)
			}
			return f
		},
	}
}

// interval is what the order itself covers. Its silence begins with its start, else with its signing, else now.
func (c reading) interval() Interval {
	return Interval{
		Order: c.Order.OrderID, From: c.ends.From, Until: c.ends.Until, SignedOn: c.Time.SignedOn, Recorded: c.Now,
	}
}

// silence is the time that intervals cover together. known is false where an interval has no known start or end.
func silence(list []Interval) (total time.Duration, known bool) {
	known = true
	var whole []Interval
	for _, i := range list {
		i.From = i.begun()
		if i.From.IsZero() || i.Until.IsZero() {
			known = false
			continue
		}
		whole = append(whole, i)
	}
	slices.SortFunc(whole, func(a, b Interval) int { return a.From.Compare(b.From) })
	var reached time.Time
	for _, i := range whole {
		from := i.From
		if reached.After(from) {
			from = reached
		}
		if i.Until.After(from) {
			total += i.Until.Sub(from)
			reached = i.Until
		}
	}
	return total, known
}
