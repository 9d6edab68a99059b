package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/internal/notice"
	"lapse/internal/store"
)

// ses is the simulated mail service: what it took, and what it will tell about.
type ses struct {
	// mails are those it took, by message id, counts how many by notice.
	mails  map[string]taken
	counts map[string]int
	// said are the event types that it told about a mail.
	said map[string][]string
	// rejected are the notices whose mail it refused for good.
	rejected map[string]bool
}

// taken is a mail that SES took: of which notice and which attempt.
type taken struct{ notice, token string }

// mailer is SES as one life sees it.
type mailer struct{ life *life }

func (m mailer) Quota(context.Context) (store.Quota, error) {
	return through(m.life, "Quota", "", func() (store.Quota, error) {
		return store.Quota{PerSecond: 100_000, Per24h: 1e9},
			nil
	})
}

// Send is never repeated by the SDK: a lost request or reply is an unknown outcome.
func (m mailer) Send(_ context.Context, mail notice.Mail) (string, error) {
	w := m.life.p.w
	v := m.life.yield("Send", mail.Notice)
	if v == die {
		return "", errDead
	}
	o, accepted := notice.OutcomeUnknown, v != loseRequest
	if v == carryOut {
		o, accepted = w.pilot.answer(w)
	}
	w.beforeMail(m.life, mail, o)
	id := ""
	if accepted {
		id = w.accept(m.life, mail)
	}
	if o == notice.OutcomeRejected {
		w.ses.rejected[mail.Notice] = true
	}
	w.remark("SES: taken %t, answers %q", accepted, o)
	if o != "" {
		return "", &notice.SendError{Outcome: o, Code: "Simulated"}
	}
	return id, nil
}

func (randomPilot) answer(w *world) (notice.Outcome, bool) {
	if !w.faulty() {
		return "", true
	}
	switch {
	case w.odds.throttled.hit(w):
		return notice.OutcomeThrottled, false
	case w.odds.unreached.hit(w):
		return notice.OutcomeUnreached, false
	case w.odds.taken.hit(w):
		return notice.OutcomeUnknown, true
	case w.odds.refused.hit(w):
		return notice.OutcomeUnknown, false
	case w.odds.daily.hit(w):
		return notice.OutcomeDaily, false
	case w.odds.account.hit(w):
		return notice.OutcomeAccount, false
	case w.odds.rejected.hit(w):
		return notice.OutcomeRejected, false
	}
	return "", true
}

func (randomPilot) delay(w *world) (time.Duration, bool) {
	return time.Duration(w.rng.Int64N(int64(max(w.odds.delay, time.Second)))), w.odds.dropped.hit(w)
}

// accept takes a mail and schedules what SES will tell about it.
func (w *world) accept(l *life, mail notice.Mail) string {
	id := "ses-" + mail.Attempt
	fate := []string{"Send", "Delivery"}
	switch {
	case w.odds.bounced.hit(w):
		fate[1] = []string{"Bounce", softBounce, softBounce}[w.rng.IntN(3)]
	case w.odds.complains.hit(w):
		fate = append(fate, "Complaint")
	case w.odds.rejected.hit(w):
		fate[1] = "Reject"
	}
	w.ses.mails[id] = taken{mail.Notice, mail.Attempt}
	w.ses.counts[mail.Notice]++
	w.afterMail(l, mail)
	at := w.now
	for _, kind := range fate {
		d, lost := w.pilot.delay(w)
		if at = at.Add(d); lost {
			continue
		}
		s := sign{at: at, kind: kind, mail: id, notice: mail.Notice, detail: detail(kind, id, mail)}
		w.sign(s)
		if w.odds.doubled.hit(w) {
			s.at = at.Add(time.Duration(w.rng.IntN(600)) * time.Second)
			w.sign(s)
		}
	}
	return id
}

// sign is an event of SES on its way.
type sign struct {
	at                 time.Time
	kind, mail, notice string
	detail             []byte
}

func (w *world) sign(s sign) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, _ := slices.BinarySearchFunc(w.signs, s.at.Add(1), func(x sign, t time.Time) int { return x.at.Compare(t) })
	w.signs = slices.Insert(w.signs, i, s)
}

// softBounce is a Bounce of a mail that may get through later.
const softBounce = "Bounce for the moment"

// detail is the part of an SES event that counts.
func detail(kind, id string, mail notice.Mail) []byte {
	_, hash, _ := notice.SplitID(mail.Notice)
	bounce := ""
	switch kind {
	case softBounce:
		kind, bounce = "Bounce", `,"bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull"}`
	case "Bounce":
		bounce = `,"bounce":{"bounceType":"Permanent","bounceSubType":"General"}`
	}
	return fmt.Appendf(nil,
		`{"eventType":%q,"mail":{"messageId":%q,"tags":{"matter":[%q],"notice":[%q],"attempt":[%q]}}%s}`,
		kind, id, mat, hash, mail.Attempt, bounce)
}

// nextSign is when the next sign comes.
func (w *world) nextSign() (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.signs) == 0 {
		return time.Time{}, false
	}
	return w.signs[0].at, true
}

// takeSign takes a sign: an event that fails is brought again.
func (w *world) takeSign(ctx context.Context, l *life) {
	w.mu.Lock()
	s := w.signs[0]
	w.signs = slices.Delete(w.signs, 0, 1)
	w.mu.Unlock()
	w.ses.said[s.mail] = append(w.ses.said[s.mail], s.kind)
	if err := w.reader(l).Take(ctx, s.detail); err != nil {
		s.at = w.now.Add(5 * time.Second)
		w.sign(s)
	} else if !l.dead {
		w.confirmed(s.notice)
	}
}

// bus is where Lapse's own events go.
type bus struct{ life *life }

func (b bus) Announce(_ context.Context, detailType string, detail []byte) error {
	w := b.life.p.w
	err := act(b.life, "Announce", detailType, func() error {
		w.announced(detailType, detail)
		return nil
	})
	if w.mutant.deaf {
		return nil
	}
	return err
}
