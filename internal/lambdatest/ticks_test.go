package lambdatest_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/config"
	"lapse/internal/lambdatest"
)

// fannedOut has the schedule's tick taken where three groups share the agenda, and each group's tick after it.
func (s *stand) fannedOut(t *testing.T, binaries map[string]string) {
	in := s.world(t)
	in.values["DISPATCHERS"] = "3"
	api := lambdatest.Start(t, binaries["api"], in.environment(t, "api")...)
	for _, sample := range []string{"api-request-received", "api-request-decided", "api-order-received",
		"api-disclosure"} {
		require.Contains(t, string(invoke(t, api, sample)), `"statusCode":201`, sample)
	}
	f := lambdatest.Start(t, binaries["dispatch"], in.environment(t, "dispatch")...)
	requirePart(t, json.RawMessage(`{"due":0,"sent":0}`), invoke(t, f, "dispatch-tick"))
	ticks, _ := in.cloud.got()
	require.Len(t, ticks, 3, "a tick for each group")
	require.Empty(t, in.recipients(), "whoever makes them sweeps nothing")
	for number, tick := range ticks {
		require.JSONEq(t, fmt.Sprintf(`{"at":"2099-01-01T00:00:00Z","group":%d}`, number), string(tick))
	}
	tick := string(readSample(t, "dispatch-tick"))
	for end := time.Now().Add(timeout); len(in.recipients()) == 0; {
		require.True(t, time.Now().Before(end), "no group sent it")
		for number := range 3 {
			of := strings.Replace(tick, `00Z\"}`, `00Z\",\"group\":`+strconv.Itoa(number)+`}`, 1)
			require.NotEqual(t, tick, of)
			answer, err := f.Invoke([]byte(of), timeout)
			require.NoError(t, err)
			require.Nil(t, answer.Error, "%s", answer.Error)
		}
	}
	require.Equal(t, []string{"u1@example.com"}, in.recipients())
	require.NotContains(t, f.Log(), `"level":"ERROR"`)
}

// queueOf reads what the tests ask of a queue.
type queueOf struct {
	FifoQueue                 bool `yaml:"FifoQueue"`
	ContentBasedDeduplication bool `yaml:"ContentBasedDeduplication"`
	MessageRetentionPeriod    int  `yaml:"MessageRetentionPeriod"`
	VisibilityTimeout         int  `yaml:"VisibilityTimeout"`
	RedrivePolicy             struct {
		MaxReceiveCount int `yaml:"maxReceiveCount"`
	} `yaml:"RedrivePolicy"`
}

// TestSweepsOfAGroupNeverOverlap: the queue is a FIFO queue, it keeps a tick hidden for longer than a sweep can last,
// and where several groups share the agenda a batch is of one of them.
func TestSweepsOfAGroupNeverOverlap(t *testing.T) {
	stack := readStack(t, readTemplate(t))
	var queue, dead queueOf
	for name, into := range map[string]*queueOf{"TickQueue": &queue, "TickDeadLetters": &dead} {
		node := stack.Resources[name].Properties
		require.NoError(t, node.Decode(into))
		require.True(t, into.FifoQueue, "%s: the dead letters of a FIFO queue go to one", name)
	}
	require.True(t, queue.ContentBasedDeduplication, "EventBridge Scheduler demands it")
	require.Equal(t, 3600, queue.MessageRetentionPeriod)
	require.Greater(t, queue.RedrivePolicy.MaxReceiveCount, 1, "one sweep that is cut off calls nobody")
	var function struct {
		Timeout    int    `yaml:"Timeout"`
		MemorySize string `yaml:"MemorySize"`
		Events     map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				Queue                 string   `yaml:"Queue"`
				BatchSize             []string `yaml:"BatchSize"`
				FunctionResponseTypes []string `yaml:"FunctionResponseTypes"`
			} `yaml:"Properties"`
		} `yaml:"Events"`
	}
	stack.properties(t, "dispatch", "Function", &function)
	require.Equal(t, 170, function.Timeout)
	require.Greater(t, queue.VisibilityTimeout, function.Timeout)
	require.Equal(t, "DispatchMemory", function.MemorySize)
	require.Len(t, function.Events, 1, "one trigger")
	tick := function.Events["Tick"]
	require.Equal(t, "SQS TickQueue.Arn", tick.Type+" "+tick.Properties.Queue)
	require.Equal(t, []string{"HasOneDispatcher", "10", "1"}, tick.Properties.BatchSize)
	require.Empty(t, tick.Properties.FunctionResponseTypes, "no failure goes back to the queue")
}

