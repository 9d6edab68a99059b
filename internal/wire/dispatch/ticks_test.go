package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
)

var now = time.Date(2026, 3, 1, 10, 0, 30, 0, time.UTC)

// queue keeps what is put on it.
type queue struct {
	put  []string
	fail string
}

func (q *queue) SendMessage(_ context.Context, in *sqs.SendMessageInput,
	_ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	if aws.ToString(in.MessageGroupId) == q.fail {
		return nil, errors.New("the queue is away")
	}
	q.put = append(q.put, aws.ToString(in.QueueUrl)+" "+aws.ToString(in.MessageGroupId)+" "+aws.ToString(in.MessageBody))
	return &sqs.SendMessageOutput{}, nil
}

// taker is what takes ticks, with all that it did.
type taker struct {
	Ticks
	queue  queue
	log    bytes.Buffer
	swept  []dispatch.Group
	failed int
}

func newTaker(dispatchers int, err error) *taker {
	k := &taker{}
	k.Ticks = Ticks{
		Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&k.log, nil)), Dispatchers: dispatchers,
		Sweep: func(_ context.Context, g dispatch.Group) (dispatch.Report, error) {
			k.swept = append(k.swept, g)
			return dispatch.Report{Sent: 7}, err
		},
		Failed: func() { k.failed++ }, Queue: &k.queue, URL: "https://queue.example/t.fifo",
	}
	return k
}

// batch is what the queue hands out: messages with these bodies.
func batch(bodies ...string) events.SQSEvent {
	var e events.SQSEvent
	for i, b := range bodies {
		e.Records = append(e.Records, events.SQSMessage{MessageId: fmt.Sprint("m", i), Body: b})
	}
	return e
}

// ago is the body of a tick of so long ago; a group of -1 is none.
func ago(d time.Duration, group int) string {
	k := Tick{At: now.Add(-d)}
	if group >= 0 {
		k.Group = &group
	}
	body, _ := json.Marshal(k)
	return string(body)
}

func TestABatchOfTicksIsOneSweep(t *testing.T) {
	first, second := dispatch.Group{Of: 2}, dispatch.Group{Number: 1, Of: 2}
	for _, c := range []struct {
		point       string
		dispatchers int
		ticks       []string
		want        []dispatch.Group
	}{
		{"the schedule's tick", 1, []string{`{"at":"2026-03-01T10:00:00Z"}`}, []dispatch.Group{{Of: 1}}},
		{"ten ticks of one minute", 1, slices.Repeat([]string{ago(time.Second, -1)}, 10), []dispatch.Group{{Of: 1}}},
		{"one that waited for the sweep before, and a newer one", 1,
			[]string{ago(90*time.Second, -1), ago(30*time.Second, -1)},
			[]dispatch.Group{{Of: 1}}},
		{"a tick as old as it may be", 1, []string{ago(time.Minute, -1)}, []dispatch.Group{{Of: 1}}},
		{"a tick too old", 1, []string{ago(time.Minute+time.Millisecond, -1)}, nil},
		{"ticks of an outage", 1, []string{ago(time.Hour, -1), ago(30*time.Minute, -1), ago(2*time.Minute, -1)}, nil},
		{"a tick from a clock that is ahead", 1, []string{ago(-2*time.Second, -1)}, []dispatch.Group{{Of: 1}}},
		{"a group's tick", 2, []string{ago(0, 1)}, []dispatch.Group{second}},
		{"a group's tick, too old", 2, []string{ago(2*time.Minute, 1)}, nil},
		{"ticks of two groups: the next tick is the other's", 2, []string{ago(0, 1), ago(0, 0)}, []dispatch.Group{first}},
		{"a group that there is no more", 2, []string{ago(0, 2)}, nil},
		{"a group that never was", 2, []string{ago(0, -7)[:len(ago(0, -7))-1] + `,"group":-7}`}, nil},
		{"a tick of a person", 1, []string{`{}`}, []dispatch.Group{{Of: 1}}},
		{"an event without records", 2, nil, []dispatch.Group{{}}},
	} {
		k := newTaker(c.dispatchers, nil)
		report, err := k.Take(t.Context(), batch(c.ticks...))
		require.NoError(t, err, c.point)
		require.Equal(t, c.want, k.swept, c.point)
		require.Equal(t, 7*len(c.want), report.Sent, "%s: the answer is the sweep's report", c.point)
		require.Empty(t, k.queue.put, c.point)
		require.Zero(t, k.failed, c.point)
	}
}

