package dynamo_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dynamo"
	"lapse/internal/worldtest"
)

// weak is a client for a store with mistakes in it: its reads may be old, or its writes have lost their conditions.
// It counts the requests that it has weakened.
type weak struct {
	dynamo.API
	old, blind bool
	weakened   int
}

// read makes a read eventually consistent.
func (w *weak) read(consistent **bool) {
	if w.old {
		*consistent = nil
		w.weakened++
	}
}

// condition drops a write's condition.
func (w *weak) condition(c **string) {
	if w.blind && *c != nil {
		*c = nil
		w.weakened++
	}
}

func (w *weak) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	w.read(&in.ConsistentRead)
	return w.API.GetItem(ctx, in, o...)
}

func (w *weak) Query(ctx context.Context, in *dynamodb.QueryInput,
	o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	w.read(&in.ConsistentRead)
	return w.API.Query(ctx, in, o...)
}

func (w *weak) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	for table, asked := range in.RequestItems {
		w.read(&asked.ConsistentRead)
		in.RequestItems[table] = asked
	}
	return w.API.BatchGetItem(ctx, in, o...)
}

func (w *weak) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	w.condition(&in.ConditionExpression)
	return w.API.PutItem(ctx, in, o...)
}

func (w *weak) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	w.condition(&in.ConditionExpression)
	return w.API.UpdateItem(ctx, in, o...)
}

func (w *weak) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	w.condition(&in.ConditionExpression)
	return w.API.DeleteItem(ctx, in, o...)
}

func (w *weak) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	for _, item := range in.TransactItems {
		if item.Put != nil {
			w.condition(&item.Put.ConditionExpression)
		}
		if item.Update != nil {
			w.condition(&item.Update.ConditionExpression)
		}
	}
	return w.API.TransactWriteItems(ctx, in, o...)
}

// TestTheGuardCatchesAStoreWithMistakes: every method of a store that reads what may be old fails in this suite, and
// so does every method of one that has lost its conditions.
func TestTheGuardCatchesAStoreWithMistakes(t *testing.T) {
	for name, w := range map[string]*weak{"reads may be old": {old: true}, "conditions are lost": {blind: true}} {
		f := newFaulty(t)
		w.API = client(strictly)
		f.s = dynamo.New(w, f.name)
		caught := 0
		f.each(func(method string, act func() error) {
			w.weakened = 0
			err := act()
			if w.weakened == 0 {
				require.NoError(t, err, "%s: %s", name, method)
				return
			}
			caught++
			require.ErrorIs(t, err, errLoose, "%s: %s", name, method)
		})
		require.GreaterOrEqual(t, caught, 8, name)
	}
}

// TestEveryAllowanceIsNeeded: an allowance that no method of the store makes use of any more has to go.
func TestEveryAllowanceIsNeeded(t *testing.T) {
	f, guard := newFaulty(t), &strict{}
	f.s = over(f.name, guard.on)
	f.each(func(method string, act func() error) { require.NoError(t, act(), method) })
	f.safe = f.s // the samples themselves are written by way of Commit, with one record of nearly every kind
	f.made++
	f.fill()
	f.made++
	c, subject := worldtest.Change(opened(t, f.s, f.matter()), "e1"), f.subject("u1")
	c.Subject, c.Rows = &subject, []agenda.Row{rowOf(f.notice(), at(1))}
	require.NoError(t, f.s.Commit(t.Context(), c))
	require.NoError(t, f.s.PutRows(t.Context(), rowOf(f.notice(), at(1))))
	require.NoError(t, f.s.DeleteRows(t.Context(), rowOf(f.notice(), at(1))))
	for _, a := range allowances() {
		require.NotEmpty(t, a.reason, "%s of %s", a.write, a.item)
		require.True(t, guard.used[a], "nothing makes a %s of %q without a condition any more", a.write, a.item)
	}
}

// TestTheGuardKnowsEveryRequest shows the guard requests of every kind, beside those that a store makes today.
func TestTheGuardKnowsEveryRequest(t *testing.T) {
	key := func(pk, sk string) item {
		return item{"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk}}
	}
	head, row, sweep, entry := key("M#m1", "M"), key("A#00", "1#n#x"), key("C", "SWEEP"), key("M#m1", "L#1")
	yes, condition := aws.Bool(true), aws.String("attribute_not_exists(PK)")
	transaction := func(writes ...types.TransactWriteItem) any {
		return &dynamodb.TransactWriteItemsInput{TransactItems: writes}
	}
	put := func(it item, condition *string) types.TransactWriteItem {
		return types.TransactWriteItem{Put: &types.Put{Item: it, ConditionExpression: condition}}
	}
	batch := func(r types.WriteRequest) any {
		return &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"t": {r}}}
	}
	remove := types.TransactWriteItem{Delete: &types.Delete{Key: head}}
	check := types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{Key: head}}
	reads := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"t": {}}}
	for name, request := range map[string]any{
		"a consistent get":     &dynamodb.GetItemInput{ConsistentRead: yes},
		"a consistent query":   &dynamodb.QueryInput{ConsistentRead: yes},
		"a consistent scan":    &dynamodb.ScanInput{ConsistentRead: yes},
		"a transaction's read": &dynamodb.TransactGetItemsInput{},
		"a put on condition":   &dynamodb.PutItemInput{Item: head, ConditionExpression: condition},
		"control state":        &dynamodb.PutItemInput{Item: sweep},
		"a row beside a head":  transaction(put(head, condition), put(row, nil)),
	} {
		require.NoError(t, (&strict{}).inspect(request), name)
	}
	for name, request := range map[string]any{
		"a get":                      &dynamodb.GetItemInput{},
		"a get that says no":         &dynamodb.GetItemInput{ConsistentRead: aws.Bool(false)},
		"a query":                    &dynamodb.QueryInput{},
		"a scan":                     &dynamodb.ScanInput{},
		"a batch of reads":           reads,
		"a put":                      &dynamodb.PutItemInput{Item: head},
		"a put on an empty word":     &dynamodb.PutItemInput{Item: head, ConditionExpression: aws.String("")},
		"an update":                  &dynamodb.UpdateItemInput{Key: head},
		"a delete":                   &dynamodb.DeleteItemInput{Key: head},
		"a delete of control state":  &dynamodb.DeleteItemInput{Key: sweep},
		"a batch of puts":            batch(types.WriteRequest{PutRequest: &types.PutRequest{Item: head}}),
		"a batch of deletes":         batch(types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: head}}),
		"a transaction without one":  transaction(put(row, nil), put(entry, nil)),
		"a head beside a condition":  transaction(put(entry, condition), put(head, nil)),
		"an operation never seen":    &dynamodb.ExecuteStatementInput{},
		"a head deleted, with a row": transaction(put(row, condition), remove),
		"a check without condition":  transaction(check),
	} {
		require.ErrorIs(t, (&strict{}).inspect(request), errLoose, name)
	}
}

// TestARefusedRequestReachesNoEngine: the guard stands in the way, it does not only look on.
func TestARefusedRequestReachesNoEngine(t *testing.T) {
	sent := 0
	count := func(o *dynamodb.Options) {
		next := o.HTTPClient
		o.HTTPClient = doer(func(r *http.Request) (*http.Response, error) { sent++; return next.Do(r) })
	}
	_, err := client(count, strictly).Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String("t")})
	require.ErrorIs(t, err, errLoose)
	require.Zero(t, sent)
}

// doer is an HTTP client of one function.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
