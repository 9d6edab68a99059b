package dynamo_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// wire stands between a client and the engine and decides what becomes of each request.
type wire struct {
	// decide is asked for every request with its operation ("PutItem") and its number among the requests of that
	// operation, from 1, and whether it is the SDK's own repetition.
	decide func(op string, n int, again bool) fate

	next aws.HTTPClient
	mu   sync.Mutex
	seen map[string]int
	// done is set once a write was carried out whose answer was then lost.
	done bool
}

// fate is what becomes of a request.
type fate struct {
	// lost: it is forwarded and its answer is dropped.
	lost bool
	// code, if set, is the error it is answered with, without being forwarded; reasons are those of a cancelled
	// transaction.
	code    string
	reasons []string
	// status of that error, 400 if 0.
	status int
}

// on puts the wire under a client.
func (w *wire) on(o *dynamodb.Options) {
	w.next, w.seen = o.HTTPClient, map[string]int{}
	o.HTTPClient = w
}

// count returns how many requests of the operation went out.
func (w *wire) count(op string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[op]
}

// repeated reports whether, since it was asked last, a write was carried out and its answer lost.
func (w *wire) repeated() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.done
	w.done = false
	return was
}

var errLost = errors.New("the connection broke")

// Do implements aws.HTTPClient.
func (w *wire) Do(r *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	w.seen[op]++
	n := w.seen[op]
	w.mu.Unlock()
	f := w.decide(op, n, !strings.Contains(r.Header.Get("Amz-Sdk-Request"), "attempt=1;"))
	if f.code != "" {
		return refusal(r, f), nil
	}
	answer, err := w.next.Do(r)
	if err != nil || !f.lost {
		return answer, err
	}
	w.mu.Lock()
	w.done = w.done || answer.StatusCode == http.StatusOK &&
		!slices.Contains([]string{"GetItem", "Query", "BatchGetItem"}, op)
	w.mu.Unlock()
	_, err = io.Copy(io.Discard, answer.Body)
	return nil, errors.Join(errLost, err, answer.Body.Close())
}

// refusal is an error as DynamoDB writes it.
func refusal(r *http.Request, f fate) *http.Response {
	if f.status == 0 {
		f.status = http.StatusBadRequest
	}
	body := `{"__type":"com.amazonaws.dynamodb.v20120810#` + f.code + `","message":"injected"`
	if len(f.reasons) > 0 {
		body += `,"CancellationReasons":[{"Code":"` + strings.Join(f.reasons, `"},{"Code":"`) + `"}]`
	}
	return &http.Response{StatusCode: f.status, Request: r,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:   io.NopCloser(strings.NewReader(body + "}"))}
}
