package bus_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"lapse/internal/bus"
	"lapse/internal/event"
)

func message(id, body string) events.SQSMessage {
	return events.SQSMessage{MessageId: id, Body: body, Attributes: map[string]string{"SentTimestamp": "1772359200123"}}
}

func TestAnEventIsReadFromItsMessage(t *testing.T) {
	envelope := `{"account":"123456789012","source":"legal.example","detail":{"id":"e1"}}`
	for name, tc := range map[string]struct {
		body                       string
		detail, content, principal string
	}{
		"an EventBridge event":            {envelope, `{"id":"e1"}`, `{"id":"e1"}`, "events:123456789012"},
		"an EventBridge event, no detail": {`{"account":"1"}`, "", `{"account":"1"}`, "events:1"},
		"no JSON":                         {`hello`, "", "hello", "events:"},
		"JSON, but no object":             {`[1]`, "", "[1]", "events:"},
	} {
		t.Run(name, func(t *testing.T) {
			var got bus.Event
			answer := bus.Each(t.Context(), events.SQSEvent{Records: []events.SQSMessage{message("m1", tc.body)}},
				slog.New(slog.DiscardHandler),
				func(_ context.Context, e bus.Event) error { got = e; return nil })
			require.Empty(t, answer.BatchItemFailures)
			require.Equal(t, tc.detail, string(got.Detail))
			require.Equal(t, tc.content, string(got.Content()))
			require.Equal(t, tc.body, string(got.Body))
			require.Equal(t, tc.principal, got.Principal)
			require.Equal(t, time.Date(2026, 3, 1, 10, 0, 0, 123_000_000, time.UTC), got.Queued)
		})
	}
}

func TestOnlyWhatFailedComesAgain(t *testing.T) {
	var log bytes.Buffer
	batch := events.SQSEvent{Records: []events.SQSMessage{message("m1", `{"detail":1}`), message("m2", `{"detail":2}`),
		message("m3", `{"detail":3}`)}}
	var taken []string
	answer := bus.Each(t.Context(), batch, slog.New(slog.NewTextHandler(&log, nil)),
		func(_ context.Context, e bus.Event) error {
			taken = append(taken, string(e.Detail))
			if string(e.Detail) == "2" {
				return errors.New("the table is away")
			}
			return nil
		})
	require.Equal(t, []string{"1", "2", "3"}, taken)
	require.Equal(t, []events.SQSBatchItemFailure{{ItemIdentifier: "m2"}}, answer.BatchItemFailures)
	require.Contains(t, log.String(), "the table is away")
}

// An answer without failures has to be an empty list: SQS deletes the whole batch then.
func TestNoFailureIsAnEmptyList(t *testing.T) {
	answer := bus.Each(t.Context(), events.SQSEvent{}, slog.New(slog.DiscardHandler), nil)
	text, err := json.Marshal(answer)
	require.NoError(t, err)
	require.JSONEq(t, `{"batchItemFailures":[]}`, string(text))
}

func TestWhatTheTimeIsTooShortForComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		batch := events.SQSEvent{Records: []events.SQSMessage{message("m1", "a"), message("m2", "b"), message("m3", "c")}}
		start := time.Now()
		answer := bus.Each(ctx, batch, slog.New(slog.DiscardHandler), func(ctx context.Context, e bus.Event) error {
			if string(e.Body) == "b" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		require.Equal(t, []events.SQSBatchItemFailure{{ItemIdentifier: "m2"}, {ItemIdentifier: "m3"}},
			answer.BatchItemFailures)
		require.Less(t, time.Since(start), 30*time.Second, "the answer comes before Lambda ends the function")
	})
}

type putEvents func(*eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error)

func (f putEvents) PutEvents(_ context.Context, in *eventbridge.PutEventsInput,
	_ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	return f(in)
}

func TestAnnouncing(t *testing.T) {
	var got types.PutEventsRequestEntry
	out := &eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{{EventId: aws.String("e")}}}
	a := &bus.Announcer{Bus: "lapse-dev",
		Client: putEvents(func(in *eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) {
			got = in.Entries[0]
			return out, nil
		})}
	require.NoError(t, a.Announce(t.Context(), "lapse.notice.sent", []byte(`{"notice":"n"}`)))
	require.Equal(t, types.PutEventsRequestEntry{EventBusName: aws.String("lapse-dev"), Source: aws.String("lapse"),
		DetailType: aws.String("lapse.notice.sent"), Detail: aws.String(`{"notice":"n"}`)}, got)

	out = &eventbridge.PutEventsOutput{FailedEntryCount: 1,
		Entries: []types.PutEventsResultEntry{{ErrorCode: aws.String("ThrottlingException")}}}
	require.ErrorContains(t, a.Announce(t.Context(), "lapse.notice.sent", []byte(`{}`)), "ThrottlingException",
		"an entry that was not taken is an error, though the answer is 200")
}

