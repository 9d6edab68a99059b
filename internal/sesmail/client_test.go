package sesmail_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/sesmail"
	"lapse/internal/store"
)

const accepted = `<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult>` +
	`<MessageId>0100-example</MessageId></SendRawEmailResult></SendRawEmailResponse>`

func at() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }

func client(t *testing.T, endpoint string) *sesmail.Client {
	t.Helper()
	from, err := matter.ParseAddress("legal@example.com")
	require.NoError(t, err)
	cfg := aws.Config{Region: "eu-central-1", BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	return &sesmail.Client{API: sesmail.NewAPI(cfg, 4), From: from, ConfigurationSet: "lapse", Now: at}
}

func mailOf(t *testing.T) notice.Mail {
	t.Helper()
	to, err := matter.ParseAddress("user@example.org")
	require.NoError(t, err)
	return notice.Mail{To: to, Raw: []byte("Subject: x\r\n\r\nx\r\n"), Notice: notice.ID(nil, "mat-1", "d1", "u1"),
		Attempt: "0123456789abcdef0123456789abcdef"}
}

// server counts the requests it has read to their end before it answers.
func server(t *testing.T, answer http.HandlerFunc) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var requests atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.Header().Set("Date", at().Format(http.TimeFormat))
		_, _ = io.Copy(io.Discard, r.Body)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s, &requests
}

