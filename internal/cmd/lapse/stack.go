package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"lapse/internal/config"
	"lapse/internal/dynamo"
	"lapse/internal/dynamo/engine"
	"lapse/internal/event"
	"lapse/internal/httpapi"
	"lapse/internal/mailbox"
	"lapse/internal/matter"
	"lapse/internal/seal"
	"lapse/internal/sesmail"
	"lapse/internal/site"
	"lapse/internal/verify"
	"lapse/internal/wire"
	"lapse/internal/wire/api"
	"lapse/internal/wire/delivery"
	"lapse/internal/wire/dispatch"
	"lapse/internal/wire/intake"
	wireverify "lapse/internal/wire/verify"
)

// The local service's own names. No mail ever goes there.
const (
	sender           = "notices@lapse.example"
	replyTo          = "legal@lapse.example"
	senderName       = "Lapse (local)"
	stage            = "local"
	configurationSet = "lapse-local"
	tableName        = "lapse"
	policyVersion    = "2026-01"
	policyURL        = "https://lapse.example/policy/2026-01"
)

// stackConfig configures a stack.
type stackConfig struct {
	// data is the absolute path of the state's folder. template is the path of the SAM template.
	data, template string
	// address is where the stack is reached, as in "http://127.0.0.1:8080".
	address string
	// first is the clock's first instant. Zero is the real time.
	first   time.Time
	stories bool
	// principals says that two persons are two principals, named by the header principalHeader.
	principals bool
	// advanceDays are the days to object of who is told before a disclosure.
	advanceDays int
	// policies is the folder with the policy's texts, empty for the example.
	policies string
	log      *slog.Logger
	// metrics is where the metrics are written.
	metrics io.Writer
}

// stack is the whole service on one machine.
type stack struct {
	handler http.Handler
	walker  *walker
	engine  *engine.Engine
	mailbox *mailbox.Server
	ses     *http.Server
	store   *dynamo.Store

	reporter *reporter
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
	mails, err := s.openMail(cfg, clk)
	if err != nil {
		return s, err
	}
	key, err := seal.OpenFileKey(filepath.Join(cfg.data, "key"))
	if err != nil {
		return s, err
	}
	if err := s.wire(cfg, clk, mails, key); err != nil {
		return s, err
	}
	if cfg.stories {
		if err := s.walker.stories.load(filepath.Join(cfg.data, "stories.json"), clk.Now()); err != nil {
			return s, err
		}
	}
	if _, err := s.walker.sweep(ctx); err != nil {
		return s, err
	}
	return s, nil
}

// settings returns the local service's settings, in the form that the functions read from their environment.
func settings(address string) (config.API, config.Dispatch, error) {
	from, err := matter.ParseAddress(sender)
	if err != nil {
		return config.API{}, config.Dispatch{}, fmt.Errorf("read the local sender: %w", err)
	}
	letters := config.Sender{From: sender, Name: senderName, ReplyTo: replyTo, PolicyURL: policyURL,
		VerifyURL: address + "/verify"}
	door := config.Door{
		Stage: stage, PolicyVersion: policyVersion, Rules: intake.DefaultRules(), Terms: matter.DefaultTerms(),
	}
	return config.API{Door: door, Sender: letters}, config.Dispatch{
		Stage: stage, ConfigurationSet: configurationSet, From: from, Sender: letters, SendingEnabled: true,
	}, nil
}

// wire builds the services over the stack's own ports, with the same code as the functions.
func (s *stack) wire(cfg stackConfig, clk *clock, mails sesmail.API, key *seal.FileKey) error {
	doors, sweeps, err := settings(cfg.address)
	if err != nil {
		return err
	}
	p := wire.Process{Now: clk.Now, Log: cfg.log, Out: cfg.metrics}
	doors.Principals, doors.AdvanceDays = cfg.principals, cfg.advanceDays
	services, err := api.New(p, api.Ports{Store: s.store, Key: key, Caller: caller}, doors)
	if err != nil {
		return err
	}
	s.walker = &walker{
		clock: clk, rows: s.store, mailbox: s.mailbox, stories: &storyteller{intake: services.Intake, log: cfg.log},
		dispatch: dispatch.New(p, dispatch.Ports{Store: s.store, Key: key, SES: mails, Bus: noBus{}}, sweeps),
		delivery: delivery.New(p, delivery.Ports{Store: s.store, Bus: noBus{}}, stage),
	}
	s.reporter, err = openReporter(p, s, cfg)
	if err != nil {
		return err
	}
	s.reporter.settle, s.walker.reports = s.walker.dispatch.Settle, s.reporter
	check, err := wireverify.New(p, s.store, senderName)
	if err != nil {
		return err
	}
	s.handler = s.routes(services, check, clk, cfg.log)
	return nil
}

