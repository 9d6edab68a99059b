package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// head reads the head and makes sure that everything else may be planned on as well. The items of one transaction
// become visible one after the other, so what the last event recorded has to be there; and the subjects it left pending
// are written, or a later change of one of them would hide them. What an earlier event left is done by the time a later
// one is recorded, because every event begins here. store.ErrNotFound where there is no head, store.ErrRace where
// something is not to be seen yet.
func (s *Service) head(ctx context.Context, id string) (matter.Head, error) {
	h, err := s.Store.Head(ctx, id)
	if err != nil || h.Version == 0 {
		return h, wrap(err, "read matter %s", id)
	}
	e, err := s.Store.Entry(ctx, id, h.Version)
	if err == nil {
		err = s.seen(ctx, &e)
	}
	if errors.Is(err, store.ErrNotFound) {
		return h, fmt.Errorf("version %d of matter %s is half recorded: %w", h.Version, id, store.ErrRace)
	}
	if err != nil {
		return h, fmt.Errorf("read version %d of matter %s: %w", h.Version, id, err)
	}
	if _, err = owed.WritePendingSubjects(ctx, s.Store, &e); err != nil {
		return h, err
	}
	h.Pending = 0
	return h, nil
}

// seen returns store.ErrNotFound where what the entry's event recorded cannot be read yet.
func (s *Service) seen(ctx context.Context, e *ledger.Entry) error {
	var data struct {
		OrderID      string `json:"orderId"`
		ExceptionID  string `json:"exceptionId"`
		NoticeID     string `json:"noticeId"`
		DisclosureID string `json:"disclosureId"`
		SubjectID    string `json:"subjectId"`
		Erase        bool   `json:"erase"`
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return fmt.Errorf("read the data of the ledger entry: %w", err)
	}
	version := e.Seq
	switch {
	case data.DisclosureID != "":
		parts, err := s.Store.Disclosures(ctx, e.Matter, data.DisclosureID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(parts, func(d matter.Disclosure) bool { return d.Version == e.Seq }) {
			version = 0
		}
	case data.OrderID != "":
		orders, err := s.Store.Orders(ctx, e.Matter)
		if err != nil {
			return err
		}
		version = orderVersion(orders, data.OrderID, e.Seq)
	case data.ExceptionID != "":
		all, err := s.Store.Exceptions(ctx, e.Matter)
		if err != nil {
			return err
		}
		version = 0
		if x := exceptionOf(all, data.ExceptionID); x != nil {
			version = x.Revision
		}
	case data.NoticeID != "": // recorded by the ledger entry alone
	case data.SubjectID != "" && !data.Erase:
		recorded, err := s.Store.Subjects(ctx, e.Matter, []string{data.SubjectID})
		if err != nil {
			return err
		}
		version = recorded[data.SubjectID].Revision
	case data.SubjectID == "":
		r, err := s.Store.Request(ctx, e.Matter)
		if err != nil {
			return err
		}
		version = r.Version
	}
	if version < e.Seq {
		return store.ErrNotFound
	}
	return nil
}

// orderVersion is the version up to which the order can be read, 0 while the order that it extends does not say so.
func orderVersion(orders []matter.Order, id string, seq int) int {
	o := orderOf(orders, id)
	if o == nil {
		return 0
	}
	extended := orderOf(orders, o.Received.Extends)
	if o.Version == seq && extended != nil && !extended.Extended && extended.Version < seq {
		return 0
	}
	return o.Revision
}
