package bus

import (
	"context"
	"encoding/json"
	"fmt"

	"lapse/internal/event"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Source is the source of every event that Lapse publishes. The intake rule excludes it.
const Source = "lapse"

// EventBridge is the part of the EventBridge client that Announcer uses.
type EventBridge interface {
	PutEvents(ctx context.Context, in *eventbridge.PutEventsInput,
		optFns ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Announcer publishes on one bus. It is safe for concurrent use.
type Announcer struct {
	Client EventBridge
	// Bus is the bus's name or ARN.
	Bus string
}

// Announce publishes one event. detail is a JSON object that holds only ids.
func (a *Announcer) Announce(ctx context.Context, detailType string, detail []byte) error {
	out, err := a.Client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: aws.String(a.Bus), Source: aws.String(Source), DetailType: aws.String(detailType),
		Detail: aws.String(string(detail)),
	}}})
	if err != nil {
		return fmt.Errorf("put event %s on the bus: %w", detailType, err)
	}
	// PutEvents answers 200 even if it refuses an entry.
	if out.FailedEntryCount > 0 {
		code := "no code"
		if len(out.Entries) > 0 {
			code = aws.ToString(out.Entries[0].ErrorCode)
		}
		return fmt.Errorf("put event %s on the bus: EventBridge refused it (%s)", detailType, code)
	}
	return nil
}

// SQS is the part of the SQS client that DeadLetters uses.
type SQS interface {
	SendMessage(ctx context.Context, in *sqs.SendMessageInput, optFns ...func(*sqs.Options)) (*sqs.SendMessageOutput,
		error)
}

// DeadLetters puts refused events on a queue that people read. It is safe for concurrent use.
type DeadLetters struct {
	Client SQS
	// Queue is the queue's URL.
	Queue string
}

// maxFaults keeps a dead letter under the queue's limit. An event has at most 256 KB, and a message may have 1 MiB.
const maxFaults = 100

// letter is the message: the event as it came, and its faults. An event that is not JSON stands there as a string.
type letter struct {
	Event  any           `json:"event"`
	Faults []event.Fault `json:"faults"`
	// More counts the faults beyond maxFaults.
	More int `json:"more,omitempty"`
}

// Put sends one event with its faults to the queue. A second call sends a second message.
func (d *DeadLetters) Put(ctx context.Context, posted []byte, faults []event.Fault) error {
	l := letter{Event: string(posted), Faults: faults}
	if json.Valid(posted) {
		l.Event = json.RawMessage(posted)
	}
	if len(faults) > maxFaults {
		l.Faults, l.More = faults[:maxFaults], len(faults)-maxFaults
	}
	body, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write a dead letter: %w", err)
	}
	if _, err := d.Client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(d.Queue),
		MessageBody: aws.String(string(body))}); err != nil {
		return fmt.Errorf("put an event on the dead-letter queue: %w", err)
	}
	return nil
}
