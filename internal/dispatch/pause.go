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

// pause stops the sending of this sweep and of those to come, until a probe is accepted. Its reason is the trouble of
// the account just met, or the one that a probe left standing.
func (s *sender) pause(ctx context.Context, account bool, o notice.Outcome, code string) error {
	now := matter.Floor(s.wall())
	p := store.Pause{Outcome: o, Code: code, Since: s.gate.shut(now), ProbeAt: now.Add(probeAfter)}
	if !account && s.paused.Outcome != "" {
		p.Outcome, p.Code = s.paused.Outcome, s.paused.Code
	}
	s.tally.add(func(r *Report) { r.pausedBy(p) })
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
