package delivery

import (
	"context"
	"fmt"
	"time"

	"lapse/internal/announce"
	"lapse/internal/event"
	"lapse/internal/notice"
)

// publishTime is the longest that one publication may take. The function has thirty seconds for a batch of ten reports
// at most, and a bus that hangs must not keep the others from being recorded.
const publishTime = 2 * time.Second

// publish publishes what the report means for the notice. An end is published again with every report of it: the first
// taking may have moved the notice and been cut off before the bus.
func (s *Service) publish(ctx context.Context, act notice.Act, n *notice.Notice) error {
	detail := meaning(act, n)
	if detail == nil {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, publishTime)
	defer stop()
	if err := announce.Publish(ctx, s.Bus, detail); err != nil {
		return fmt.Errorf("publish the report about notice %s: %w", n.ID, err)
	}
	return nil
}

// meaning is the event that the report is for the notice, or nil. A report about an attempt that the notice does not
// rest on means nothing, and of a security message only the record tells.
func meaning(act notice.Act, n *notice.Notice) event.Detail {
	if n.Kind == notice.Moved || n.LastSign != act.Op || n.State != act.Op.To() {
		return nil
	}
	switch act.Op {
	case notice.OpSend:
		if a := n.Attempt(act.Token); a != nil && a.WasUnknown {
			return event.NoticeSentDetail{Matter: n.Matter, Notice: n.ID}
		}
	case notice.OpDelivery, notice.OpComplaint:
		return event.NoticeDeliveredDetail{Matter: n.Matter, Notice: n.ID, Reason: string(n.Reason)}
	case notice.OpBounce, notice.OpReject:
		return event.NoticeUndeliverableDetail{Matter: n.Matter, Notice: n.ID, Reason: string(n.Reason)}
	}
	return nil
}
