// Package engine runs dynoxide, a DynamoDB engine in one static binary, for tests and the local stack. It fetches the
// binary with npm and starts it on the loopback interface, in memory or over a database file. It also ends an engine
// that a killed run left behind. LAPSE_ENGINE names another engine with the same command line: "make second-engine"
// runs the tests on AWS's DynamoDB Local through dynamodb-local.sh.
package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	// startTime bounds how long an engine takes to answer.
	startTime = 20 * time.Second
	// stopTime bounds how long an engine takes to end before it is killed.
	stopTime = 5 * time.Second
	// poll is the pause between two checks of an engine that starts or ends.
	poll = 20 * time.Millisecond
	// starts is how many ports are tried, because another program may take a free port first.
	starts = 5
)

// Options says how an engine runs.
type Options struct {
	// Binary is the engine's executable, as Ensure returns it.
	Binary string
	// Dir is the folder of the database file and the pid file. Start makes it if it is missing, and first ends an engine
	// that a killed run left behind on it. If Dir is empty, everything is kept in memory and is gone with the engine.
	Dir string
	// Port is the TCP port on 127.0.0.1. 0 takes a free one.
	Port int
}

// Engine is a running engine.
type Engine struct {
	// URL is its endpoint, for AWS_ENDPOINT_URL_DYNAMODB or a client's BaseEndpoint.
	URL string
	// Done is closed when the process has ended, by Stop or by itself.
	Done <-chan struct{}

	process *os.Process
	stop    sync.Once
}

// Start starts an engine and returns when it answers. On Linux the kernel ends the engine with the process that started
// it. Elsewhere a killed process leaves it running until the next Start on the same Dir.
func Start(ctx context.Context, o Options) (*Engine, error) {
	if o.Dir != "" {
		dir, err := filepath.Abs(o.Dir)
		if err == nil {
			err = os.MkdirAll(dir, 0o755)
		}
		if err == nil {
			err = endLeftover(ctx, dir)
		}
		if err != nil {
			return nil, fmt.Errorf("start engine over %s: %w", o.Dir, err)
		}
		o.Dir = dir
	}
	for try := 1; ; try++ {
		e, err := start(ctx, o)
		if err == nil || o.Port != 0 || try == starts || ctx.Err() != nil {
			return e, err
		}
	}
}

// start makes one try.
func start(ctx context.Context, o Options) (*Engine, error) {
	port := o.Port
	if port == 0 {
		free, err := freePort()
		if err != nil {
			return nil, fmt.Errorf("start engine: %w", err)
		}
		port = free
	}
	args := []string{"serve", "--host", "127.0.0.1", "--port", strconv.Itoa(port)}
	e := &Engine{URL: "http://127.0.0.1:" + strconv.Itoa(port)}
	if o.Dir != "" {
		args = append(args, "--db-path", filepath.Join(o.Dir, "dynamo.db"))
	}
	if err := e.launch(exec.Command(o.Binary, args...)); err != nil {
		return nil, fmt.Errorf("start engine %s: %w", o.Binary, err)
	}
	if o.Dir != "" { // the file stays; endLeftover checks whose process the pid names
		if err := os.WriteFile(pidFile(o.Dir), []byte(strconv.Itoa(e.process.Pid)), 0o644); err != nil {
			return nil, errors.Join(fmt.Errorf("start engine: %w", err), e.Stop())
		}
	}
	if err := e.answers(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start engine on port %d: %w", port, err), e.Stop())
	}
	return e, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// answers waits until the engine of this process answers on its port.
func (e *Engine) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.URL, nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			answer.Body.Close()
		}
		select {
		case <-e.Done: // so any answer came from another program
			return errors.New("the engine ended at once; is the port taken?")
		default:
		}
		if err == nil && isEngine(answer.Header) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the engine does not answer: %w", ctx.Err())
		case <-e.Done:
		case <-time.After(poll):
		}
	}
}

// isEngine reports whether an engine sent the answer. dynoxide names itself. DynamoDB Local numbers its requests, as
// DynamoDB does.
func isEngine(h http.Header) bool {
	return h.Get("X-Dynoxide-Version") != "" || h.Get("X-Amzn-Requestid") != ""
}

// Stop ends the engine and returns when it has ended. A second call does nothing.
func (e *Engine) Stop() error {
	var err error
	e.stop.Do(func() { err = e.end() })
	if err != nil {
		return fmt.Errorf("stop engine: %w", err)
	}
	return nil
}

func (e *Engine) end() error {
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := e.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		select {
		case <-e.Done:
			return nil
		case <-time.After(stopTime):
		}
	}
	return errors.New("the engine does not end")
}
