package dispatch

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// compose opens the address and writes the mail of a claimed attempt, while its lease lasts. A key or a record that
// does not come must not cost an attempt, which would count as one that may have reached SES.
func (s *sender) compose(ctx context.Context, a *attempt) (notice.Mail, error) {
	ctx, stop := context.WithTimeout(ctx, notice.LeaseTime-leaseLeft)
	defer stop()
	n, now := &a.notice, matter.Floor(s.wall())
	from, signer, err := s.writer(ctx, now)
	if err != nil {
		return notice.Mail{}, err
	}
	sources, err := s.sources(ctx, a)
	if err != nil {
		return notice.Mail{}, err
	}
	facts := from.Facts(s.eval, sources, a.due, now)
	prepared, err := s.prepared.get(s.prepare, letterKey{
		matter: versionKey(a.head), part: partKey(n), template: facts.Template, country: facts.AccountCountry,
		recipient: facts.Recipient, repetition: facts.Repetition, due: facts.Due, now: now,
	}, facts)
	if err != nil {
		return notice.Mail{}, fmt.Errorf("write the letter of notice %s: %w", n.ID, err)
	}
	to, err := s.opener.Open(ctx, n.Matter, a.head.WrappedKeyset, a.contact.Sealed,
		matter.AssociatedData(n.Matter, n.Subject, n.Recipient))
	if err != nil {
		return notice.Mail{}, fmt.Errorf("open the address of notice %s: %w", n.ID, err)
	}
	personal := facts.Personal()
	if facts.VerifyURL != "" {
		if personal.Code, err = s.issue(ctx, from.Proof, personal.Reference, a.token, to, now); err != nil {
			return notice.Mail{}, fmt.Errorf("issue the letter of notice %s: %w", n.ID, err)
		}
	}
	raw, err := prepared.Compose(personal, letter.Headers{
		To: to, From: from.From, SenderName: from.Name, ReplyTo: from.ReplyTo, MessageID: from.MessageID(a.token),
		Date: now, Signer: signer,
	})
	if err != nil {
		return notice.Mail{}, fmt.Errorf("compose the mail of notice %s: %w", n.ID, err)
	}
	return notice.Mail{To: to, Raw: raw, Notice: n.ID, Attempt: a.token}, nil
}

// sources reads the records that the letter of this attempt is written from. Requests and orders change only under a
// new version of their matter, and disclosures never change.
func (s *sender) sources(ctx context.Context, a *attempt) (letter.Sources, error) {
	n := &a.notice
	request, err := s.requests.get(versionKey(a.head), func() (*matter.Request, error) {
		r, err := s.store.Request(ctx, n.Matter)
		return &r, err
	})
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read the request of matter %s: %w", n.Matter, err)
	}
	disclosure, err := s.disclosures.get(partKey(n), func() (*matter.Disclosure, error) {
		d, err := s.store.Disclosure(ctx, n.Matter, n.Disclosure, n.Part)
		return &d, err
	})
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read disclosure %s: %w", partKey(n), err)
	}
	src := letter.Sources{Notice: n, Head: a.head, Request: *request, Disclosure: disclosure.Facts,
		Country: a.contact.Country}
	if len(s.eval.Covering(a.head, restraint.TargetOf(n))) == 0 {
		return src, nil
	}
	src.Orders, err = s.orders.get(versionKey(a.head),
		func() ([]matter.Order, error) { return s.store.Orders(ctx, n.Matter) })
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read the orders of matter %s: %w", n.Matter, err)
	}
	return src, nil
}

// versionKey names a version of a matter in what a sweep remembers.
func versionKey(h *matter.Head) string { return h.Matter + "@" + strconv.Itoa(h.Version) }

// partKey names a part of a disclosure in what a sweep remembers.
func partKey(n *notice.Notice) string {
	return agenda.ForMakeNotices(n.Matter, n.Disclosure, n.Part, time.Time{}, 0).ID()
}
