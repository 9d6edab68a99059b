package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// runCommand is "lapse run": the local stack.
type runCommand struct {
	Port      int    `env:"PORT" default:"8080" help:"Port on 127.0.0.1; 0 takes a free one."`
	Data      string `env:"DATA" default:".local" help:"Folder that keeps the state."`
	Clock     string `env:"LAPSE_CLOCK" help:"First instant of the clock (RFC 3339), unless the state has one."`
	Stories   string `env:"STORIES" default:"all" enum:"all,none" help:"Stories to load: all or none."`
	Autosweep string `env:"AUTOSWEEP" default:"on" enum:"on,off" help:"Sweep by itself: on or off."`
	Approvals string `env:"APPROVALS" default:"names" enum:"names,principals" help:"Two persons: names or principals."`
	Advance   int    `env:"ADVANCE_DAYS" default:"7" help:"Days to object for who is told before a disclosure, 1 to 90."`
	Policies  string `env:"POLICY_DIR" help:"Folder with the policy's texts, VERSION.LANGUAGE.md; an example without one."`
	Log       string `env:"LAPSE_LOG" default:"warn" enum:"debug,info,warn,error" help:"Least level of the printed log."`
	Template  string `default:"template.yaml" help:"The SAM template that defines the table."`
	// EndWithParent is for make, which does not pass a kill -9 on.
	EndWithParent bool `hidden:"" help:"End when the starting process ends (Linux)."`
}

const (
	// sweepEvery is how often the stack sweeps by itself.
	sweepEvery = 2 * time.Second
	// shutdown is how long open requests may take to end.
	shutdown = 5 * time.Second
)

// Validate is called by the command line's parser.
func (c *runCommand) Validate() error {
	if c.Advance < 1 || c.Advance > 90 {
		return fmt.Errorf("ADVANCE_DAYS is no whole number from 1 to 90")
	}
	return nil
}

// Run serves until the context ends.
func (c *runCommand) Run(ctx context.Context) error {
	data, err := filepath.Abs(c.Data)
	if err != nil {
		return fmt.Errorf("find %s: %w", c.Data, err)
	}
	first, err := c.first()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if c.EndWithParent {
		if err := endWithParent(); err != nil {
			return fmt.Errorf("ask to end with the parent: %w", err)
		}
	}
	lock, err := lockFolder(ctx, data)
	if err != nil {
		return err
	}
	defer lock.Close()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", c.Port))
	if err != nil {
		return fmt.Errorf("listen (is another stack running? choose another with PORT): %w", err)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return errors.Join(fmt.Errorf("LAPSE_LOG: %w", err), listener.Close())
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	s, err := openStack(ctx, stackConfig{
		data: data, template: c.Template, address: "http://" + listener.Addr().String(), first: first,
		stories: c.Stories == "all", log: log, metrics: metricsOut(level),
		principals: c.Approvals == "principals", advanceDays: c.Advance,
		policies: c.Policies,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer s.close(log)
	return s.serve(ctx, listener, c.Autosweep == "on", log)
}

// metricsOut is standard error at the level that prints everything. At other levels metrics are discarded, because
// nothing on a laptop reads them.
func metricsOut(level slog.Level) io.Writer {
	if level <= slog.LevelDebug {
		return os.Stderr
	}
	return io.Discard
}

func (c *runCommand) first() (time.Time, error) {
	if c.Clock == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, c.Clock)
	if err != nil {
		return t, fmt.Errorf("LAPSE_CLOCK %q is no instant in RFC 3339 form: %w", c.Clock, err)
	}
	if t.UTC().Year() > lastYear {
		return t, fmt.Errorf("LAPSE_CLOCK %q: %w", c.Clock, errFar)
	}
	return t, nil
}

// serve answers requests until the context ends. With autosweep it also sweeps.
func (s *stack) serve(ctx context.Context, listener net.Listener, autosweep bool, log *slog.Logger) error {
	own, err := guard(listener.Addr().(*net.TCPAddr).Port, s.handler)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{
		Handler: patient(bodyTime, own), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		// Requests end with the stack, so that a push over years does not hold the end up.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if autosweep {
		swept := make(chan struct{})
		go s.sweepOn(ctx, log, swept)
		defer func() { <-swept }()
	}
	fmt.Printf("ready http://%s/ (clock %s; state in DATA)\n", listener.Addr(), s.walker.clock.Now().Format(time.RFC3339))
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdown)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

// sweepOn sweeps every sweepEvery until the context ends.
func (s *stack) sweepOn(ctx context.Context, log *slog.Logger, done chan<- struct{}) {
	defer close(done)
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := s.walker.sweep(ctx); err != nil && ctx.Err() == nil {
				log.ErrorContext(ctx, "sweep failed", "error", err)
			}
		}
	}
}
