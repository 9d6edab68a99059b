package dynamo_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dynamo"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

// items returns the sort keys in the partition that begin with the prefix.
func items(t *testing.T, name, partition, prefix string) []string {
	out, err := client().Query(t.Context(), &dynamodb.QueryInput{TableName: &name,
		KeyConditionExpression: aws.String("PK = :p AND begins_with(SK, :s)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": &types.AttributeValueMemberS{Value: partition},
			":s": &types.AttributeValueMemberS{Value: prefix}}})
	require.NoError(t, err)
	var keys []string
	for _, it := range out.Items {
		keys = append(keys, it["SK"].(*types.AttributeValueMemberS).Value)
	}
	return keys
}

func TestListsOver50StandApart(t *testing.T) {
	name := table(t)
	s := over(name)
	h := opened(t, s, worldtest.Matter)
	for _, c := range []store.Change{covering(h, "short", subjectIDs("u", 50))} {
		require.NoError(t, s.Commit(t.Context(), c))
		h = c.Head
	}
	require.Empty(t, items(t, name, "M#"+worldtest.Matter, "K#"))
	c := covering(h, "long", subjectIDs("u", 51))
	require.NoError(t, s.Commit(t.Context(), c))
	require.Equal(t, []string{"K#long#2"}, items(t, name, "M#"+worldtest.Matter, "K#"))
}

// TestUnchangedListsAreNotWrittenAgain: twelve long lists stand, more than a transaction may write, and a change of one
// of them writes one.
func TestUnchangedListsAreNotWrittenAgain(t *testing.T) {
	name := table(t)
	s := over(name)
	h := opened(t, s, worldtest.Matter)
	for i := range 12 {
		c := covering(h, fmt.Sprint("ord-", i), subjectIDs("u", 60))
		require.NoError(t, s.Commit(t.Context(), c))
		h = c.Head
	}
	c := worldtest.Change(h, "assessed")
	c.Head.Restraints[3].Revision, c.Head.Restraints[3].Kind = c.Head.Version, matter.Plea
	require.NoError(t, s.Commit(t.Context(), c))
	got, err := s.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Equal(t, c.Head.Restraints, got.Restraints)
	require.Len(t, items(t, name, "M#"+worldtest.Matter, "K#"), 13)
}

func TestMoreListsThanATransactionHoldsAreRefused(t *testing.T) {
	s := open(t)
	h := opened(t, s, worldtest.Matter)
	c := worldtest.Change(h, "e1")
	for i := range store.MaxItems - 2 { // beside head, receipt and entry
		c.Head.Restraints = append(c.Head.Restraints,
			matter.Restraint{ID: fmt.Sprint("ord-", i), Revision: 1, Subjects: subjectIDs("u", 51)})
	}
	require.ErrorContains(t, s.Commit(t.Context(), c), "17 items")
	got, err := s.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Equal(t, h, got)
}

// TestHeadStaysUnder32KB: the head gives away lists it kept itself before, and takes part in every later change as
// before. An amendment of each restraint in turn keeps it so.
func TestHeadStaysUnder32KB(t *testing.T) {
	name := table(t)
	s := over(name)
	h := opened(t, s, worldtest.Matter)
	for i := range 60 {
		c := covering(h, fmt.Sprint("ord-", i%40), subjectIDs(fmt.Sprintf("subject-of-order-%d-with-a-long-id", i), 50))
		if i >= 40 { // again with other subjects: a new revision of a restraint that stands
			r := c.Head.Restraints[40]
			c.Receipt.Key = ledger.ReceiptKey("legal.example", fmt.Sprint("again ", i))
			c.Head.Restraints = c.Head.Restraints[:40]
			c.Head.Restraints[i%40] = r
		}
		require.NoError(t, s.Commit(t.Context(), c), i)
		h = c.Head
		got, err := s.Head(t.Context(), worldtest.Matter)
		require.NoError(t, err)
		require.Equal(t, h.Restraints, got.Restraints, i)
		require.LessOrEqual(t, headSize(t, name), 32<<10, i)
	}
	require.NotEmpty(t, items(t, name, "M#"+worldtest.Matter, "K#"))
}

