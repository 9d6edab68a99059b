// Package bus is the edge to EventBridge and SQS. It reads the events that a rule put on a queue and answers which of
// them SQS has to deliver again. It puts events that can never be taken on a dead-letter queue. It publishes Lapse's
// own events.
package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// Event is one EventBridge event as it came through a queue.
type Event struct {
	// Detail is the event's content, nil if Body is no EventBridge event.
	Detail json.RawMessage
	// Body is the whole message.
	Body []byte
	// DetailType is the type that the sender gave to EventBridge, "" if Body is no EventBridge event.
	DetailType string
	// Principal is "events:" and the account that EventBridge authenticated. The event's source is only claimed.
	Principal string
	// Queued is when the queue first got the message, in UTC, to the millisecond. It is zero if the message does not say.
	Queued time.Time
}

// Content is the detail, or the whole body if there is none, so that the receiver can name its faults.
func (e Event) Content() []byte {
	if e.Detail != nil {
		return e.Detail
	}
	return e.Body
}

// reserve is the time kept for the function's answer. Events not taken by then are delivered again.
const reserve = 2 * time.Second

// Each calls take for every event of the batch, in order. It returns the events that SQS has to deliver again, because
// take failed or no time was left. It never fails as a whole, because SQS would then deliver the taken events again
// too. Each logs the errors of take, so they must not hold addresses.
func Each(ctx context.Context, batch events.SQSEvent, log *slog.Logger,
	take func(context.Context, Event) error) events.SQSEventResponse {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-reserve))
		defer cancel()
	}
	answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, m := range batch.Records {
		err := ctx.Err()
		if err == nil {
			err = take(ctx, read(m))
		}
		if err != nil {
			log.ErrorContext(ctx, "queue: an event has to come again", "message", m.MessageId,
				"received", m.Attributes["ApproximateReceiveCount"], "error", err)
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return answer
}

func read(m events.SQSMessage) Event {
	e := Event{Body: []byte(m.Body), Principal: "events:"}
	if ms, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64); err == nil {
		e.Queued = time.UnixMilli(ms).UTC()
	}
	var envelope struct {
		Account    string          `json:"account"`
		DetailType string          `json:"detail-type"`
		Detail     json.RawMessage `json:"detail"`
	}
	// An unreadable message keeps its body and has no detail.
	if err := json.Unmarshal(e.Body, &envelope); err == nil {
		e.Detail, e.DetailType, e.Principal = envelope.Detail, envelope.DetailType, fmt.Sprintf("events:%s", envelope.Account)
	}
	return e
}
