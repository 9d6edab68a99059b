package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// The tests here run the real binary as a user does, with HTTP alone.

var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "lapse")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "lapse")
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", out, ".")
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, b)
	}
	return out, nil
})

func TestMain(m *testing.M) {
	if orders := os.Getenv(soakRole); orders != "" {
		if err := soakDispatcher(orders); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// running is a stack in a process of its own.
type running struct {
	t    *testing.T
	url  string
	cmd  *exec.Cmd
	out  *bytes.Buffer
	done chan struct{}
}

var readyLine = regexp.MustCompile(`^ready (http://\S+)/ `)

func start(t *testing.T, data string, env ...string) *running {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	r := &running{t: t, cmd: exec.Command(path, "run"), out: &bytes.Buffer{}, done: make(chan struct{})}
	r.cmd.Dir = "../../.."
	r.cmd.Env = append(os.Environ(), append([]string{"PORT=0", "DATA=" + data, "STORIES=none", "AUTOSWEEP=off",
		"LAPSE_CLOCK=2026-03-01T10:00:00Z"}, env...)...)
	pipe, err := r.cmd.StdoutPipe()
	require.NoError(t, err)
	r.cmd.Stderr = r.out
	require.NoError(t, r.cmd.Start())
	t.Cleanup(func() { r.end(os.Interrupt) })
	ready := make(chan string, 1)
	go func() {
		defer close(r.done)
		defer close(ready)
		// Everything it prints is read, so that it never blocks.
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
				ready <- m[1]
			}
		}
	}()
	r.url = <-ready
	if r.url == "" {
		r.end(os.Interrupt)
		require.Fail(t, "the stack never got ready", r.out.String())
	}
	return r
}

// end sends the signal and waits for the process to be gone.
func (r *running) end(sig os.Signal) {
	if r.cmd.ProcessState != nil {
		return
	}
	_ = r.cmd.Process.Signal(sig)
	<-r.done
	_ = r.cmd.Wait()
}

func (r *running) do(method, path, media, body string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	require.NoError(r.t, err)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(r.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(r.t, err)
	return resp.StatusCode, string(b)
}

// aMatter is the matter of the story.
const aMatter = "mat-1"

func (r *running) post(id string, e worldtest.Event) ledger.Answer {
	r.t.Helper()
	event := string(e.In(aMatter).Named(id).JSON(r.t))
	status, body := r.do("POST", "/v1/events", "application/cloudevents+json", event)
	require.Equal(r.t, http.StatusCreated, status, body)
	var a ledger.Answer
	require.NoError(r.t, json.Unmarshal([]byte(body), &a))
	return a
}

func (r *running) push(to string) {
	r.t.Helper()
	status, body := r.do("POST", "/local/clock", "application/json", to)
	require.Equal(r.t, http.StatusOK, status, body)
}

type arrived struct {
	N                         int
	To, ReceivedAt, MessageID string
	Tags                      map[string]string
}

func (r *running) inbox() []arrived {
	r.t.Helper()
	_, body := r.do("GET", "/local/inbox.json", "", "")
	var out []arrived
	require.NoError(r.t, json.Unmarshal([]byte(body), &out))
	return out
}

// twoUsers is a Californian court's warrant about u1, whose address is the first, and u2, whose address is the second.
func twoUsers() worldtest.Event {
	user := func(id, address string) worldtest.Object {
		return worldtest.With(worldtest.Subject(id), worldtest.Object{"contacts": worldtest.Contacts(address)})
	}
	return worldtest.RequestAbout(user("u1", "first"), user("u2", "second")).From(worldtest.California())
}

// bothDisclosed is a disclosure of both, an hour before the stack's clock begins.
func bothDisclosed(id string) worldtest.Event {
	return worldtest.Disclosure(id, "u1", "u2").At("2026-03-01T09:00:00Z")
}

// tellStory posts the request, the decision, the order over the first user and the disclosure of both.
func (r *running) tellStory() {
	r.post("e1", twoUsers())
	r.post("e2", worldtest.Comply())
	a := r.post("e3", worldtest.Order("ord-1", "u1").From(worldtest.California()).SignedOn("2026-02-20"))
	require.Equal(r.t, matter.OrderInForce, a.Order.State)
	require.Equal(r.t, "2026-09-01T07:00:00Z", a.Order.Until.Format("2006-01-02T15:04:05Z07:00"))
	a = r.post("e4", bothDisclosed("d1"))
	require.Len(r.t, a.Notices, 2)
}

func TestAnOrderEndsAndTheMailArrives(t *testing.T) {
	r := start(t, t.TempDir())
	r.tellStory()
	r.do("POST", "/local/sweep", "", "")
	mails := r.inbox()
	require.Len(t, mails, 1, "the user nothing covers is told at once")
	require.Equal(t, worldtest.Address("second"), mails[0].To)

	r.push(`{"to":"2026-09-01T06:59:59Z"}`)
	require.Len(t, r.inbox(), 1, "the order's last day is not over in Los Angeles")
	r.push(`{"to":"2026-09-01T07:00:00Z"}`)
	require.Len(t, r.inbox(), 1, "within the margin of the clocks")
	r.push(`{"to":"2026-09-01T07:00:05Z"}`)
	mails = r.inbox()
	require.Len(t, mails, 2)
	require.Equal(t, worldtest.Address("first"), mails[1].To)
	require.Equal(t, "2026-09-01T07:00:03", mails[1].ReceivedAt[:19], "each mail carries its own time")

	r.push(`{"advance":"P1D"}`)
	_, body := r.do("GET", "/v1/matters/mat-1", "", "")
	require.Equal(t, 2, strings.Count(body, `"state":"delivered"`), body)
}

func TestAKilledStackLosesNothingAndRepeatsNothing(t *testing.T) {
	data := t.TempDir()
	r := start(t, data)
	r.tellStory()
	r.push(`{"to":"2026-03-02T00:00:00Z"}`)
	require.Len(t, r.inbox(), 1)
	r.end(os.Kill)

	r = start(t, data, "LAPSE_CLOCK=2026-01-01T00:00:00Z")
	_, body := r.do("GET", "/local/clock", "", "")
	require.Contains(t, body, `"2026-03-02T00:00:`, "the clock goes on where it stood")
	require.Len(t, r.inbox(), 1)
	r.push(`{"to":"2026-06-01T00:00:00Z"}`)
	r.end(os.Kill)

	r = start(t, data)
	r.push(`{"to":"2026-09-02T00:00:00Z"}`)
	require.Len(t, r.inbox(), 2)
	_, body = r.do("GET", "/v1/matters/mat-1", "", "")
	require.Equal(t, 2, strings.Count(body, `"state":"delivered"`), body)
	r.end(os.Interrupt)
	require.NotContains(t, r.out.String(), "@example.com", "no process of the stack prints an address")
	noAddressIn(t, data)
}

// noAddressIn asserts that no address stands in the clear in DATA outside the inbox.
func noAddressIn(t *testing.T, data string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.IsDir() && d.Name() == "inbox" {
				return filepath.SkipDir
			}
			return err
		}
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, address := range []string{worldtest.Address("first"), worldtest.Address("second")} {
			require.False(t, bytes.Contains(b, []byte(address)), "%s holds an address", path)
		}
		return nil
	}))
}

