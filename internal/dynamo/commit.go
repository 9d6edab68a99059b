package dynamo

import (
	"context"
	"errors"
	"fmt"

	"lapse/internal/matter"
	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Commit implements store.Matters.
func (s *heads) Commit(ctx context.Context, c store.Change) error {
	err := s.commit(ctx, c)
	if refused(err) {
		err = store.ErrRace
	}
	if err != nil {
		return fmt.Errorf("commit version %d of matter %s: %w", c.Head.Version, c.Head.Matter, err)
	}
	return nil
}

func (s *heads) commit(ctx context.Context, c store.Change) error {
	for _, r := range c.Head.Restraints {
		if r.Torn {
			return fmt.Errorf("restraint %s is torn: %w", r.ID, store.ErrRace)
		}
	}
	if err := c.Fits(); err != nil {
		return err
	}
	papers, err := paperItems(c)
	if err != nil {
		return err
	}
	room := store.MaxItems - len(papers) - 1 - len(c.Receipts())
	if c.Decided != nil {
		room--
	}
	if c.Subject != nil {
		room--
	}
	head, lists, err := s.spilled(ctx, c.Head, room)
	if errors.Is(err, store.ErrNotFound) {
		return store.ErrRace
	}
	if err != nil {
		return err
	}
	carried := s.putting(head)
	carried.Put.ConditionExpression = aws.String("#v = :was")
	carried.Put.ExpressionAttributeNames = map[string]string{"#v": headVersion}
	carried.Put.ExpressionAttributeValues = item{":was": whole(c.Head.Version - 1)}
	writes := []types.TransactWriteItem{carried}
	for _, r := range c.Receipts() {
		receipt, err := receiptItem(r)
		if err != nil {
			return err
		}
		writes = append(writes, s.puttingNew(receipt))
	}
	for _, it := range append(lists, papers...) {
		writes = append(writes, s.putting(it))
	}
	if c.Subject != nil {
		writes = append(writes, s.puttingSubject(c.Subject))
	}
	if c.Decided != nil {
		put, err := s.replacing(*c.Decided)
		if err != nil {
			return err
		}
		decided := s.putting(put.Item)
		decided.Put.ConditionExpression = put.ConditionExpression
		decided.Put.ExpressionAttributeNames = put.ExpressionAttributeNames
		decided.Put.ExpressionAttributeValues = put.ExpressionAttributeValues
		writes = append(writes, decided)
	}
	return s.transact(ctx, writes)
}

// puttingSubject is the write of a subject of a change. One with former contacts is not put over an erased one.
func (s *heads) puttingSubject(x *matter.Subject) types.TransactWriteItem {
	put := s.putting(subjectItem(*x))
	if len(x.Former) > 0 {
		put.Put.ConditionExpression = aws.String("attribute_not_exists(#x)")
		put.Put.ExpressionAttributeNames = map[string]string{"#x": subjectErased}
	}
	return put
}

// paperItems are the items of a change beside head, receipt, subject and decided notice, put as given.
func paperItems(c store.Change) ([]item, error) {
	items, err := entryItems(c.Entry)
	add := func(it item, e error) {
		items = append(items, it)
		err = errors.Join(err, e)
	}
	if c.Request != nil {
		add(requestItem(c.Head.Matter, *c.Request))
	}
	if c.Disclosure != nil {
		add(disclosureItem(*c.Disclosure))
	}
	for _, o := range c.Orders {
		add(orderItem(o))
	}
	if c.Exception != nil {
		add(exceptionItem(*c.Exception))
	}
	if c.Approval != nil {
		add(approvalItem(*c.Approval))
	}
	for _, r := range c.Rows {
		add(rowItem(r), nil)
	}
	return items, err
}
