package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"lapse/internal/config"
)

// redriveCommand is "lapse redrive": it moves the messages of a dead-letter queue back to the queue that a function
// reads.
//
// SQS' own move task (StartMessageMoveTask) knows a message's origin only if SQS itself put it aside. Here rules and
// functions put messages aside too, and a function wraps the event together with its faults.
type redriveCommand struct {
	From string `required:"" help:"URL of the dead-letter queue. Region and credentials are AWS' own variables."`
	To   string `required:"" help:"URL of the queue that the function reads."`
}

// Run prints how many messages it moved.
func (c *redriveCommand) Run(ctx context.Context) error {
	cfg, err := config.AWS()
	if err != nil {
		return err
	}
	r := redrive{client: sqs.NewFromConfig(cfg), from: c.From, to: c.To, before: time.Now()}
	err = r.all(ctx)
	const report = "%d moved, %d of them out of a function's letter, %d left (put aside meanwhile, or not whole)\n"
	fmt.Printf(report, r.moved, r.unwrapped, r.left)
	return err
}

// queues is the part of the SQS client that redrive uses.
type queues interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
}

// redrive moves messages and counts them.
type redrive struct {
	client   queues
	from, to string
	// before is when the command began. A message put aside later may be one that was just moved, so it stays.
	before                 time.Time
	moved, unwrapped, left int
}

const (
	// holdSeconds is how long a received message is hidden from others.
	holdSeconds = 120
	// pollSeconds is how long SQS waits for messages before it answers that there are none.
	pollSeconds = 2
	// batch is the most messages that SQS returns at once.
	batch = 10
)

// all moves every message on the queue. It can be repeated, because an event that is taken twice is recorded once.
func (r *redrive) all(ctx context.Context) error {
	for {
		out, err := r.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &r.from, MaxNumberOfMessages: batch, VisibilityTimeout: holdSeconds, WaitTimeSeconds: pollSeconds,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameSentTimestamp},
		})
		if err != nil {
			return fmt.Errorf("redrive: receive from the dead-letter queue: %w", err)
		}
		if len(out.Messages) == 0 {
			return nil
		}
		for _, m := range out.Messages {
			if err := r.one(ctx, m); err != nil {
				return fmt.Errorf("redrive message %s: %w", aws.ToString(m.MessageId), err)
			}
		}
	}
}

// one sends the message before it deletes it, so that the message is always on a queue.
func (r *redrive) one(ctx context.Context, m types.Message) error {
	sent, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
	if err != nil {
		return fmt.Errorf("read the instant at which it was put aside: %w", err)
	}
	if !time.UnixMilli(sent).Before(r.before) {
		r.left++
		return nil
	}
	body, unwrapped, err := original(aws.ToString(m.Body))
	if errors.Is(err, errCut) {
		r.left++
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := r.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &r.to, MessageBody: &body}); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	done := &sqs.DeleteMessageInput{QueueUrl: &r.from, ReceiptHandle: m.ReceiptHandle}
	if _, err := r.client.DeleteMessage(ctx, done); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	r.moved++
	if unwrapped {
		r.unwrapped++
	}
	return nil
}

// errCut: a letter has only the beginning of its event. Its sender has the rest.
var errCut = errors.New("the letter has only the beginning of the event")

// original returns the message as the function's queue had it, or would have had it. It takes the event out of a
// function's dead letter. It wraps a bare CloudEvent into an EventBridge event again. The event's own text stays as it
// came, doubled keys included.
func original(body string) (message string, unwrapped bool, err error) {
	var letter struct{ Event, Faults, Cut json.RawMessage }
	if json.Unmarshal([]byte(body), &letter) != nil || letter.Event == nil || letter.Faults == nil {
		return body, false, nil
	}
	if letter.Cut != nil {
		return "", false, errCut
	}
	var text string
	if json.Unmarshal(letter.Event, &text) == nil {
		return text, true, nil
	}
	var event struct {
		Detail       json.RawMessage
		Type, Source string
	}
	if json.Unmarshal(letter.Event, &event) != nil || event.Detail != nil {
		return string(letter.Event), true, nil
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err = enc.Encode(struct {
		DetailType string          `json:"detail-type"`
		Source     string          `json:"source"`
		Detail     json.RawMessage `json:"detail"`
	}{event.Type, event.Source, letter.Event})
	return out.String(), true, err
}
