package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// compose opens the address and writes the mail of a claimed attempt, while its lease lasts: a key or a record that
// does not come must not cost an attempt, which would count as one that may have reached SES.
func (w *sweep) compose(ctx context.Context, a *attempt) (notice.Mail, error) {
	ctx, stop := context.WithTimeout(ctx, notice.LeaseTime-leaseLeft)
	defer stop()
	n, sender := &a.notice, w.Settings.Sender
	sources, err := w.sources(ctx, a)
	if err != nil {
		return notice.Mail{}, err
	}
	now := matter.Floor(w.wall())
	facts := sender.Facts(w.eval, sources, a.due, now)
	draft, err := w.drafts.get(w.prepare, alike{
		matter: version(a.head), part: partName(n),
		template: facts.Template, country: facts.AccountCountry, recipient: facts.Recipient, repetition: facts.Repetition,
		due: facts.Due,
		now: now,
	}, facts)
	if err != nil {
		return notice.Mail{}, fmt.Errorf("write the letter of notice %s: %w", n.ID, err)
	}
	to, err := w.Opener.Open(ctx, n.Matter, a.head.WrappedKeyset, a.contact.Sealed,
		matter.AssociatedData(n.Matter, n.Subject, n.Recipient))
	if err != nil {
		return notice.Mail{}, fmt.Errorf("open the address of notice %s: %w", n.ID, err)
	}
	raw, err := draft.Compose(facts.Personal(), letter.Headers{
		To: to, From: sender.From, SenderName: sender.Name, ReplyTo: sender.ReplyTo, MessageID: sender.MessageID(a.token),
		Date: now,
	})
	if err != nil {
		return notice.Mail{}, fmt.Errorf("compose the mail of notice %s: %w", n.ID, err)
	}
	return notice.Mail{To: to, Raw: raw, Notice: n.ID, Attempt: a.token}, nil
}

// sources reads what the letter of this attempt is written from. Requests and orders are changed only under a new
// version of their matter, disclosures never.
func (w *sweep) sources(ctx context.Context, a *attempt) (letter.Sources, error) {
	n := &a.notice
	request, err := w.requests.get(version(a.head), func() (*matter.Request, error) {
		r, err := w.Store.Request(ctx, n.Matter)
		return &r, err
	})
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read the request of matter %s: %w", n.Matter, err)
	}
	part := partName(n)
	disclosure, err := w.disclosures.get(part, func() (*matter.Disclosure, error) {
		d, err := w.Store.Disclosure(ctx, n.Matter, n.Disclosure, n.Part)
		return &d, err
	})
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read disclosure %s: %w", part, err)
	}
	src := letter.Sources{Notice: n, Head: a.head, Request: *request, Disclosure: disclosure.Facts,
		Country: a.contact.country}
	if len(w.eval.Covering(a.head, restraint.TargetOf(n))) == 0 {
		return src, nil
	}
	src.Orders, err = w.orders.get(version(a.head),
		func() ([]matter.Order, error) { return w.Store.Orders(ctx, n.Matter) })
	if err != nil {
		return letter.Sources{}, fmt.Errorf("read the orders of matter %s: %w", n.Matter, err)
	}
	return src, nil
}

// alike are the facts that, with the delays, the letters of two notices can differ by beside reference and account:
// request and disclosure stand still under a matter's version, and the sender is the same for all.
type alike struct {
	matter, part, template, country string
	recipient                       matter.Role
	repetition                      bool
	due, now                        time.Time
}

// maxDrafts bounds the drafts of one second, at some 30 KB each.
const maxDrafts = 200

// drafts keeps the letters of one second, so that those who are told alike get theirs from one draft.
type drafts struct {
	mu   sync.Mutex
	now  time.Time
	kept map[alike]draft
}

type draft struct {
	delays  []letter.Delay
	prepare func() (Draft, error)
}

// prepare is Prepare or what stands for none.
func (s *Service) prepare(f letter.Facts) (Draft, error) {
	if s.Prepare != nil {
		return s.Prepare(f)
	}
	return letter.Prepare(f)
}

// get is the draft for the facts.
func (d *drafts) get(prepare func(letter.Facts) (Draft, error), key alike, f letter.Facts) (Draft, error) {
	d.mu.Lock()
	if d.kept == nil || !d.now.Equal(key.now) || len(d.kept) == maxDrafts {
		d.now, d.kept = key.now, map[alike]draft{}
	}
	found, ok := d.kept[key]
	if !ok || !slices.EqualFunc(found.delays, f.Delays, letter.Delay.Equal) {
		found = draft{f.Delays, sync.OnceValues(func() (Draft, error) { return prepare(f) })}
		d.kept[key] = found
	}
	d.mu.Unlock()
	return found.prepare()
}

// version names a version of a matter, partName a part of a disclosure, in what a sweep remembers.
func version(h *matter.Head) string { return h.Matter + "@" + strconv.Itoa(h.Version) }

func partName(n *notice.Notice) string {
	return agenda.ForMakeNotices(n.Matter, n.Disclosure, n.Part, time.Time{}, 0).ID()
}
