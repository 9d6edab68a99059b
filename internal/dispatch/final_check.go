package dispatch

import (
	"context"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

const (
	// freshness is the longest wall clock time between the final check and the SES call.
	freshness = 2 * time.Second
	// leaseLeft is what has to be left of a lease when SES is called: more than the call can last.
	leaseLeft = 15 * time.Second
	// finalCheckTries is how often the final check is made before an attempt is released.
	finalCheckTries = 3
)

// finalCheck is the last act before SES. The matter's restraints, read at most freshness ago by the wall clock, forbid
// nothing to the recipient, and the lease outlasts the call. If any of this fails, the attempt is released. The head
// has to be the very one that the claim names, so that the record of the attempt says what it rested on. The subject
// was read between two reads of that head, so role, tenant and mailbox are those of that version (matter.Head.Agrees).
func (s *sender) finalCheck(ctx context.Context, a *attempt) (ready bool, err error) {
	for range finalCheckTries {
		began := s.wall()
		fresh, err := s.late.get(a.notice.Matter, func() (*matter.Head, error) {
			return s.freshHead(ctx, a.notice.Matter)
		})
		if err != nil {
			return false, firstError(s.release(ctx, a), err)
		}
		if fresh.Version != a.head.Version || !a.head.Agrees(a.subject) || !fresh.Agrees(a.subject) {
			return false, firstError(s.release(ctx, a), errStale)
		}
		now := s.wall()
		if !restraint.Clear(s.eval.Covering(fresh, restraint.TargetAt(&a.notice, a.recipient())), a.notice.Opens(), now) {
			s.tally.add(func(r *Report) { r.Blocked++ })
			if err := s.release(ctx, a); err != nil {
				return false, err
			}
			if a.notice.Kind == notice.Advance {
				return false, errStale // it is withheld by the next look at it
			}
			return false, s.moveToNextVisit(ctx, a.visit, &a.notice, a.subject, fresh, now)
		}
		if now = s.wall(); a.lease.Sub(now) < leaseLeft {
			break
		}
		if now.Sub(began).Abs() <= freshness {
			return true, nil
		}
	}
	s.tally.add(func(r *Report) { r.Waiting++ })
	return false, s.release(ctx, a)
}
