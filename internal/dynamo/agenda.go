package dynamo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"lapse/internal/agenda"
	"lapse/internal/store"
)

// epoch writes an instant as the beginning of a row's sort key. Rows sort by it as text, until the year 33658.
func epoch(t time.Time) string { return fmt.Sprintf("%012d", t.Unix()) }

// rowKey is the row's key. It holds all that identifies the row, so no put or deletion needs a condition.
func rowKey(r agenda.Row) key {
	return key{shardPartition(r.Work(), r.Shard()),
		fmt.Sprintf("%s#%s#%s#%08d#%08d", epoch(r.At), r.Kind, r.ID(), r.Planned, r.Revision)}
}

func rowItem(r agenda.Row) item {
	it := newItem(rowKey(r))
	it.putTime("at", r.At)
	it.putText("ki", string(r.Kind))
	it.putText("m", r.Matter)
	it.putText("rf", r.Ref)
	it.putInt("pt", r.Part)
	it.putInt("v", r.Version)
	it.putInt("pv", r.Planned)
	it.putInt("rv", r.Revision)
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
		Version: rd.int("v"), Planned: rd.int("pv"), Revision: rd.int("rv"), Retries: rd.int("re"),
		MissingSince: rd.time("ms"), Cursor: rd.text("cu"), CursorHead: rd.int("ch"),
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

// PutRows implements store.Agenda.
func (s *agendaRows) PutRows(ctx context.Context, rows ...agenda.Row) error {
	rows = distinct(rows)
	writes := make([]types.WriteRequest, len(rows))
	for i, r := range rows {
		writes[i].PutRequest = &types.PutRequest{Item: rowItem(r)}
	}
	if err := s.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("put %s: %w", someRows(rows), err)
	}
	return nil
}

// DeleteRows implements store.Agenda.
func (s *agendaRows) DeleteRows(ctx context.Context, rows ...agenda.Row) error {
	rows = distinct(rows)
	writes := make([]types.WriteRequest, len(rows))
	for i, r := range rows {
		writes[i].DeleteRequest = &types.DeleteRequest{Key: rowKey(r).item()}
	}
	if err := s.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("delete %s: %w", someRows(rows), err)
	}
	return nil
}

// distinct keeps of rows with one key the last: DynamoDB refuses a batch that names a key twice, as a whole.
func distinct(rows []agenda.Row) []agenda.Row {
	at := make(map[key]int, len(rows))
	out := make([]agenda.Row, 0, len(rows))
	for _, r := range rows {
		if i, ok := at[rowKey(r)]; ok {
			out[i] = r
			continue
		}
		at[rowKey(r)] = len(out)
		out = append(out, r)
	}
	return out
}

// someRows names the rows of a failed request.
func someRows(rows []agenda.Row) string {
	if len(rows) == 1 {
		return fmt.Sprintf("agenda row %s of %s", rows[0].Kind, rows[0].ID())
	}
	return fmt.Sprintf("%d agenda rows", len(rows))
}
