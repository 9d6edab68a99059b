package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
)

// maxItems is how many items one transaction may write. DynamoDB allows more; ten keep conflicts rare and the bound
// says that no change grows with the number of subjects.
const maxItems = 10

// transact writes all items or none. One request token serves all retries, so that a repetition after a lost answer
// finds its own transaction made.
func (s *Store) transact(ctx context.Context, writes []types.TransactWriteItem) error {
	if len(writes) > maxItems {
		return fmt.Errorf("a transaction of %d items, %d are the most", len(writes), maxItems)
	}
	in := &dynamodb.TransactWriteItemsInput{TransactItems: writes, ClientRequestToken: aws.String(uuid.NewString()), ReturnConsumedCapacity: s.capacity()}
	out, err := retried(ctx, s, func() (*dynamodb.TransactWriteItemsOutput, error) { return s.client.TransactWriteItems(ctx, in) })
	if err != nil {
		return err
	}
	s.count("TransactWriteItems", out.ConsumedCapacity...)
	return nil
}

// putting is a transaction's unconditional put.
func (s *Store) putting(it item) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it}}
}

// puttingNew is a put of an item that must not exist.
func (s *Store) puttingNew(it item) types.TransactWriteItem {
	w := s.putting(it)
	w.Put.ConditionExpression = aws.String("attribute_not_exists(PK)")
	return w
}
