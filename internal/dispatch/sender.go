package dispatch

import (
	"context"
	"time"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// sender makes attempts: it hands the mails of notices to SES at the pace that the quota allows, unless a pause stands.
type sender struct {
	*noticeWriter
	mailer     Mailer
	opener     Opener
	prepare    func(letter.Facts) (Prepared, error)
	token      func() string
	jitter     func(n int64) int64
	keys       Keys
	letterhead letter.Sender
	pace       *pace
	gate       *gate
	flights    *flights
	// paused is the pause that stood when the sweep began.
	paused store.Pause

	requests    memo[*matter.Request]
	orders      memo[[]matter.Order]
	disclosures memo[*matter.Disclosure]
	prepared    preparedLetters
	// kept are the facts of letters that this sweep has kept.
	kept memo[struct{}]
}

// attempt is one try to hand a notice's mail to SES.
type attempt struct {
	visit
	notice notice.Notice
	head   *matter.Head
	// subject is the notice's, as it stands under the head's version, contact the one of its contacts that is written to.
	subject *matter.Subject
	due     time.Time
	contact owed.Contact
	token   string
	lease   time.Time
	letter  written
	// probe is set for the one attempt that tries whether a pause is over.
	probe bool
	// refused is when SES last refused the notice's message, zero unless that was the end of its last attempt.
	refused time.Time
}

// recipient is whom the attempt's mail reaches.
func (a *attempt) recipient() matter.Recipient { return a.subject.Recipient(a.contact.SealedContact) }

// send makes one attempt: the gate and the pace, the letter, the claim, the mail, the final check, SES, the outcome.
func (s *sender) send(ctx context.Context, a *attempt) error {
	ok, probe := s.gate.enter()
	if !ok {
		s.tally.add(func(r *Report) { r.Waiting++ })
		return nil
	}
	a.probe = probe
	if err := s.pace.wait(s.claims); err != nil {
		s.gate.back(probe)
		s.tally.add(func(r *Report) { r.Waiting, r.AtCapacity = r.Waiting+1, true })
		return nil
	}
	if err := s.write(ctx, a); err != nil {
		s.gate.back(probe)
		return err // no attempt has begun, and the row stays for the next sweep
	}
	claimed, err := s.claim(ctx, a)
	if err != nil || !claimed {
		s.gate.back(probe)
		return err
	}
	mail, err := s.compose(ctx, a)
	if err != nil {
		s.gate.back(probe)
		return firstError(s.retryLater(ctx, a, ""), err)
	}
	ready, err := s.finalCheck(ctx, a)
	if err != nil || !ready {
		s.gate.back(probe)
		return err
	}
	id, err := s.mailer.Send(ctx, mail)
	if err = s.recordOutcome(ctx, a, id, err); err != nil {
		a.page.keepFlight() // until the lease is over, nobody knows what became of this mail
	}
	return err
}

// claim makes the attempt the owner of its notice, and reports whether it is.
func (s *sender) claim(ctx context.Context, a *attempt) (bool, error) {
	now := matter.Floor(s.wall())
	a.token, a.lease, a.refused = s.token(), now.Add(notice.LeaseTime), a.notice.RefusedAt()
	attempt := notice.Attempt{
		Token: a.token, Claimed: now, Head: a.head.Version, Rules: a.head.Rules, Due: a.due,
		Contact: a.contact.Name, Spare: a.contact.Spare, Recipient: a.recipient(), Letter: a.letter.digest,
		Form: a.letter.form,
	}
	if err := s.flights.cover(ctx, a.page, a.lease); err != nil {
		return false, err
	}
	n, ok, err := s.apply(ctx, &a.notice, notice.Claim(attempt, a.notice.Token, a.lease, a.notice.Limit()))
	if err != nil {
		return false, err
	}
	if !ok {
		s.tally.add(func(r *Report) { r.Contended++ })
		return false, nil
	}
	changed := n.Revision != a.notice.Revision+1
	a.notice = n
	if changed {
		// Since it was read the notice was tried, or a mail came back: another contact may be next.
		return false, firstError(s.release(ctx, a), errStale)
	}
	return true, nil
}

// release gives the attempt back because something holds the notice. Nothing was sent, and the attempt does not count.
// The row stays.
func (s *sender) release(ctx context.Context, a *attempt) error {
	return s.giveBack(ctx, a, notice.Release(a.token, matter.Floor(s.wall())))
}

// giveBack ends an attempt that did not reach SES, even while the sweep is being ended.
func (s *sender) giveBack(ctx context.Context, a *attempt, back notice.Act) error {
	ctx, stop := outlive(ctx)
	defer stop()
	n, ok, err := s.apply(ctx, &a.notice, back)
	if ok {
		a.notice = n
	}
	return err
}

// recording is how long an outcome may take to be written once the invocation is being ended.
const recording = 10 * time.Second

// outlive is the context of writes that have to be made even if the invocation is being ended.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), recording)
}
