package dispatch

import (
	"context"
	"fmt"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// probeAfter is when a pause is probed with one notice: soon enough that no notice waits long for the end of a pause.
const probeAfter = 15 * time.Minute

// pauseReason says why sending is paused: the trouble of the account just met, or the one that a probe left standing.
func (s *sender) pauseReason(account bool, o notice.Outcome, code string) string {
	switch {
	case !account && s.paused.Reason != "":
		return s.paused.Reason
	case code == "":
		return string(o)
	}
	return string(o) + ":" + code
}

// pause stops the sending of this sweep and of those to come, until a probe is accepted.
func (s *sender) pause(ctx context.Context, reason string) error {
	now := matter.Floor(s.wall())
	s.tally.add(func(r *Report) { r.Paused = reason })
	p := store.Pause{Reason: reason, Since: s.gate.shut(now), ProbeAt: now.Add(probeAfter)}
	if err := s.store.PutPause(ctx, p); err != nil {
		return fmt.Errorf("record the pause: %w", err)
	}
	return nil
}

// keepRefusals records in the control state what SES refused, and when it last took a mail. A failure is counted: the
// next sweep counts from what was kept last.
func (s *sender) keepRefusals(ctx context.Context) {
	r, changed := s.gate.unkept()
	if !changed {
		return
	}
	if err := s.store.PutRefusals(ctx, r); err != nil {
		s.recordFailure("keep the refusals", "", err)
		return
	}
	s.gate.keep(r)
}
