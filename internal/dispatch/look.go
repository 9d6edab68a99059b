package dispatch

import (
	"context"
	"fmt"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// lookAge is for how long a visit goes by what its page read of the notices. What is decided by an old look is refused
// where the notice has changed, or by the final check: an old look costs time, never a promise.
const lookAge = 5 * time.Second

// looks are the notices and the subjects of a page's rows, read in batches.
type looks struct {
	// began is when the reading began, zero before the first.
	began time.Time
	// failed says that the reading failed: one item that cannot be read must not stop the others of its page, so each is
	// read by itself.
	failed   bool
	notices  map[string]notice.Notice
	subjects map[store.SubjectKey]matter.Subject
	// under are the heads that were read as a whole before the subjects. A subject that was read after a head says what
	// holds under it (matter.Head.Agrees), and nothing of another.
	under map[string]headMark
}

// headMark tells the heads of one matter apart: pending subjects are written under the version that brought them.
type headMark struct{ version, pending int }

func mark(h *matter.Head) headMark { return headMark{h.Version, h.Pending} }

// noticeFor is the notice of a visit: as its page read it lately, or read afresh.
func (w *noticePass) noticeFor(ctx context.Context, v visit, fresh bool) (notice.Notice, error) {
	if fresh {
		return w.store.Notice(ctx, v.row.Ref)
	}
	v.page.mu.Lock()
	defer v.page.mu.Unlock()
	if age := w.wall().Sub(v.page.looks.began); age.Abs() > lookAge {
		if err := w.look(ctx, v.page); err != nil {
			w.recordFailure("look at a page", v.row.ID(), err)
			v.page.looks = looks{began: w.wall(), failed: true}
		}
	}
	if v.page.looks.failed {
		return w.store.Notice(ctx, v.row.Ref)
	}
	n, ok := v.page.looks.notices[v.row.Ref]
	if !ok {
		return n, store.ErrNotFound
	}
	return n, nil
}

// look reads the notices of the page's rows that are still to be visited. Of those that may be sent it reads the heads
// that this sweep has not read, and then the subjects.
func (w *noticePass) look(ctx context.Context, p *page) (err error) {
	l := looks{began: w.wall(), under: map[string]headMark{}}
	var ids []string
	for i, row := range p.rows {
		if !p.ended[i] {
			ids = append(ids, row.Ref)
		}
	}
	if l.notices, err = w.store.NoticesOf(ctx, ids); err != nil {
		return fmt.Errorf("read a page of notices: %w", err)
	}
	unread := map[string]bool{}
	var matters []string
	var subjects []store.SubjectKey
	for i, row := range p.rows {
		n, ok := l.notices[row.Ref]
		if !ok || p.ended[i] || n.State.Terminal() && !n.State.Accepted() {
			continue
		}
		if h, ok := w.heads.kept(n.Matter); !ok || h.Version < row.Planned {
			if !unread[n.Matter] {
				unread[n.Matter], matters = true, append(matters, n.Matter)
			}
		}
		if mayBeSent(&n) {
			subjects = append(subjects, store.SubjectKey{Matter: n.Matter, ID: n.Subject})
		}
	}
	if len(matters) > 0 {
		heads, err := w.store.Heads(ctx, matters)
		if err != nil {
			return fmt.Errorf("read the heads of a page of notices: %w", err)
		}
		for id, h := range heads {
			w.heads.put(id, &h)
		}
	}
	for _, k := range subjects {
		if h, ok := w.heads.kept(k.Matter); ok {
			l.under[k.Matter] = mark(h)
		}
	}
	if len(subjects) > 0 {
		if l.subjects, err = w.store.SubjectsOf(ctx, subjects); err != nil {
			return fmt.Errorf("read the subjects of a page of notices: %w", err)
		}
	}
	p.looks = l
	return nil
}

// mayBeSent reports whether a visit decides about the notice, and so needs its subject.
func mayBeSent(n *notice.Notice) bool {
	return !n.State.Terminal() && n.State != notice.Sent && n.State != notice.Sending && !n.Waits()
}

// subjectFor is the notice's subject as it stands under the head: as the page read it, where it read that head before,
// or read afresh. It is errStale where the two do not agree, because then nobody knows whom a mail would reach under
// the head's restraints.
func (w *noticePass) subjectFor(ctx context.Context, v visit, n *notice.Notice,
	head *matter.Head) (*matter.Subject, error) {
	s, ok := v.page.subject(n, head)
	if !ok {
		var err error
		if s, err = owed.SubjectOf(ctx, w.store, n); err != nil {
			return nil, err
		}
	}
	if head.Agrees(&s) {
		return &s, nil
	}
	_, err := w.freshHead(ctx, n.Matter)
	return nil, firstError(err, errStale)
}

// subject is the notice's subject as the page read it under that head.
func (p *page) subject(n *notice.Notice, head *matter.Head) (matter.Subject, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if under, ok := p.looks.under[n.Matter]; !ok || under != mark(head) {
		return matter.Subject{}, false
	}
	s, ok := p.looks.subjects[store.SubjectKey{Matter: n.Matter, ID: n.Subject}]
	return s, ok
}
