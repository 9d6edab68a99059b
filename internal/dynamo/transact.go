package dynamo

import (
	"context"
	"fmt"

	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
)

// transact writes all items or none. One request token serves all retries, so that a repetition after a lost answer
// finds its own transaction made.
func (s *requester) transact(ctx context.Context, writes []types.TransactWriteItem) error {
	if len(writes) > store.MaxItems {
		return fmt.Errorf("a transaction of %d items, and %d are the most", len(writes), store.MaxItems)
	}
	for _, w := range writes {
		if w.Put == nil {
			continue
		}
		it := item(w.Put.Item)
		if err := store.TooLarge("item "+it.text(pk)+" "+it.text(sk), size(it)); err != nil {
			return err
		}
	}
	in := &dynamodb.TransactWriteItemsInput{TransactItems: writes, ClientRequestToken: aws.String(uuid.NewString()),
		ReturnConsumedCapacity: s.capacity()}
	out, err := retried(ctx, s, func() (*dynamodb.TransactWriteItemsOutput,
		error) {
		return s.client.TransactWriteItems(ctx, in)
	})
	if err != nil {
		return err
	}
	s.count("TransactWriteItems", out.ConsumedCapacity...)
	return nil
}

// putting is a transaction's unconditional put.
func (s *requester) putting(it item) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it}}
}

// puttingNew is a put of an item that must not exist.
func (s *requester) puttingNew(it item) types.TransactWriteItem {
	w := s.putting(it)
	w.Put.ConditionExpression = aws.String("attribute_not_exists(PK)")
	return w
}
