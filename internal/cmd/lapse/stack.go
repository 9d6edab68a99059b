package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"lapse/internal/config"
	"lapse/internal/delivery"
	"lapse/internal/dispatch"
	"lapse/internal/dynamo"
	"lapse/internal/dynamo/engine"
	"lapse/internal/httpapi"
	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/letter"
	"lapse/internal/mailbox"
	"lapse/internal/matter"
	"lapse/internal/review"
	"lapse/internal/seal"
	"lapse/internal/sesmail"
	"lapse/internal/site"
)

// The local service's own names. Nothing is ever sent there.
const (
	sender           = "notices@lapse.example"
	replyTo          = "legal@lapse.example"
	configurationSet = "lapse-local"
	tableName        = "lapse"
	policyVersion    = "2026-01"
	policyURL        = "https://lapse.example/policy/2026-01"
)

// stackConfig says how a stack is opened.
type stackConfig struct {
	// data is the absolute folder of the state, template the path of the SAM template.
	data, template string
	// first is the clock's first instant, zero the real one.
	first   time.Time
	stories bool
	log     *slog.Logger
}

// stack is the whole service on one machine.
type stack struct {
	handler http.Handler
	walker  *walker
	engine  *engine.Engine
	mailbox *mailbox.Server
	ses     *http.Server
	// Store and mail client stand here for the benchmark.
	store *dynamo.Store
}

// openStack starts the engine and the SES stand-in and wires the service to them, as the functions do in the cloud.
func openStack(ctx context.Context, cfg stackConfig) (s *stack, err error) {
	s = &stack{}
	defer func() {
		if err != nil {
			s.close(cfg.log)
		}
	}()
	clk, err := openClock(filepath.Join(cfg.data, "clock.json"), cfg.first)
	if err != nil {
		return s, err
	}
	if err := s.openStore(ctx, cfg); err != nil {
		return s, err
	}
	mailer, err := s.openMail(cfg, clk)
	if err != nil {
		return s, err
	}
	key, err := seal.OpenFileKey(filepath.Join(cfg.data, "key"))
	if err != nil {
		return s, err
	}
	book, err := law.Load()
	if err != nil {
		return s, err
	}
	fields, err := review.LoadFields()
	if err != nil {
		return s, err
	}
	from := letter.Sender{From: sender, Name: "Lapse (local)", ReplyTo: replyTo, PolicyURL: policyURL}
	in := &intake.Service{
		Now: clk.Now, Store: s.store,
		Sealer: &seal.Sealer{Key: key}, Law: book, Rules: law.DefaultPolicy(), Fields: fields, Policy: policyVersion, Wait: config.Backoff, Log: cfg.log,
	}
	ask := &inquire.Service{Now: clk.Now, Store: s.store, Law: book, Letter: from}
	s.walker = &walker{
		clock: clk, rows: s.store, mailbox: s.mailbox, stories: &storyteller{intake: in, log: cfg.log},
		dispatch: &dispatch.Service{
			Now: clk.Now, Store: s.store,
			Opener: &seal.Opener{Key: key}, Mailer: mailer, Bus: noBus{}, Token: config.Token, Jitter: mrand.Int64N, Log: cfg.log,
			Settings: dispatch.Settings{SendingEnabled: true, Sender: from},
		},
		delivery: &delivery.Service{Now: clk.Now, Store: s.store, Bus: noBus{}, Log: cfg.log},
	}
	if cfg.stories {
		if err := s.walker.stories.load(filepath.Join(cfg.data, "stories.json"), clk.Now()); err != nil {
			return s, err
		}
	}
	if _, err := s.walker.sweep(ctx); err != nil {
		return s, err
	}
	s.handler = s.routes(in, ask, clk, cfg.log)
	return s, nil
}

