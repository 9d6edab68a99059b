package inquire

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// Why is the answer to "why not yet?" about one subject.
type Why struct {
	// Due is the due of the earliest unfinished notice. It is null if nobody can say, or if no notice is open.
	Due        *time.Time     `json:"due"`
	Restraints []WhyRestraint `json:"restraints"`
	Text       string         `json:"text"`
	Notices    []WhyNotice    `json:"notices"`
}

// WhyNotice is one of the subject's notices with its due.
type WhyNotice struct {
	ID         string      `json:"id"`
	Disclosure string      `json:"disclosure"`
	Recipient  matter.Role `json:"recipient"`
	Due        *time.Time  `json:"due"`
}

// Why explains what forbids telling about the subject. recipient selects one role; empty selects everybody who is told.
// The error is store.ErrNotFound for a matter or subject that is not recorded.
func (s *Service) Why(ctx context.Context, id, subject string, recipient matter.Role) (Why, error) {
	l, err := s.load(ctx, id)
	if err != nil {
		return Why{}, err
	}
	if len(subject) > longestID {
		return Why{}, fmt.Errorf("a subject id of %d bytes in matter %s: %w", len(subject), id, store.ErrNotFound)
	}
	subjects, err := s.Store.Subjects(ctx, id, []string{subject})
	if err != nil {
		return Why{}, fmt.Errorf("read subject %s of %s: %w", subject, id, err)
	}
	sub, known := subjects[subject]
	if !known {
		return Why{}, fmt.Errorf("subject %s of matter %s: %w", subject, id, store.ErrNotFound)
	}
	notices, err := s.noticesOf(ctx, &l.head, &sub, recipient)
	if err != nil {
		return Why{}, err
	}
	w := Why{Restraints: []WhyRestraint{}, Notices: []WhyNotice{}}
	if recipient == "" {
		recipient = sub.RecipientRole()
	}
	var chosen *notice.Notice
	for i := range notices {
		n := &notices[i]
		due, has := l.eval.NoticeDue(n, &sub, &l.head, l.now)
		wn := WhyNotice{ID: n.ID, Disclosure: n.Disclosure, Recipient: n.Recipient(&sub).Role}
		if has {
			wn.Due = matter.Instant(due)
		}
		w.Notices = append(w.Notices, wn)
		switch {
		case unfinished(n) && has && (w.Due == nil || due.Before(*w.Due)):
			w.Due, chosen = wn.Due, n
		case chosen == nil || unfinished(n) && !unfinished(chosen):
			chosen = n
		}
	}
	target, base := asked(&sub, recipient, chosen)
	for _, reason := range l.eval.Reasons(&l.head, l.orders, target, l.now) {
		w.Restraints = append(w.Restraints, s.explained(l, reason))
	}
	w.Text = l.eval.Text(&l.head, l.orders, target, base, l.now)
	if chosen != nil && chosen.State == notice.Held {
		w.Text += " A person holds this notice: " + string(chosen.Reason)
	}
	if chosen != nil && !unfinished(chosen) {
		w.Text = afterwards(notices, w.Restraints)
	}
	w.Text += rests(w.Restraints)
	waits, err := s.waits(ctx, id)
	w.Text += waits
	return w, err
}

// asked is whom the question is about: the target of the chosen notice, and its base, or the subject's where there is
// none.
func asked(sub *matter.Subject, recipient matter.Role, chosen *notice.Notice) (restraint.Target, time.Time) {
	if chosen != nil {
		return restraint.TargetOf(chosen, sub), chosen.Base
	}
	target := restraint.TargetOf(&notice.Notice{Subject: sub.ID}, sub)
	if recipient != target.Role {
		target.Role, target.Tenant, target.Mailbox = recipient, sub.Tenant, ""
		if recipient == matter.User {
			target.Tenant = ""
		}
	}
	return target, time.Time{}
}

// unfinished reports whether the notice still waits for its mail to go.
func unfinished(n *notice.Notice) bool { return !n.State.Terminal() && n.State != notice.Sent }

// afterwards is the text if no notice waits any more.
func afterwards(notices []notice.Notice, reasons []WhyRestraint) string {
	text := "Every notice about this person is finished."
	if slices.ContainsFunc(notices, func(n notice.Notice) bool {
		return n.State == notice.Failed ||
			n.State == notice.Bounced
	}) {
		text = "A notice about this person could not be delivered: it is still owed."
	}
	for _, r := range reasons {
		text += " " + r.Message
	}
	return text
}

// noticesOf finds the subject's notices by their deterministic ids, one for each disclosure that names the subject.
func (s *Service) noticesOf(ctx context.Context, head *matter.Head, about *matter.Subject, recipient matter.Role) (
	[]notice.Notice, error) {
	id := head.Matter
	parts, err := s.Store.Disclosures(ctx, id, "")
	if err != nil {
		return nil, fmt.Errorf("read the disclosures of %s: %w", id, err)
	}
	var out []notice.Notice
	for i := range parts {
		p := &parts[i]
		if !slices.Contains(p.Targets, about.ID) {
			continue
		}
		// A missing notice is shown as its disclosure will make it.
		n := notice.New(p, head.Salt, about.ID, "", "")
		switch made, err := s.Store.Notice(ctx, n.ID); {
		case err == nil:
			n = made
		case !isNotFound(err):
			return nil, fmt.Errorf("read notice %s: %w", n.ID, err)
		}
		if recipient == "" || n.Recipient(about).Role == recipient {
			out = append(out, n)
		}
	}
	return out, nil
}
