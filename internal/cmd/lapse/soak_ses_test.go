package main

import (
	"context"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/delivery"
)

// soakSES stands in for SES without keeping mails: it counts them a notice, errs in every way SES can, and reports what
// it accepted to delivery, some of it twice, some never.
type soakSES struct {
	url      string
	mean     int
	delivery *delivery.Service
	// more is signalled whenever some more mails were accepted.
	more chan struct{}
	// calm ends the errors and the signals.
	calm atomic.Bool

	mu    sync.Mutex
	mails map[string]int
	// watched are the matters under an order, came the attempts whose mails about them SES was handed, with the matter.
	watched  map[string]bool
	came     map[string]string
	total    int
	until    int // the next signal
	signs    chan []byte
	reporter sync.WaitGroup
	pending  sync.WaitGroup
	failed   error
}

func newSoakSES(t *testing.T, mean int, d *delivery.Service) *soakSES {
	s := &soakSES{mean: mean, delivery: d, more: make(chan struct{}, 1), mails: map[string]int{},
		watched: map[string]bool{}, came: map[string]string{}, until: jolt(mean), signs: make(chan []byte, 1<<16)}
	server := httptest.NewServer(s)
	s.url = server.URL
	for range 4 {
		s.reporter.Go(s.report)
	}
	t.Cleanup(func() {
		server.Close()
		close(s.signs)
		s.reporter.Wait()
	})
	return s
}

// ServeHTTP answers SendRawEmail and GetSendQuota of SES' query protocol.
func (s *soakSES) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "form", http.StatusBadRequest)
		return
	}
	if r.PostForm.Get("Action") == "GetSendQuota" {
		fmt.Fprint(w, `<GetSendQuotaResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><GetSendQuotaResult>`+
			`<Max24HourSend>-1</Max24HourSend><MaxSendRate>10000</MaxSendRate>`+
			`<SentLast24Hours>0</SentLast24Hours></GetSendQuotaResult></GetSendQuotaResponse>`)
		return
	}
	s.look(tags(r.PostForm))
	chance := mrand.IntN(1000)
	if s.calm.Load() {
		chance = 1000
	}
	switch {
	case chance < 20:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">`+
			`<Error><Type>Sender</Type><Code>Throttling</Code>`+
			`<Message>Maximum sending rate exceeded.</Message></Error></ErrorResponse>`)
	case chance < 30: // refused, and nobody can tell
		w.WriteHeader(http.StatusServiceUnavailable)
	case chance < 50: // taken, and the answer says otherwise
		s.accept(r.PostForm, 200)
		w.WriteHeader(http.StatusInternalServerError)
	case chance < 70: // taken, and the answer is lost
		s.accept(r.PostForm, 200)
		panic(http.ErrAbortHandler)
	default:
		fmt.Fprintf(w, `<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">`+
			`<SendRawEmailResult><MessageId>%s</MessageId></SendRawEmailResult></SendRawEmailResponse>`,
			s.accept(r.PostForm, 10))
	}
}

// tags are the message tags of a mail.
func tags(form url.Values) map[string][]string {
	tags := map[string][]string{}
	for i := 1; form.Get(fmt.Sprintf("Tags.member.%d.Name", i)) != ""; i++ {
		tags[form.Get(fmt.Sprintf("Tags.member.%d.Name", i))] = []string{form.Get(fmt.Sprintf("Tags.member.%d.Value", i))}
	}
	return tags
}

// watch says whether an order stands against a matter.
func (s *soakSES) watch(matter string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watched[matter] = on
}

// look keeps which attempt a mail is of if an order stands against its matter, whatever then becomes of the mail.
func (s *soakSES) look(tags map[string][]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if matter := tags["matter"][0]; s.watched[matter] {
		s.came[tags["attempt"][0]] = matter
	}
}

// cameUnderOrder reports whether the attempt's mail was handed over while an order stood against its matter.
func (s *soakSES) cameUnderOrder(attempt string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.came[attempt] != ""
}

// underOrder is how many mails of a matter were handed over while an order stood against it.
func (s *soakSES) underOrder(matter string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, of := range s.came {
		if of == matter {
			n++
		}
	}
	return n
}

// accept takes a mail: it is counted, and what SES would report about it goes to the reporters, but for the given
// number of mails in a thousand: SES reports best effort.
func (s *soakSES) accept(form url.Values, unheard int) string {
	tags := tags(form)
	s.mu.Lock()
	s.mails[tags["matter"][0]+"."+tags["notice"][0]]++
	s.total++
	id := fmt.Sprintf("soak-%d", s.total)
	if s.total >= s.until && !s.calm.Load() {
		s.until = s.total + jolt(s.mean)
		select {
		case s.more <- struct{}{}:
		default:
		}
	}
	s.mu.Unlock()
	chance := mrand.IntN(1000)
	if chance < unheard {
		return id
	}
	for _, event := range []string{"Send", "Delivery"} {
		if event == "Delivery" && chance >= 990 {
			continue
		}
		sign, err := json.Marshal(map[string]any{"eventType": event, "mail": map[string]any{"messageId": id, "tags": tags}})
		if err != nil {
			panic(err)
		}
		for range 1 + chance%2 { // every other comes twice
			s.pending.Add(1)
			s.signs <- sign
		}
	}
	return id
}

// report hands signs to delivery.
func (s *soakSES) report() {
	for sign := range s.signs {
		if err := s.delivery.Take(context.Background(), sign); err != nil {
			s.mu.Lock()
			s.failed = err
			s.mu.Unlock()
		}
		s.pending.Done()
	}
}

// drain waits until every sign so far was taken.
func (s *soakSES) drain(t *testing.T) {
	s.pending.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.NoError(t, s.failed)
}

// count is how many mails were accepted.
func (s *soakSES) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// accepted is how many mails of one notice were.
func (s *soakSES) accepted(notice string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails[notice]
}
