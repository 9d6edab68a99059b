package mailbox_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"lapse/internal/mailbox"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/sesmail"
	"lapse/internal/store"
)

// clock stands still until it is pushed.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) push(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

func open(t testing.TB, dir string, c *clock) *mailbox.Server {
	t.Helper()
	s, err := mailbox.Open(mailbox.Config{Dir: dir, Now: c.Now, Identities: []string{"example.com"},
		ConfigurationSets: []string{"lapse"}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// client is the real SES client of the dispatcher, pointed at the stand-in.
func client(t testing.TB, s *mailbox.Server) *sesmail.Client {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	from, err := matter.ParseAddress("legal@example.com")
	require.NoError(t, err)
	cfg := aws.Config{Region: "eu-central-1", BaseEndpoint: aws.String(server.URL),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	return &sesmail.Client{API: sesmail.NewAPI(cfg, 4), From: from, ConfigurationSet: "lapse", Now: newClock().Now}
}

const raw = "From: Legal <legal@example.com>\r\nTo: user@example.org\r\nSubject: " +
	"=?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello.\r\n"

func mailOf(t testing.TB, subject string) notice.Mail {
	t.Helper()
	to, err := matter.ParseAddress("user@example.org")
	require.NoError(t, err)
	return notice.Mail{To: to, Raw: []byte(raw), Notice: notice.ID(nil, "mat-1", "d1", subject),
		Attempt: "0123456789abcdef0123456789abcdef"}
}

func send(t testing.TB, c *sesmail.Client) string {
	t.Helper()
	id, err := c.Send(t.Context(), mailOf(t, "u1"))
	require.NoError(t, err)
	return id
}

func TestAcceptedMailIsKeptAsItCame(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		t.Run("folder "+fmt.Sprint(dir != ""), func(t *testing.T) {
			c := newClock()
			s := open(t, dir, c)
			id := send(t, client(t, s))
			_, hash, _ := notice.SplitID(mailOf(t, "u1").Notice)
			want := mailbox.Mail{N: 1, To: "user@example.org", Subject: "Grüße", ReceivedAt: c.Now(), MessageID: id,
				Tags: map[string]string{"notice": hash, "matter": "mat-1",
					"attempt": "0123456789abcdef0123456789abcdef"},
				ConfigurationSet: "lapse"}
			require.Equal(t, []mailbox.Mail{want}, s.Mails())
			got, ok := s.Mail(1)
			require.True(t, ok)
			require.Equal(t, want, got)
			b, err := s.Raw(1)
			require.NoError(t, err)
			require.Equal(t, raw, string(b))
			_, ok = s.Mail(2)
			require.False(t, ok)
			_, err = s.Raw(0)
			require.ErrorIs(t, err, mailbox.ErrNoMail)
		})
	}
}

func TestEveryFaultAsTheDispatcherSeesIt(t *testing.T) {
	for _, row := range []struct {
		fault mailbox.Fault
		want  notice.SendError
		kept  int
	}{
		{mailbox.Throttle, notice.SendError{Outcome: notice.OutcomeThrottled, Code: "Throttling"}, 0},
		{mailbox.Reject, notice.SendError{Outcome: notice.OutcomeRejected, Code: "MessageRejected"}, 0},
		{mailbox.Pause, notice.SendError{Outcome: notice.OutcomeAccount, Code: "AccountSendingPausedException"}, 0},
		{mailbox.Error500, notice.SendError{Outcome: notice.OutcomeUnknown, Code: "InternalFailure"}, 0},
		{mailbox.DropAfterAccept, notice.SendError{Outcome: notice.OutcomeUnknown, Code: "connection failed"}, 1},
		{mailbox.Slow, notice.SendError{Outcome: notice.OutcomeUnknown, Code: "timeout"}, 1},
	} {
		t.Run(string(row.fault), func(t *testing.T) {
			s := open(t, "", newClock())
			c := client(t, s)
			require.NoError(t, s.SetFault(row.fault, 1))
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			_, err := c.Send(ctx, mailOf(t, "u1"))
			got, ok := errors.AsType[*notice.SendError](err)
			require.True(t, ok)
			require.Equal(t, row.want, *got)
			require.Len(t, s.Mails(), row.kept)
			send(t, c)
			require.Len(t, s.Mails(), row.kept+1, "one answer misbehaves, the next does not")
		})
	}
}

func TestFaultLastsAsManyAnswersAsToldAndQuotaCostsNone(t *testing.T) {
	s := open(t, "", newClock())
	c := client(t, s)
	require.NoError(t, s.SetFault(mailbox.Throttle, 2))
	for _, want := range []bool{false, false, true} {
		_, err := c.Quota(t.Context())
		require.NoError(t, err)
		_, err = c.Send(t.Context(), mailOf(t, "u1"))
		require.Equal(t, want, err == nil)
	}
	require.NoError(t, s.SetFault(mailbox.Pause, 9))
	require.NoError(t, s.SetFault(mailbox.NoFault, 0))
	send(t, c)
	require.Error(t, s.SetFault("lightning", 1))
	require.Error(t, s.SetFault(mailbox.Slow, 0))
}

func form(changes url.Values) *http.Request {
	f := url.Values{"Action": {"SendRawEmail"}, "Version": {"2010-12-01"}, "Source": {"legal@example.com"},
		"Destinations.member.1": {"user@example.org"}, "RawMessage.Data": {base64.StdEncoding.EncodeToString([]byte(raw))}}
	for k, v := range changes {
		f[k] = v
		if v == nil {
			delete(f, k)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestSlowAnswerComesAfterTwoSecondsOrAtTheClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "", newClock())
		require.NoError(t, s.SetFault(mailbox.Slow, 2))
		start := time.Now()
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, form(nil))
		require.Equal(t, 2*time.Second, time.Since(start))
		require.Equal(t, 200, answer.Code)

		go func() {
			synctest.Wait()
			_ = s.Close()
		}()
		start = time.Now()
		s.ServeHTTP(httptest.NewRecorder(), form(nil))
		require.Zero(t, time.Since(start))
	})
}

func TestQuotaCountsTheMailsOfADay(t *testing.T) {
	c := newClock()
	s := open(t, "", c)
	ses := client(t, s)
	send(t, ses)
	c.push(23 * time.Hour)
	send(t, ses)
	c.push(2 * time.Hour)
	got, err := ses.Quota(t.Context())
	require.NoError(t, err)
	require.Equal(t, store.Quota{PerSecond: 10_000, Per24h: 864_000_000, Sent24h: 1, ReadAt: newClock().Now()}, got)
}

// The folder is opened again without closing it first, as after a kill.
func TestRestartAfterAKillKeepsEverything(t *testing.T) {
	dir, c := t.TempDir(), newClock()
	before := open(t, dir, c)
	ses := client(t, before)
	first, second := send(t, ses), send(t, ses)
	require.Len(t, deliver(t, before, c.Now()), 2, "both were sent")
	require.NoError(t, before.Tell(mailbox.Telling{MessageID: second, Event: "bounce", BounceType: "Transient",
		BounceSubType: "MailboxFull"}))
	require.NoError(t, before.SetAuto(false))
	send(t, ses)

	index := filepath.Join(dir, "index.jsonl")
	f, err := os.OpenFile(index, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"mail":{"n":4,"to":"us`)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	after := open(t, dir, c)
	require.Equal(t, before.Mails(), after.Mails())
	b, err := after.Raw(2)
	require.NoError(t, err)
	require.Equal(t, raw, string(b))
	got := deliver(t, after, c.push(2*time.Second))
	require.Equal(t, []string{"Bounce " + second, "Delivery " + first}, names(got))
	require.Equal(t, "MailboxFull", got[0].Bounce.BounceSubType)
	_, pending := after.Pending()
	require.False(t, pending)

	fourth := send(t, client(t, after))
	again := open(t, dir, c)
	require.Len(t, again.Mails(), 4)
	m, _ := again.Mail(4)
	require.Equal(t, fourth, m.MessageID)
	_, pending = again.Pending()
	require.False(t, pending, "auto is still off, and what was handed out stays so")
}

func TestDamagedFolderIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.jsonl"), []byte("{}\nnonsense\n{}\n"), 0o600))
	_, err := mailbox.Open(mailbox.Config{Dir: dir, Now: newClock().Now})
	require.ErrorContains(t, err, "read line 2")
	_, err = mailbox.Open(mailbox.Config{Dir: filepath.Join(dir, "index.jsonl"), Now: newClock().Now})
	require.Error(t, err)
}

func TestMailThatCannotBeKeptIsNotAccepted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, newClock())
	require.NoError(t, os.Mkdir(filepath.Join(dir, "0000001.eml"), 0o700))
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, form(nil))
	require.Equal(t, 500, answer.Code)
	require.Empty(t, s.Mails())

	require.NoError(t, s.Close())
	answer = httptest.NewRecorder()
	s.ServeHTTP(answer, form(nil))
	require.Equal(t, 500, answer.Code)
}

