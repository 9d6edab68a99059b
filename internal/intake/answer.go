package intake

import (
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// listed is how many notices an answer lists at most.
const listed = 100

// brief lists the disclosure's notices in the answer, with their dues as things stand. subjects are those of its
// targets, the listed ones at least.
func (d *draft) brief(disc *matter.Disclosure, subjects map[string]matter.Subject) {
	total := len(disc.Targets)
	d.answer.NoticesTotal = &total
	for _, id := range disc.Targets[:min(total, listed)] {
		n, s := notice.New(disc, d.head().Salt, id, "", ""), subjects[id]
		d.answer.Notices = append(d.answer.Notices, d.noticeBrief(&n, &s))
	}
}

func (d *draft) noticeBrief(n *notice.Notice, s *matter.Subject) ledger.NoticeBrief {
	b := ledger.NoticeBrief{ID: n.ID, Disclosure: n.Disclosure, Subject: n.Subject, Recipient: n.Recipient(s).Role,
		State: n.State, Kind: n.Kind}
	if due, known := d.eval.NoticeDue(n, s, d.head(), d.now); known {
		b.Due = matter.Instant(due)
	}
	return b
}
