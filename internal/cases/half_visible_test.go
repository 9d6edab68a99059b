package cases_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
	"lapse/internal/ledger"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

type slow struct {
	dispatch.Mailer
	entered, go_ chan struct{}
	to           string
}

func (s *slow) Send(ctx context.Context, m notice.Mail) (string, error) {
	s.to = m.To.Reveal()
	close(s.entered)
	<-s.go_
	return s.Mailer.Send(ctx, m)
}

func TestNoMailGoesToTheOldAddressAfterTheAnswer(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Advance(time.Minute)
	s := &slow{Mailer: w.Dispatch.Mailer, entered: make(chan struct{}), go_: make(chan struct{})}
	w.Dispatch.Mailer = s
	swept := make(chan struct{})
	w.Store.Torn = func(step int) {
		if step != 1 {
			return
		}
		go func() { defer close(swept); _, _ = w.Dispatch.Sweep(context.Background()) }()
		select {
		case <-s.entered:
		case <-swept:
		}
	}
	a := w.Post(worldtest.ContactChange("u1", "newer"))
	w.Store.Torn = nil
	select {
	case <-s.entered:
	default:
		return // nothing was sent in between
	}
	answered := a.InFlight
	close(s.go_)
	<-swept
	if s.to != worldtest.Address("newer") {
		require.Equal(t, []ledger.InFlight{{Notice: w.notice("u1").ID, Outcome: ledger.InDoubt}}, answered,
			"after the answer a mail went to %s", s.to)
	}
}

func TestNoLetterIsWrittenFromAHalfVisibleOrder(t *testing.T) {
	text := func(torn bool) string {
		w := approved(t)
		w.Post(worldtest.Order("ord-1", "u1"))
		w.Post(worldtest.Disclosure("d1", "u1"))
		w.Advance(time.Hour)
		ending := worldtest.Ending("ord-1", "lifted", "2026-03-03T12:30:00Z")
		if torn {
			w.Store.Torn = func(step int) {
				if step == 1 {
					w.Store.Torn = nil
					for range 3 {
						_, _ = w.Dispatch.Sweep(t.Context())
					}
				}
			}
		}
		w.Post(ending)
		w.Store.Torn = nil
		for len(w.SES.Mails()) == 0 {
			w.Advance(time.Hour)
			w.sweep()
		}
		return w.SES.Mails()[0].Text()
	}
	whole, half := text(false), text(true)
	require.Contains(t, whole, "lifted")
	require.Contains(t, half, "lifted")
}
