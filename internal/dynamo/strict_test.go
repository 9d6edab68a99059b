package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// allowance names writes that need no condition.
type allowance struct {
	// write is the operation, or the operation and the kind of write in it: "TransactWriteItems Put".
	write string
	// item is the kind of the item: the prefix of its partition, and in a matter's partition that of its sort key too.
	item string
	// alone allows the write in a transaction that has no condition at all. Elsewhere the condition of another item,
	// the head's version above all, guards the whole transaction.
	alone  bool
	reason string
}

// allowances lists every write of the store that has no condition. Each costs a reason.
func allowances() []allowance {
	const (
		put, update, remove = "TransactWriteItems Put", "TransactWriteItems Update", "TransactWriteItems Delete"

		guarded = "the version of the head guards the whole change"
		again   = "written with the same value by every repetition; ledger entries are never deleted"
		planned = "the key of a row says under which version it was planned"
		latest  = "the latest word counts, and nothing else is decided by the item"
	)
	return []allowance{
		{write: "PutItem", item: "C TABLE", reason: latest},
		{write: "PutItem", item: "C SWEEP", reason: latest},
		{write: "PutItem", item: "C QUOTA", reason: latest},
		{write: "PutItem", item: "C PAUSE", reason: latest},
		{write: "PutItem", item: "C REFUSALS", reason: latest},
		{write: "PutItem", item: "C FLIGHT#", reason: "only the sweep whose page it is writes it"},
		{write: "DeleteItem", item: "C FLIGHT#", reason: "a page that is done is gone, whoever deletes it"},
		{write: "PutItem", item: "A#", reason: planned},
		{write: "DeleteItem", item: "A#", reason: planned},
		{write: "BatchWriteItem Put", item: "A#", reason: planned},
		{write: "BatchWriteItem Delete", item: "A#", reason: planned},

		{write: put, item: "M# L#", reason: guarded},
		{write: put, item: "M# R", reason: guarded},
		{write: put, item: "M# O#", reason: guarded},
		{write: put, item: "M# X#", reason: guarded},
		{write: put, item: "M# P#", reason: guarded},
		{write: put, item: "M# D#", reason: guarded},
		{write: put, item: "M# S#", reason: guarded},
		{write: put, item: "M# K#", reason: guarded},
		{write: put, item: "P#", reason: guarded},
		{write: put, item: "A#", reason: guarded},

		{write: update, item: "M# L#", alone: true, reason: again},
		{write: remove, item: "P#", alone: true, reason: again},
	}
}

// errLoose is the error of a request that a store must not make.
var errLoose = errors.New("the store must not ask for this")

// strict refuses requests of a store that read what may be old, or that write without a condition and are not listed
// in allowances. It stands at the first step of the SDK's stack, so a refused request reaches no engine.
type strict struct {
	mu   sync.Mutex
	used map[allowance]bool
}

// strictly puts a guard under a client.
func strictly(o *dynamodb.Options) { (&strict{}).on(o) }

func (g *strict) on(o *dynamodb.Options) {
	guard := middleware.InitializeMiddlewareFunc("strict", func(ctx context.Context, in middleware.InitializeInput,
		next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		if err := g.inspect(in.Parameters); err != nil {
			return middleware.InitializeOutput{}, middleware.Metadata{}, err
		}
		return next.HandleInitialize(ctx, in)
	})
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(guard, middleware.Before)
	})
}

// inspect returns what is wrong with a request. An operation that it does not know is refused.
func (g *strict) inspect(request any) error {
	switch in := request.(type) {
	case *dynamodb.GetItemInput:
		return consistent("GetItem", in.ConsistentRead)
	case *dynamodb.QueryInput:
		return consistent("Query", in.ConsistentRead)
	case *dynamodb.ScanInput:
		return consistent("Scan", in.ConsistentRead)
	case *dynamodb.BatchGetItemInput:
		var errs []error
		for _, asked := range in.RequestItems {
			errs = append(errs, consistent("BatchGetItem", asked.ConsistentRead))
		}
		return errors.Join(errs...)
	case *dynamodb.TransactGetItemsInput, *dynamodb.DescribeTableInput:
		return nil // a transaction's reads are serializable; a table's id never changes
	}
	return g.writes(request)
}

