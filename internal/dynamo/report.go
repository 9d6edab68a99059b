package dynamo

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// reports keeps the rows of the transparency report.
type reports struct{ *requester }

// reportCounted and reportVersion are attributes in the conditions of puts of a row.
const reportCounted, reportVersion = "ct", "v"

func reportPartition(half string, shard int) string {
	if shard == store.ReportSecret {
		return "R#" + half + "#n"
	}
	return fmt.Sprintf("R#%s#%02d", half, shard)
}

// reportKey puts the parts of a matter behind it: '#' sorts before every character of an id.
func reportKey(r store.ReportRow) key {
	shard := store.ReportSecret
	if !r.Secret {
		h := fnv.New32a()
		h.Write([]byte(r.Matter))
		shard = int(h.Sum32() % store.ReportShards)
	}
	k := key{reportPartition(r.Half, shard), r.Matter}
	if r.Part > 0 {
		k.sk += fmt.Sprintf("#%06d", r.Part)
	}
	return k
}

// PutReport implements store.Reports.
func (s *reports) PutReport(ctx context.Context, r store.ReportRow) error {
	if err := s.replace(ctx, r); err != nil {
		return fmt.Errorf("put the report's row of matter %s: %w", r.Matter, err)
	}
	return nil
}

// replace puts the row unless the stored one is newer.
func (s *reports) replace(ctx context.Context, r store.ReportRow) error {
	it := newItem(reportKey(r))
	it.putInt("pt", r.Part)
	it.putInt("ps", r.Parts)
	it[reportVersion] = whole(r.Version)
	it[reportCounted] = instant(r.Counted)
	it.putTime("op", r.Opened)
	it.putFlag("se", r.Settled)
	it.putBytes("f", r.Facts)
	if err := store.TooLarge("the report's row of matter "+r.Matter, size(it)); err != nil {
		return err
	}
	return unless(s.put(ctx, &dynamodb.PutItemInput{Item: it,
		ConditionExpression:       aws.String("attribute_not_exists(PK) OR #v < :v OR (#v = :v AND #c <= :c)"),
		ExpressionAttributeNames:  map[string]string{"#v": reportVersion, "#c": reportCounted},
		ExpressionAttributeValues: item{":v": it[reportVersion], ":c": it[reportCounted]}}))
}

// DropReport implements store.Reports. What stays of a dropped row has no facts.
func (s *reports) DropReport(ctx context.Context, r store.ReportRow) error {
	r.Facts = nil
	if err := s.replace(ctx, r); err != nil {
		return fmt.Errorf("drop the report's row of matter %s: %w", r.Matter, err)
	}
	return nil
}

// ReportRows implements store.Reports.
func (s *reports) ReportRows(ctx context.Context, half string, shard int, after string,
	limit int) ([]store.ReportRow, string, error) {
	in := under(reportPartition(half, shard), "")
	in.from = "-" // the first character that an id may hold
	items, cursor, err := s.page(ctx, in, after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("read the report's rows of %s: %w", half, err)
	}
	var rows []store.ReportRow
	for _, it := range items {
		rd := reader{item: it}
		id, _, _ := strings.Cut(it.text(sk), "#")
		r := store.ReportRow{Half: half, Matter: id, Part: rd.int("pt"), Parts: rd.int("ps"),
			Secret: shard == store.ReportSecret, Version: rd.int(reportVersion), Counted: rd.time(reportCounted),
			Opened: rd.time("op"), Settled: it.flag("se"), Facts: it.bytes("f")}
		if rd.err != nil {
			return nil, "", fmt.Errorf("read the report's row of matter %s: %w", id, rd.err)
		}
		if len(r.Facts) > 0 {
			rows = append(rows, r)
		}
	}
	return rows, cursor, nil
}