// TestTheScheduleTicksOnceAMinute, with the scheduled instant in the tick: a sample's tick is one of those.
func TestTheScheduleTicksOnceAMinute(t *testing.T) {
	var schedule struct {
		ScheduleExpression string `yaml:"ScheduleExpression"`
		FlexibleTimeWindow struct {
			Mode string `yaml:"Mode"`
		} `yaml:"FlexibleTimeWindow"`
		Target struct {
			Arn           string `yaml:"Arn"`
			Input         string `yaml:"Input"`
			SqsParameters struct {
				MessageGroupID string `yaml:"MessageGroupId"`
			} `yaml:"SqsParameters"`
			RetryPolicy struct {
				MaximumEventAgeInSeconds int `yaml:"MaximumEventAgeInSeconds"`
			} `yaml:"RetryPolicy"`
		} `yaml:"Target"`
	}
	node := readStack(t, readTemplate(t)).Resources["TickSchedule"].Properties
	require.NoError(t, node.Decode(&schedule))
	require.Equal(t, "rate(1 minute)", schedule.ScheduleExpression)
	require.Equal(t, "OFF", schedule.FlexibleTimeWindow.Mode)
	require.Equal(t, "TickQueue.Arn", schedule.Target.Arn)
	require.LessOrEqual(t, schedule.Target.RetryPolicy.MaximumEventAgeInSeconds, 60, "an older one is not worked")
	for sample, at := range map[string]string{
		"dispatch-tick": "2099-01-01T00:00:00Z", "dispatch-old-tick": "2026-03-01T10:00:00Z",
	} {
		var batch struct {
			Records []struct {
				Body       string
				Attributes struct {
					MessageGroupID string `json:"MessageGroupId"`
				}
			}
		}
		require.NoError(t, json.Unmarshal(readSample(t, sample), &batch))
		require.Len(t, batch.Records, 1)
		// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
		want := strings.Replace(schedule.Target.Input, "<aws.scheduler.scheduled-time>", at, 1)
		require.Equal(t, want, batch.Records[0].Body, sample)
		require.Equal(t, schedule.Target.SqsParameters.MessageGroupID, batch.Records[0].Attributes.MessageGroupID)
	}
}

// TestTheTemplateTakesTheLoadsThatTheFunctionTakes, no more and no less.
func TestTheTemplateTakesTheLoadsThatTheFunctionTakes(t *testing.T) {
	template := readParameters(t)
	variables := readStack(t, readTemplate(t)).variables(t, "dispatch")
	const queue = "https://queue.example/t.fifo"
	read := func(name, value string) error {
		env := fixed()
		env["TABLE"], env["TICKS"], env[name] = "t", queue, value
		checks := config.SenderChecks{From: nothing, Name: nothing, Link: nothing}
		_, err := config.ReadDispatch(func(v string) string { return env[v] }, []string{"must_arrive"}, 16, checks)
		return err
	}
	for variable, beyond := range map[string]float64{"WORKERS": 1, "DISPATCHERS": 1, "SENDING_SHARE": 0.01} {
		p, ok := template[variables[variable].Value]
		require.True(t, ok, variable)
		require.Equal(t, "Number", p.Type, variable)
		write := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
		for _, taken := range []float64{p.Min, p.Max} {
			require.NoError(t, read(variable, write(taken)), "%s %v", variable, taken)
		}
		for _, refused := range []float64{p.Min - beyond, p.Max + beyond} {
			require.ErrorContains(t, read(variable, write(refused)), variable, "%v", refused)
		}
		require.NoError(t, read(variable, p.Default), variable)
	}
	require.Equal(t, "1769", template["DispatchMemory"].Default, "one whole processor")
	require.Equal(t, "0.95", template["SendingShare"].Default)
	require.Equal(t, "1", template["Dispatchers"].Default)
}

// nothing is a check that everything passes.
func nothing(string) error { return nil }