type sendMessage func(*sqs.SendMessageInput) (*sqs.SendMessageOutput, error)

func (f sendMessage) SendMessage(_ context.Context, in *sqs.SendMessageInput,
	_ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return f(in)
}

func TestDeadLetters(t *testing.T) {
	var body string
	d := &bus.DeadLetters{Queue: "https://queue.example/dead",
		Client: sendMessage(func(in *sqs.SendMessageInput) (*sqs.SendMessageOutput, error) {
			require.Equal(t, "https://queue.example/dead", *in.QueueUrl)
			body = *in.MessageBody
			return &sqs.SendMessageOutput{}, nil
		})}
	faults := []event.Fault{{Pointer: "/data/end", Detail: "has to be there"}}
	require.NoError(t, d.Put(t.Context(), []byte(`{"id": "e1"}`), faults))
	require.JSONEq(t, `{"event":{"id":"e1"},"faults":[{"pointer":"/data/end","detail":"has to be there"}]}`, body)

	require.NoError(t, d.Put(t.Context(), []byte(`no JSON`), faults))
	require.JSONEq(t, `{"event":"no JSON","faults":[{"pointer":"/data/end","detail":"has to be there"}]}`, body)

	require.NoError(t, d.Put(t.Context(), []byte(`{}`), make([]event.Fault, 10_000)))
	var letter struct {
		Faults []event.Fault
		More   int
	}
	require.NoError(t, json.Unmarshal([]byte(body), &letter))
	require.Len(t, letter.Faults, 100, "a letter fits in a message whatever is wrong with the event")
	require.Equal(t, 9_900, letter.More)
}

// TestADeadLetterFitsInAMessage: SQS takes 1 MiB, and the characters of XML only. What would be larger loses its faults
// first.
func TestADeadLetterFitsInAMessage(t *testing.T) {
	const mib = 1 << 20
	long := event.Fault{Pointer: "/" + strings.Repeat("x", 20_000), Detail: "no such field"}
	for name, tc := range map[string]struct {
		posted string
		faults int
		cut    bool
	}{
		"JSON of less-than signs":  {`{"a":"` + strings.Repeat("<", mib-100) + `"}`, 1, false},
		"JSON of line separators":  {`{"a":"` + strings.Repeat("\u2028", mib/3-100) + `"}`, 1, false},
		"many long faults":         {`{"a":"` + strings.Repeat("&", mib-200_000) + `"}`, 100, false},
		"what is no JSON":          {strings.Repeat(`"`, mib), 1, true},
		"what is no UTF-8":         {strings.Repeat("\xff", mib), 1, true},
		"four bytes a character":   {strings.Repeat("\U00010348", mib/4), 1, true},
		"JSON that fills it alone": {`"` + strings.Repeat("x", mib-2) + `"`, 1, true},
		"a name that XML refuses":  {`{"\uffff":1}`, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			var body string
			d := &bus.DeadLetters{Client: sendMessage(func(in *sqs.SendMessageInput) (*sqs.SendMessageOutput, error) {
				body = *in.MessageBody
				return &sqs.SendMessageOutput{}, nil
			})}
			faults := append(slices.Repeat([]event.Fault{long}, tc.faults), event.Fault{Pointer: "/\uffff"})
			require.NoError(t, d.Put(t.Context(), []byte(tc.posted), faults))
			require.LessOrEqual(t, len(body), mib)
			require.NotContains(t, body, "\uffff")
			var letter struct {
				Event  json.RawMessage
				Faults []event.Fault
				More   int
				Cut    *struct {
					Bytes  int
					SHA256 string
				}
			}
			require.NoError(t, json.Unmarshal([]byte(body), &letter))
			require.Equal(t, len(faults), len(letter.Faults)+letter.More)
			require.Equal(t, tc.cut, letter.Cut != nil)
			if !tc.cut {
				require.JSONEq(t, tc.posted, string(letter.Event))
				return
			}
			require.Equal(t, len(tc.posted), letter.Cut.Bytes)
			require.Len(t, letter.Cut.SHA256, 64)
			var beginning string
			require.NoError(t, json.Unmarshal(letter.Event, &beginning))
			require.True(t, strings.HasPrefix(tc.posted, beginning) || !utf8.ValidString(tc.posted))
		})
	}
}