// TestAFailureIsNotReportedToTheQueue, which would hold the group's next ticks back for it. It is logged and counted.
func TestAFailureIsNotReportedToTheQueue(t *testing.T) {
	for point, c := range map[string]struct {
		dispatchers int
		sweep       error
		queue       string
		ticks       []string
		says        string
		swept       int
	}{
		"a sweep that fails": {1, errors.New("the table is away"), "", []string{ago(0, -1)},
			"the table is away", 1},
		"a sweep by hand that fails": {1, errors.New("the table is away"), "", nil, "the table is away", 1},
		"a tick that cannot be read": {1, nil, "", []string{"hello"}, "read tick m0: invalid character", 0},
		"a tick that cannot, beside one": {1, nil, "", []string{`{"at":"noon"}`, ago(0, -1)},
			"read tick m0: parsing time", 1},
		"a tick that cannot be put": {3, nil, "1", []string{ago(0, -1)},
			"put the tick of group 1: the queue is away", 0},
		"a tick that cannot, and a group's own": {3, nil, "1", []string{ago(0, -1), ago(0, 2)}, "put the tick of group 1", 1},
	} {
		k := newTaker(c.dispatchers, c.sweep)
		k.queue.fail = c.queue
		_, err := k.Take(t.Context(), batch(c.ticks...))
		require.NoError(t, err, point)
		require.Contains(t, k.log.String(), c.says, point)
		require.Contains(t, k.log.String(), "level=ERROR", point)
		require.Equal(t, 1, k.failed, point)
		require.Len(t, k.swept, c.swept, point)
		if c.queue != "" {
			require.Len(t, k.queue.put, c.dispatchers-1, "%s: the others get theirs", point)
		}
	}
}

// TestWithSeveralDispatchersTheScheduleTicksForAll: each group gets a tick of its own, under its message group, and the
// one that shares them out sweeps nothing, so that a long sweep of one group holds no other's ticks back.
func TestWithSeveralDispatchersTheScheduleTicksForAll(t *testing.T) {
	k := newTaker(3, nil)
	report, err := k.Take(t.Context(), batch(ago(2*time.Minute, -1), ago(30*time.Second, -1)))
	require.NoError(t, err)
	require.Zero(t, report)
	require.Empty(t, k.swept)
	var want []string
	for number := range 3 {
		want = append(want, "https://queue.example/t.fifo "+strconv.Itoa(number)+
			` {"at":"2026-03-01T10:00:00Z","group":`+strconv.Itoa(number)+`}`)
	}
	require.Equal(t, want, k.queue.put)
	// A tick that the schedule put twice is the same message twice, which the queue takes once.
	_, err = k.Take(t.Context(), batch(ago(30*time.Second, -1)))
	require.NoError(t, err)
	require.Equal(t, slices.Concat(want, want), k.queue.put)
	// The groups' ticks are each one sweep, and no tick makes further ones.
	k = newTaker(3, nil)
	for number := range 3 {
		_, err = k.Take(t.Context(), batch(ago(0, number)))
		require.NoError(t, err)
	}
	require.Equal(t, []dispatch.Group{{Number: 0, Of: 3}, {Number: 1, Of: 3}, {Number: 2, Of: 3}}, k.swept)
	require.Empty(t, k.queue.put)
}
