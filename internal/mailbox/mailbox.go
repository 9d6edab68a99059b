// Package mailbox is a stand-in for Amazon SES, for tests and the local stack. It speaks the query protocol of SES' v1
// API and enforces the documented limits. It keeps every mail as it came: raw bytes, tags, configuration set, order of
// arrival. It can be made to misbehave, and it reports the events that SES would report. It plays the outside world, so
// it keeps addresses in the clear. It logs nothing.
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

// deliveryAfter is the time from a mail's acceptance to its automatic delivery report.
const deliveryAfter = 2 * time.Second

// Config configures the stand-in.
type Config struct {
	// Dir is the folder that keeps the mails. Open makes it if it is missing. Only one Server may use it at a time. If Dir
	// is empty, mails are kept in memory only.
	Dir string
	// Now is the clock that dates mails and events.
	Now func() time.Time
	// Identities are the verified senders: addresses or domains (with their subdomains), in lower case.
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
	// To is the recipient as SES got it. Several are separated by ", ".
	To      string `json:"to"`
	Subject string `json:"subject"`
	// ReceivedAt is by the Config's clock, in UTC.
	ReceivedAt       time.Time         `json:"receivedAt"`
	MessageID        string            `json:"messageId"`
	Tags             map[string]string `json:"tags"`
	ConfigurationSet string            `json:"configurationSet"`
}

// stored is a mail with the fields that only its events need.
type stored struct {
	Mail
	Source       string   `json:"source"`
	From         string   `json:"from"`
	Destinations []string `json:"destinations"`
	// raw is set only if there is no folder.
	raw []byte
}

// Server is the stand-in. As an http.Handler it is SES; Mount adds the endpoints for people and tests. Open makes it.
// It is safe for concurrent use.
type Server struct {
	cfg    Config
	closed chan struct{}
	once   sync.Once
	// delivering is held while events are delivered, so that they keep their order.
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

// Open makes a Server from everything in its folder: mails, events still to deliver, and whether events come by
// themselves. It drops a last entry that a crash cut off, because SES' client never got an answer for it.
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

// Close ends delayed answers and closes the folder. Nothing is accepted afterwards.
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
	// Done are the ids of events that were delivered or replaced.
	Done []int `json:"done,omitempty"`
	Auto *bool `json:"auto,omitempty"`
}

// apply makes the change in memory. Opening a folder applies each of its lines. The caller holds the lock.
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

// commit writes the change to the journal and then makes it. The caller holds the lock.
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

// accept keeps a mail and adds its automatic events.
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

// Raw returns the n-th mail as it came, byte for byte. The error matches ErrNoMail if there is none.
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

// SetAuto decides whether the next mails report by themselves: sent at once, delivered two seconds later. It is on at
// first. The folder keeps the setting.
func (s *Server) SetAuto(on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commit(record{Auto: &on})
}

// Pending returns the instant of the next event, and whether there is one.
func (s *Server) Pending() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.owed.first()
	return e.At, ok
}

// Deliver passes every event that is due at now to sink, in order, as the detail of its EventBridge event. An event is
// removed only after sink took it. So after a crash sink may get an event again, as from EventBridge. The first error
// ends the round.
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
			err = s.markDone(e.ID)
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

// markDone removes a delivered event. An event that was replaced during its delivery is gone already.
func (s *Server) markDone(id int) error {
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
