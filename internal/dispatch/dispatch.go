// Package dispatch works the agenda: it makes the notices a disclosure owes, plans them anew when restraints change,
// and hands each to SES as soon as nothing forbids it, once, with every attempt on record.
//
// One sweep looks at everything up to now. It may be cut off at any instant, run late, or run several times at once:
// agenda rows are hints, the notice is the authority, every step is one conditional write, and the last act before
// SES is a consistent read of the matter's restraints.
package dispatch

import (
	"context"
	"log/slog"
	"time"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Service sweeps the agenda. Every field but Prepare is needed.
type Service struct {
	// Now is the wall clock.
	Now    func() time.Time
	Store  Store
	Opener Opener
	Mailer Mailer
	Bus    Announcer
	// Prepare writes a letter as far as those who are told alike share it; nil is letter.Prepare.
	Prepare func(f letter.Facts) (Draft, error)
	// Token returns a new attempt token: 16 random bytes in hex.
	Token func() string
	// Jitter returns a random number from 0 to below n, n being at least 1.
	Jitter   func(n int64) int64
	Log      *slog.Logger
	Settings Settings
}

// SendingDisabled is what Report.Paused says where Settings.SendingEnabled is false: the one pause that surely an
// operator chose.
const SendingDisabled = "sending_disabled"

// Policy says what follows an attempt of which nobody knows whether SES took its mail, once the time to hear of it has
// passed.
type Policy string

// The policies. MustArrive, the default, writes again and says that the mail may be a repetition; AtMostOnce leaves the
// notice in unknown for a person.
const (
	MustArrive Policy = "must_arrive"
	AtMostOnce Policy = "at_most_once"
)

// Settings are what an operator decides.
type Settings struct {
	// Workers is how many notices are worked on at once; 0 is 32.
	Workers int
	// SendingEnabled false leaves every notice where it is; work that sends nothing is done all the same.
	SendingEnabled bool
	// Policy is for attempts of unknown outcome; empty is MustArrive.
	Policy Policy
	// Sender is who writes the letters.
	Sender letter.Sender
}

const (
	defaultWorkers = 32
	// noClaim is how long before the invocation ends no attempt begins any more: an SES call of 10 s, its writes, and
	// room.
	noClaim = 20 * time.Second
	// freshness is the longest wall clock time between the final check and the SES call.
	freshness = 2 * time.Second
	// leaseLeft is what has to be left of a lease when SES is called: more than the call can last.
	leaseLeft = 15 * time.Second
	// checks is how often the final check is made before an attempt is given back.
	checks = 3
	// quotaAge is how old the quota that SES last said may be.
	quotaAge = 10 * time.Minute
	// probeAfter is when a pause is probed with one notice: soon enough that the end of a pause is not waited for.
	probeAfter = 15 * time.Minute
	// rejectedInRow is how many refusals of single messages in a row are believed; more point to the account.
	rejectedInRow = 3
	// firstOrphan and nextOrphan are how long a row waits for its missing notice, the first time and later: a row is
	// written just before its notice, and a sweep in between must not make that notice an hour late.
	firstOrphan = 5 * time.Second
	nextOrphan  = time.Hour
	// alarmAfter is when a row without its item becomes an alarm.
	alarmAfter = 24 * time.Hour
	// relook is when something that waits for people or other notices is looked at again.
	relook = 24 * time.Hour
	// pageSize is how many rows or notices are read at once.
	pageSize = 100
	// replanned is how many notices one sweep plans anew for one change, so that sending is not starved.
	replanned = 10_000
	// restoredTable and unknownTable are why a sweep sends nothing from a table that is a copy, or may be one.
	restoredTable = "restored_table"
	unknownTable  = "unknown_table"
	// lapse is the actor of everything that no person caused.
	lapse = "lapse"
)

// Store is what the dispatcher needs of the store.
type Store interface {
	store.Matters
	store.Ledger
	store.Subjects
	store.Notices
	store.Agenda
	store.Control
}

// Opener opens sealed addresses with the matter's wrapped key.
type Opener interface {
	Open(ctx context.Context, matterID string, wrapped, sealed, associated []byte) (matter.Address, error)
}

// Draft is a letter that several recipients share. Compose makes one recipient's message of it.
type Draft interface {
	Compose(p letter.Personal, h letter.Headers) ([]byte, error)
}

// Mailer hands mails to SES, each at most once: it does not retry. Its errors are *notice.SendError; any other is taken
// for an unknown outcome.
type Mailer interface {
	Send(ctx context.Context, m notice.Mail) (messageID string, err error)
	Quota(ctx context.Context) (store.Quota, error)
}

// Announcer publishes an event of Lapse; detail is JSON and holds ids only.
type Announcer interface {
	Announce(ctx context.Context, detailType string, detail []byte) error
}

// wall is now as the wall clock says it: without the monotonic reading, which may not count the time for which an
// environment was frozen.
func (s *Service) wall() time.Time { return s.Now().Round(0).UTC() }
