package sim

import (
	"context"
	"slices"
	"strings"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/seal"
)

// keys seal and open for one life, and cannot be reached now and then. Most runs seal by writing down what is sealed,
// for the cryptography has tests of its own and takes half of the time. Every tenth run uses the real one.
type keys struct{ life *life }

// unwrapped is a key that stays with the keysets it guards.
type unwrapped struct{}

func (unwrapped) Wrap(_ context.Context, _ string, plain []byte) ([]byte, error) {
	return slices.Clone(plain), nil // it is wiped
}

func (unwrapped) Unwrap(_ context.Context, _ string, wrapped []byte) ([]byte, error) {
	return slices.Clone(wrapped), nil
}

// unreachable reports whether the key service does not answer this time. It is not drawn from the run's numbers, which
// belong to the scheduler.
func (k keys) unreachable() bool {
	k.life.tokens++
	w := k.life.p.w
	draw := (w.seed + uint64(k.life.n)<<8 + uint64(k.life.p.id)<<16 + uint64(k.life.tokens)<<24) * 0x9e3779b97f4a7c15 >> 32
	return w.faulty() && w.odds.keyless > 0 && draw%1000 < uint64(w.odds.keyless)
}

func (k keys) NewKeys(ctx context.Context, id string) (public, wrapped []byte, err error) {
	if k.unreachable() {
		return nil, nil, errLost
	}
	return k.life.p.w.setup.sealer.NewKeys(ctx, id)
}

func (k keys) Seal(public []byte, a matter.Address, associated []byte) ([]byte, error) {
	if k.life.p.w.real() {
		return k.life.p.w.setup.sealer.Seal(public, a, associated)
	}
	return []byte(a.Reveal()), nil
}

// Mailbox names a mailbox by its address.
func (k keys) Mailbox(_ context.Context, _ string, a matter.Address) (string, error) {
	if k.unreachable() {
		return "", errLost
	}
	return a.Reveal(), nil
}

func (k keys) Open(ctx context.Context, id string, wrapped, sealed, associated []byte) (matter.Address, error) {
	switch {
	case k.unreachable():
		return matter.Address{}, errLost
	case k.life.p.w.real():
		return k.life.p.w.setup.opener.Open(ctx, id, wrapped, sealed, associated)
	}
	return matter.ParseAddress(string(sealed))
}

// plain seals nothing: the beginnings of most runs are written with it.
type plain struct{ *seal.Sealer }

func (plain) Seal(_ []byte, a matter.Address, _ []byte) ([]byte, error) {
	return []byte(a.Reveal()), nil
}

// named names mailboxes by their addresses.
type named struct{}

func (named) Mailbox(_ context.Context, _ string, a matter.Address) (string, error) {
	return a.Reveal(), nil
}

// addresses are where the people of a run can be written to, by subject. Each list counts from a step on.
type addresses map[string][]reachable

type reachable struct {
	step  int
	mails []string
}

// verified lists the addresses of posted contacts that may be written to.
func verified(contacts any) (all []string) {
	for _, c := range contacts.([]object) {
		if c["verified"] == true {
			all = append(all, c["email"].(string))
		}
	}
	return all
}

// livesAt notes that somebody can be written to elsewhere from now on. Whoever wants to be forgotten keeps the contacts
// until nothing is owed, and gets no others by an amendment.
func (w *world) livesAt(subject string, contacts any) {
	delete(w.coming, subject)
	if contacts == nil {
		w.wished = true
	}
	if w.wished && subject == w.erased {
		return
	}
	w.reached[subject] = append(w.reached[subject], reachable{w.steps, verified(contacts)})
}

// moves is the effect of contacts that an event brings: they may be written to as soon as it is being recorded.
func (w *world) moves(subject string, contacts any) effect {
	return effect{forbids: true, do: func(time.Time) { w.livesAt(subject, contacts) }, early: func() {
		if contacts != nil {
			w.coming[subject] = append(w.coming[subject], verified(contacts)...)
		}
	}}
}

// sharers are the people whose mail comes to the address by what was on record before the step.
func (w *world) sharers(address string, before int) (all []string) {
	for id, known := range w.reached {
		for i := len(known) - 1; i >= 0; i-- {
			if known[i].step >= before {
				continue
			}
			if slices.Contains(known[i].mails, address) {
				all = append(all, id)
			}
			break
		}
	}
	return all
}

// anybodyElse checks whom a mail goes to: the subject's own contact, as it stands on record before the final check or
// as it was recorded since.
func (w *world) anybodyElse(l *life, m notice.Mail) {
	n := w.store.PeekAt(m.Notice)
	to, known := m.To.Reveal(), w.reached[n.Subject]
	if n.Kind == notice.Moved {
		w.formerly(n, to)
		return
	}
	if slices.Contains(w.coming[n.Subject], to) {
		return
	}
	for i := len(known) - 1; i >= 0; i-- {
		if slices.Contains(known[i].mails, to) {
			return
		}
		if known[i].step < l.checked.step {
			w.fail("nobody else is told", "a mail of %s about %s goes to %s, and the contacts are %s", n.ID, n.Subject, to,
				strings.Join(known[i].mails, ", "))
			return
		}
	}
	if len(known) > 0 {
		return
	}
	w.fail("nobody else is told", "a mail of %s goes to %s", n.ID, to)
}