// openStore connects to the given engine or starts one, and creates the table from the template where it is missing.
func (s *stack) openStore(ctx context.Context, cfg stackConfig) error {
	aws := local()
	if given := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"); given != "" {
		aws.BaseEndpoint = &given
	} else {
		dir, err := engine.CacheDir()
		if err != nil {
			return err
		}
		binary, err := engine.Ensure(ctx, dir)
		if err != nil {
			return err
		}
		if s.engine, err = engine.Start(ctx, engine.Options{Binary: binary, Dir: filepath.Join(cfg.data, "engine")}); err != nil {
			return err
		}
		aws.BaseEndpoint = &s.engine.URL
	}
	client := dynamo.NewClient(aws, 64)
	template, err := os.ReadFile(cfg.template)
	if err != nil {
		return fmt.Errorf("read the table's definition: %w", err)
	}
	if err := dynamo.CreateTable(ctx, client, template, tableName); err != nil {
		return err
	}
	s.store = dynamo.New(client, tableName)
	return nil
}

// local is a configuration that reaches nothing outside the machine.
func local() aws.Config {
	return aws.Config{Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
}

// openMail starts the SES stand-in on a free port.
func (s *stack) openMail(cfg stackConfig, clk *clock) (*sesmail.Client, error) {
	box, err := mailbox.Open(mailbox.Config{
		Dir: filepath.Join(cfg.data, "inbox"), Now: func() time.Time { return matter.Floor(clk.Now()) }, Identities: []string{"lapse.example"}, ConfigurationSets: []string{configurationSet},
	})
	if err != nil {
		return nil, err
	}
	s.mailbox = box
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the SES stand-in: %w", err)
	}
	s.ses = &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := s.ses.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			cfg.log.Error("the SES stand-in ended", "error", err)
		}
	}()
	c := local()
	c.BaseEndpoint = aws.String("http://" + listener.Addr().String())
	from, err := matter.ParseAddress(sender)
	if err != nil {
		return nil, err
	}
	return &sesmail.Client{API: sesmail.NewAPI(c, 64), From: from, ConfigurationSet: configurationSet, Now: clk.Now}, nil
}

// routes mounts the API, the pages and the endpoints of the stack.
func (s *stack) routes(in *intake.Service, ask *inquire.Service, clk *clock, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	api := &httpapi.API{Intake: in, Inquire: ask, Principal: func(*http.Request) string { return "local" }, Log: log}
	pages := &site.Site{
		Inquire: ask, Matters: s.store.Matters, Now: clk.Now, Log: log,
		Mails: func() []site.Mail {
			var out []site.Mail
			for _, m := range s.mailbox.Mails() {
				out = append(out, site.Mail{N: m.N, To: m.To, Subject: m.Subject, ReceivedAt: m.ReceivedAt, MessageID: m.MessageID, Tags: m.Tags})
			}
			return out
		},
		Text: func(n int) (string, bool) {
			text, err := s.mailbox.Text(n)
			return text, err == nil
		},
		Next: func(ctx context.Context) (time.Time, bool) {
			at, err := s.walker.next(ctx, farAhead)
			return at, err == nil && !at.IsZero()
		},
	}
	for _, routes := range []map[string]http.HandlerFunc{api.Routes(), pages.Routes()} {
		for pattern, h := range routes {
			mux.HandleFunc(pattern, h)
		}
	}
	s.mailbox.Mount(mux)
	s.walker.mount(mux)
	return httpapi.Problems(mux)
}

// farAhead bounds a look at the whole future.
var farAhead = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// close ends everything the stack started, last things first.
func (s *stack) close(log *slog.Logger) {
	var errs []error
	if s.ses != nil {
		errs = append(errs, s.ses.Close())
	}
	if s.mailbox != nil {
		errs = append(errs, s.mailbox.Close())
	}
	if s.engine != nil {
		errs = append(errs, s.engine.Stop())
	}
	if err := errors.Join(errs...); err != nil {
		log.Error("end the stack", "error", err)
	}
}

// noBus is where the stack's announcements go: nobody listens on a laptop, and the ledger has them.
type noBus struct{}

// Announce does nothing.
func (noBus) Announce(context.Context, string, []byte) error { return nil }
