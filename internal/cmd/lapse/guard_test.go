package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheStackAnswersItsOwnHostAndPagesOnly(t *testing.T) {
	reached := 0
	h, err := guard(8080, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	require.NoError(t, err)
	ask := func(method, host string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/local/clock", nil)
		r.Host = host
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, host := range []string{"127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080"} {
		require.Equal(t, http.StatusOK, ask(http.MethodGet, host).Code, host)
	}
	for _, host := range []string{"", "evil.example", "evil.example:8080", "localhost", "127.0.0.1:8081",
		"localhost.evil.example:8080", "[::1]", "0.0.0.0:8080"} {
		w := ask(http.MethodGet, host)
		require.Equal(t, http.StatusMisdirectedRequest, w.Code, host)
		require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	}
	const own = "127.0.0.1:8080"
	for name, headers := range map[string][]string{
		"a program":                  nil,
		"an own page":                {"Origin", "http://" + own, "Sec-Fetch-Site", "same-origin"},
		"an own page, old browser":   {"Origin", "http://" + own},
		"an own page, other name":    {"Origin", "http://localhost:8080", "Sec-Fetch-Site", "cross-site"},
		"typed into the address bar": {"Sec-Fetch-Site", "none"},
	} {
		require.Equal(t, http.StatusOK, ask(http.MethodPost, own, headers...).Code, name)
	}
	before := reached
	for name, headers := range map[string][]string{
		"another site":                {"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
		"another site, old browser":   {"Origin", "https://evil.example"},
		"another port":                {"Origin", "http://127.0.0.1:3000", "Sec-Fetch-Site", "same-site"},
		"a sandboxed frame or a file": {"Origin", "null"},
		"a form without Origin":       {"Sec-Fetch-Site", "cross-site"},
	} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
			w := ask(method, own, headers...)
			require.Equal(t, http.StatusForbidden, w.Code, name)
			require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		}
	}
	require.Equal(t, before, reached)
}

func TestASlowBodyTimesOutAndASlowAnswerDoesNot(t *testing.T) {
	const limit = 100 * time.Millisecond
	server := httptest.NewServer(patient(limit, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "slow", http.StatusBadRequest)
			return
		}
		select { // a push of the clock works for longer than a body may take
		case <-r.Context().Done():
			http.Error(w, "cut off", http.StatusInternalServerError)
		case <-time.After(3 * limit):
			_, _ = io.WriteString(w, "arrived")
		}
	})))
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf")
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, res.StatusCode)
	require.NoError(t, res.Body.Close())

	res, err = http.Post(server.URL, "text/plain", strings.NewReader("whole"))
	require.NoError(t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, "arrived", string(text))
}

func TestAPushIsReadAsStrictlyAsAnEvent(t *testing.T) {
	read := func(media, body string) (pushed, error) {
		r := httptest.NewRequest(http.MethodPost, "/local/clock?advance=P1Y", strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		p, _, err := readPush(r)
		if err == nil {
			_, err = p.target(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
		}
		return p, err
	}
	const form = "application/x-www-form-urlencoded"
	part := func(name string) string {
		return fmt.Sprintf("--x\r\nContent-Disposition: form-data; name=%q\r\n\r\nP1D\r\n", name)
	}
	for _, good := range [][2]string{
		{"application/json", `{"advance":"P1D"}`}, {"", `{"advance":"P1D"}`}, {form, ` {"advance":"P1D"}`}, {form,
			"advance=P1D"},
		{"multipart/form-data; boundary=x", part("advance") + "--x--\r\n"},
	} {
		p, err := read(good[0], good[1])
		require.NoError(t, err, good[1])
		require.Equal(t, pushed{Advance: "P1D"}, p)
	}
	p, err := read(form, `{"to":"2026-09-01T07:00:05+02:00"}`)
	require.NoError(t, err, "a plus sign in JSON is no blank")
	require.Equal(t, "2026-09-01T07:00:05+02:00", p.To)
	for _, bad := range [][2]string{
		{"application/json", `{"Advance":"P1D"}`}, {"application/json",
			`{"advance":"P1D","advance":"P2D"}`}, {"application/json", `{"advance":"P1D"} {}`},
		{"application/json", `{"advance":"P1D","force":true}`}, {"application/json",
			`{"advance":"P1D","to":""}`}, {"application/json", `{"advance":7}`},
		{"application/json", `{"advance":null}`}, {"application/json", `{}`}, {"application/json", ``}, {"application/json",
			`[]`},
		{"application/json", `{"advance":"P1D","to":"2027-01-01T00:00:00Z"}`}, {form, "advance=P1D&advance=P2D"}, {form,
			"advance=P1D&x=1"}, {form, ""},
		{form, "Advance=P1D"}, {form, `{"advance":"P1D","advance":"P2D"}`}, {"multipart/form-data; boundary=x",
			part("advance") + part("advance") + "--x--\r\n"},
		{"application/json", `{"advance":"P6975Y"}`}, {"application/json",
			`{"to":"9001-01-01T00:00:00Z"}`}, {"application/json", `{"to":"9000-12-31T23:30:00-01:00"}`},
		{"application/json", `{"advance":"P9000Y"}`},
	} {
		_, err := read(bad[0], bad[1])
		require.Error(t, err, bad[1])
	}
}

func TestNoPushLeavesAFolderThatCannotStart(t *testing.T) {
	data := t.TempDir()
	r := start(t, data)
	for _, far := range []string{`{"to":"9001-01-01T00:00:00Z"}`, `{"to":"9999-12-31T23:59:59Z"}`, `{"advance":"P7973Y"}`,
		`{"advance":"P99999Y"}`} {
		status, body := r.do("POST", "/local/clock", "application/json", far)
		require.Equal(t, http.StatusUnprocessableEntity, status, body)
	}
	status, body := r.do("POST", "/local/clock", "application/json", `{"to":"9000-12-31T23:59:50Z"}`)
	require.Equal(t, http.StatusOK, status, body)
	status, _ = r.do("POST", "/local/clock", "application/json", `{"advance":"PT1M"}`)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	r.post("e1", twoUsers())
	r.do("POST", "/local/sweep", "", "")
	r.end(os.Kill)

	r = start(t, data)
	_, body = r.do("GET", "/local/clock", "", "")
	require.Regexp(t, `"(9000-12-31T23:59:5|9001-01-01T00:0)`, body, "it goes on from there")
	status, body = r.do("GET", "/v1/matters/mat-1", "", "")
	require.Equal(t, http.StatusOK, status, body)

	c := &runCommand{Clock: "9001-01-01T00:00:00Z"}
	_, err := c.first()
	require.ErrorIs(t, err, errFar)
}
