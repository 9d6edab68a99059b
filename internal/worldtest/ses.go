package worldtest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"lapse/internal/notice"
	"lapse/internal/store"
)

// Mail is a mail that SES took, and when.
type Mail struct {
	notice.Mail
	At time.Time
}

// Text is the mail without the soft line ends of quoted-printable.
func (m Mail) Text() string { return strings.ReplaceAll(string(m.Raw), "=\r\n", "") }

// SES stands for SES: it takes every mail unless told otherwise. It is safe for concurrent use once its hooks are set.
type SES struct {
	// Limit is the quota that SES answers. The default is more than any test needs.
	Limit store.Quota
	// Sending, if set, is called before a mail is taken.
	Sending func(m notice.Mail)
	// Answer, if set, decides what becomes of a mail. taken says whether SES takes it, whatever it answers.
	Answer func(m notice.Mail) (taken bool, err error)

	clock *Clock
	mu    sync.Mutex
	mails []Mail
}

func newSES(c *Clock) *SES { return &SES{clock: c, Limit: store.Quota{PerSecond: 1e6, Per24h: 1e9}} }

// Send implements dispatch.Mailer. The message id of an attempt's mail is MessageID of its token.
func (s *SES) Send(_ context.Context, m notice.Mail) (string, error) {
	if s.Sending != nil {
		s.Sending(m)
	}
	taken, err := true, error(nil)
	if s.Answer != nil {
		taken, err = s.Answer(m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if taken {
		s.mails = append(s.mails, Mail{m, s.clock.Now()})
	}
	if err != nil {
		return "", err
	}
	return MessageID(m.Attempt), nil
}

// MessageID is the id that SES gives the mail of the attempt with this token.
func MessageID(token string) string { return "message-" + token }

// Quota implements dispatch.Mailer.
func (s *SES) Quota(context.Context) (store.Quota, error) { return s.Limit, nil }

// Refuse lets SES take no further mail, and answer each with this outcome.
func (s *SES) Refuse(o notice.Outcome) {
	s.Answer = func(notice.Mail) (bool, error) { return false, &notice.SendError{Outcome: o, Code: "Code"} }
}

// Mails lists the mails that SES took, in order.
func (s *SES) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Of lists the mails of a notice that SES took, in order.
func (s *SES) Of(noticeID string) []Mail {
	return slices.DeleteFunc(s.Mails(), func(m Mail) bool { return m.Notice != noticeID })
}
