package dynamo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lapse/internal/agenda"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The attributes of a row beside its key, which says the rest.
const (
	rowPlanned = "pv"
	rowCursor  = "cu"
)

// epoch is an instant as the beginning of a row's sort key: rows sort by it as text, until the year 33658.
func epoch(t time.Time) string { return fmt.Sprintf("%012d", t.Unix()) }

func rowKey(r agenda.Row) key {
	return key{shardPartition(r.Work(), r.Shard()), epoch(r.At) + "#" + string(r.Kind) + "#" + r.ID}
}

func rowItem(r agenda.Row) item {
	it := newItem(rowKey(r))
	it[rowPlanned] = whole(r.Planned)
	it.putText(rowCursor, r.Cursor)
	return it
}

func readRow(it item) (agenda.Row, error) {
	rd := reader{item: it}
	at, rest, _ := strings.Cut(it.text(sk), "#")
	kind, id, ok := strings.Cut(rest, "#")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !ok {
		return agenda.Row{}, fmt.Errorf("%q is no agenda row's key", it.text(sk))
	}
	return agenda.Row{At: time.Unix(seconds, 0).UTC(), Kind: agenda.Kind(kind), ID: id, Planned: rd.int(rowPlanned), Cursor: rd.text(rowCursor)}, rd.err
}

// Rows implements storetest.Agenda.
func (s *Store) Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string, limit int) ([]agenda.Row, string, error) {
	in := span{shardPartition(work, shard), " ", epoch(upTo) + "$"} // '$' sorts after '#', ' ' before every digit
	items, cursor, err := s.page(ctx, in, after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("read agenda %s: %w", in.pk, err)
	}
	rows := make([]agenda.Row, len(items))
	for i, it := range items {
		if rows[i], err = readRow(it); err != nil {
			return nil, "", fmt.Errorf("read agenda %s: %w", in.pk, err)
		}
	}
	return rows, cursor, nil
}

// PutRow implements storetest.Agenda.
func (s *Store) PutRow(ctx context.Context, r agenda.Row) error {
	err := unless(s.put(ctx, &dynamodb.PutItemInput{Item: rowItem(r),
		ConditionExpression:       aws.String("attribute_not_exists(PK) OR #p <= :p"),
		ExpressionAttributeNames:  map[string]string{"#p": rowPlanned},
		ExpressionAttributeValues: item{":p": whole(r.Planned)}}))
	if err != nil {
		return fmt.Errorf("put agenda row %s of %s: %w", r.Kind, r.ID, err)
	}
	return nil
}

// DeleteRow implements storetest.Agenda.
func (s *Store) DeleteRow(ctx context.Context, r agenda.Row) error {
	err := unless(s.delete(ctx, &dynamodb.DeleteItemInput{Key: rowKey(r).item(),
		ConditionExpression:       aws.String("#p = :p"),
		ExpressionAttributeNames:  map[string]string{"#p": rowPlanned},
		ExpressionAttributeValues: item{":p": whole(r.Planned)}}))
	if err != nil {
		return fmt.Errorf("delete agenda row %s of %s: %w", r.Kind, r.ID, err)
	}
	return nil
}
