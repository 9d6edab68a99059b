package dispatch

import (
	"context"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// attempt is one try to hand a notice's mail to SES.
type attempt struct {
	row     agenda.Row
	notice  notice.Notice
	head    *matter.Head
	due     time.Time
	contact contact
	token   string
	lease   time.Time
	// probe is set for the one attempt that tries whether a pause is over.
	probe bool
}

// contact is whom an attempt is made to: which contact of the subject that is, whether there is a further one, and the
// subject's country.
type contact struct {
	matter.SealedContact
	name    string
	spare   bool
	country string
}

// send makes one attempt: the right to send, the claim, the letter, the final check, SES, the outcome.
func (w *sweep) send(ctx context.Context, a *attempt) error {
	ok, probe := w.gate.enter()
	if !ok {
		w.tally.add(func(r *Report) { r.Waiting++ })
		return nil
	}
	a.probe = probe
	if err := w.pace.wait(w.claims); err != nil {
		w.gate.back(probe)
		w.tally.add(func(r *Report) { r.Waiting, r.AtCapacity = r.Waiting+1, true })
		return nil
	}
	claimed, err := w.claim(ctx, a)
	if err != nil || !claimed {
		w.gate.back(probe)
		return err
	}
	mail, err := w.compose(ctx, a)
	if err != nil {
		w.gate.back(probe)
		return orElse(w.retry(ctx, a, ""), err)
	}
	ready, err := w.finalCheck(ctx, a)
	if err != nil || !ready {
		w.gate.back(probe)
		return err
	}
	id, err := w.Mailer.Send(ctx, mail)
	return w.settle(ctx, a, id, err)
}

// orElse is the first error, or else the second.
func orElse(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// claim makes the attempt the owner of its notice, and reports whether it is.
func (w *sweep) claim(ctx context.Context, a *attempt) (bool, error) {
	now := matter.Floor(w.wall())
	a.token, a.lease = w.Token(), now.Add(notice.LeaseTime)
	attempt := notice.Attempt{
		Token: a.token, Claimed: now, Head: a.head.Version, Rules: a.head.Rules, Due: a.due,
		Contact: a.contact.name, Spare: a.contact.spare,
	}
	n, ok, err := w.apply(ctx, &a.notice, notice.Claim(attempt, a.notice.Token, a.lease, a.notice.Limit()))
	if err != nil {
		return false, err
	}
	if !ok {
		w.tally.add(func(r *Report) { r.Contended++ })
		return false, nil
	}
	tried := len(n.Attempts) != len(a.notice.Attempts)+1
	a.notice = n
	if tried {
		// Somebody else tried it since it was read, and the mail came back: another contact may be next.
		return false, orElse(w.release(ctx, a), errStale)
	}
	return true, nil
}

// finalCheck is the last act before SES: the matter's restraints, read consistently, at most freshness ago by the wall
// clock, forbid nothing, and the lease outlasts the call. Everything else gives the attempt back. The head has to be
// the very one the claim names, so that the record of the attempt says what it rested on.
func (w *sweep) finalCheck(ctx context.Context, a *attempt) (bool, error) {
	for range checks {
		began := w.wall()
		fresh, err := w.freshHead(ctx, a.notice.Matter)
		if err != nil {
			return false, orElse(w.release(ctx, a), err)
		}
		if fresh.Version != a.head.Version || fresh.Pending > 0 {
			return false, orElse(w.release(ctx, a), errStale)
		}
		now := w.wall()
		if !restraint.Clear(w.eval.Covering(fresh, restraint.TargetOf(&a.notice)), a.notice.Base, now) {
			w.tally.add(func(r *Report) { r.Blocked++ })
			if err := w.release(ctx, a); err != nil {
				return false, err
			}
			return false, w.wait(ctx, a.row, &a.notice, fresh, now)
		}
		if now = w.wall(); a.lease.Sub(now) < leaseLeft {
			break
		}
		if now.Sub(began).Abs() <= freshness {
			return true, nil
		}
	}
	w.tally.add(func(r *Report) { r.Waiting++ })
	return false, w.release(ctx, a)
}

// release gives the attempt back because something holds the notice. Nothing was sent, and the attempt does not count.
// The row stays.
func (w *sweep) release(ctx context.Context, a *attempt) error {
	return w.giveBack(ctx, a, notice.Release(a.token, matter.Floor(w.wall())))
}

func (w *sweep) giveBack(ctx context.Context, a *attempt, back notice.Act) error {
	ctx, stop := outlive(ctx)
	defer stop()
	n, ok, err := w.apply(ctx, &a.notice, back)
	if ok {
		a.notice = n
	}
	return err
}
