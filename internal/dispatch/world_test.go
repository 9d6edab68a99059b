package dispatch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/dispatch"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// canary marks every address of the suite: no log line may hold it.
const canary = "canary-7f3a"

const aMatter = "mat-2026-0001"

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// world is a service with its surroundings, and a clock that only the test moves.
type world struct {
	*dispatch.Service
	t     *testing.T
	store *memory.Store
	mail  *ses
	bus   *bus
	log   *safeBuffer

	mu    sync.Mutex
	now   time.Time
	token int
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, store: &memory.Store{}, bus: &bus{}, log: &safeBuffer{}, now: start}
	w.mail = &ses{quota: store.Quota{PerSecond: 100_000, Per24h: 1_000_000}}
	w.Service = w.another()
	t.Cleanup(func() {
		require.NotContains(t, w.log.String(), canary, "an address in a log line")
		require.Empty(t, w.store.Violations)
		for _, e := range w.bus.all() {
			require.NotContains(t, e, canary, "an address in an event")
		}
	})
	return w
}

// another is a further dispatcher on the same store.
func (w *world) another() *dispatch.Service {
	return &dispatch.Service{
		Now: w.clock, Store: w.store,
		Opener: opener{}, Mailer: w.mail, Bus: w.bus, Token: w.newToken,
		Jitter: func(n int64) int64 { return n - 1 },
		Log:    slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Settings: dispatch.Settings{SendingEnabled: true, Sender: letter.Sender{
			From: "notices@example.com", Name: "Example", ReplyTo: "legal@example.com", PolicyURL: "https://example.com/policy",
		}},
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
}

func (w *world) advance(d time.Duration) { w.at(w.clock().Add(d)) }

func (w *world) newToken() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.token++
	return fmt.Sprintf("%032x", w.token)
}

// sweep makes one sweep that has to come through without a failed step.
func (w *world) sweep() dispatch.Report {
	w.t.Helper()
	r := w.faultySweep()
	require.Zero(w.t, r.Errors, w.log.String())
	return r
}

func (w *world) faultySweep() dispatch.Report {
	w.t.Helper()
	r, err := w.Sweep(w.t.Context())
	require.NoError(w.t, err)
	return r
}

func (w *world) notice(disclosure, subject string) notice.Notice {
	w.t.Helper()
	n, err := w.store.Notice(context.Background(), notice.ID(nil, aMatter, disclosure, subject))
	require.NoError(w.t, err)
	return n
}

// rows are all rows of a notice, whenever they stand.
func (w *world) rows(id string) []agenda.Row {
	w.t.Helper()
	out := w.partition(false, agenda.Row{Kind: agenda.Notice, Ref: id}.Shard())
	out = slices.DeleteFunc(out, func(r agenda.Row) bool { return r.ID() != id })
	for i := range out {
		out[i].Revision = 0 // the tests tell rows apart by what they ask for
	}
	return out
}

// work are all work rows of a kind.
func (w *world) work(kind agenda.Kind) []agenda.Row {
	w.t.Helper()
	var out []agenda.Row
	for shard := range agenda.WorkShards {
		out = append(out, w.partition(true, shard)...)
	}
	return slices.DeleteFunc(out, func(r agenda.Row) bool { return r.Kind != kind })
}

func (w *world) partition(work bool, shard int) []agenda.Row {
	rows, next, err := w.store.Rows(context.Background(), work, shard, start.AddDate(200, 0, 0), "", 1_000_000)
	require.NoError(w.t, err)
	require.Empty(w.t, next)
	return rows
}

// sealed is what the opener of this suite opens.
func sealed(name string) []byte { return []byte(name + "-" + canary + "@example.com") }

func (w *world) subject(id string, revision int) matter.Subject {
	return matter.Subject{
		Matter: aMatter, ID: id, Known: true, Class: matter.Consumer, Language: "en", Event: fmt.Sprint("event ",
			revision), Revision: revision,
		Contacts: []matter.SealedContact{{Role: matter.User, Verified: true, Sealed: sealed(id)}},
	}
}

// open begins the matter with a request about these subjects.
func (w *world) open(subjects ...string) {
	w.t.Helper()
	ctx := context.Background()
	_, err := w.store.Open(ctx, matter.Head{Matter: aMatter, State: matter.AwaitingRequest,
		WrappedKeyset: []byte("wrapped")})
	require.NoError(w.t, err)
	var all []matter.Subject
	for _, id := range subjects {
		all = append(all, w.subject(id, 1))
	}
	_, err = w.store.PutSubjects(ctx, all)
	require.NoError(w.t, err)
	w.record(event.RequestReceived, "{}", func(c *store.Change) {
		c.Head.State, c.Head.Rules = matter.Approved, "rules-1"
		c.Request = &matter.Request{
			Matter: aMatter, Reference: "26-mc-1", Instrument: matter.SearchWarrant, ReceivedAt: start,
			Issuer: matter.Issuer{Name: "District Court", Role: "court", Country: "US", Zone: "America/New_York"},
		}
	})
}

// record makes one change.
func (w *world) record(kind event.Type, data string, change func(c *store.Change)) {
	w.t.Helper()
	ctx, now := context.Background(), matter.Ceil(w.clock())
	h, err := w.store.Head(ctx, aMatter)
	require.NoError(w.t, err)
	h.Version++
	c := store.Change{
		Head: h,
		Entry: ledger.Entry{Matter: aMatter, Seq: h.Version, Type: kind, At: now, Data: json.RawMessage(data),
			Prev: h.LastHash},
		Receipt: ledger.Receipt{Key: ledger.ReceiptKey("legal.example", fmt.Sprint(h.Version)), Matter: aMatter,
			Version: h.Version, At: now},
	}
	change(&c)
	require.NoError(w.t, c.Entry.Chain())
	c.Head.LastHash = c.Entry.Hash
	require.NoError(w.t, w.store.Commit(ctx, c))
}

