// Package mailbox is a stand-in for Amazon SES, for tests and the local stack. It speaks the query protocol of SES' v1
// API, keeps every mail as it came (raw bytes, tags, configuration set, order of arrival), enforces the documented
// limits, can be told to misbehave, and owes the events that SES would report. It plays the outside world: what it
// keeps holds addresses in the clear, but it logs nothing.
package mailbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"
)

// deliveryAfter is how long after it was accepted a mail is reported delivered, unless told otherwise.
const deliveryAfter = 2 * time.Second

// Config says how the stand-in is set up.
type Config struct {
	// Dir is the folder that keeps the mails; it is made if missing, and only one Server may use it at a time. Empty:
	// memory only.
	Dir string
	// Now is the clock that stamps mails and events.
	Now func() time.Time
	// Identities are the verified senders, addresses or domains (with their subdomains), in lower case.
	Identities []string
	// ConfigurationSets are the sets that exist. As with SES, a mail without a set has no events.
	ConfigurationSets []string
	// Accepted, if set, is called with each mail after it was kept and before it is answered, by the goroutine of its
	// request. raw must not be changed.
	Accepted func(m Mail, raw []byte)
}

// Mail is one accepted mail. N counts from 1 in order of arrival.
type Mail struct {
	N int `json:"n"`
	// To is the recipient as handed over, several separated by ", ".
	To      string `json:"to"`
	Subject string `json:"subject"`
	// ReceivedAt is by the Config's clock, in UTC.
	ReceivedAt       time.Time         `json:"receivedAt"`
	MessageID        string            `json:"messageId"`
	Tags             map[string]string `json:"tags"`
	ConfigurationSet string            `json:"configurationSet"`
}

// stored is a mail with what only its events need.
type stored struct {
	Mail
	Source       string   `json:"source"`
	From         string   `json:"from"`
	Destinations []string `json:"destinations"`
	// raw is kept in memory only where there is no folder.
	raw []byte
}

// Server is the stand-in. As an http.Handler it is SES; Mount adds what a person or a test uses. Make it with Open. It
// is safe for concurrent use.
type Server struct {
	cfg    Config
	closed chan struct{}
	once   sync.Once
	// delivering is held while events are handed out, so that they keep their order.
	delivering sync.Mutex

	mu      sync.Mutex
	journal *journal // nil in memory
	mails   []stored
	byID    map[string]int
	owed    agenda
	auto    bool
	fault   Fault
	times   int
}

// Open makes a Server, with everything its folder keeps: mails, events not yet handed out, and whether they are owed by
// themselves. A last entry that a crash cut off is dropped; SES' client never got an answer for it.
func Open(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg, closed: make(chan struct{}), byID: make(map[string]int), owed: newAgenda(), auto: true,
		fault: NoFault}
	if cfg.Dir == "" {
		return s, nil
	}
	j, err := openJournal(cfg.Dir, s.apply)
	if err != nil {
		return nil, fmt.Errorf("open the mailbox: %w", err)
	}
	s.journal = j
	return s, nil
}

// Close ends answers that are held back and closes the folder. Nothing is accepted afterwards.
func (s *Server) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closed)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.journal != nil {
			err = s.journal.close()
		}
	})
	return err
}

// record is one change of the Server's state, and one line of the journal.
type record struct {
	Mail *stored `json:"mail,omitempty"`
	Owe  []owed  `json:"owe,omitempty"`
	// Done are the ids of events that were handed out or replaced.
	Done []int `json:"done,omitempty"`
	Auto *bool `json:"auto,omitempty"`
}

// apply makes the change in memory; it is all that opening a folder does with its lines. The lock is held.
func (s *Server) apply(r record) {
	if r.Mail != nil {
		s.mails = append(s.mails, *r.Mail)
		s.byID[r.Mail.MessageID] = r.Mail.N
	}
	for _, id := range r.Done {
		s.owed.remove(id)
	}
	for _, e := range r.Owe {
		s.owed.add(e)
	}
	if r.Auto != nil {
		s.auto = *r.Auto
	}
}

