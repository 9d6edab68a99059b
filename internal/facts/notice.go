package facts

import "time"

// Closed is how and when the unit stopped being owed. A unit with an advance notice was told before its disclosure, so
// it never is owed. Nothing closes before the disclosure itself.
func (n *NoticeFact) Closed() (Closing, time.Time) {
	closing, at := n.Closing, n.ClosedAt
	if n.ToldBefore() {
		closing, at = Told, n.DisclosedAt
	}
	if closing != StillOwed && at.Before(n.DisclosedAt) {
		at = n.DisclosedAt
	}
	return closing, at
}

// ToldBefore reports whether the advance notice went before the disclosure.
func (n *NoticeFact) ToldBefore() bool {
	return !n.AdvanceAt.IsZero() && !n.AdvanceAt.After(n.DisclosedAt)
}

// LastRestraint is the end of the last restraint that covered the unit between the disclosure and SES' acceptance, and
// whether one did. A person's hold is no restraint. A restraint without an end in that stretch counts as ending with
// it.
func (n *NoticeFact) LastRestraint() (end time.Time, covered bool) {
	for _, s := range n.Spans {
		meets := s.From.Before(n.ClosedAt) && (s.Until.IsZero() || s.Until.After(n.DisclosedAt))
		if !s.Reason.Restrains() || !meets {
			continue
		}
		until := s.Until
		if until.IsZero() || until.After(n.ClosedAt) {
			until = n.ClosedAt
		}
		if !covered || until.After(end) {
			end, covered = until, true
		}
	}
	return end, covered
}

// DueBefore is when the unit fell due that nothing covers at the instant: the end of the last restraint before it, and
// not before the disclosure. A person's hold moves no due.
func (n *NoticeFact) DueBefore(at time.Time) time.Time {
	due := n.DisclosedAt
	for _, s := range n.Spans {
		if s.Reason.Restrains() && !s.Until.IsZero() && !s.Until.After(at) && s.Until.After(due) {
			due = s.Until
		}
	}
	return due
}
