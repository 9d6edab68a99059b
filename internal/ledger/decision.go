package ledger

import (
	"encoding/json"
	"fmt"

	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// maxReason is how many bytes of a person's reason a notice keeps. The whole reason stands on the ledger.
const maxReason = 200

// Decision is a person's decision about one notice.
type Decision struct {
	Notice string
	// Act carries it out. The entry's version orders such acts, so that a late one never undoes a later decision.
	Act notice.Act
}

// Decision returns the decision about a notice that the entry records, and whether it records one.
func (e *Entry) Decision() (Decision, bool, error) {
	switch e.Type {
	case event.NoticeTold:
		return e.told()
	case event.NoticeHeld, event.NoticeReleased, event.NoticeCancelled:
	default:
		return Decision{}, false, nil
	}
	var data event.NoticeActData
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return Decision{}, false, fmt.Errorf("read the decision of ledger entry %d of matter %s: %w", e.Seq, e.Matter, err)
	}
	d := Decision{Notice: data.NoticeID}
	switch e.Type {
	case event.NoticeHeld:
		d.Act = notice.Hold(e.Seq, notice.Reason(shortened(data.Reason)), e.Actor, e.At)
	case event.NoticeReleased:
		d.Act = notice.Free(e.Seq, e.Actor, e.At)
	case event.NoticeCancelled:
		d.Act = notice.Cancel(e.Seq, notice.Reason(shortened(data.Reason)), e.Actor, e.At)
	}
	return d, true, nil
}

// told returns the decision of an entry that tells of a notice told by another way than mail.
func (e *Entry) told() (Decision, bool, error) {
	var data event.NoticeToldData
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return Decision{}, false, fmt.Errorf("read the decision of ledger entry %d of matter %s: %w", e.Seq, e.Matter, err)
	}
	act := notice.Tell(e.Seq, data.Channel, e.Actor, matter.Ceil(data.At))
	return Decision{Notice: data.NoticeID, Act: act}, true, nil
}

// Decides reports whether the entry records a decision about the notice.
func (e *Entry) Decides(noticeID string) (bool, error) {
	d, ok, err := e.Decision()
	return ok && d.Notice == noticeID, err
}

// shortened keeps the whole characters of the first bytes.
func shortened(s string) string {
	end := 0
	for i, r := range s {
		if i+len(string(r)) > maxReason {
			return s[:end] + "…"
		}
		end = i + len(string(r))
	}
	return s
}