// commit keeps the change and then makes it. The lock is held.
func (s *Server) commit(r record) error {
	if s.journal != nil {
		if err := s.journal.append(r); err != nil {
			return err
		}
	}
	s.apply(r)
	return nil
}

var errClosed = errors.New("the mailbox is closed")

// accept keeps a mail and owes its events.
func (s *Server) accept(m stored) (stored, error) {
	raw := m.raw
	m.MessageID = fmt.Sprintf("0100%x-000000", random())
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return m, errClosed
	default:
	}
	m.N = len(s.mails) + 1
	m.ReceivedAt = s.cfg.Now().UTC()
	if s.journal != nil {
		if err := s.journal.writeMail(m.N, raw); err != nil {
			return m, err
		}
		m.raw = nil
	}
	r := record{Mail: &m}
	if s.auto && m.ConfigurationSet != "" {
		r.Owe = m.reports(s.owed.next)
	}
	return m, s.commit(r)
}

func random() []byte {
	b := make([]byte, 16)
	rand.Read(b)
	return b
}

// Mails returns all mails in order of arrival.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Mail, len(s.mails))
	for i, m := range s.mails {
		out[i] = m.Mail
	}
	return out
}

// Mail returns the n-th mail, and whether there is one.
func (s *Server) Mail(n int) (Mail, bool) {
	m, ok := s.stored(n)
	return m.Mail, ok
}

func (s *Server) stored(n int) (stored, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < 1 || n > len(s.mails) {
		return stored{}, false
	}
	return s.mails[n-1], true
}

// ErrNoMail: there is no mail of that number or message id.
var ErrNoMail = errors.New("no such mail")

// Raw returns the n-th mail as it was handed over, byte for byte. ErrNoMail: there is none.
func (s *Server) Raw(n int) ([]byte, error) {
	m, ok := s.stored(n)
	switch {
	case !ok:
		return nil, fmt.Errorf("read mail %d: %w", n, ErrNoMail)
	case s.journal == nil:
		return m.raw, nil
	}
	return s.journal.readMail(n)
}

// SetAuto says whether mails accepted from now on are reported sent at once and delivered two seconds later without
// anybody telling. It is on at first, and kept in the folder.
func (s *Server) SetAuto(on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commit(record{Auto: &on})
}

// Pending returns the instant of the next event, and whether one is owed.
func (s *Server) Pending() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.owed.first()
	return e.At, ok
}

// Deliver hands every event that is due at now to sink, in order, as the detail of its EventBridge event. One is
// removed only after sink took it, so after a crash sink may get it again, as from EventBridge. The first error ends
// the round.
func (s *Server) Deliver(ctx context.Context, now time.Time,
	sink func(ctx context.Context, detail []byte) error) error {
	s.delivering.Lock()
	defer s.delivering.Unlock()
	for ctx.Err() == nil {
		e, ok := s.due(now)
		if !ok {
			return nil
		}
		detail, err := s.detail(e)
		if err == nil {
			err = sink(ctx, detail)
		}
		if err == nil {
			err = s.settle(e.ID)
		}
		if err != nil {
			return fmt.Errorf("hand out the %s event of mail %d: %w", e.Event, e.N, err)
		}
	}
	return ctx.Err()
}

func (s *Server) due(now time.Time) (owed, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.owed.first()
	return e, ok && !e.At.After(now)
}

// settle removes an event, unless it was replaced while it was handed out.
func (s *Server) settle(id int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.owed.has(id) {
		return nil
	}
	return s.commit(record{Done: []int{id}})
}

// sentSince counts the mails accepted after t.
func (s *Server) sentSince(t time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mails) - sort.Search(len(s.mails), func(i int) bool { return s.mails[i].ReceivedAt.After(t) })
}
