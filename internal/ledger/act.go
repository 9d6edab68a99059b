package ledger

import (
	"encoding/json"
	"fmt"

	"lapse/internal/event"
	"lapse/internal/notice"
)

// maxReason is how many bytes of a person's reason a notice keeps; the whole stands on the ledger.
const maxReason = 200

// Act is the move of a notice that the entry's event asks for, and whether it asks for one. The entry's version orders
// such moves, so that one carried out late never undoes a later one.
func (e *Entry) Act() (notice.Move, bool, error) {
	op, ok := map[event.Type]notice.Op{event.NoticeHeld: notice.OpHold, event.NoticeReleased: notice.OpFree, event.NoticeCancelled: notice.OpCancel}[event.Type(e.Type)]
	if !ok {
		return notice.Move{}, false, nil
	}
	var data event.NoticeActData
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return notice.Move{}, false, fmt.Errorf("read entry %d of matter %s: %w", e.Seq, e.Matter, err)
	}
	m := notice.Move{Op: op, Notice: data.NoticeID, Now: e.At, Head: e.Seq, Reason: shortened(data.Reason), Actor: e.Actor}
	if op == notice.OpFree {
		m.Reason = ""
	}
	return m, true, nil
}

// Decides reports whether the entry is a person's act on the notice.
func (e *Entry) Decides(notice string) (bool, error) {
	m, ok, err := e.Act()
	return ok && m.Notice == notice, err
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
