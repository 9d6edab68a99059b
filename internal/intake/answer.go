package intake

import (
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// listed is how many notices an answer lists at most.
const listed = 100

// brief lists the disclosure's notices in the answer, with their dues as things stand.
func (d *draft) brief(disc *matter.Disclosure) {
	total := len(disc.Targets)
	d.answer.NoticesTotal = &total
	for _, t := range disc.Targets[:min(total, listed)] {
		n := notice.New(disc, d.head().Salt, t, "", "")
		d.answer.Notices = append(d.answer.Notices, d.noticeBrief(&n))
	}
}

func (d *draft) noticeBrief(n *notice.Notice) ledger.NoticeBrief {
	b := ledger.NoticeBrief{ID: n.ID, Disclosure: n.Disclosure, Subject: n.Subject, Recipient: n.Recipient, State: n.State}
	if due, known := d.eval.NoticeDue(n, d.head(), d.now); known {
		b.Due = matter.Instant(due)
	}
	return b
}
