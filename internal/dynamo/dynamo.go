// Package dynamo keeps Lapse's records in one DynamoDB table: the store that production and the local stack use. What
// each method promises stands once, in the interface store.Store, whose suite this store passes on a real engine.
//
// The stored form is private to this package: short attribute names (a notice costs one write unit as long as it is
// under 1 KB), states as strings, instants as whole epoch seconds, what is absent as no attribute at all. Documents
// that only people and replays read (papers, findings, answers) are kept in their JSON form, whose names events/schema
// and the OpenAPI document fix.
//
// Every write is one conditional request that may be repeated: the SDK repeats a request whose answer was lost, and
// finds what it wrote itself.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// API is what the store uses of *dynamodb.Client.
type API interface {
	readAPI
	writeAPI
	dynamodb.DescribeTableAPIClient
}

// readAPI reads; each method as documented by the SDK.
type readAPI interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput,
		error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// writeAPI writes; each method as documented by the SDK.
type writeAPI interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput,
		...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store keeps everything in one table. It is safe for concurrent use; its fields are set before the first call.
type Store struct {
	// Sleep waits between the retries of a conflict; it returns early with the context's error. New sets the real one.
	Sleep func(ctx context.Context, d time.Duration) error
	// Count, if set, is told of every answered request: the DynamoDB operation's name ("PutItem", "Query", ...) and
	// the capacity units it consumed, read units for reads, write units for writes. It is called from all goroutines.
	Count func(op string, units float64)

	client API
	table  string

	mu sync.Mutex
	// id is the table's once it was asked for; it never changes.
	id string
}

// New returns the store over the table.
func New(client API, table string) *Store {
	return &Store{Sleep: sleep, client: client, table: table}
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
	// retries is how often a request that met a conflict or a throttle is repeated.
	retries = 5
	// firstPause bounds the first random pause; each later bound is twice the one before.
	firstPause = 25 * time.Millisecond
)

// retried makes the request, repeated with jitter while it meets conflicts and throttles, which the SDK does not repeat
// or gave up on. If they outlast the retries the error matches store.ErrBusy.
func retried[O any](ctx context.Context, s *Store, request func() (O, error)) (O, error) {
	for attempt := 0; ; attempt++ {
		out, err := request()
		if err == nil || !busy(err) {
			return out, err
		}
		if attempt == retries {
			return out, fmt.Errorf("%w: %w", store.ErrBusy, err)
		}
		if err := s.pause(ctx, attempt); err != nil {
			return out, err
		}
	}
}

// pause waits a random time before the retry that follows the attempt.
func (s *Store) pause(ctx context.Context, attempt int) error {
	return s.Sleep(ctx, rand.N(firstPause<<attempt))
}

// busyCodes are the error codes, of requests and of a cancelled transaction's reasons, that the same request can
// outlive.
func busyCodes() []string {
	return []string{"TransactionConflict", "TransactionConflictException", "TransactionInProgressException",
		"ThrottlingError",
		"ThrottlingException", "RequestLimitExceeded", "ProvisionedThroughputExceeded",
		"ProvisionedThroughputExceededException"}
}

// busy reports whether the error is one that passes by itself.
func busy(err error) bool {
	if e, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return !refused(err) && slices.ContainsFunc(e.CancellationReasons, func(r types.CancellationReason) bool {
			return r.Code != nil && slices.Contains(busyCodes(), *r.Code)
		})
	}
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(busyCodes(), e.ErrorCode())
}

// refused reports whether a condition did not hold.
func refused(err error) bool {
	if e, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return slices.ContainsFunc(e.CancellationReasons, func(r types.CancellationReason) bool {
			return r.Code != nil && *r.Code == "ConditionalCheckFailed"
		})
	}
	_, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	return ok
}

// unless returns nil where the condition did not hold, which the caller's contract calls no error.
func unless(err error) error {
	if refused(err) {
		return nil
	}
	return err
}
