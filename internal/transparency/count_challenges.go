package transparency

import (
	"slices"

	"lapse/internal/matter"
)

type challengeKey struct{ about, ground, class string }

// challengeTally also keeps what was pending at the start, for the cross-check.
type challengeTally struct{ start, raised, succeeded, partly, failed, pending int }

func (t *challengeTally) merge(o *challengeTally) {
	t.start += o.start
	t.raised += o.raised
	t.succeeded += o.succeeded
	t.partly += o.partly
	t.failed += o.failed
	t.pending += o.pending
}

// addChallenge counts a challenge once under each of its grounds, and once under "any". It was raised when it was
// filed;
// its outcome counts when it was decided. An order that was upheld stands, so the challenge failed.
func (c *Count) addChallenge(f *ChallengeFact) {
	h := c.Half
	if !c.before(f.FiledAt) {
		return
	}
	decided := f.DecidedAt
	if !decided.IsZero() && decided.Before(f.FiledAt) {
		decided = f.FiledAt
	}
	if h.Earlier(decided) {
		return
	}
	grounds := []string{AnyGround}
	for _, g := range f.Grounds {
		if code := GroundOf(g); !slices.Contains(grounds, code) {
			grounds = append(grounds, code)
		}
	}
	for _, g := range grounds {
		t := at(c.contested, challengeKey{f.About, g, f.Class})
		t.start += one(h.Earlier(f.FiledAt))
		t.raised += one(c.holds(f.FiledAt))
		if !c.before(decided) {
			t.pending++
			continue
		}
		switch f.Outcome {
		case matter.ChallengeUpheld:
			t.failed++
		case matter.ChallengeNarrowed:
			t.partly++
		default:
			t.succeeded++
		}
	}
}

// challengesTable has a row for each of what a challenge can be about, ground and class (C8).
func (c *Count) challengesTable() Table {
	t := Table{Name: Challenges}
	for _, about := range []string{"order", "request"} {
		for _, ground := range append(Grounds(), AnyGround) {
			for _, class := range ChallengeClasses() {
				n := challengeTally{}
				if counted := c.contested[challengeKey{about, ground, class}]; counted != nil {
					n = *counted
				}
				t.Rows = append(t.Rows, []string{c.Half.String(), about, ground, class, itoa(n.raised),
					itoa(n.succeeded), itoa(n.partly), itoa(n.failed), itoa(n.pending)})
			}
		}
	}
	return t.sorted()
}