func headSize(t *testing.T, name string) int {
	return dynamo.Size(raw(t, name, "M#"+worldtest.Matter, "M"))
}

// raw reads an item as it is stored.
func raw(t *testing.T, name, pk, sk string) map[string]types.AttributeValue {
	out, err := client().GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: keyOf(pk, sk),
		ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	require.NotEmpty(t, out.Item, "%s %s", pk, sk)
	return out.Item
}

func keyOf(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: pk},
		"SK": &types.AttributeValueMemberS{Value: sk}}
}

// TestMissingListIsTorn: the items of a transaction become visible one by one, so a head can be read before its list.
func TestMissingListIsTorn(t *testing.T) {
	name := table(t)
	s := over(name)
	c := covering(opened(t, s, worldtest.Matter), "ord-1", subjectIDs("u", 60))
	require.NoError(t, s.Commit(t.Context(), c))
	c = covering(c.Head, "ord-2", []string{"u1"})
	require.NoError(t, s.Commit(t.Context(), c))
	_, err := client().DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &name,
		Key: keyOf("M#"+worldtest.Matter, "K#ord-1#1")})
	require.NoError(t, err)
	h, err := s.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.True(t, h.Restraints[0].Torn)
	require.Empty(t, h.Restraints[0].Subjects)
	require.False(t, h.Restraints[1].Torn)
	h, err = s.Open(t.Context(), matter.Head{Matter: worldtest.Matter})
	require.NoError(t, err)
	require.True(t, h.Restraints[0].Torn, "however it is read")
}

// TestUnreadableListIsAnError and no torn or clear restraint: what could not be asked is not known to be missing.
func TestUnreadableListIsAnError(t *testing.T) {
	w := &wire{decide: failing("BatchGetItem", 1000, fate{code: "ThrottlingException"})}
	s := open(t, w.on)
	require.NoError(t, s.Commit(t.Context(), covering(opened(t, s, worldtest.Matter), "ord-1", subjectIDs("u", 60))))
	_, err := s.Head(t.Context(), worldtest.Matter)
	require.ErrorIs(t, err, store.ErrBusy)
}

// partial is a client whose BatchGetItem answers for one key at a time, or for none.
type partial struct {
	dynamo.API
	none bool
}

func (p partial) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	for name, ask := range in.RequestItems {
		if p.none {
			return &dynamodb.BatchGetItemOutput{UnprocessedKeys: in.RequestItems}, nil
		}
		one, rest := ask, ask
		one.Keys, rest.Keys = ask.Keys[:1], ask.Keys[1:]
		out, err := p.API.BatchGetItem(ctx,
			&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{name: one}}, o...)
		if err == nil && len(rest.Keys) > 0 {
			out.UnprocessedKeys = map[string]types.KeysAndAttributes{name: rest}
		}
		return out, err
	}
	return nil, nil
}

// BatchWriteItem writes one item at a time, or none.
func (p partial) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	for name, writes := range in.RequestItems {
		if p.none {
			return &dynamodb.BatchWriteItemOutput{UnprocessedItems: in.RequestItems}, nil
		}
		out, err := p.API.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{name: writes[:1]}}, o...)
		if err == nil && len(writes) > 1 {
			out.UnprocessedItems = map[string][]types.WriteRequest{name: writes[1:]}
		}
		return out, err
	}
	return nil, nil
}

