// Package dynamo keeps Lapse's records in one DynamoDB table. Production and the local stack use this store. The
// interface store.Store states the contract of each method once; the store passes its suite on a real engine.
//
// The stored form is private to this package. Attribute names are short, because a notice under 1 KB costs one write
// unit. States are strings, and instants are whole epoch seconds. An absent value has no attribute at all. Papers,
// findings and answers are kept as JSON, because only people and replays read them. Their names are fixed by
// events/schema and the OpenAPI document.
//
// Every write is one conditional request that may be repeated. When an answer is lost, the SDK repeats the request and
// finds its own result.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// API is the part of *dynamodb.Client that the store uses.
type API interface {
	readAPI
	writeAPI
	dynamodb.DescribeTableAPIClient
}

// readAPI holds the reading methods. The SDK documents each.
type readAPI interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput,
		error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// writeAPI holds the writing methods. The SDK documents each.
type writeAPI interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput,
		...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput,
		...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store keeps everything in one table. It is safe for concurrent use. Its fields are set before the first call. Each of
// its parts keeps the items of one noun; all parts make their requests through the same requester.
type Store struct {
	*requester

	agendaRows
	approvals
	control
	flights
	heads
	ledgers
	letters
	notices
	papers
	proofs
	mailboxSecret
	subjects
	reports
}

// requester makes the requests of all parts of the store, counts what they consume, and repeats what met a conflict.
type requester struct {
	// Sleep waits between the retries of a conflict. It returns early with the context's error. New sets the real one.
	Sleep func(ctx context.Context, d time.Duration) error
	// Count, if set, is called after every answered request, from all goroutines. op is the DynamoDB operation ("PutItem",
	// "Query", ...). units are the capacity units it consumed: read units for a read, write units for a write.
	Count func(op string, units float64)

	client API
	table  string
}

// New returns the store over the table.
func New(client API, table string) *Store {
	r := &requester{Sleep: sleep, client: client, table: table}
	return &Store{requester: r, agendaRows: agendaRows{r}, approvals: approvals{r}, control: control{requester: r},
		flights: flights{r}, heads: heads{r}, ledgers: ledgers{r}, letters: letters{r}, mailboxSecret: mailboxSecret{r},
		notices: notices{r}, papers: papers{r}, proofs: proofs{r}, reports: reports{r}, subjects: subjects{r}}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

const (
	// retries is how often a throttled request is repeated, after the SDK gave up on it.
	retries = 5
	// firstPause bounds the first random pause. Each later bound is twice the one before, up to firstPause<<doublings.
	firstPause = 25 * time.Millisecond
	doublings  = 5
)

// retried makes the request and repeats it with jitter while it meets conflicts and throttles. The SDK never repeats a
// conflict, and has given up on a throttle. Conflicts are repeated for store.Patience, because each of them means that
// another writer got on; throttles a few times. If they last longer, the error matches store.ErrBusy.
func retried[O any](ctx context.Context, s *requester, request func() (O, error)) (O, error) {
	var patience context.Context
	throttles := 0
	for attempt := 0; ; attempt++ {
		out, err := request()
		if err == nil || !busy(err) {
			return out, err
		}
		if !contended(err) {
			if throttles++; throttles > retries {
				return out, fmt.Errorf("%w: %w", store.ErrBusy, err)
			}
		}
		if patience == nil {
			limited, stop := store.Patience(ctx)
			defer stop()
			patience = limited
		}
		if over := s.pause(patience, attempt); over != nil {
			return out, fmt.Errorf("%w: %w: %w", store.ErrBusy, over, err)
		}
	}
}

// pause waits a random time before the retry that follows the attempt.
func (s *requester) pause(ctx context.Context, attempt int) error {
	return s.Sleep(ctx, rand.N(firstPause<<min(attempt, doublings)))
}

// busyCodes lists the error codes that pass by themselves. They come from requests and from the reasons of a cancelled
// transaction.
func busyCodes() []string {
	return []string{"TransactionConflict", "TransactionConflictException", "TransactionInProgressException",
		"ThrottlingError",
		"ThrottlingException", "RequestLimitExceeded", "ProvisionedThroughputExceeded",
		"ProvisionedThroughputExceededException"}
}

// busy reports whether the error passes by itself.
func busy(err error) bool {
	if e, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return !refused(err) && slices.ContainsFunc(e.CancellationReasons, func(r types.CancellationReason) bool {
			return r.Code != nil && slices.Contains(busyCodes(), *r.Code)
		})
	}
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(busyCodes(), e.ErrorCode())
}

// contended reports whether a busy error says that other transactions hold the item.
func contended(err error) bool {
	if _, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return true
	}
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains([]string{"TransactionConflictException", "TransactionInProgressException"}, e.ErrorCode())
}

// refused reports whether a condition failed.
func refused(err error) bool {
	if e, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return slices.ContainsFunc(e.CancellationReasons, func(r types.CancellationReason) bool {
			return r.Code != nil && *r.Code == "ConditionalCheckFailed"
		})
	}
	_, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	return ok
}

// unless returns nil for a failed condition, because the caller's contract calls that no error.
func unless(err error) error {
	if refused(err) {
		return nil
	}
	return err
}
