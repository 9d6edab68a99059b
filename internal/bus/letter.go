package bus

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"lapse/internal/event"
	"lapse/internal/matter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

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

const (
	// maxLetter is the most bytes of a message (SQS' quota: 1 MiB).
	maxLetter = 1 << 20
	// maxFaults is the most faults that a letter lists.
	maxFaults = 100
)

// letter is the message: the event as it came, and its faults. An event that is not JSON stands there as a string.
type letter struct {
	Event  any           `json:"event"`
	Faults []event.Fault `json:"faults"`
	// More counts the faults that are not listed.
	More int `json:"more,omitempty"`
	// Cut says that Event is only the beginning of the event, as a string, because the whole does not fit in a message.
	Cut *cut `json:"cut,omitempty"`
}

// cut is what is known of an event that does not fit: its length in bytes, and their SHA-256.
type cut struct {
	Bytes  int    `json:"bytes"`
	Digest string `json:"sha256"`
}

// Put sends one event with its faults to the queue. A second call sends a second message. Whatever the event is, the
// letter fits in a message: at need without faults, and then with the beginning of the event only.
func (d *DeadLetters) Put(ctx context.Context, posted []byte, faults []event.Fault) error {
	body, err := write(posted, faults)
	if err != nil {
		return fmt.Errorf("write a dead letter: %w", err)
	}
	if _, err := d.Client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(d.Queue),
		MessageBody: aws.String(body)}); err != nil {
		return fmt.Errorf("put an event on the dead-letter queue: %w", err)
	}
	return nil
}

// write writes the letter of an event with as much as fits.
func write(posted []byte, faults []event.Fault) (string, error) {
	l := letter{Event: string(posted), Faults: faults[:min(len(faults), maxFaults)]}
	if json.Valid(posted) {
		l.Event = json.RawMessage(posted)
	}
	for {
		l.More = len(faults) - len(l.Faults)
		body, err := text(l)
		switch {
		case err != nil || len(body) <= maxLetter:
			return body, err
		case len(l.Faults) > 0:
			l.Faults = l.Faults[:len(l.Faults)/2]
		case l.Cut == nil:
			sum := sha256.Sum256(posted)
			l.Cut, l.Event = &cut{len(posted), hex.EncodeToString(sum[:])}, string(posted)
		default:
			s, _ := l.Event.(string)
			l.Event = strings.ToValidUTF8(s[:len(s)/2], "")
		}
	}
}

// text writes a letter as SQS takes it: U+FFFE and U+FFFF, which XML does not know, stand there as escapes.
func text(l letter) (string, error) {
	body, err := matter.JSON(l)
	for _, r := range []rune{0xFFFE, 0xFFFF} {
		body = bytes.ReplaceAll(body, utf8.AppendRune(nil, r), fmt.Appendf(nil, `\u%04x`, r))
	}
	return string(body), err
}
