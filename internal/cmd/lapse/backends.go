package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"lapse/internal/dynamo"
	"lapse/internal/dynamo/engine"
	"lapse/internal/mailbox"
	"lapse/internal/seal"
)

// backendsCommand is "lapse backends": everything that the functions call in the cloud, behind one address. It is for
// functions that "sam local" runs in containers. It keeps nothing, so each start is an empty world.
type backendsCommand struct {
	Listen string `default:"127.0.0.1:0" help:"Address and port that containers reach; port 0: a free one."`
	As     string `default:"host.docker.internal" help:"Name by which containers reach that address."`
	Env    string `required:"" help:"File to write the functions' variables to, for sam local --env-vars."`

	Template string `default:"template.yaml" help:"The SAM template that defines the table."`
}

// Run serves until the context ends.
func (c *backendsCommand) Run(ctx context.Context) (err error) {
	if host, _, err := net.SplitHostPort(c.Listen); err != nil || net.ParseIP(host) == nil ||
		net.ParseIP(host).IsUnspecified() {
		return fmt.Errorf("listen for the functions: %q is not one address of this machine and a port", c.Listen)
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen for the functions: %w", err)
	}
	b, err := openBackends(ctx, c.Template)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, b.close()) }()
	server := &http.Server{Handler: b.routes(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	defer server.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	if err := writeEnv(c.Env, fmt.Sprintf("http://%s:%d", c.As, port)); err != nil {
		return err
	}
	fmt.Printf("ready http://%s/local/inbox.json\n", listener.Addr())
	select {
	case err := <-failed:
		return fmt.Errorf("serve the functions: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// writeEnv writes the variables of all functions as sam local reads them. sam local sets only the variables of the
// template, and takes a variable that is missing in the file from the shell. So the file holds all of them. The rules
// name a channel, because a sample comes by another.
func writeEnv(file, endpoint string) error {
	text, err := json.MarshalIndent(map[string]any{"Parameters": map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "TABLE": tableName, "STAGE": stage, "POLICY_RULES": `{"channels":["portal"]}`,
		"BUS": "lapse-local", "CONFIGURATION_SET": configurationSet,
		"KEYSET_KEY": "arn:aws:kms:eu-central-1:123456789012:key/local", "DEAD_LETTERS": endpoint +
			"/123456789012/dead-letters",
		"POLICY_VERSION": policyVersion, "POLICY_URL": policyURL, "HELP_URL": "", "VERIFY_URL": "",
		"SENDER": sender, "SENDER_NAME": "Lapse (local)", "REPLY_TO": replyTo, "SENDING_ENABLED": "true",
		"UNKNOWN_POLICY": "must_arrive", "SENDING_SHARE": "", "WORKERS": "", "DISPATCHERS": "",
		"REPORT_BUCKET": reportBucket, "REPORT_URL": "https://transparency.example/", "REPORT_CONTACT": "", "POLICY_DIR": "",
		"SECURITY_STRUCTURE": "", "SECURITY_WINDOW": "",
		"ADVANCE_DAYS": "", "APPROVALS": "", "PERSON_ROLES": "", "TICKS": endpoint + "/123456789012/ticks.fifo",
	}}, "", "  ")
	if err == nil {
		err = os.WriteFile(file, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the functions' variables: %w", err)
	}
	return nil
}

// reportBucket is the S3 bucket of the transparency report.
const reportBucket = "lapse-local-report"

// backends stands in for the cloud: the engine for DynamoDB, the mailbox for SES, an outbox for SQS and EventBridge,
// gofakes3 for S3, and a key in a file for KMS.
type backends struct {
	engine  *engine.Engine
	mailbox *mailbox.Server
	outbox  *outbox
	vault   *vault
	bucket  http.Handler
	folder  string
}

func openBackends(ctx context.Context, template string) (b *backends, err error) {
	b = &backends{outbox: &outbox{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	if b.folder, err = os.MkdirTemp("", "lapse-backends-"); err != nil {
		return b, fmt.Errorf("make a folder for the key: %w", err)
	}
	key, err := seal.OpenFileKey(filepath.Join(b.folder, "key"))
	if err != nil {
		return b, err
	}
	b.vault = &vault{key: key}
	files := s3mem.New()
	if err := files.CreateBucket(reportBucket); err != nil {
		return b, fmt.Errorf("make the report's bucket: %w", err)
	}
	b.bucket = gofakes3.New(files).Server()
	b.mailbox, err = mailbox.Open(mailbox.Config{Now: time.Now, Identities: []string{"lapse.example"},
		ConfigurationSets: []string{configurationSet}})
	if err != nil {
		return b, err
	}
	dir, err := engine.CacheDir()
	if err != nil {
		return b, err
	}
	binary, err := engine.Ensure(ctx, dir)
	if err != nil {
		return b, err
	}
	if b.engine, err = engine.Start(ctx, engine.Options{Binary: binary}); err != nil {
		return b, err
	}
	definition, err := os.ReadFile(template)
	if err != nil {
		return b, fmt.Errorf("read the table's definition: %w", err)
	}
	cfg := local()
	cfg.BaseEndpoint = &b.engine.URL
	return b, dynamo.CreateTable(ctx, dynamo.NewClient(cfg, 1), definition, tableName)
}

// routes sends each request to its service. X-Amz-Target names the service; SES' query protocol and S3 have no such
// header, and a request to S3 has the bucket in its path.
func (b *backends) routes() http.Handler {
	target := &url.URL{Scheme: "http", Host: b.engine.URL[len("http://"):]}
	database := httputil.NewSingleHostReverseProxy(target)
	mux := http.NewServeMux()
	b.mailbox.Mount(mux)
	mux.HandleFunc("GET /local/reports.json", b.getReports)
	mux.HandleFunc("GET /local/outbox.json", b.outbox.get)
	mux.Handle("/"+reportBucket, b.bucket)
	mux.Handle("/"+reportBucket+"/", b.bucket)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		switch action := r.Header.Get("X-Amz-Target"); action {
		case "":
			b.mailbox.ServeHTTP(w, r)
		case "AmazonSQS.SendMessage":
			b.outbox.sendMessage(w, r)
		case "AWSEvents.PutEvents":
			b.outbox.putEvents(w, r)
		case "TrentService.Encrypt":
			b.vault.encrypt(w, r)
		case "TrentService.Decrypt":
			b.vault.decrypt(w, r)
		default:
			database.ServeHTTP(w, r)
		}
	})
	return mux
}

// getReports returns SES' reports that are due by now, as the batch that the queue gives to the delivery function.
func (b *backends) getReports(w http.ResponseWriter, r *http.Request) {
	records := []map[string]any{}
	err := b.mailbox.Deliver(r.Context(), time.Now(), func(_ context.Context, detail []byte) error {
		body, err := json.Marshal(map[string]any{"version": "0", "source": "aws.ses", "account": "123456789012",
			"detail": json.RawMessage(detail)})
		records = append(records, map[string]any{"messageId": fmt.Sprint("report-", len(records)+1), "body": string(body),
			"eventSource": "aws:sqs"})
		return err
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(w, map[string]any{"Records": records})
}

// close ends everything that was started, in reverse order.
func (b *backends) close() error {
	var errs []error
	if b.engine != nil {
		errs = append(errs, b.engine.Stop())
	}
	if b.mailbox != nil {
		errs = append(errs, b.mailbox.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(b.folder))...)
}
