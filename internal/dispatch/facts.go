package dispatch

import (
	"context"
	"fmt"
	"strings"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// compose opens the address and writes the mail of a claimed attempt.
func (w *sweep) compose(ctx context.Context, a *attempt) (matter.Mail, error) {
	n, sender := &a.notice, w.Settings.Sender
	sources, err := w.sources(ctx, a)
	if err != nil {
		return matter.Mail{}, err
	}
	now := matter.Floor(w.wall())
	l, err := letter.Render(sender.Facts(w.eval, sources, a.due, now))
	if err != nil {
		return matter.Mail{}, fmt.Errorf("write the letter of notice %s: %w", n.ID, err)
	}
	to, err := w.Opener.Open(ctx, n.Matter, a.head.WrappedKeyset, a.contact.Sealed, matter.AssociatedData(n.Matter, n.Subject, n.Recipient))
	if err != nil {
		return matter.Mail{}, fmt.Errorf("open the address of notice %s: %w", n.ID, err)
	}
	_, domain, _ := strings.Cut(sender.From, "@")
	raw, err := l.Compose(letter.Headers{
		To: to, From: sender.From, SenderName: sender.Name, ReplyTo: sender.ReplyTo, MessageID: a.token + "@" + domain, Date: now,
	})
	if err != nil {
		return matter.Mail{}, fmt.Errorf("compose the mail of notice %s: %w", n.ID, err)
	}
	return matter.Mail{To: to, Raw: raw, Notice: n.ID, Attempt: a.token}, nil
}

// sources reads what the letter of this attempt is written from. Requests and orders are changed only under a new
// version of their matter, disclosures never.
func (w *sweep) sources(ctx context.Context, a *attempt) (letter.Sources, error) {
	n := &a.notice
	version := matter.VersionedID(n.Matter, a.head.Version)
	request, err := w.requests.get(version, func() (*matter.Request, error) {
		r, err := w.Matters.Request(ctx, n.Matter)
		return &r, err
	})
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read the request of matter %s: %w", n.Matter, err)
	}
	part := matter.PartID(n.Matter, n.Disclosure, n.Part)
	disclosure, err := w.disclosures.get(part, func() (*matter.Disclosure, error) {
		d, err := w.Records.Disclosure(ctx, n.Matter, n.Disclosure, n.Part)
		return &d, err
	})
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read disclosure %s: %w", part, err)
	}
	src := letter.Sources{Notice: n, Head: a.head, Request: *request, Disclosure: disclosure.Facts}
	if len(w.eval.Covering(a.head, restraint.TargetOf(n))) == 0 {
		return src, nil
	}
	src.Orders, err = w.orders.get(version, func() ([]matter.Order, error) { return w.Matters.Orders(ctx, n.Matter) })
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read the orders of matter %s: %w", n.Matter, err)
	}
	return src, nil
}
