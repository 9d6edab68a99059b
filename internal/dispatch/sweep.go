package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"lapse/internal/matter"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// sweep is one run over the agenda: a work pass, then a notice pass with its sender.
type sweep struct {
	*pass
	work    *workPass
	notices *noticePass
	sender  *sender
	enabled bool
	quota   store.Quota
	// copied is why this table may send nothing, pause or not. It is empty if the table may send.
	copied string
	// paused is the pause that stood when the sweep began.
	paused store.Pause
}

// noClaim is how long before the invocation ends no attempt begins any more: an SES call of 10 s, its writes, and room.
const noClaim = 20 * time.Second

// Sweep does all work and sends every notice that may go now, until nothing is left up to now or until 20 s before the
// deadline of ctx. The report is valid with an error too. The error says that the agenda could not be read as a whole,
// or that the end of the sweep could not be recorded. Trouble with single rows is counted and logged instead. The error
// matches store.ErrClock where the clock is wrong: then nothing is done, because every decision rests on the clock.
func (s *Service) Sweep(ctx context.Context) (Report, error) { return s.SweepGroup(ctx, Group{}) }

func (s *Service) sweepGroup(ctx context.Context, g Group) (Report, error) {
	control, err := s.Store.Control(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("sweep: read pause and quota: %w", err)
	}
	if err := control.Clock(); err != nil {
		return Report{}, fmt.Errorf("sweep: %w", err)
	}
	claims, stop := claiming(ctx)
	defer stop()
	w := s.begin(ctx, claims, control, g)
	w.sender.flights.clear(ctx)
	w.work.run(ctx)
	w.notices.run(ctx)
	return w.end(ctx)
}

// claiming is the part of ctx in which attempts may begin. It goes by real time, whatever clock the service has.
func claiming(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-noClaim))
	}
	return context.WithCancel(ctx)
}

// begin builds the passes and the sender of one sweep.
func (s *Service) begin(ctx, claims context.Context, control store.Dispatcher, g Group) *sweep {
	p := &pass{
		store: s.Store, bus: s.Bus, log: s.Log, now: s.Now, eval: restraint.NewEvaluator(), claims: claims,
		workers: cmp.Or(s.Settings.Workers, defaultWorkers), group: g, share: cmp.Or(s.Settings.Share, defaultShare),
	}
	p.upTo = p.wall()
	copied := p.checkTable(ctx, control.Table)
	quota := control.Quota
	if s.Settings.SendingEnabled {
		quota = p.readQuota(ctx, s.Mailer, quota)
	}
	perSecond, burst := g.rate(quota, p.share)
	w := &noticeWriter{p}
	send := &sender{
		noticeWriter: w, mailer: s.Mailer, opener: s.Opener, prepare: s.prepare, token: s.Token, jitter: s.Jitter,
		keys: s.Keys, letterhead: s.Settings.Sender, paused: control.Pause, pace: newPace(perSecond, burst, p.wall),
		gate:    newGate(s.Settings.SendingEnabled && copied == "", &control, p.upTo),
		flights: &flights{pass: p, token: s.Token},
	}
	return &sweep{
		pass: p, work: &workPass{w, s.Opener}, sender: send, enabled: s.Settings.SendingEnabled, quota: quota, copied: copied,
		notices: &noticePass{
			noticeWriter: w, sender: send, frozen: copied != "", atMostOnce: s.Settings.Policy == AtMostOnce,
		},
		paused: control.Pause,
	}
}

// end completes the report and records the end of the sweep.
func (w *sweep) end(ctx context.Context) (Report, error) {
	w.sender.keepRefusals(ctx)
	w.tally.add(func(r *Report) {
		switch {
		case !w.enabled:
			r.Paused = SendingDisabled
		case w.copied != "":
			r.Paused = w.copied
		case r.Paused == "" && !w.sender.gate.opened():
			r.pausedBy(w.paused)
		}
		quota := w.quota
		if r.usedUp {
			quota.Sent24h = quota.Per24h // whatever SES said of it before
		}
		// Ids are spread over the partitions by hash, so as many wait in each group.
		r.DrainSeconds = int64(drain(r.Waiting*w.group.count(), quota, w.share) / time.Second)
	})
	report := w.tally.report
	if err := errors.Join(w.unread...); err != nil {
		return report, fmt.Errorf("sweep: %w", err)
	}
	if err := w.store.PutSweep(ctx, matter.Floor(w.wall())); err != nil {
		return report, fmt.Errorf("sweep: record its end: %w", err)
	}
	return report, nil
}
