package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// written is the letter of an attempt up to what is its mail's own.
type written struct {
	facts    letter.Facts
	prepared Prepared
	from     letter.Sender
	signer   *letter.Signer
	// digest names the kept facts, form is that of the letter (notice.Attempt).
	digest, form string
}

// write writes the letter of an attempt before the claim, which names the letter's kept facts. So an attempt that may
// have reached SES always says what its letter said.
func (s *sender) write(ctx context.Context, a *attempt) error {
	n, now := &a.notice, matter.Floor(s.wall())
	from, signer, err := s.writer(ctx, now)
	if err != nil {
		return err
	}
	facts, err := s.facts(ctx, a, from, now)
	if err != nil {
		return err
	}
	p, err := s.prepared.get(s.prepare, letterKey{
		matter: versionKey(a.head), part: partKey(n), template: facts.Template, country: facts.AccountCountry,
		recipient: facts.Recipient, repetition: facts.Repetition, due: facts.Due, moved: facts.MovedAt, now: now,
	}, facts)
	if err != nil {
		return fmt.Errorf("write the letter of notice %s: %w", n.ID, err)
	}
	a.letter = written{facts: facts, prepared: p.Prepared, from: from, signer: signer, digest: p.digest}
	if a.letter.form, err = p.FormDigest(facts.Personal(), a.letter.headers()); err != nil {
		return fmt.Errorf("write the letter of notice %s: %w", n.ID, err)
	}
	return s.keep(ctx, a, p)
}

// facts are what the letter of the attempt may say.
func (s *sender) facts(ctx context.Context, a *attempt, from letter.Sender, now time.Time) (letter.Facts, error) {
	if a.notice.Kind == notice.Moved {
		return from.MovedFacts(&a.notice, a.contact.Role, a.contact.Country, now), nil
	}
	sources, err := s.sources(ctx, a)
	if err != nil {
		return letter.Facts{}, err
	}
	return from.Facts(s.eval, sources, a.due, now), nil
}

// keep keeps the facts of the letter, once a sweep. Facts that are too large to be kept hold no letter back: its form's
// digest stays on record.
func (s *sender) keep(ctx context.Context, a *attempt, p *preparedLetter) error {
	_, err := s.kept.get(a.notice.Matter+" "+p.digest, func() (struct{}, error) {
		return struct{}{}, s.store.PutLetter(ctx, a.notice.Matter, p.digest, p.facts)
	})
	if errors.Is(err, store.ErrTooLarge) {
		s.log.Warn("sweep: the facts of a letter are too large to be kept", "id", a.notice.ID)
		a.letter.digest, err = "", nil
	}
	if err != nil {
		return fmt.Errorf("keep what the letter of notice %s says: %w", a.notice.ID, err)
	}
	return nil
}

// headers are those of the letter's mail that all attempts of its notice share.
func (l *written) headers() letter.Headers {
	return letter.Headers{From: l.from.From, SenderName: l.from.Name, ReplyTo: l.from.ReplyTo, Signer: l.signer}
}

// compose opens the address and writes the mail of a claimed attempt, while its lease lasts. A slow key or record must
// not use up an attempt, because such an attempt would count as one that may have reached SES.
func (s *sender) compose(ctx context.Context, a *attempt) (notice.Mail, error) {
	ctx, stop := context.WithTimeout(ctx, notice.LeaseTime-leaseLeft)
	defer stop()
	n, l := &a.notice, &a.letter
	to, err := s.opener.Open(ctx, n.Matter, a.head.WrappedKeyset, a.contact.Sealed,
		matter.AssociatedData(n.Matter, n.Subject, a.contact.Role))
	if err != nil {
		return notice.Mail{}, fmt.Errorf("open the address of notice %s: %w", n.ID, err)
	}
	personal := l.facts.Personal()
	if l.facts.VerifyURL != "" {
		personal.Code, err = s.issue(ctx, l.from.Proof, personal.Reference, a.token, to, l.facts.Now)
		if err != nil {
			return notice.Mail{}, fmt.Errorf("issue the letter of notice %s: %w", n.ID, err)
		}
	}
	h := l.headers()
	h.To, h.MessageID, h.Date = to, l.from.MessageID(a.token), l.facts.Now
	raw, err := l.prepared.Compose(personal, h)
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
	to := a.recipient()
	src := letter.Sources{Notice: n, Recipient: to, Head: a.head, Request: *request, Disclosure: disclosure.Facts,
		Country: a.contact.Country}
	if len(s.eval.Covering(a.head, restraint.TargetAt(n, to))) == 0 {
		return src, nil
	}
	src.Orders, err = s.orders.get(versionKey(a.head), func() ([]matter.Order, error) {
		orders, err := s.store.Orders(ctx, n.Matter)
		if err == nil && halfVisible(a.head, orders) {
			err = errStale
		}
		return orders, err
	})
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read the orders of matter %s: %w", n.Matter, err)
	}
	return src, nil
}

// halfVisible reports whether the orders do not say yet what the head says of them: the items of one transaction become
// visible one by one. A letter that was written from both would leave out that an order was lifted.
func halfVisible(h *matter.Head, orders []matter.Order) bool {
	return slices.ContainsFunc(h.Restraints, func(r matter.Restraint) bool {
		if r.Origin != matter.OriginOrder {
			return false
		}
		i := slices.IndexFunc(orders, func(o matter.Order) bool { return o.ID == r.ID })
		return i < 0 || !r.Ended.IsZero() && len(orders[i].Endings) == 0
	})
}

// versionKey names a version of a matter in what a sweep remembers.
func versionKey(h *matter.Head) string { return h.Matter + "@" + strconv.Itoa(h.Version) }

// partKey names a part of a disclosure in what a sweep remembers.
func partKey(n *notice.Notice) string {
	return agenda.ForMakeNotices(n.Matter, n.Disclosure, n.Part, time.Time{}, 0).ID()
}
