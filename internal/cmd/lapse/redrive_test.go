package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	lambda "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"lapse/internal/bus"
)

// twoQueues are a dead-letter queue and the queue behind it. What is received is hidden until it is deleted.
type twoQueues struct {
	dead    []types.Message
	hidden  map[string]bool
	deleted []string
	sent    []string
	fail    error
}

func (q *twoQueues) put(body string, at time.Time) {
	id := strconv.Itoa(len(q.dead))
	q.dead = append(q.dead, types.Message{
		MessageId: &id, ReceiptHandle: &id, Body: &body,
		Attributes: map[string]string{"SentTimestamp": strconv.FormatInt(at.UnixMilli(), 10)},
	})
}

func (q *twoQueues) ReceiveMessage(
	_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options),
) (*sqs.ReceiveMessageOutput, error) {
	out := &sqs.ReceiveMessageOutput{}
	for _, m := range q.dead {
		if !q.hidden[*m.MessageId] && len(out.Messages) < int(in.MaxNumberOfMessages) {
			q.hidden[*m.MessageId] = true
			out.Messages = append(out.Messages, m)
		}
	}
	return out, nil
}

func (q *twoQueues) SendMessage(
	_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	if q.fail != nil {
		return nil, q.fail
	}
	q.sent = append(q.sent, *in.MessageBody)
	return &sqs.SendMessageOutput{}, nil
}

func (q *twoQueues) DeleteMessage(
	_ context.Context, in *sqs.DeleteMessageInput, _ ...func(*sqs.Options),
) (*sqs.DeleteMessageOutput, error) {
	q.deleted = append(q.deleted, *in.ReceiptHandle)
	return &sqs.DeleteMessageOutput{}, nil
}

// putAside is what a function puts aside of an event.
func putAside(t *testing.T, event string) string {
	t.Helper()
	q := &twoQueues{}
	require.NoError(t, (&bus.DeadLetters{Client: q, Queue: "dead"}).Put(t.Context(), []byte(event), nil))
	return q.sent[0]
}

// taken is what a function reads of a message.
func taken(t *testing.T, body string) bus.Event {
	t.Helper()
	var got bus.Event
	batch := lambda.SQSEvent{Records: []lambda.SQSMessage{{MessageId: "m", Body: body}}}
	bus.Each(t.Context(), batch, slog.New(slog.DiscardHandler), func(_ context.Context, e bus.Event) error {
		got = e
		return nil
	})
	return got
}

const (
	// doubled names its end twice, which intake refuses; a redrive must not make one of them.
	doubled   = `{"id":"e1","source":"legal","type":"lapse.order.received.v1","data":{"end":1,"end":2,"note":"<&>"}}`
	mailEvent = `{"detail-type":"SES","detail":{"a":1}}`
	carried   = `{"account":"123456789012","detail-type":"lapse.order.received.v1","detail":` + doubled + `}`
)

// TestARedrivenMessageIsTheOneThatTheFunctionWouldHaveHad, whoever put it aside.
func TestARedrivenMessageIsTheOneThatTheFunctionWouldHaveHad(t *testing.T) {
	for point, c := range map[string]struct {
		body, content, detailType string
		unwrapped                 bool
	}{
		"a rule, which could not deliver":        {carried, doubled, "lapse.order.received.v1", false},
		"intake, which could not carry it out":   {putAside(t, doubled), doubled, "lapse.order.received.v1", true},
		"delivery, which could not read it":      {putAside(t, mailEvent), `{"a":1}`, "SES", true},
		"delivery, for which it was no JSON":     {putAside(t, "not an event"), "not an event", "", true},
		"a sender who says that he has an event": {`{"event":{"a":1}}`, `{"event":{"a":1}}`, "", false},
	} {
		t.Run(point, func(t *testing.T) {
			body, unwrapped, err := original(c.body)
			require.NoError(t, err)
			require.Equal(t, c.unwrapped, unwrapped)
			got := taken(t, body)
			require.Equal(t, c.detailType, got.DetailType)
			require.Equal(t, c.content, string(got.Content()))
		})
	}
}

func TestRedriveMovesWhatIsThereAndEnds(t *testing.T) {
	began := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	q := &twoQueues{hidden: map[string]bool{}}
	for range 12 {
		q.put(carried, began.Add(-time.Hour))
	}
	q.put(putAside(t, doubled), began.Add(-time.Second))
	q.put(putAside(t, doubled), began)                                      // what was moved came back at once
	q.put(putAside(t, strings.Repeat(`"`, 1<<20)), began.Add(-time.Second)) // only its beginning is there
	r := redrive{client: q, from: "dead", to: "queue", before: began}
	require.NoError(t, r.all(t.Context()))
	require.Equal(t, []int{13, 1, 2}, []int{r.moved, r.unwrapped, r.left})
	require.Len(t, q.sent, 13)
	require.Len(t, q.deleted, 13)
	require.NotContains(t, q.deleted, "13")
}

func TestWhatCannotBeSentIsNotDeleted(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	q := &twoQueues{hidden: map[string]bool{}, fail: errors.New("no right")}
	q.put(carried, now.Add(-time.Hour))
	r := redrive{client: q, before: now}
	require.ErrorContains(t, r.all(t.Context()), "redrive message 0: send: no right")
	require.Empty(t, q.deleted)

	q = &twoQueues{hidden: map[string]bool{}}
	q.put(carried, now)
	q.dead[0].Attributes = nil
	err := (&redrive{client: q, before: now}).all(t.Context())
	require.ErrorContains(t, err, "read the instant at which it was put aside")
	require.Empty(t, q.sent)
}

var (
	shell    = regexp.MustCompile("(?s)```sh\n(.*?)```")
	variable = regexp.MustCompile(`"\$\w+"|"\$\(\w+ \w+\)"`)
)

// TestTheCommandsOfTheRunbookCanBeTyped: a shell reads each block, and lapse knows each of its commands and options.
func TestTheCommandsOfTheRunbookCanBeTyped(t *testing.T) {
	text, err := os.ReadFile("../../../docs/runbook.md")
	require.NoError(t, err)
	blocks := shell.FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, blocks)
	file := filepath.Join(t.TempDir(), "lines")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	known := map[string]int{}
	for _, b := range blocks {
		check := exec.Command("bash", "-n")
		check.Stdin = strings.NewReader(b[1])
		out, err := check.CombinedOutput()
		require.NoError(t, err, "%s\n%s", b[1], out)
		for line := range strings.Lines(strings.ReplaceAll(b[1], "\\\n", " ")) {
			words := strings.Fields(variable.ReplaceAllString(line, "value"))
			if len(words) < 2 || words[0] != "lapse" {
				continue
			}
			for i := range words {
				words[i] = strings.ReplaceAll(words[i], "sent.jsonl", file)
			}
			parser, err := kong.New(&cli{}, kong.Name("lapse"))
			require.NoError(t, err)
			_, err = parser.Parse(words[1:])
			require.NoError(t, err, line)
			known[words[1]]++
		}
	}
	require.Equal(t, 2, known["redrive"], "one a dead-letter queue that holds events")
}

// TestTheLetterHasTheFieldsThatRedriveReads: they stand in package bus.
func TestTheLetterHasTheFieldsThatRedriveReads(t *testing.T) {
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(putAside(t, doubled)), &fields))
	require.Contains(t, fields, "event")
	require.Contains(t, fields, "faults")
}