func TestHookSeesEachMail(t *testing.T) {
	var seen []string
	s, err := mailbox.Open(mailbox.Config{Now: newClock().Now, Identities: []string{"legal@example.com"},
		Accepted: func(m mailbox.Mail, b []byte) { seen = append(seen, fmt.Sprint(m.N, string(b) == raw)) }})
	require.NoError(t, err)
	for range 2 {
		s.ServeHTTP(httptest.NewRecorder(), form(nil))
	}
	require.Equal(t, []string{"1 true", "2 true"}, seen)
}

// event is what the tests read of a detail.
type event struct {
	EventType string
	Mail      struct {
		MessageID   string `json:"messageId"`
		Timestamp   time.Time
		Source      string
		Destination []string
		Tags        map[string][]string
	}
	Bounce struct {
		BounceType, BounceSubType string
		Timestamp                 time.Time
	}
}

func names(events []event) []string {
	out := make([]string, len(events))
	for i, e := range events {
		out[i] = e.EventType + " " + e.Mail.MessageID
	}
	return out
}

// deliver takes every event that is due.
func deliver(t *testing.T, s *mailbox.Server, now time.Time) []event {
	t.Helper()
	var out []event
	require.NoError(t, s.Deliver(t.Context(), now, func(_ context.Context, detail []byte) error {
		var e event
		out = append(out, e)
		return json.Unmarshal(detail, &out[len(out)-1])
	}))
	return out
}

func BenchmarkAccept(b *testing.B) {
	s := open(b, "", newClock())
	body := url.Values{"Action": {"SendRawEmail"}, "Source": {"legal@example.com"},
		"Destinations.member.1": {"user@example.org"},
		"ConfigurationSetName":  {"lapse"}, "RawMessage.Data": {base64.StdEncoding.EncodeToString([]byte(raw +
			strings.Repeat("Text. ", 500)))}}.Encode()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
