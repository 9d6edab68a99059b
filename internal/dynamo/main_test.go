package dynamo_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
	"lapse/internal/dynamo/engine"
	"lapse/internal/store"
	"lapse/internal/storetest"
)

// endpointVariable names the engine to test against; TestMain starts one where it is not set.
const endpointVariable = "AWS_ENDPOINT_URL_DYNAMODB"

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		log.Fatal(err)
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	if os.Getenv(endpointVariable) != "" {
		return m.Run(), nil
	}
	dir, err := engine.CacheDir()
	if err != nil {
		return 0, err
	}
	binary, err := engine.Ensure(context.Background(), dir)
	if err != nil {
		return 0, err
	}
	e, err := engine.Start(context.Background(), engine.Options{Binary: binary})
	if err != nil {
		return 0, err
	}
	defer e.Stop()
	if err := os.Setenv(endpointVariable, e.URL); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// client returns a client of the engine that repeats lost requests at once.
func client(options ...func(*dynamodb.Options)) *dynamodb.Client {
	cfg := aws.Config{Region: "eu-central-1", BaseEndpoint: aws.String(os.Getenv(endpointVariable)),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	atOnce := func(o *dynamodb.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.RateLimiter = ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	}
	return dynamo.NewClient(cfg, 32, append([]func(*dynamodb.Options){atOnce}, options...)...)
}

// table creates a table of the test's own and returns its name.
func table(t *testing.T) string {
	name := fmt.Sprintf("t-%d-%d", os.Getpid(), time.Now().UnixNano())
	create(t, name)
	return name
}

func create(t *testing.T, name string, options ...func(*dynamodb.Options)) {
	template, err := os.ReadFile("../../template.yaml")
	require.NoError(t, err)
	require.NoError(t, dynamo.CreateTable(t.Context(), client(options...), template, name))
}

// over returns a store over the table that does not wait between retries. No request of it may be loose (strict).
func over(table string, options ...func(*dynamodb.Options)) *dynamo.Store {
	s := dynamo.New(client(append(options, strictly)...), table)
	s.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return s
}

// open returns a store over a table of the test's own.
func open(t *testing.T, options ...func(*dynamodb.Options)) *dynamo.Store {
	return over(table(t), options...)
}

func TestStoreKeepsTheLawsOfStores(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
}

func TestMattersAreListed(t *testing.T) {
	s := open(t)
	for i := range 3 {
		opened(t, s, fmt.Sprint("mat-", i))
	}
	ids, err := s.Matters(t.Context())
	require.NoError(t, err)
	require.Equal(t, strings.Fields("mat-0 mat-1 mat-2"), ids)
}
