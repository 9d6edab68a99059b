package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	// pendingItems is the attribute of an entry that says how many items its pending subjects stand in.
	pendingItems = "pn"
	// pendingList is the attribute of such an item.
	pendingList = "l"
)

// entryItems are the entry's own item and those of its pending subjects.
func entryItems(e ledger.Entry) ([]item, error) {
	it := newItem(entryKey(e.Matter, e.Seq))
	it.putInt("n", e.Seq)
	it.putText("ty", string(e.Type))
	it.putText("so", e.Source)
	it.putText("id", e.EventID)
	it.putText("dg", e.Digest)
	it.putText("ac", e.Actor)
	it.putText("pr", e.Principal)
	it.putText("do", string(e.Door))
	it.putTime("at", e.At)
	it.putText("ru", e.Rules)
	it.putText("po", e.Policy)
	it.putText("tz", e.TZ)
	it.putText("ho", e.Holidays)
	it.putText("pv", e.Prev)
	it.putText("ha", e.Hash)
	it.putBytes("j", e.Data) // the hash is over these very bytes
	it.putBytes("x", e.Extensions)
	var err error
	if !e.EventTime.IsZero() {
		err = it.putDocument("et", e.EventTime) // the hash is over the sender's fraction and offset too
	}
	if len(e.Findings) > 0 {
		err = errors.Join(err, it.putDocument("fi", e.Findings))
	}
	if e.Approval != nil {
		err = errors.Join(err, it.putDocument("ap", e.Approval))
	}
	if len(e.Wrote) > 0 {
		err = errors.Join(err, it.putDocument("wr", e.Wrote))
	}
	items := []item{it}
	for some := range slices.Chunk(e.Pending, store.PendingInItem) {
		p, l := newItem(pendingKey(e.Matter, e.Seq, len(items))), make([]types.AttributeValue, len(some))
		for i, x := range some {
			l[i] = &types.AttributeValueMemberM{Value: subjectItem(x)}
		}
		p[pendingList] = &types.AttributeValueMemberL{Value: l}
		items = append(items, p)
	}
	it.putInt(pendingItems, len(items)-1)
	return items, err
}

// readEntry reads an entry, and in how many items its pending subjects stand.
func readEntry(matterID string, it item) (ledger.Entry, int, error) {
	rd := reader{item: it}
	e := ledger.Entry{Matter: matterID, Seq: rd.int("n"), Type: event.Type(rd.text("ty")), Source: rd.text("so"),
		EventID: rd.text("id"), Digest: rd.text("dg"),
		Actor: rd.text("ac"), Principal: rd.text("pr"), Door: event.Door(rd.text("do")), At: rd.time("at"),
		Rules: rd.text("ru"), Policy: rd.text("po"),
		TZ: rd.text("tz"), Holidays: rd.text("ho"),
		Prev: rd.text("pv"), Hash: rd.text("ha"), Data: json.RawMessage(rd.bytes("j")),
		Extensions: json.RawMessage(rd.bytes("x"))}
	rd.document("et", &e.EventTime)
	rd.document("fi", &e.Findings)
	rd.document("ap", &e.Approval)
	rd.document("wr", &e.Wrote)
	return e, rd.int(pendingItems), rd.err
}

// ledgers keeps the entries of the ledger.
type ledgers struct{ *requester }

// Entry implements store.Ledger.
func (s *ledgers) Entry(ctx context.Context, id string, seq int) (ledger.Entry, error) {
	return read(ctx, s.requester, fmt.Sprintf("entry %d of matter %s", seq, id), entryKey(id, seq),
		func(it item) (ledger.Entry, error) { return s.entry(ctx, id, it) })
}

// Entries implements store.Ledger.
func (s *ledgers) Entries(ctx context.Context, id string, after, limit int) ([]ledger.Entry, error) {
	const last = 999_999_999_999
	items, err := s.all(ctx, span{partition(id), entryKey(id, after+1).sk, entryKey(id, last).sk}, limit)
	if err != nil {
		return nil, fmt.Errorf("read ledger of matter %s: %w", id, err)
	}
	out := make([]ledger.Entry, len(items))
	for i, it := range items {
		if out[i], err = s.entry(ctx, id, it); err != nil {
			return nil, fmt.Errorf("read ledger of matter %s, item %s: %w", id, it.text(sk), err)
		}
	}
	return out, nil
}

// entry reads the entry and joins its pending subjects. Where they are gone it was settled meanwhile.
func (s *ledgers) entry(ctx context.Context, id string, it item) (ledger.Entry, error) {
	e, n, err := readEntry(id, it)
	if err != nil {
		return ledger.Entry{}, err
	}
	for i := 1; i <= n; i++ {
		p, err := s.get(ctx, pendingKey(id, e.Seq, i))
		if errors.Is(err, store.ErrNotFound) {
			e.Pending = nil
			return e, nil
		}
		if err != nil {
			return ledger.Entry{}, err
		}
		for _, m := range p.maps(pendingList) {
			x, err := readSubject(id, m)
			if err != nil {
				return ledger.Entry{}, err
			}
			e.Pending = append(e.Pending, x)
		}
	}
	return e, nil
}

// DropPending implements store.Ledger.
func (s *ledgers) DropPending(ctx context.Context, id string, seq int) error {
	what := fmt.Sprintf("drop what entry %d of matter %s left pending", seq, id)
	it, err := s.get(ctx, entryKey(id, seq))
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	_, n, err := readEntry(id, it)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if n == 0 {
		return nil
	}
	// The head first: what is left of the entry then, the next call drops.
	_, err = s.update(ctx, &dynamodb.UpdateItemInput{
		Key: headKey(id).item(), UpdateExpression: aws.String("REMOVE #p"), ConditionExpression: aws.String("#p = :v"),
		ExpressionAttributeNames:  map[string]string{"#p": headPending},
		ExpressionAttributeValues: item{":v": whole(seq)},
	})
	if err := unless(err); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	writes := []types.TransactWriteItem{{Update: &types.Update{TableName: &s.table, Key: entryKey(id, seq).item(),
		UpdateExpression: aws.String("REMOVE #p"), ExpressionAttributeNames: map[string]string{"#p": pendingItems}}}}
	for i := 1; i <= n; i++ {
		writes = append(writes, types.TransactWriteItem{Delete: &types.Delete{TableName: &s.table,
			Key: pendingKey(id, seq, i).item()}})
	}
	if err := s.transact(ctx, writes); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