// openStore connects to the given engine or starts one. It creates the table from the template if it is missing.
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
		s.engine, err = engine.Start(ctx, engine.Options{Binary: binary, Dir: filepath.Join(cfg.data, "engine")})
		if err != nil {
			return err
		}
		aws.BaseEndpoint = &s.engine.URL
	}
	client := dynamo.NewClient(aws, config.Conns)
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

// local returns a configuration that reaches nothing outside the machine.
func local() aws.Config {
	return aws.Config{Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
}

// openMail starts the SES stand-in on a free port.
func (s *stack) openMail(cfg stackConfig, clk *clock) (sesmail.API, error) {
	box, err := mailbox.Open(mailbox.Config{
		Dir: filepath.Join(cfg.data, "inbox"), Now: func() time.Time { return matter.Floor(clk.Now()) },
		Identities: []string{"lapse.example"}, ConfigurationSets: []string{configurationSet},
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
	return sesmail.NewAPI(c, config.Conns), nil
}

// principalHeader names the caller of a request. Nobody else on a laptop does.
const principalHeader = "Lapse-Principal"

// caller returns who posts an event to the stack.
func caller(r *http.Request) event.Caller {
	return principal(r.Header.Get(principalHeader))
}

// principal is who calls himself by the name.
func principal(name string) event.Caller {
	name = cmp.Or(name, "local")
	return event.Caller{Door: event.DoorHTTP, Principal: name, Person: strings.ToLower(name)}
}

// routes mounts the API, the pages and the endpoints of the stack.
func (s *stack) routes(services *api.Services, check *verify.Page, clk *clock, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	pages := &site.Site{
		Inquire: services.Inquire, Matters: s.store.Matters, Now: clk.Now, Log: log,
		Mails: func() []site.Mail {
			var out []site.Mail
			for _, m := range s.mailbox.Mails() {
				out = append(out, site.Mail{
					N: m.N, To: m.To, Subject: m.Subject, ReceivedAt: m.ReceivedAt, MessageID: m.MessageID, Tags: m.Tags,
				})
			}
			return out
		},
		Give: func(ctx context.Context, a site.Approval) error { return give(ctx, services.Intake, a) },
		Text: func(n int) (string, bool) {
			text, err := s.mailbox.Text(n)
			return text, err == nil
		},
		HTML: func(n int) (string, bool) {
			page, err := s.mailbox.HTML(n)
			return page, err == nil
		},
		Next: func(ctx context.Context) (time.Time, bool) {
			at, err := s.walker.next(ctx, farAhead)
			return at, err == nil && !at.IsZero()
		},
	}
	for pattern, h := range services.API.Routes() {
		mux.Handle(pattern, services.Counted(h))
	}
	for pattern, h := range pages.Routes() {
		mux.HandleFunc(pattern, h)
	}
	for pattern, h := range check.LimitedRoutes() {
		mux.HandleFunc(pattern, h)
	}
	s.mailbox.Mount(mux)
	s.walker.mount(mux)
	s.reporter.mount(mux, s.walker.alone)
	return httpapi.Problems(mux)
}

// farAhead bounds a question about the whole future.
var farAhead = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// close ends everything that the stack started, in reverse order.
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

// noBus drops the stack's announcements. Nobody listens on a laptop, and the ledger has the same facts.
type noBus struct{}

// Announce does nothing.
func (noBus) Announce(context.Context, string, []byte) error { return nil }
