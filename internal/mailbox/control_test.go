package mailbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/mailbox"
)

func call(s *mailbox.Server, method, path, body string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	s.Mount(mux)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(method, path, strings.NewReader(body)))
	return answer
}

func TestInboxOverHTTP(t *testing.T) {
	s := open(t, "", newClock())
	require.JSONEq(t, `[]`, call(s, "GET", "/local/inbox.json", "").Body.String())
	id := send(t, client(t, s))
	answer := call(s, "GET", "/local/inbox.json", "")
	require.Equal(t, "application/json", answer.Header().Get("Content-Type"))
	m, _ := s.Mail(1)
	require.JSONEq(t, `[{"n":1,"to":"user@example.org","subject":"Grüße","receivedAt":"2026-03-01T10:00:00Z",
		"messageId":"`+id+`",
		"tags":{"notice":"`+m.Tags["notice"]+`","matter":"mat-1","attempt":"0123456789abcdef0123456789abcdef"},
		"configurationSet":"lapse"}]`, answer.Body.String())

	answer = call(s, "GET", "/local/inbox/1.eml", "")
	require.Equal(t, "message/rfc822", answer.Header().Get("Content-Type"))
	require.Equal(t, raw, answer.Body.String())
	for _, path := range []string{"/local/inbox/2.eml", "/local/inbox/x.eml", "/local/inbox/1"} {
		answer = call(s, "GET", path, "")
		require.Equal(t, 404, answer.Code)
		require.Equal(t, "application/problem+json", answer.Header().Get("Content-Type"))
	}
}

func TestFaultsAndEventsOverHTTP(t *testing.T) {
	c := newClock()
	s := open(t, "", c)
	ses := client(t, s)
	answer := call(s, "POST", "/local/ses", `{"fault":"throttle"}`)
	require.Equal(t, 200, answer.Code)
	require.JSONEq(t, `{"fault":"throttle","times":1}`, answer.Body.String())
	_, err := ses.Send(t.Context(), mailOf(t, "u1"))
	require.Error(t, err)
	id := send(t, ses)

	answer = call(s, "POST", "/local/ses/events", `{"messageId":"`+id+`","event":"bounce","bounceType":"Transient"}`)
	require.Equal(t, 200, answer.Code)
	require.Equal(t, []string{"Send " + id, "Bounce " + id}, names(deliver(t, s, c.push(time.Hour))))

	require.Equal(t, 200, call(s, "POST", "/local/ses/events", `{"auto":false}`).Code)
	send(t, ses)
	_, pending := s.Pending()
	require.False(t, pending)
}

func TestBadInputIsAProblemWithPointers(t *testing.T) {
	s := open(t, "", newClock())
	id := send(t, client(t, s))
	for _, row := range []struct {
		name, path, body string
		status           int
		pointers         []string
	}{
		{"not JSON", "/local/ses", `fault=slow`, 400, nil},
		{"not an object", "/local/ses", `[]`, 400, nil},
		{"null", "/local/ses/events", `null`, 400, nil},
		{"too large", "/local/ses", `{"fault":"` + strings.Repeat("x", 70_000) + `"}`, 413, nil},
		{"a key twice", "/local/ses", `{"fault":"slow","fault":"none"}`, 422, []string{"/fault"}},
		{"text after it", "/local/ses", `{"fault":"slow"} {}`, 400, nil},
		{"no fault", "/local/ses", `{}`, 422, []string{"/fault"}},
		{"unknown fault", "/local/ses", `{"fault":"thunder"}`, 422, []string{"/fault"}},
		{"zero times", "/local/ses", `{"fault":"slow","times":0}`, 422, []string{"/times"}},
		{"everything wrong at once", "/local/ses", `{"fault":1,"times":"3","ti/mes":3}`, 422,
			[]string{"/fault", "/times", "/ti~1mes"}},
		{"other case", "/local/ses", `{"Fault":"slow"}`, 422, []string{"/Fault", "/fault"}},
		{"unknown mail", "/local/ses/events", `{"messageId":"x","event":"bounce"}`, 422, []string{"/messageId"}},
		{"unknown event", "/local/ses/events", `{"messageId":"` + id + `","event":"thunder"}`, 422, []string{"/event"}},
		{"no event", "/local/ses/events", `{"messageId":"` + id + `"}`, 422, []string{"/event"}},
		{"auto of another type", "/local/ses/events", `{"auto":null}`, 422, []string{"/auto"}},
		{"auto and more", "/local/ses/events", `{"auto":true,"event":"bounce"}`, 422, []string{"/event"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := call(s, "POST", row.path, row.body)
			require.Equal(t, row.status, answer.Code)
			require.Equal(t, "application/problem+json", answer.Header().Get("Content-Type"))
			var p struct {
				Status int
				Title  string
				Errors []struct{ Pointer string }
			}
			require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &p))
			require.Equal(t, row.status, p.Status)
			require.NotEmpty(t, p.Title)
			var pointers []string
			for _, e := range p.Errors {
				pointers = append(pointers, e.Pointer)
			}
			require.Equal(t, row.pointers, pointers)
		})
	}
}

func TestTextOfAMail(t *testing.T) {
	const head = "From: legal@example.com\r\nTo: user@example.org\r\nSubject: x\r\n"
	for _, row := range []struct{ name, raw, want, err string }{
		{name: "plain", raw: head + "\r\nHello.\r\n", want: "Hello.\r\n"},
		{name: "quoted-printable",
			raw: head +
				"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe, " +
				"=\r\nEuch\r\n", want: "Grüße, Euch\r\n"},
		{name: "base64 in an alternative", want: "Grüße",
			raw: head +
				"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: " +
				"text/html\r\n\r\n<p>no\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: " +
				"base64\r\n\r\nR3LD\r\nvMOfZQ==\r\n--b--\r\n"},
		{name: "an alternative inside another", want: "inner",
			raw: head +
				"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/alternative; " +
				"boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\ninner\r\n--b--\r\n--a--\r\n"},
		{name: "HTML only", raw: head + "Content-Type: text/html\r\n\r\n<p>x", err: "no such part"},
		{name: "parts without a boundary", raw: head + "Content-Type: multipart/mixed\r\n\r\nx", err: "boundary"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, "", newClock())
			s.ServeHTTP(httptest.NewRecorder(), form(map[string][]string{"RawMessage.Data": encoded(row.raw)}))
			if page, err := s.HTML(1); strings.Contains(row.raw, "<p>") {
				require.NoError(t, err)
				require.Equal(t, "<p>", page[:3])
			} else {
				require.Error(t, err)
			}
			got, err := s.Text(1)
			if row.err != "" {
				require.ErrorContains(t, err, row.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, row.want, got)
		})
	}
	_, err := open(t, "", newClock()).HTML(1)
	require.ErrorIs(t, err, mailbox.ErrNoMail)
	_, err = open(t, "", newClock()).Text(1)
	require.ErrorIs(t, err, mailbox.ErrNoMail)
}