func (w *world) row(r agenda.Row, c *store.Change) { c.Rows = append(c.Rows, r) }

// second is the wall clock, rounded up.
func (w *world) second() time.Time { return matter.Ceil(w.clock()) }

// order records a court order that covers the subjects until an instant; no subjects are all, the zero time is no end.
func (w *world) order(id string, until time.Time, subjects ...string) {
	w.t.Helper()
	r := matter.Restraint{ID: id, Kind: matter.CourtOrder, All: len(subjects) == 0, Subjects: subjects, Until: until}
	r.Paper.End = matter.End{Kind: matter.EndNone}
	if !until.IsZero() {
		r.Paper.End = matter.End{Kind: matter.EndInstant, At: until}
	}
	w.restrain(r)
}

func (w *world) restrain(r matter.Restraint) {
	w.t.Helper()
	w.record(event.OrderReceived, fmt.Sprintf(`{"orderId":%q}`, r.ID), func(c *store.Change) {
		r.Recorded, r.Revision = c.Entry.At, c.Head.Version
		c.Head.Restraints = append(slices.Clone(c.Head.Restraints), r)
		c.Orders = []matter.Order{{
			Matter: aMatter, ID: r.ID, Recorded: r.Recorded, Version: r.Revision, Revision: r.Revision,
			Received: matter.PostedOrder{
				OrderID: r.ID, Kind: r.Kind, End: r.Paper.End, LegalBasis: "18 U.S.C. 2705(b)",
				Issuer: matter.Issuer{Name: "Court of " + r.ID, Role: "court", Country: "US"},
			},
		}}
		w.row(agenda.ForReplan(aMatter, c.Head.Version, w.second()), c)
		w.row(agenda.ForOrder(aMatter, r.ID, w.second(), c.Head.Version), c)
		w.row(agenda.ForAnnounce(aMatter, c.Head.Version, w.second()), c)
	})
}

// lift ends an order at an instant.
func (w *world) lift(id string, at time.Time) {
	w.t.Helper()
	w.record(event.OrderEnded, fmt.Sprintf(`{"orderId":%q}`, id), func(c *store.Change) {
		c.Head.Restraints = slices.Clone(c.Head.Restraints)
		r, ok := c.Head.Restraint(id)
		require.True(w.t, ok)
		r.Ended, r.Revision = at, c.Head.Version
		w.row(agenda.ForReplan(aMatter, c.Head.Version, w.second()), c)
	})
}

// makes has a sweep make the notices there are to make, and send none.
func (w *world) makes() {
	w.t.Helper()
	w.Settings.SendingEnabled = false
	w.sweep()
	w.Settings.SendingEnabled = true
}

// disclose records a disclosure now; its notices are left to the sweep.
func (w *world) disclose(id string, subjects ...string) {
	w.t.Helper()
	w.record(event.DisclosureMade, "{}", func(c *store.Change) {
		d := &matter.Disclosure{
			Matter: aMatter, ID: id, Part: 1, Recorded: c.Entry.At, Version: c.Head.Version,
			Facts: matter.DisclosureFacts{Basis: matter.BasisCompelled, At: c.Entry.At, Categories: []string{"subscriber"}},
		}
		d.Targets = append(d.Targets, subjects...)
		c.Head.State = matter.Disclosed
		c.Disclosure = d
		w.row(agenda.ForMakeNotices(aMatter, id, 1, w.second(), c.Head.Version), c)
	})
}

func names(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("u%04d", i)
	}
	return ids
}

// opener opens what sealed made.
type opener struct{}

func (opener) Open(_ context.Context, id string, wrapped, sealed, associated []byte) (matter.Address, error) {
	if id != aMatter || string(wrapped) != "wrapped" || !bytes.HasPrefix(associated, []byte("lapse/v1")) {
		return matter.Address{}, errors.New("the wrong key")
	}
	return matter.ParseAddress(string(sealed))
}

// ses stands for SES: it accepts unless told otherwise.
type ses struct {
	mu    sync.Mutex
	mails []notice.Mail
	quota store.Quota
	// answer, if set, decides what becomes of a mail; taken says whether SES accepts it whatever it answers.
	answer func(m notice.Mail) (taken bool, err error)
}

func (s *ses) Send(_ context.Context, m notice.Mail) (string, error) {
	taken, err := true, error(nil)
	if s.answer != nil {
		taken, err = s.answer(m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if taken {
		s.mails = append(s.mails, m)
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("message-%s", m.Attempt), nil
}

func (s *ses) Quota(context.Context) (store.Quota, error) { return s.quota, nil }

func (s *ses) refuse(o notice.Outcome) {
	s.answer = func(notice.Mail) (bool, error) { return false, &notice.SendError{Outcome: o, Code: "Code"} }
}

// accepted is how many mails of a notice SES took.
func (s *ses) accepted(noticeID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, m := range s.mails {
		if m.Notice == noticeID {
			n++
		}
	}
	return n
}

func (s *ses) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mails)
}

// text is mail i without the line ends of quoted-printable.
func (s *ses) text(i int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ReplaceAll(string(s.mails[i].Raw), "=\r\n", "")
}

// bus keeps what is announced.
type bus struct {
	mu     sync.Mutex
	events []string
	fail   error
}

func (b *bus) Announce(_ context.Context, detailType string, detail []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	b.events = append(b.events, detailType+" "+string(detail))
	return nil
}

func (b *bus) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.events)
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
