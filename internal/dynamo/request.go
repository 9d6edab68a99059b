package dynamo

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"
)

// The requests below fill in the table, repeat conflicts and report the capacity. Every read is consistent, so the
// store never answers from old data.

func (s *requester) capacity() types.ReturnConsumedCapacity {
	if s.Count == nil {
		return types.ReturnConsumedCapacityNone
	}
	return types.ReturnConsumedCapacityTotal
}

func (s *requester) count(op string, used ...types.ConsumedCapacity) {
	for _, c := range used {
		if s.Count != nil && c.CapacityUnits != nil {
			s.Count(op, *c.CapacityUnits)
		}
	}
}

func (s *requester) countOne(op string, used *types.ConsumedCapacity) {
	if used != nil {
		s.count(op, *used)
	}
}

// get reads one item. The error is store.ErrNotFound if there is none.
func (s *requester) get(ctx context.Context, k key) (item, error) {
	out, err := retried(ctx, s, func() (*dynamodb.GetItemOutput, error) {
		return s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: k.item(),
			ConsistentRead:         aws.Bool(true),
			ReturnConsumedCapacity: s.capacity()})
	})
	if err != nil {
		return nil, err
	}
	s.countOne("GetItem", out.ConsumedCapacity)
	if len(out.Item) == 0 {
		return nil, store.ErrNotFound
	}
	return out.Item, nil
}

// batchSize is the most items that one BatchGetItem may ask for.
const batchSize = 100

// getAll reads the items that exist among at most batchSize different keys. It asks again for keys that DynamoDB leaves
// unprocessed, as for a throttled request.
func (s *requester) getAll(ctx context.Context, keys []key) ([]item, error) {
	found, _, err := s.getAllAhead(ctx, keys)
	return found, err
}

// getAllAhead is getAll, and also returns how far our clock is ahead of DynamoDB's by the last answer.
func (s *requester) getAllAhead(ctx context.Context, keys []key) (found []item, by time.Duration, err error) {
	if len(keys) == 0 {
		return nil, 0, nil
	}
	ask := make([]map[string]types.AttributeValue, len(keys))
	for i, k := range keys {
		ask[i] = k.item()
	}
	for attempt := 0; ; attempt++ {
		var began time.Time
		out, err := retried(ctx, s, func() (*dynamodb.BatchGetItemOutput, error) {
			began = machineTime()
			return s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{ReturnConsumedCapacity: s.capacity(),
				RequestItems: map[string]types.KeysAndAttributes{s.table: {Keys: ask, ConsistentRead: aws.Bool(true)}}})
		})
		if err != nil {
			return nil, 0, err
		}
		s.count("BatchGetItem", out.ConsumedCapacity...)
		for _, it := range out.Responses[s.table] {
			found = append(found, it)
		}
		rest := out.UnprocessedKeys[s.table].Keys
		if len(rest) == 0 {
			return found, ahead(began, out.ResultMetadata), nil
		}
		if len(rest) < len(ask) {
			attempt = 0
		}
		if attempt == retries {
			return nil, 0, store.ErrBusy
		}
		if err := s.pause(ctx, attempt); err != nil {
			return nil, 0, err
		}
		ask = rest
	}
}

// getMany reads the items that exist among any number of keys, of which some may be equal, batchSize to a request.
func (s *requester) getMany(ctx context.Context, keys []key) ([]item, error) {
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.pk, b.pk), cmp.Compare(a.sk, b.sk)) })
	keys = slices.Compact(keys)
	if len(keys) <= batchSize {
		return s.getAll(ctx, keys)
	}
	var mu sync.Mutex
	var found []item
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for some := range slices.Chunk(keys, batchSize) {
		group.Go(func() error {
			items, err := s.getAll(ctx, some)
			mu.Lock()
			defer mu.Unlock()
			found = append(found, items...)
			return err
		})
	}
	return found, group.Wait()
}

// span is a range of sort keys in one partition. It includes both ends.
type span struct{ pk, from, to string }

// under returns the span of all sort keys with the prefix. No sort key holds a character above '~'.
func under(pk, prefix string) span { return span{pk, prefix, prefix + "~"} }