func TestUnprocessedWritesAreMadeAgain(t *testing.T) {
	name := table(t)
	s := dynamo.New(partial{API: client()}, name)
	s.Sleep = over(name).Sleep
	var all []agenda.Row
	for i := range 30 {
		all = append(all, agenda.ForOrder(worldtest.Matter, fmt.Sprint("o", i), at(i), 1))
	}
	require.NoError(t, s.PutRows(t.Context(), all...))
	count := func() (n int) {
		for shard := range agenda.WorkShards {
			rows, _, err := s.Rows(t.Context(), true, shard, at(1000), "", 100)
			require.NoError(t, err)
			n += len(rows)
		}
		return n
	}
	require.Equal(t, 30, count())
	require.NoError(t, s.DeleteRows(t.Context(), all[1:]...))
	require.Equal(t, 1, count())

	s = dynamo.New(partial{API: client(), none: true}, name)
	s.Sleep = over(name).Sleep
	require.ErrorIs(t, s.PutRows(t.Context(), all...), store.ErrBusy)
	require.ErrorIs(t, s.DeleteRows(t.Context(), all...), store.ErrBusy)
}

func TestUnprocessedKeysAreAskedForAgain(t *testing.T) {
	name := table(t)
	s := dynamo.New(partial{API: client()}, name)
	s.Sleep = over(name).Sleep
	ids := subjectIDs("u", 20)
	var all []matter.Subject
	for _, id := range ids {
		all = append(all, matter.Subject{Matter: worldtest.Matter, ID: id, Event: "e", Revision: 1})
	}
	_, err := s.PutSubjects(t.Context(), all)
	require.NoError(t, err)
	got, err := s.Subjects(t.Context(), worldtest.Matter, ids)
	require.NoError(t, err)
	require.Len(t, got, 20)

	s = dynamo.New(partial{API: client(), none: true}, name)
	s.Sleep = over(name).Sleep
	_, err = s.Subjects(t.Context(), worldtest.Matter, ids)
	require.ErrorIs(t, err, store.ErrBusy)
}

// TestAHeadFullOfShortListsTakesOneMore: where many short lists would have to go for the head to get small enough, as
// many go as the transaction has room for, and the head is a little larger until the next change.
func TestAHeadFullOfShortListsTakesOneMore(t *testing.T) {
	name := table(t)
	s := over(name)
	paper := matter.Paper{
		End:     matter.End{Kind: matter.EndDate, Date: matter.Date{Year: 2027, Month: 3, Day: 1}, Wording: "until"},
		Country: "US", Zone: "America/New_York", SignedOn: matter.Date{Year: 2026, Month: 3, Day: 1},
	}
	h := opened(t, s, worldtest.Matter)
	for dynamo.HeadSize(t, h) < 32<<10-200 {
		c := covering(h, fmt.Sprint("ord-", len(h.Restraints)), subjectIDs("u", 1))
		h.Restraints = c.Head.Restraints
		h.Restraints[len(h.Restraints)-1].Paper = paper
	}
	first := worldtest.Change(h, "e1")
	require.NoError(t, s.Commit(t.Context(), first))
	h = first.Head
	for i := range 20 {
		c := covering(h, fmt.Sprint("more-", i), subjectIDs("u", 1))
		c.Head.Restraints[len(c.Head.Restraints)-1].Paper = paper
		for j := range 2 { // an order that extends another, and its rows
			c.Orders = append(c.Orders, matter.Order{Matter: worldtest.Matter, ID: fmt.Sprint("ord-", i+j),
				Version: c.Head.Version})
		}
		for _, kind := range []agenda.Kind{agenda.Replan, agenda.Announce, agenda.Order} {
			c.Rows = append(c.Rows, agenda.Row{At: at(i), Kind: kind, Matter: worldtest.Matter, Version: c.Head.Version,
				Planned: c.Head.Version})
		}
		require.NoError(t, s.Commit(t.Context(), c), i)
		h = c.Head
	}
	got, err := s.Head(t.Context(), worldtest.Matter)
	require.NoError(t, err)
	require.Equal(t, h.Restraints, got.Restraints)
	require.NotEmpty(t, items(t, name, "M#"+worldtest.Matter, "K#"))
	require.Less(t, headSize(t, name), 40<<10)
}
