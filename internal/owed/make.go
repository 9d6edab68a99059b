package owed

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"lapse/internal/agenda"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// Plan is what a notice's first row is planned under: the restraints of the head as the caller read it, now, and how
// many notices are made at once, at least 1.
type Plan struct {
	Eval    *restraint.Evaluator
	Head    *matter.Head
	Now     time.Time
	Workers int
}

// MakeNotices makes the notices that the disclosure owes to the targets, each with its row, in the languages of the
// subjects. A notice that exists stays as it is. All targets are tried whatever fails. The error is one of those there
// were. made, if not nil, is called for each notice, by several goroutines at once.
func MakeNotices(ctx context.Context, s store.Notices, p Plan, d *matter.Disclosure, targets []string,
	subjects map[string]matter.Subject, made func(n *notice.Notice)) error {
	return Each(len(targets), p.Workers, func(i int) error {
		subject := subjects[targets[i]]
		language, template, err := letter.Choose(subject.Language, subject.Country)
		if err != nil {
			return fmt.Errorf("choose the letter of a notice of disclosure %s.%s: %w", d.Matter, d.ID, err)
		}
		n := notice.New(d, p.Head.Salt, targets[i], language, template)
		at, _ := p.Eval.NextVisit(&n, &subject, p.Head, p.Now)
		if err := s.PutNotice(ctx, n, agenda.ForNotice(n.Matter, n.ID, at, p.Head.Version)); err != nil {
			return fmt.Errorf("make notice %s: %w", n.ID, err)
		}
		if made != nil {
			made(&n)
		}
		return nil
	})
}

// Each calls do for 0 to below n, at most workers at once, and all of them whatever fails. The error is one of those
// there were.
func Each(n, workers int, do func(i int) error) error {
	var g errgroup.Group
	g.SetLimit(max(workers, 1))
	for i := range n {
		g.Go(func() error { return do(i) })
	}
	return g.Wait()
}