func TestTheClockGoesForwardOnly(t *testing.T) {
	r := start(t, t.TempDir())
	status, _ := r.do("POST", "/local/clock", "application/json", `{"to":"2026-02-01T00:00:00Z"}`)
	require.Equal(t, http.StatusConflict, status)
	status, _ = r.do("POST", "/local/clock", "application/json", `{"advance":"soon"}`)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	status, body := r.do("POST", "/local/clock", "application/x-www-form-urlencoded", `advance=P1Y2M3DT4H`)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, `"2027-05-04T14:00:`)
	r.push(`{"advance":"PT0S"}`)
}

func TestAPushStopsWhereAPauseIsTriedAgain(t *testing.T) {
	r := start(t, t.TempDir())
	r.tellStory()
	status, body := r.do("POST", "/local/ses", "application/json", `{"fault":"pause"}`)
	require.Equal(t, http.StatusOK, status, body)
	r.push(`{"to":"2026-03-01T10:10:00Z"}`)
	require.Empty(t, r.inbox(), "the account is paused")
	r.push(`{"to":"2026-03-03T00:00:00Z"}`)
	mails := r.inbox()
	require.Len(t, mails, 1)
	require.Less(t, mails[0].ReceivedAt, "2026-03-01T11:30:00", "a pause is tried at least hourly, within a push too")
	_, body = r.do("GET", "/v1/matters/mat-1", "", "")
	require.Contains(t, body, `"state":"delivered"`)
}

// TestTheStoriesAreToldToTheirEnd pushes the clock through all stories at once: every notice is delivered in the end,
// and nothing the stack prints, at any level, holds an address.
func TestTheStoriesAreToldToTheirEnd(t *testing.T) {
	r := start(t, t.TempDir(), "STORIES=all", "LAPSE_LOG=debug")
	r.push(`{"advance":"P4Y"}`)
	mails := r.inbox()
	require.Len(t, mails, 17, "ten, two, one and one people; two told ahead, and one of them again afterwards")
	for _, id := range []string{"mat-2026-0117", "mat-2026-0131", "mat-2026-0144", "mat-2026-0158", "mat-2026-0172"} {
		_, body := r.do("GET", "/v1/matters/"+id, "", "")
		var v struct{ Notices []ledger.NoticeBrief }
		require.NoError(t, json.Unmarshal([]byte(body), &v))
		require.NotEmpty(t, v.Notices)
		for _, n := range v.Notices {
			require.Equal(t, notice.Delivered, n.State, "%s of %s", n.ID, id)
		}
	}
	_, agenda := r.do("GET", "/v1/agenda", "", "")
	require.JSONEq(t, `{"items":[]}`, agenda, "nothing is left to do")
	r.end(os.Interrupt)
	require.NotEmpty(t, r.out.String(), "the log level reached the stack")
	require.NotContains(t, r.out.String(), "@example.com")
}
