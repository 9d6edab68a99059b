package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"lapse/internal/dispatch"
)

// tickAge is how old a tick may be that is still worked. The next one is on the queue by then.
const tickAge = time.Minute

// Tick is the body of a message on the queue of ticks. Its fields stand in this order: the queue knows a message that
// was put twice by its body.
type Tick struct {
	// At is the scheduled instant. A tick without one is a person's, and never too old.
	At time.Time `json:"at,omitzero"`
	// Group is the number of the group whose tick it is. The schedule's ticks have none: they are everybody's.
	Group *int `json:"group,omitempty"`
}

// Queue is the part of SQS' client that Ticks uses.
type Queue interface {
	SendMessage(ctx context.Context, in *sqs.SendMessageInput, optFns ...func(*sqs.Options)) (*sqs.SendMessageOutput,
		error)
}

// Ticks takes the ticks from their queue, a FIFO queue: of a message group it hands out nothing more while an
// invocation has messages of the group. So the sweeps of a group never overlap.
type Ticks struct {
	Now func() time.Time
	Log *slog.Logger
	// Dispatchers is how many groups share the agenda, at least 1.
	Dispatchers int
	// Sweep sweeps for a group.
	Sweep func(ctx context.Context, g dispatch.Group) (dispatch.Report, error)
	// Failed counts a tick that came to nothing.
	Failed func()
	// Queue and URL are where the groups' ticks are put; with one dispatcher none is.
	Queue Queue
	URL   string
}

// Take makes one sweep for the newest tick of a batch, and none where all ticks are too old. With several dispatchers a
// tick of the schedule makes no sweep: it puts a tick for each group on the queue. An event without records is a
// person's: it sweeps the whole agenda. The report is empty where nothing was swept.
//
// No error leaves Take: the queue would hold the group's ticks back for four minutes and then give them again, and by
// then they are too old. What fails is logged and counted.
func (t *Ticks) Take(ctx context.Context, batch events.SQSEvent) (dispatch.Report, error) {
	if len(batch.Records) == 0 {
		return t.sweep(ctx, dispatch.Group{}), nil
	}
	var shared, own *Tick
	for _, m := range batch.Records {
		k, err := t.read(m)
		switch {
		case err != nil:
			t.fail(ctx, err)
		case k == nil:
		case k.Group == nil && t.Dispatchers > 1:
			shared = k
		default:
			own = k
		}
	}
	if shared != nil {
		if err := t.share(ctx, *shared); err != nil {
			t.fail(ctx, err)
		}
	}
	if own == nil {
		return dispatch.Report{}, nil
	}
	g := dispatch.Group{Of: t.Dispatchers}
	if own.Group != nil {
		g.Number = *own.Group
	}
	return t.sweep(ctx, g), nil
}

// read reads the tick of a message; nil is one that is too old, or of a group that there is no more.
func (t *Ticks) read(m events.SQSMessage) (*Tick, error) {
	var k Tick
	if err := json.Unmarshal([]byte(m.Body), &k); err != nil {
		return nil, fmt.Errorf("read tick %s: %w", m.MessageId, err)
	}
	if !k.At.IsZero() && t.Now().Sub(k.At) > tickAge {
		return nil, nil
	}
	if k.Group != nil && (*k.Group < 0 || *k.Group >= t.Dispatchers) {
		t.Log.Info("tick: the number of dispatchers has changed", "group", *k.Group, "dispatchers", t.Dispatchers)
		return nil, nil
	}
	return &k, nil
}

// share puts a tick for each group on the queue. What one group does not get, the others still do.
func (t *Ticks) share(ctx context.Context, k Tick) error {
	var failed []error
	for number := range t.Dispatchers {
		k.Group = &number
		body, err := json.Marshal(k)
		if err == nil {
			_, err = t.Queue.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(t.URL),
				MessageBody: aws.String(string(body)), MessageGroupId: aws.String(strconv.Itoa(number))})
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("put the tick of group %d: %w", number, err))
		}
	}
	return errors.Join(failed...)
}

func (t *Ticks) sweep(ctx context.Context, g dispatch.Group) dispatch.Report {
	report, err := t.Sweep(ctx, g)
	if err != nil {
		t.fail(ctx, err)
	}
	return report
}

func (t *Ticks) fail(ctx context.Context, err error) {
	t.Log.ErrorContext(ctx, "tick: a sweep did not come to its end, and the next one will", "error", err)
	t.Failed()
}
