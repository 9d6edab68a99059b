// Package worldtest is what the tests of services share: events to post, records to store, and a World around them.
//
// # Fixtures
//
// A fixture is a value with meaningful defaults, and a test names only what it is about:
//
//	worldtest.Request("u1", "u2")                          a search warrant about two consumers
//	worldtest.Order("o1", "u1").Through("2026-08-31")      a signed court order over one of them
//	worldtest.Disclosure("d1", "u1")                       what was handed over
//	worldtest.CourtOrder("o1", end, "u1")                  the same order, as the matter's head keeps it
//
// Events (type Event) are what a sender posts. Records are what the store holds: some tests put them there directly.
// Every instant, id and paper of the defaults belongs to one matter (Matter), which begins at Start.
//
// # The world
//
// A World has a store in memory, a clock that only the test moves, the services over both, and stand-ins that keep what
// the services send out: mails, events, dead letters and log lines. The services are plain struct literals, so a test
// replaces a field where it wants another. At the test's end the world checks that no caller broke a law of the store,
// and that no address stands in a log line or an event.
package worldtest

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/delivery"
	"lapse/internal/dispatch"
	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/keyring"
	"lapse/internal/law"
	"lapse/internal/letter"
	"lapse/internal/memory"
	"lapse/internal/review"
	"lapse/internal/seal"
)

// Matter is the matter of every fixture that names no other.
const Matter = "mat-2026-0001"

// Canary stands in every address of the fixtures, so that an address is found wherever it must not be.
const Canary = "canary-5d21"

// Start is the instant at which a World begins: Tuesday 3 March 2026, 12:00 UTC. The default papers are older.
func Start() time.Time { return time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC) }

// Salt is the salt of every matter that a World opens, so that a test can name a notice: notice.ID(Salt(), ...).
func Salt() []byte { return []byte("the salt of every matter of a test") }

// Instant reads an instant in the notation of RFC 3339.
func Instant(t T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

// T is a test, a benchmark, one input of a fuzz target, or one run of a property.
type T interface {
	require.TestingT
	Helper()
	Context() context.Context
	Cleanup(func())
}

// World is the whole service over a store in memory. Its clock moves only where the test moves it.
type World struct {
	T T
	*Clock
	Store    *memory.Store
	Intake   *intake.Service
	Dispatch *dispatch.Service
	Delivery *delivery.Service
	Inquire  *inquire.Service
	// SES, Bus, Dead and Log keep what the services send out.
	SES  *SES
	Bus  *Bus
	Dead *DeadLetters
	Log  *Log

	key    *Key
	posts  int
	tokens atomic.Int64
}

// New builds a world that begins at Start, with nothing recorded.
func New(t T) *World {
	t.Helper()
	w := &World{
		T: t, Clock: &Clock{now: Start()}, Store: &memory.Store{}, Bus: &Bus{}, Dead: &DeadLetters{}, Log: &Log{},
		key: &Key{},
	}
	w.SES = newSES(w.Clock)
	w.Intake = w.newIntake()
	w.Dispatch = w.NewDispatch()
	w.Delivery = &delivery.Service{Now: w.Now, Store: w.Store, Bus: w.Bus, Log: w.Logger()}
	w.Inquire = &inquire.Service{Now: w.Now, Store: w.Store, Law: w.Intake.Law, Letter: Sender()}
	t.Cleanup(w.check)
	return w
}

// check holds the world to what no test may cause.
func (w *World) check() {
	w.T.Helper()
	require.Empty(w.T, w.Store.Violations, "a caller broke a law of the store")
	require.NotContains(w.T, w.Log.String(), Canary, "an address in a log line")
	for _, told := range w.Bus.Told() {
		require.NotContains(w.T, told, Canary, "an address in an event")
	}
}

// newIntake builds the service that takes events in, under the law as it is and the default policy.
func (w *World) newIntake() *intake.Service {
	w.T.Helper()
	book, err := law.Load()
	require.NoError(w.T, err)
	fields, err := review.LoadFields()
	require.NoError(w.T, err)
	return &intake.Service{
		Now: w.Now, Store: w.Store, Sealer: &seal.Sealer{Key: w.key}, Dead: w.Dead,
		Mailboxes: &keyring.Mailboxes{Key: w.key, Store: w.Store},
		Law:       book, Rules: law.DefaultPolicy(), Fields: fields, Policy: "2026-01", Salt: Salt, Log: w.Logger(),
	}
}

// NewDispatch builds a further dispatcher on the same store. It waits the longest of every jitter.
func (w *World) NewDispatch() *dispatch.Service {
	return &dispatch.Service{
		Now: w.Now, Store: w.Store, Opener: w.Opener(), Mailer: w.SES, Bus: w.Bus, Token: w.NewToken,
		Jitter: func(n int64) int64 { return n - 1 }, Log: w.Logger(),
		Settings: dispatch.Settings{SendingEnabled: true, Sender: Sender()},
	}
}

// Opener opens what intake sealed.
func (w *World) Opener() *seal.Opener { return &seal.Opener{Key: w.key} }

// NewToken makes the next attempt's token: 32 hex digits that count up.
func (w *World) NewToken() string { return fmt.Sprintf("%032x", w.tokens.Add(1)) }

// Logger writes to Log, as JSON, down to the level of debugging.
func (w *World) Logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(w.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Sender is who writes the letters.
func Sender() letter.Sender {
	return letter.Sender{
		From: "notices@example.com", Name: "Example", ReplyTo: "legal@example.com",
		PolicyURL: "https://example.com/policy",
	}
}
