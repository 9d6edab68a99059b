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

// Row is the row that visits the notice at the instant.
func Row(n *notice.Notice, at time.Time, planned int) agenda.Row {
	r := agenda.ForNotice(n.Matter, n.ID, at, planned)
	r.Revision = n.Revision
	return r
}

// MakeNotices makes the notices that the disclosure owes to the targets, in the languages of the subjects. Their rows
// are put first. A notice that exists stays as it is. All targets are tried whatever fails. The error is one of those
// there were. made, if not nil, is called for each notice, by several goroutines at once.
func MakeNotices(ctx context.Context, s interface {
	store.Notices
	store.Agenda
}, p Plan, d *matter.Disclosure, targets []string, subjects map[string]matter.Subject,
	made func(n *notice.Notice)) error {
	all, rows := make([]notice.Notice, len(targets)), make([]agenda.Row, len(targets))
	for i, target := range targets {
		subject := subjects[target]
		language, template, err := letter.Choose(subject.Language, subject.Country)
		if err != nil {
			return fmt.Errorf("choose the letter of a notice of disclosure %s.%s: %w", d.Matter, d.ID, err)
		}
		all[i] = notice.New(d, p.Head.Salt, target, language, template)
		at, _ := p.Eval.NextVisit(&all[i], &subject, p.Head, p.Now)
		rows[i] = Row(&all[i], at, p.Head.Version)
	}
	if err := s.PutRows(ctx, rows...); err != nil {
		return fmt.Errorf("put the rows of notices of disclosure %s.%s: %w", d.Matter, d.ID, err)
	}
	return Each(len(all), p.Workers, func(i int) error {
		if err := s.PutNotice(ctx, all[i]); err != nil {
			return fmt.Errorf("make notice %s: %w", all[i].ID, err)
		}
		if made != nil {
			made(&all[i])
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
