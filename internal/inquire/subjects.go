package inquire

import (
	"context"
	"fmt"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

// subjectsOf reads the subjects of some notices of a matter, and returns the one of each.
func (s *Service) subjectsOf(ctx context.Context, id string, page []notice.Notice) (
	func(*notice.Notice) *matter.Subject, error) {
	ids := make([]string, len(page))
	for i := range page {
		ids[i] = page[i].Subject
	}
	subjects, err := s.Store.Subjects(ctx, id, ids)
	if err != nil {
		return nil, fmt.Errorf("read the subjects of some notices of %s: %w", id, err)
	}
	return func(n *notice.Notice) *matter.Subject { return new(subjects[n.Subject]) }, nil
}

// subjectOf reads the subject of a notice.
func (s *Service) subjectOf(ctx context.Context, n *notice.Notice) (*matter.Subject, error) {
	about, err := s.subjectsOf(ctx, n.Matter, []notice.Notice{*n})
	if err != nil {
		return nil, err
	}
	return about(n), nil
}