// page reads at most limit items of the span, ascending, after the sort key after ("": from the beginning). It returns
// the sort key at which the next page starts, or "" at the end.
func (s *requester) page(ctx context.Context, in span, after string, limit int) ([]item, string, error) {
	if after >= in.to || in.from > in.to {
		return nil, "", nil
	}
	q := &dynamodb.QueryInput{TableName: &s.table, ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: s.capacity(),
		Limit:                  aws.Int32(int32(limit)),
		KeyConditionExpression: aws.String("PK = :p AND SK BETWEEN :f AND :t"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":p": text(in.pk), ":f": text(in.from), ":t": text(in.to)}}
	if after != "" {
		q.ExclusiveStartKey = key{in.pk, after}.item()
	}
	out, err := retried(ctx, s, func() (*dynamodb.QueryOutput, error) { return s.client.Query(ctx, q) })
	if err != nil {
		return nil, "", err
	}
	s.countOne("Query", out.ConsumedCapacity)
	items := make([]item, len(out.Items))
	for i, it := range out.Items {
		items[i] = it
	}
	return items, item(out.LastEvaluatedKey).text(sk), nil
}

// all reads the first limit items of the span, or all of them if limit is 0.
func (s *requester) all(ctx context.Context, in span, limit int) ([]item, error) {
	const most = 1000
	var items []item
	for after := ""; ; {
		size := most
		if limit > 0 {
			size = min(most, limit-len(items))
		}
		next, cursor, err := s.page(ctx, in, after, size)
		if err != nil {
			return nil, err
		}
		items = append(items, next...)
		if cursor == "" || limit > 0 && len(items) >= limit {
			return items, nil
		}
		after = cursor
	}
}

// writesAtOnce is the most items that one BatchWriteItem may write.
const writesAtOnce = 25

// writeAll puts and deletes items without a condition, all of different keys, as many as there are. It asks again for
// those that DynamoDB leaves unprocessed. On an error some may be written.
func (s *requester) writeAll(ctx context.Context, writes []types.WriteRequest) error {
	if len(writes) == 1 {
		return s.writeOne(ctx, writes[0])
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for some := range slices.Chunk(writes, writesAtOnce) {
		group.Go(func() error { return s.writeSome(ctx, some) })
	}
	return group.Wait()
}

func (s *requester) writeOne(ctx context.Context, w types.WriteRequest) error {
	if w.PutRequest != nil {
		return s.put(ctx, &dynamodb.PutItemInput{Item: w.PutRequest.Item})
	}
	return s.delete(ctx, &dynamodb.DeleteItemInput{Key: w.DeleteRequest.Key})
}

func (s *requester) writeSome(ctx context.Context, writes []types.WriteRequest) error {
	for attempt := 0; ; attempt++ {
		out, err := retried(ctx, s, func() (*dynamodb.BatchWriteItemOutput, error) {
			return s.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{ReturnConsumedCapacity: s.capacity(),
				RequestItems: map[string][]types.WriteRequest{s.table: writes}})
		})
		if err != nil {
			return err
		}
		s.count("BatchWriteItem", out.ConsumedCapacity...)
		rest := out.UnprocessedItems[s.table]
		if len(rest) == 0 {
			return nil
		}
		if len(rest) < len(writes) {
			attempt = 0
		}
		if attempt == retries {
			return store.ErrBusy
		}
		if err := s.pause(ctx, attempt); err != nil {
			return err
		}
		writes = rest
	}
}

func (s *requester) put(ctx context.Context, in *dynamodb.PutItemInput) error {
	in.TableName, in.ReturnConsumedCapacity = &s.table, s.capacity()
	out, err := retried(ctx, s, func() (*dynamodb.PutItemOutput, error) { return s.client.PutItem(ctx, in) })
	if err == nil {
		s.countOne("PutItem", out.ConsumedCapacity)
	}
	return err
}

func (s *requester) update(ctx context.Context, in *dynamodb.UpdateItemInput) (item, error) {
	in.TableName, in.ReturnConsumedCapacity = &s.table, s.capacity()
	out, err := retried(ctx, s, func() (*dynamodb.UpdateItemOutput, error) { return s.client.UpdateItem(ctx, in) })
	if err != nil {
		return nil, err
	}
	s.countOne("UpdateItem", out.ConsumedCapacity)
	return out.Attributes, nil
}

func (s *requester) delete(ctx context.Context, in *dynamodb.DeleteItemInput) error {
	in.TableName, in.ReturnConsumedCapacity = &s.table, s.capacity()
	out, err := retried(ctx, s, func() (*dynamodb.DeleteItemOutput, error) { return s.client.DeleteItem(ctx, in) })
	if err == nil {
		s.countOne("DeleteItem", out.ConsumedCapacity)
	}
	return err
}