func refusal(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w,
			`<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, code,
			message)
	}
}

func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestEveryAnswerHasItsOutcomeAndCostsOneRequest(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer http.HandlerFunc
		want   notice.SendError
	}{
		{"account paused", refusal(400, "AccountSendingPausedException", "x"),
			notice.SendError{Outcome: notice.OutcomeAccount, Code: "AccountSendingPausedException"}},
		{"set paused", refusal(400, "ConfigurationSetSendingPausedException", "x"),
			notice.SendError{Outcome: notice.OutcomeAccount, Code: "ConfigurationSetSendingPausedException"}},
		{"set missing", refusal(400, "ConfigurationSetDoesNotExist", "x"),
			notice.SendError{Outcome: notice.OutcomeAccount, Code: "ConfigurationSetDoesNotExist"}},
		{"sender's domain not verified", refusal(400, "MailFromDomainNotVerifiedException", "x"),
			notice.SendError{Outcome: notice.OutcomeAccount, Code: "MailFromDomainNotVerifiedException"}},
		{"message rejected", refusal(400, "MessageRejected", "no"),
			notice.SendError{Outcome: notice.OutcomeRejected, Code: "MessageRejected"}},
		{"our identity not verified", refusal(400, "MessageRejected",
			"Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: "+
				"legal@example.com"), notice.SendError{Outcome: notice.OutcomeAccount, Code: "MessageRejected"}},
		{"recipient not verified in the sandbox", refusal(400, "MessageRejected",
			"Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: user@example.org"),
			notice.SendError{Outcome: notice.OutcomeRejected, Code: "MessageRejected"}},
		{"too fast", refusal(400, "Throttling", "Maximum sending rate exceeded."),
			notice.SendError{Outcome: notice.OutcomeThrottled, Code: "Throttling"}},
		{"too fast, by its other name", refusal(400, "ThrottlingException", "Rate exceeded"),
			notice.SendError{Outcome: notice.OutcomeThrottled, Code: "ThrottlingException"}},
		{"day's quota used up", refusal(400, "Throttling", "Daily message quota exceeded."),
			notice.SendError{Outcome: notice.OutcomeDaily, Code: "Throttling"}},
		{"bad parameter", refusal(400, "InvalidParameterValue", "Missing final '@domain'"),
			notice.SendError{Outcome: notice.OutcomeRejected, Code: "InvalidParameterValue"}},
		{"not permitted", refusal(403, "AccessDenied", "x"),
			notice.SendError{Outcome: notice.OutcomeAccount, Code: "AccessDenied"}},
		{"bad signature", refusal(403, "SignatureDoesNotMatch", "x"),
			notice.SendError{Outcome: notice.OutcomeAccount, Code: "SignatureDoesNotMatch"}},
		{"clock off", refusal(400, "RequestExpired", "x"),
			notice.SendError{Outcome: notice.OutcomeAccount, Code: "RequestExpired"}},
		{"token expired", refusal(403, "ExpiredToken", "x"),
			notice.SendError{Outcome: notice.OutcomeAccount, Code: "ExpiredToken"}},
		{"code that nobody listed", refusal(400, "SomethingNew", "x"),
			notice.SendError{Outcome: notice.OutcomeAccount, Code: "SomethingNew"}},
		{"proxy: too many", text(429, "slow down"),
			notice.SendError{Outcome: notice.OutcomeThrottled, Code: "Too Many Requests"}},
		{"proxy: too large", text(413, "no"), notice.SendError{Outcome: notice.OutcomeRejected,
			Code: "Request Entity Too Large"}},
		{"proxy: request timeout", text(408, "no"),
			notice.SendError{Outcome: notice.OutcomeUnknown, Code: "Request Timeout"}},
		{"500", refusal(500, "InternalFailure", "x"),
			notice.SendError{Outcome: notice.OutcomeUnknown, Code: "InternalFailure"}},
		{"503", refusal(503, "ServiceUnavailable", "x"),
			notice.SendError{Outcome: notice.OutcomeUnknown, Code: "ServiceUnavailable"}},
		{"503 that says throttling", refusal(503, "Throttling", "x"),
			notice.SendError{Outcome: notice.OutcomeUnknown, Code: "Throttling"}},
		{"502 without a code", text(502, "bad gateway"),
			notice.SendError{Outcome: notice.OutcomeUnknown, Code: "Bad Gateway"}},
		{"success that cannot be read", text(200, "<html>hello"),
			notice.SendError{Outcome: notice.OutcomeUnknown, Code: "OK"}},
		{"success without an id", text(200, ""), notice.SendError{Outcome: notice.OutcomeUnknown,
			Code: "an answer without a message id"}},
		{"connection closed after reading", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			notice.SendError{Outcome: notice.OutcomeUnknown, Code: "connection failed"}},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, notice.SendError{Outcome: notice.OutcomeUnknown, Code: "Temporary Redirect"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, requests := server(t, row.answer)
			_, err := client(t, s.URL).Send(t.Context(), mailOf(t))
			got, ok := errors.AsType[*notice.SendError](err)
			require.True(t, ok)
			require.Equal(t, row.want, *got)
			require.EqualValues(t, 1, requests.Load())
			require.NotContains(t, err.Error(), "@")
		})
	}
}

// TestAClockThatIsOffIsNamed: the answer carries SES' own time.
func TestAClockThatIsOffIsNamed(t *testing.T) {
	for _, row := range []struct {
		name, code string
		answered   time.Time
		want       string
	}{
		{"ours is behind", "RequestExpired", at().Add(7 * time.Minute), "RequestExpired (clock off by -7m0s)"},
		{"ours is ahead", "SignatureDoesNotMatch", at().Add(-time.Hour), "SignatureDoesNotMatch (clock off by 1h0m0s)"},
		{"it is right, and the key is wrong", "SignatureDoesNotMatch", at().Add(2 * time.Second), "SignatureDoesNotMatch"},
		{"the trouble is another", "ExpiredToken", at().Add(time.Hour), "ExpiredToken"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, _ := server(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", row.answered.Format(http.TimeFormat))
				refusal(403, row.code, "x")(w, r)
			})
			_, err := client(t, s.URL).Send(t.Context(), mailOf(t))
			got, ok := errors.AsType[*notice.SendError](err)
			require.True(t, ok)
			require.Equal(t, notice.SendError{Outcome: notice.OutcomeAccount, Code: row.want}, *got)
		})
	}
}

func TestAcceptedMailCarriesSetTagsAndOneRecipient(t *testing.T) {
	var form url.Values
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ParseForm() == nil {
			form = r.PostForm
		}
		_, _ = io.WriteString(w, accepted)
	}))
	t.Cleanup(s.Close)
	m := mailOf(t)
	id, err := client(t, s.URL).Send(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, "0100-example", id)
	_, hash, _ := notice.SplitID(m.Notice)
	require.Equal(t, url.Values{
		"Action": {"SendRawEmail"}, "Version": {"2010-12-01"}, "ConfigurationSetName": {"lapse"},
		"Source": {"legal@example.com"}, "Destinations.member.1": {"user@example.org"},
		"RawMessage.Data":    {"U3ViamVjdDogeA0KDQp4DQo="},
		"Tags.member.1.Name": {"notice"}, "Tags.member.1.Value": {hash},
		"Tags.member.2.Name": {"matter"}, "Tags.member.2.Value": {"mat-1"},
		"Tags.member.3.Name": {"attempt"}, "Tags.member.3.Value": {"0123456789abcdef0123456789abcdef"},
	}, form)
}

func outcome(t *testing.T, err error) notice.Outcome {
	t.Helper()
	got, ok := errors.AsType[*notice.SendError](err)
	require.True(t, ok)
	return got.Outcome
}

func TestLateAnswerIsUnknownAndOneRequest(t *testing.T) {
	read, done := make(chan struct{}), make(chan struct{})
	s, requests := server(t, func(http.ResponseWriter, *http.Request) { close(read); <-done })
	t.Cleanup(func() { close(done) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-read; cancel() }()
	_, err := client(t, s.URL).Send(ctx, mailOf(t))
	require.Equal(t, notice.SendError{Outcome: notice.OutcomeUnknown, Code: "cancelled"}, *err.(*notice.SendError))
	require.EqualValues(t, 1, requests.Load())
}

func TestDeadlineWhileWaitingForTheAnswerIsUnknown(t *testing.T) {
	done := make(chan struct{})
	s, requests := server(t, func(http.ResponseWriter, *http.Request) { <-done })
	t.Cleanup(func() { close(done) })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := client(t, s.URL).Send(ctx, mailOf(t))
	require.Equal(t, notice.SendError{Outcome: notice.OutcomeUnknown, Code: "timeout"}, *err.(*notice.SendError))
	require.EqualValues(t, 1, requests.Load())
}

func TestOutOfTimeBeforeTheRequestIsUnreached(t *testing.T) {
	s, requests := server(t, text(200, accepted))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client(t, s.URL).Send(ctx, mailOf(t))
	require.Equal(t, notice.OutcomeUnreached, outcome(t, err))
	require.Zero(t, requests.Load())
}

// refusing is the URL of a port that nobody listens at.
func refusing(t *testing.T, scheme string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return scheme + "://" + l.Addr().String()
}

func TestWhatNeverGotAConnectionIsUnreached(t *testing.T) {
	plain, requests := server(t, text(200, accepted))
	for _, row := range []struct{ name, endpoint string }{
		{"connection refused", refusing(t, "http")},
		{"TLS handshake fails", "https" + plain.URL[len("http"):]},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := client(t, row.endpoint).Send(t.Context(), mailOf(t))
			require.Equal(t, notice.OutcomeUnreached, outcome(t, err))
		})
	}
	require.Zero(t, requests.Load())
}

func TestResetInTheMiddleOfTheRequestIsUnknown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	var connections atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_, _ = io.ReadFull(c, make([]byte, 10))
			_ = c.(*net.TCPConn).SetLinger(0)
			_ = c.Close()
		}
	}()
	_, err = client(t, "http://"+l.Addr().String()).Send(t.Context(), mailOf(t))
	require.Equal(t, notice.OutcomeUnknown, outcome(t, err))
	require.EqualValues(t, 1, connections.Load())
}

func TestOneConnectionCarriesManyMails(t *testing.T) {
	var connections atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(text(200, accepted)))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := client(t, s.URL)
	for range 500 {
		_, err := c.Send(t.Context(), mailOf(t))
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, connections.Load())
}

// dialling is a client whose connections come from dial.
func dialling(t *testing.T, dial func(ctx context.Context, network, addr string) (net.Conn, error)) *sesmail.Client {
	t.Helper()
	transport := &http.Transport{DialContext: dial}
	t.Cleanup(transport.CloseIdleConnections)
	c := client(t, "http://ses.example")
	c.API = sesmail.APIOver(&http.Client{Transport: transport})
	return c
}

func TestNameThatDoesNotResolveIsUnreached(t *testing.T) {
	c := dialling(t, func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "ses.example", IsNotFound: true}
	})
	_, err := c.Send(t.Context(), mailOf(t))
	require.Equal(t, notice.SendError{Outcome: notice.OutcomeUnreached, Code: "connection failed"},
		*err.(*notice.SendError))
}

func TestDeadlineWhileDiallingIsUnreached(t *testing.T) {
	c := dialling(t, func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Send(ctx, mailOf(t))
	require.Equal(t, notice.SendError{Outcome: notice.OutcomeUnreached, Code: "timeout"}, *err.(*notice.SendError))
}

// fragile is a connection that takes nothing more once it is broken.
type fragile struct {
	net.Conn
	broken *atomic.Bool
}

func (f fragile) Write(b []byte) (int, error) {
	if f.broken.Load() {
		return 0, syscall.EPIPE
	}
	return f.Conn.Write(b)
}

func TestIdleConnectionThatTakesNothingLeavesTheMailUnreached(t *testing.T) {
	s, requests := server(t, text(200, accepted))
	var broken atomic.Bool
	dials := 0
	c := dialling(t, func(context.Context, string, string) (net.Conn, error) {
		if dials++; dials > 1 {
			return nil, syscall.ECONNREFUSED
		}
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		return fragile{conn, &broken}, err
	})
	_, err := c.Send(t.Context(), mailOf(t))
	require.NoError(t, err)
	broken.Store(true)
	_, err = c.Send(t.Context(), mailOf(t))
	require.Equal(t, notice.OutcomeUnreached, outcome(t, err))
	require.EqualValues(t, 1, requests.Load())
	require.Equal(t, 2, dials)
}

type noCredentials struct{}

func (noCredentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{}, errors.New("none")
}

// deaf is a transport that tells nothing of its connections.
type deaf struct{}

func (deaf) Do(*http.Request) (*http.Response, error) { return nil, errors.New("lost") }

func TestErrorsBeforeAnyConnection(t *testing.T) {
	t.Run("no credentials stop every mail", func(t *testing.T) {
		c := client(t, refusing(t, "http"))
		c.API = sesmail.NewAPI(aws.Config{Region: "eu-central-1", Credentials: noCredentials{}}, 1)
		_, err := c.Send(t.Context(), mailOf(t))
		require.Equal(t, notice.OutcomeAccount, outcome(t, err))
	})
	t.Run("a transport that does not tell leaves it unknown", func(t *testing.T) {
		c := client(t, refusing(t, "http"))
		c.API = sesmail.APIOver(deaf{})
		_, err := c.Send(t.Context(), mailOf(t))
		require.Equal(t, notice.OutcomeUnknown, outcome(t, err))
	})
	t.Run("a mail without a notice or a recipient is not sent", func(t *testing.T) {
		s, requests := server(t, text(200, accepted))
		for _, m := range []notice.Mail{{To: mailOf(t).To}, {Notice: "mat-1.abc"}} {
			_, err := client(t, s.URL).Send(t.Context(), m)
			require.Equal(t, notice.OutcomeRejected, outcome(t, err))
		}
		require.Zero(t, requests.Load())
	})
}

func TestQuota(t *testing.T) {
	s, _ := server(t, text(200, `<GetSendQuotaResponse><GetSendQuotaResult><Max24HourSend>50000.0</Max24HourSend>`+
		`<MaxSendRate>14.0</MaxSendRate><SentLast24Hours>127.0</SentLast24Hours>`+
		`</GetSendQuotaResult></GetSendQuotaResponse>`))
	got, err := client(t, s.URL).Quota(t.Context())
	require.NoError(t, err)
	require.Equal(t, store.Quota{PerSecond: 14, Per24h: 50000, Sent24h: 127, ReadAt: at()}, got)

	_, err = client(t, refusing(t, "http")).Quota(t.Context())
	require.ErrorContains(t, err, "read the sending quota from SES")
}
