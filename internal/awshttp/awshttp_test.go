package awshttp_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"lapse/internal/awshttp"
)

// keep is a transport that keeps the request it was given.
type keep struct{ request *http.Request }

func (k *keep) Do(r *http.Request) (*http.Response, error) {
	k.request = r
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

func TestPlainBodyCanBeReadAgainAndSurvivesTheSDKsClose(t *testing.T) {
	inner := &keep{}
	r, err := http.NewRequest(http.MethodPost, "http://ses.example", struct{ io.Reader }{strings.NewReader("Action=x")})
	require.NoError(t, err)
	r.ContentLength = -1
	_, err = awshttp.Plain(inner).Do(r)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())

	require.EqualValues(t, 8, inner.request.ContentLength)
	again, err := inner.request.GetBody()
	require.NoError(t, err)
	for _, body := range []io.Reader{inner.request.Body, again} {
		b, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Equal(t, "Action=x", string(b))
	}
}

// connections makes so many calls of an SDK client over the HTTP client, one after the other, to a server that answers
// at once, and returns how many connections they took.
func connections(tb testing.TB, client aws.HTTPClient, calls int) int64 {
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, "{}")
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	db := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: &server.URL, HTTPClient: client, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	item := map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: strings.Repeat("x", 300)}}
	for range calls {
		_, err := db.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("t"), Item: item})
		require.NoError(tb, err)
	}
	return opened.Load()
}

// TestCallsKeepTheirConnection: with the SDK's own bodies these calls have some sixty. One more than one is net/http's:
// on a machine that is busy its writer may come too late to say that all was written.
func TestCallsKeepTheirConnection(t *testing.T) {
	require.LessOrEqual(t, connections(t, awshttp.New(1, 0), 1000), int64(10))
}

// BenchmarkConnections prints how many connections the calls of one caller take over the SDK's own HTTP client, and
// over ours. Run it once: go test -run '^$' -bench Connections -benchtime 1x ./internal/awshttp
func BenchmarkConnections(b *testing.B) {
	const calls = 10_000
	fmt.Println()
	for _, row := range []struct {
		name   string
		client aws.HTTPClient
	}{
		{"the SDK's own", sdk.NewBuildableClient()},
		{"ours", awshttp.New(1, 0)},
	} {
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				opened := connections(b, row.client, calls)
				fmt.Printf("%d calls over %s: %d connections\n", calls, row.name, opened)
				b.ReportMetric(float64(opened), "connections")
			}
		})
	}
}
