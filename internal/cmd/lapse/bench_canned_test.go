package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"lapse/internal/awshttp"
	"lapse/internal/dynamo"
)

// tape is what the dispatcher asked of the SDK's clients in one sweep, and what it was answered.
type tape struct {
	mu sync.Mutex
	// calls are the inputs, in the order of the calls.
	calls   []any
	answers map[string]canned
}

type canned struct {
	status int
	header http.Header
	body   []byte
}

// answerKey names a request by what its answer depends on: the operation, the item or the part of the agenda, and of a
// notice's updates which one it is. Tokens and instants differ from sweep to sweep.
func answerKey(r *http.Request, body []byte) string {
	value := func(before, end string) string {
		_, rest, _ := bytes.Cut(body, []byte(before))
		v, _, _ := bytes.Cut(rest, []byte(end))
		return string(v)
	}
	if op := r.Header.Get("X-Amz-Target"); op != "" {
		completes := bytes.Contains(body, []byte(`{"S":"sent"}`))
		return fmt.Sprint(op, " ", value(`"PK":{"S":"`, `"`), " ", value(`"SK":{"S":"`, `"`), " ", value(`{"S":"A#`, `"`),
			completes)
	}
	return value("Action=", "&") + " " + value("Tags.member.1.Value=", "&")
}

// Do answers a request as it was answered before.
func (t *tape) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	a, ok := t.answers[answerKey(r, body)]
	if !ok {
		return nil, fmt.Errorf("no answer to %s", answerKey(r, body))
	}
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)), Request: r},
		nil
}

// recording passes requests on and keeps their answers on the tape.
type recording struct {
	*tape
	next aws.HTTPClient
}

func (t recording) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := t.next.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(text))
	t.mu.Lock()
	defer t.mu.Unlock()
	header := answer.Header.Clone()
	header.Del("Date") // it will be another day when the answer is given, and the dispatcher holds its clock against it
	t.answers[answerKey(r, body)] = canned{answer.StatusCode, header, text}
	return answer, nil
}

// keep is a client's option that keeps the input of every call on the tape.
func (t *tape) keep(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("tape",
		func(ctx context.Context, in middleware.InitializeInput,
			next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			t.mu.Lock()
			t.calls = append(t.calls, in.Parameters)
			t.mu.Unlock()
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
}

// again makes a call of the tape with a plain client.
func again(ctx context.Context, call any, db *dynamodb.Client, mail *ses.Client) (err error) {
	switch in := call.(type) {
	case *dynamodb.DescribeTableInput:
		_, err = db.DescribeTable(ctx, in)
	case *dynamodb.GetItemInput:
		_, err = db.GetItem(ctx, in)
	case *dynamodb.BatchGetItemInput:
		_, err = db.BatchGetItem(ctx, in)
	case *dynamodb.QueryInput:
		_, err = db.Query(ctx, in)
	case *dynamodb.PutItemInput:
		_, err = db.PutItem(ctx, in)
	case *dynamodb.UpdateItemInput:
		_, err = db.UpdateItem(ctx, in)
	case *dynamodb.DeleteItemInput:
		_, err = db.DeleteItem(ctx, in)
	case *ses.SendRawEmailInput:
		_, err = mail.SendRawEmail(ctx, in)
	case *ses.GetSendQuotaInput:
		_, err = mail.GetSendQuota(ctx, in)
	default:
		err = fmt.Errorf("a call with %T", call)
	}
	return err
}

// clients are SDK clients over the given HTTP clients.
func clients(dbURL, sesURL string, db, mail aws.HTTPClient, options ...func(*middleware.Stack) error) (*dynamodb.Client,
	*ses.Client) {
	c := local()
	c.APIOptions = options
	return dynamo.NewClient(c, benchWorkers, func(o *dynamodb.Options) { o.BaseEndpoint, o.HTTPClient = &dbURL, db }),
		ses.NewFromConfig(c, func(o *ses.Options) {
			o.BaseEndpoint, o.HTTPClient, o.Retryer = &sesURL, mail,
				aws.NopRetryer{}
		})
}

// taped makes one sweep over the engine and the SES stand-in, and returns its tape.
func taped(b *testing.B, s *scene) *tape {
	t := &tape{answers: map[string]canned{}}
	over := recording{t, awshttp.New(benchWorkers, 0)}
	db, mail := clients(s.engine, s.ses, over, over, t.keep)
	d, err := newDispatcher(dynamo.New(db, tableName), s.key, mail, s.now, true)
	require.NoError(b, err)
	require.Equal(b, benchNotices, dispatcher{d}.sweep(b).Sent)
	return t
}

// BenchmarkCanned prints the dispatcher's notices a second where every request is answered inside the process, so that
// what is left are the SDK's clients and the dispatcher itself, beside the ceiling of the same run: the same calls by
// plain clients with the same answers and the same concurrency. The ratio is that of the processor times. Run it once:
// go test -run '^$' -bench Canned -benchtime 1x ./internal/cmd/lapse
func BenchmarkCanned(b *testing.B) {
	s := newScene(b, benchNotices)
	t := taped(b, s)
	db, mail := clients("http://dynamodb.example", "http://ses.example", t, t)
	now := s.now()
	var sweeps, plain []spent
	for b.Loop() {
		for range 2 * benchPasses {
			d, err := newDispatcher(dynamo.New(db, tableName), s.key, mail, func() time.Time { return now }, true)
			require.NoError(b, err)
			sweeps = append(sweeps, measured(b, benchNotices,
				func() { require.Equal(b, benchNotices, dispatcher{d}.sweep(b).Sent) }))
			plain = append(plain, measured(b, benchNotices, func() { t.replay(b, db, mail) }))
		}
	}
	own, ceiling := least(sweeps), least(plain)
	processors := float64(runtime.GOMAXPROCS(0))
	ratio := float64(ceiling.cpu) / float64(own.cpu)
	fmt.Printf("\nall answers canned, %.1f calls a notice, by the time of %.0f processors\n",
		float64(len(t.calls))/benchNotices, processors)
	fmt.Printf("dispatcher  %7.0f notices/s, %v of a processor each\n", processors/own.cpu.Seconds(), own.cpu)
	fmt.Printf("ceiling     %7.0f notices/s, %v of a processor each\n", processors/ceiling.cpu.Seconds(), ceiling.cpu)
	fmt.Printf("ratio %.2f\n", ratio)
	b.ReportMetric(processors/own.cpu.Seconds(), "notices/s")
	b.ReportMetric(ratio, "ratio")
}

// replay makes every call of the tape, as many at once as the dispatcher has workers.
func (t *tape) replay(tb testing.TB, db *dynamodb.Client, mail *ses.Client) {
	var next, failed atomic.Int64
	var g sync.WaitGroup
	for range benchWorkers {
		g.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(t.calls)); i = next.Add(1) - 1 {
				if again(context.Background(), t.calls[i], db, mail) != nil {
					failed.Add(1)
				}
			}
		})
	}
	g.Wait()
	require.Zero(tb, failed.Load())
}