func consistent(operation string, read *bool) error {
	if !aws.ToBool(read) {
		return fmt.Errorf("%s without ConsistentRead: %w", operation, errLoose)
	}
	return nil
}

// write is one item that a request puts, updates or deletes.
type write struct {
	op        string
	key       item
	condition *string
}

type item = map[string]types.AttributeValue

func (g *strict) writes(request any) error {
	var all []write
	transaction := false
	switch in := request.(type) {
	case *dynamodb.PutItemInput:
		all = []write{{"PutItem", in.Item, in.ConditionExpression}}
	case *dynamodb.UpdateItemInput:
		all = []write{{"UpdateItem", in.Key, in.ConditionExpression}}
	case *dynamodb.DeleteItemInput:
		all = []write{{"DeleteItem", in.Key, in.ConditionExpression}}
	case *dynamodb.BatchWriteItemInput:
		all = batched(in)
	case *dynamodb.TransactWriteItemsInput:
		all, transaction = transacted(in), true
	default:
		return fmt.Errorf("%T, an operation the guard does not know: %w", request, errLoose)
	}
	bare := transaction && !slices.ContainsFunc(all, func(w write) bool { return aws.ToString(w.condition) != "" })
	for _, w := range all {
		if aws.ToString(w.condition) == "" && !g.allowed(w, bare) {
			return fmt.Errorf("%s of %q without a condition: %w", w.op, kindOf(w.key), errLoose)
		}
	}
	return nil
}

func batched(in *dynamodb.BatchWriteItemInput) (all []write) {
	for _, requests := range in.RequestItems {
		for _, r := range requests {
			if r.PutRequest != nil {
				all = append(all, write{op: "BatchWriteItem Put", key: r.PutRequest.Item})
			}
			if r.DeleteRequest != nil {
				all = append(all, write{op: "BatchWriteItem Delete", key: r.DeleteRequest.Key})
			}
		}
	}
	return all
}

func transacted(in *dynamodb.TransactWriteItemsInput) (all []write) {
	for _, w := range in.TransactItems {
		if w.Put != nil {
			all = append(all, write{"TransactWriteItems Put", w.Put.Item, w.Put.ConditionExpression})
		}
		if w.Update != nil {
			all = append(all, write{"TransactWriteItems Update", w.Update.Key, w.Update.ConditionExpression})
		}
		if w.Delete != nil {
			all = append(all, write{"TransactWriteItems Delete", w.Delete.Key, w.Delete.ConditionExpression})
		}
		if c := w.ConditionCheck; c != nil {
			all = append(all, write{"TransactWriteItems ConditionCheck", c.Key, c.ConditionExpression})
		}
	}
	return all
}

// allowed reports whether the write needs no condition; bare says that no other item of its transaction has one.
func (g *strict) allowed(w write, bare bool) bool {
	for _, a := range allowances() {
		if a.write == w.op && a.item == kindOf(w.key) && (a.alone || !bare) {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.used == nil {
				g.used = map[allowance]bool{}
			}
			g.used[a] = true
			return true
		}
	}
	return false
}

// kindOf is the kind of an item, as an allowance names it.
func kindOf(key item) string {
	partition, sort := prefix(key["PK"]), prefix(key["SK"])
	if partition == "M#" || partition == "C" {
		return partition + " " + sort
	}
	return partition
}

// prefix is a key's text to its first '#', or all of it.
func prefix(v types.AttributeValue) string {
	s, _ := v.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	if kind, _, more := strings.Cut(s.Value, "#"); more {
		return kind + "#"
	}
	return s.Value
}
