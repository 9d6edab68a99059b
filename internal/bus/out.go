package bus

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
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
