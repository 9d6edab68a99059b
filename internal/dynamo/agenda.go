package dynamo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// rowPlanned is the attribute in the conditions of a row's puts and deletions.
const rowPlanned = "pv"

// epoch writes an instant as the beginning of a row's sort key. Rows sort by it as text, until the year 33658.
func epoch(t time.Time) string { return fmt.Sprintf("%012d", t.Unix()) }

func rowKey(r agenda.Row) key {
	return key{shardPartition(r.Work(), r.Shard()), epoch(r.At) + "#" + string(r.Kind) + "#" + r.ID()}
}

func rowItem(r agenda.Row) item {
	it := newItem(rowKey(r))
	it.putTime("at", r.At)
	it.putText("ki", string(r.Kind))
	it.putText("m", r.Matter)
	it.putText("rf", r.Ref)
	it.putInt("pt", r.Part)
	it.putInt("v", r.Version)
	it[rowPlanned] = whole(r.Planned)
	it.putInt("re", r.Retries)
	it.putTime("ms", r.MissingSince)
	it.putText("cu", r.Cursor)
	it.putInt("ch", r.CursorHead)
	return it
}

func readRow(it item) (agenda.Row, error) {
	rd := reader{item: it}
	r := agenda.Row{
		At: rd.time("at"), Kind: agenda.Kind(rd.text("ki")), Matter: rd.text("m"), Ref: rd.text("rf"), Part: rd.int("pt"),
		Version: rd.int("v"), Planned: rd.int(rowPlanned), Retries: rd.int("re"), MissingSince: rd.time("ms"),
		Cursor: rd.text("cu"), CursorHead: rd.int("ch"),
	}
	if r.Kind == "" {
		return r, fmt.Errorf("sort key %q is no agenda row's", it.text(sk))
	}
	return r, rd.err
}

// agendaRows keeps the rows of the agenda.
type agendaRows struct{ *requester }

// Rows implements store.Agenda.
func (s *agendaRows) Rows(ctx context.Context, work bool, shard int, upTo time.Time, after string,
	limit int) ([]agenda.Row,
	string, error) {
	if after != "" && !isRowKey(after) {
		return nil, "", fmt.Errorf("read the agenda: %w", store.ErrCursor)
	}
	in := span{shardPartition(work, shard), " ", epoch(upTo) + "$"} // '$' sorts after '#'; ' ' sorts before every digit
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

// isRowKey reports whether a text begins as the sort key of a row does. DynamoDB refuses to go on from a key outside
// the span that is read.
func isRowKey(s string) bool {
	digits, _, found := strings.Cut(s, "#")
	return found && len(digits) == len(epoch(time.Unix(0, 0))) && strings.Trim(digits, "0123456789") == ""
}

// PutRow implements store.Agenda.
func (s *agendaRows) PutRow(ctx context.Context, r agenda.Row) error {
	err := unless(s.put(ctx, &dynamodb.PutItemInput{Item: rowItem(r),
		ConditionExpression:       aws.String("attribute_not_exists(PK) OR #p <= :p"),
		ExpressionAttributeNames:  map[string]string{"#p": rowPlanned},
		ExpressionAttributeValues: item{":p": whole(r.Planned)}}))
	if err != nil {
		return fmt.Errorf("put agenda row %s of %s: %w", r.Kind, r.ID(), err)
	}
	return nil
}

// DeleteRow implements store.Agenda.
func (s *agendaRows) DeleteRow(ctx context.Context, r agenda.Row) error {
	err := unless(s.delete(ctx, &dynamodb.DeleteItemInput{Key: rowKey(r).item(),
		ConditionExpression:       aws.String("#p = :p"),
		ExpressionAttributeNames:  map[string]string{"#p": rowPlanned},
		ExpressionAttributeValues: item{":p": whole(r.Planned)}}))
	if err != nil {
		return fmt.Errorf("delete agenda row %s of %s: %w", r.Kind, r.ID(), err)
	}
	return nil
}
