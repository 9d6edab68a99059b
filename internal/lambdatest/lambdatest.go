// Package lambdatest runs a function's real binary the way Lambda runs it: as a process that asks a Runtime API for
// events and posts its answers there. So a test covers what unit tests of handlers miss: main, the environment, the
// decoding of the event, panics, and what reaches the log.
package lambdatest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Build compiles commands into the folder, for this machine and with the tags and without the tables for debuggers, as
// the deployed binaries are. It returns the path of each binary by the last element of its import path. The names of
// files are not trimmed: with -trimpath every dependency would be compiled a second time, beside what go test needs.
func Build(dir string, commands ...string) (map[string]string, error) {
	args := []string{"build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", dir + string(filepath.Separator)}
	if text, err := exec.Command("go", append(args, commands...)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %v: %w: %s", commands, err, text)
	}
	binaries := map[string]string{}
	for _, c := range commands {
		binaries[path.Base(c)] = filepath.Join(dir, path.Base(c))
	}
	return binaries, nil
}

// Function is a running function. It takes one event at a time, as a Lambda environment does.
type Function struct {
	exited chan struct{}
	asked  chan struct{}
	once   sync.Once
	queue  chan invocation
	log    *os.File

	mu      sync.Mutex
	current invocation
	waitErr error
}

// Answer is what the function posted for one event: either a payload, or the error it reported.
type Answer struct {
	Payload json.RawMessage
	// Error is the body of the error report, nil for an answer.
	Error json.RawMessage
}

type invocation struct {
	id       string
	event    []byte
	deadline time.Time
	answer   chan Answer
}

// Start runs the binary with exactly the given environment ("NAME=value") beside what Lambda sets, until the test ends.
func Start(t testing.TB, binary string, env ...string) *Function {
	t.Helper()
	// A file, not a buffer: what a function wrote before its answer is there when the answer is.
	log, err := os.OpenFile(filepath.Join(t.TempDir(), "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	f := &Function{exited: make(chan struct{}), asked: make(chan struct{}), queue: make(chan invocation), log: log}
	server := httptest.NewServer(f.routes())
	cmd := exec.Command(binary)
	cmd.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + server.Listener.Addr().String(), "AWS_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512",
	}, env...)
	cmd.Stdout, cmd.Stderr = f.log, f.log
	require.NoError(t, cmd.Start())
	go func() {
		err := cmd.Wait()
		f.mu.Lock()
		f.waitErr = err
		f.mu.Unlock()
		close(f.exited)
	}()
	t.Cleanup(func() {
		// Lambda ends an environment without asking, too.
		_ = cmd.Process.Kill()
		<-f.exited
		server.CloseClientConnections()
		server.Close()
		_ = log.Close()
	})
	return f
}

// Invoke hands the function one event with so much time, and waits for its answer. An error means that there was none:
// the process ended, or the time was up.
func (f *Function) Invoke(event []byte, timeout time.Duration) (Answer, error) {
	deadline := time.Now().Add(timeout)
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	in := invocation{id: strconv.FormatInt(deadline.UnixNano(), 16), event: event, deadline: deadline,
		answer: make(chan Answer, 1)}
	select {
	case f.queue <- in:
	case <-f.exited:
		return Answer{}, f.ended()
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("invoke the function: it asked for no event in %s", timeout)
	}
	select {
	case a := <-in.answer:
		return a, nil
	case <-f.exited:
		return Answer{}, f.ended()
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("invoke the function: no answer in %s", timeout)
	}
}

// Ready waits until the function has asked for its first event, which ends what Lambda calls its init phase.
func (f *Function) Ready() error {
	select {
	case <-f.asked:
		return nil
	case <-f.exited:
		return f.ended()
	}
}

// Wait waits until the process has ended by itself and returns how; nil is exit code 0.
func (f *Function) Wait() error {
	<-f.exited
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waitErr
}

// Log is everything the function wrote on standard output and error so far.
func (f *Function) Log() string {
	text, err := os.ReadFile(f.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (f *Function) ended() error {
	return fmt.Errorf("invoke the function: its process ended (%v): %s", f.Wait(), f.Log())
}

// routes is the Runtime API, version 2018-06-01.
func (f *Function) routes() http.Handler {
	mux := http.NewServeMux()
	const base = "/2018-06-01/runtime/"
	mux.HandleFunc("GET "+base+"invocation/next", f.next)
	mux.HandleFunc("POST "+base+"invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		f.post(w, r, func(body []byte) Answer { return Answer{Payload: body} })
	})
	mux.HandleFunc("POST "+base+"invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		f.post(w, r, func(body []byte) Answer { return Answer{Error: body} })
	})
	mux.HandleFunc("POST "+base+"init/error", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(f.log, r.Body)
		w.WriteHeader(http.StatusAccepted)
	})
	return mux
}

func (f *Function) next(w http.ResponseWriter, r *http.Request) {
	f.once.Do(func() { close(f.asked) })
	select {
	case in := <-f.queue:
		f.mu.Lock()
		f.current = in
		f.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", in.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(in.deadline.UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:local")
		_, _ = w.Write(in.event)
	case <-r.Context().Done():
	}
}

func (f *Function) post(w http.ResponseWriter, r *http.Request, read func([]byte) Answer) {
	body, err := io.ReadAll(r.Body)
	f.mu.Lock()
	in := f.current
	f.current = invocation{}
	f.mu.Unlock()
	if err != nil || in.id == "" || in.id != r.PathValue("id") {
		http.Error(w, "no such invocation", http.StatusBadRequest)
		return
	}
	in.answer <- read(body)
	w.WriteHeader(http.StatusAccepted)
}
