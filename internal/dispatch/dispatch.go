// Package dispatch works the agenda. It makes the notices that a disclosure owes, plans them anew when restraints
// change, and hands each to SES as soon as nothing forbids it: once, with every attempt on record.
//
// # One sweep
//
// A sweep has two passes over all rows up to now, and a sender. The work pass does the rows that send nothing, one file
// a kind of row. The notice pass visits the rows of notices and decides what each notice calls for. The sender makes
// the attempts. All three share one small pass: the clock, the store, what was read of the matters, and the tally.
//
// # Crashes
//
// A sweep may be cut off at any instant, run late, or run several times at once. Agenda rows are hints, and the notice
// is the authority. Every step is one conditional write. The last act before SES is a consistent read of the matter's
// restraints.
package dispatch

import (
	"context"
	"log/slog"
	"time"

	"lapse/internal/announce"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Service sweeps the agenda. Every field but Prepare and Keys is needed.
type Service struct {
	// Now is the wall clock.
	Now    func() time.Time
	Store  Store
	Opener Opener
	Mailer Mailer
	Bus    announce.Bus
	// Keys opens the keys of letters; nil where letters have neither code nor signature.
	Keys Keys
	// Prepare writes the part of a letter that several recipients share. Nil is letter.Prepare.
	Prepare func(f letter.Facts) (Prepared, error)
	// Token returns a new attempt token: 16 random bytes in hex.
	Token func() string
	// Jitter returns a random number from 0 to below n, n being at least 1.
	Jitter   func(n int64) int64
	Log      *slog.Logger
	Settings Settings
}

// Store is what the dispatcher needs of the store.
type Store interface {
	store.Matters
	store.Ledger
	store.Subjects
	store.Notices
	store.Agenda
	store.Flights
	store.Approvals
	store.Reports
	store.Control
	PutIssued(ctx context.Context, i store.Issued) error
	PutLetter(ctx context.Context, id, digest string, facts []byte) error
}

// Opener opens sealed addresses with the matter's wrapped key.
type Opener interface {
	Open(ctx context.Context, matterID string, wrapped, sealed, associated []byte) (matter.Address, error)
}

// Prepared is the part of a letter that several recipients share. Compose makes one recipient's message of it,
// FormDigest the digest of that message with placeholders for what is the mail's own.
type Prepared interface {
	FormDigest(p letter.Personal, h letter.Headers) (string, error)
	Compose(p letter.Personal, h letter.Headers) ([]byte, error)
}

// Mailer hands mails to SES, each at most once: it does not retry. Its errors are *notice.SendError. Any other error
// counts as an unknown outcome.
type Mailer interface {
	Send(ctx context.Context, m notice.Mail) (messageID string, err error)
	Quota(ctx context.Context) (store.Quota, error)
}
