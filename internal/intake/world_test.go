package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/keyring"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/restraint"
	"lapse/internal/review"
	"lapse/internal/seal"
)

// mat is the matter of most stories; morning is when they begin.
const mat = "mat-1"

var morning = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// salt is the salt of every matter of these tests.
func salt() []byte { return []byte("the salt of every matter of a test") }

// object is a JSON object to be posted.
type object = map[string]any

// letters keeps what was put on the dead-letter queue.
type letters struct {
	events [][]byte
	faults [][]event.Fault
	err    error
}

func (l *letters) Put(_ context.Context, posted []byte, faults []event.Fault) error {
	if l.err != nil {
		return l.err
	}
	l.events, l.faults = append(l.events, posted), append(l.faults, faults)
	return nil
}

// world is a service over a store in memory, with a clock that stands still.
type world struct {
	*testing.T
	store *watched
	svc   *intake.Service
	open  *seal.Opener
	dead  *letters
	logs  *bytes.Buffer
	now   time.Time
	posts int
}

func newWorld(t *testing.T) *world {
	t.Parallel()
	return quietWorld(t)
}

// quietWorld is newWorld for a test that makes several.
func quietWorld(t *testing.T) *world {
	key, err := seal.OpenFileKey(filepath.Join(t.TempDir(), "key"))
	require.NoError(t, err)
	book, err := law.Load()
	require.NoError(t, err)
	fields, err := review.LoadFields()
	require.NoError(t, err)
	w := &world{T: t, store: &watched{Store: &memory.Store{}}, open: &seal.Opener{Key: key}, dead: &letters{},
		logs: &bytes.Buffer{}, now: morning}
	w.svc = &intake.Service{
		Now: func() time.Time { return w.now }, Store: w.store,
		Sealer: &seal.Sealer{Key: key}, Mailboxes: &keyring.Mailboxes{Key: key, Store: w.store}, Dead: w.dead, Law: book,
		Rules: law.DefaultPolicy(), Fields: fields, Policy: "policy-7", Salt: salt,
		Log: slog.New(slog.NewJSONHandler(w.logs, nil)),
	}
	t.Cleanup(func() {
		require.Empty(t, w.store.Violations)
		for _, c := range w.store.changes {
			require.GreaterOrEqual(t, c.Room(), 0, c.Entry.Type)
		}
	})
	return w
}

// raw is an event of the short type, such as "order.received".
func raw(id, kind string, data object) []byte {
	b, err := json.Marshal(object{
		"specversion": "1.0", "id": id, "source": "legal.example", "type": "lapse." + kind +
			".v1", "subject": mat, "actor": "counsel:ak", "data": data,
	})
	if err != nil {
		panic(err) // objects of these tests are JSON
	}
	return b
}

// event is the next new event.
func (w *world) event(kind string, data object) []byte {
	w.posts++
	return raw(fmt.Sprintf("ev-%d", w.posts), kind, data)
}

// post wants the event taken as new.
func (w *world) post(kind string, data object) ledger.Answer {
	w.Helper()
	res, err := w.svc.Take(w.Context(), w.event(kind, data), "http", "arn:counsel")
	require.NoError(w, err)
	require.True(w, res.New)
	require.False(w, res.Answer.Replayed)
	require.Equal(w, w.head().Version, res.Answer.Version)
	return res.Answer
}

// repeat wants the recorded answer, and nothing new.
func (w *world) repeat(posted []byte, want ledger.Answer) {
	w.Helper()
	version := w.head().Version
	res, err := w.svc.Take(w.Context(), posted, "http", "arn:counsel")
	require.NoError(w, err)
	require.False(w, res.New)
	require.True(w, res.Answer.Replayed)
	require.Equal(w, version, w.head().Version)
	res.Answer.Replayed = false
	require.JSONEq(w, encoded(w.T, want), encoded(w.T, res.Answer))
}

// refuse wants the event refused with the error, and nothing recorded.
func (w *world) refuse(kind string, data object, want error) {
	w.Helper()
	before, missing := w.store.Head(w.Context(), mat)
	_, err := w.svc.Take(w.Context(), w.event(kind, data), "http", "arn:counsel")
	require.ErrorIs(w, err, want)
	after, stillMissing := w.store.Head(w.Context(), mat)
	require.Equal(w, missing == nil, stillMissing == nil)
	require.Equal(w, before, after)
}

// fault wants the event refused at the pointers.
func (w *world) fault(kind string, data object, pointers ...string) {
	w.Helper()
	_, err := w.svc.Take(w.Context(), w.event(kind, data), "http", "arn:counsel")
	faults, ok := errors.AsType[*event.Faults](err)
	require.True(w, ok, "%v", err)
	var got []string
	for _, f := range faults.List {
		got = append(got, f.Pointer)
	}
	require.Equal(w, pointers, got)
}

func encoded(t require.TestingT, v any) string {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func (w *world) head() matter.Head {
	w.Helper()
	h, err := w.store.Head(w.Context(), mat)
	require.NoError(w, err)
	return h
}

func (w *world) restraint(id string) matter.Restraint {
	w.Helper()
	h := w.head()
	r, ok := h.Restraint(id)
	require.True(w, ok, "the head holds %s", id)
	return *r
}

func (w *world) order(id string) matter.Order {
	w.Helper()
	all, err := w.store.Orders(w.Context(), mat)
	require.NoError(w, err)
	i := slices.IndexFunc(all, func(o matter.Order) bool { return o.ID == id })
	require.GreaterOrEqual(w, i, 0, "order %s is recorded", id)
	return all[i]
}

func (w *world) state(id string, want matter.OrderState) {
	w.Helper()
	o, h := w.order(id), w.head()
	require.Equal(w, want, restraint.NewEvaluator().State(&o, &h, w.now))
}

// covered reports whether anything covers the user of the subject now.
func (w *world) covered(subject string) bool {
	w.Helper()
	h := w.head()
	covering := restraint.NewEvaluator().Covering(&h,
		restraint.Target{Subject: subject, Role: matter.User, Disclosed: w.now})
	return slices.ContainsFunc(covering, func(i restraint.Interval) bool { return i.Covers(w.now) })
}

func (w *world) subject(id string) matter.Subject {
	w.Helper()
	all, err := w.store.Subjects(w.Context(), mat, []string{id})
	require.NoError(w, err)
	require.Contains(w, all, id)
	return all[id]
}

// address opens the contact of a subject.
func (w *world) address(subject string, role matter.Role) string {
	w.Helper()
	h := w.head()
	for _, c := range w.subject(subject).Contacts {
		if c.Role == role {
			a, err := w.open.Open(w.Context(), mat, h.WrappedKeyset, c.Sealed, matter.AssociatedData(mat, subject, role))
			require.NoError(w, err)
			return a.Reveal()
		}
	}
	return ""
}

func (w *world) notices() []notice.Notice {
	w.Helper()
	var all []notice.Notice
	for after := ""; ; {
		page, next, err := w.store.Notices(w.Context(), mat, after, 200)
		require.NoError(w, err)
		if all = append(all, page...); next == "" {
			return all
		}
		after = next
	}
}

// rows lists the agenda's rows of the kind, in no order.
func (w *world) rows(kind agenda.Kind) []agenda.Row {
	w.Helper()
	var all []agenda.Row
	for shard := range agenda.NoticeShards {
		for _, work := range []bool{true, false} {
			if work && shard >= agenda.WorkShards {
				continue
			}
			rows, _, err := w.store.Rows(w.Context(), work, shard, morning.AddDate(300, 0, 0), "", 100_000)
			require.NoError(w, err)
			for _, r := range rows {
				if r.Kind == kind {
					all = append(all, r)
				}
			}
		}
	}
	return all
}

func (w *world) rowsOf(kind agenda.Kind, id string) []time.Time {
	w.Helper()
	var at []time.Time
	for _, r := range w.rows(kind) {
		if r.ID() == id {
			at = append(at, r.At)
		}
	}
	return at
}

func issuer() object {
	return object{"name": "D.D.C.", "role": "court", "country": "US", "zone": "America/New_York"}
}

func subject(id string) object {
	return object{"id": id, "accountClass": "consumer",
		"contacts": []object{{"role": "user", "email": id + "@example.com", "verified": true}}}
}

func request(ids ...string) object {
	subjects := []object{}
	for _, id := range ids {
		subjects = append(subjects, subject(id))
	}
	return object{
		"reference": "24-sw-1", "instrument": "search_warrant", "legalBasis": "18 U.S.C. 2702, 2703", "issuer": issuer(),
		"receivedAt": "2026-03-01T10:00:00Z",
		"dataSought": []object{{"category": "content", "from": "2025-01-01", "to": "2025-06-30"}}, "subjects": subjects,
	}
}

func decision(d string) object { return object{"decision": d, "reason": "valid process"} }

func disclosure(id string, subjects ...string) object {
	return object{"disclosureId": id, "basis": "compelled", "at": "2026-03-03T09:00:00Z",
		"categories": []string{"content"}, "content": true, "subjects": subjects}
}

// order covers the subjects, everybody if there are none, through 31 August 2026.
func order(id string, subjects ...string) object {
	o := object{
		"orderId": id, "kind": "court_order", "issuer": issuer(), "signed": true, "covers": object{"subjects": "all"},
		"end": object{"kind": "date", "date": "2026-08-31", "wording": "through"},
	}
	if len(subjects) > 0 {
		o["covers"] = object{"subjects": subjects}
	}
	return o
}

// augustEnds is when the order of func order does.
var augustEnds = time.Date(2026, time.September, 1, 4, 0, 0, 0, time.UTC)

func with(o object, more object) object {
	out := object{}
	for k, v := range o {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func assessment(id, verdict string, by ...string) object {
	return object{"orderId": id, "verdict": verdict, "reason": "read it", "approvedBy": by}
}

func ending(id, effective string) object {
	return object{
		"orderId": id, "how": "lifted", "effectiveAt": effective, "documentSha256": strings.Repeat("ab",
			32), "approvedBy": []string{"counsel:ak", "counsel:bl"},
	}
}

func statuses(findings []matter.Finding) map[string]matter.Status {
	out := map[string]matter.Status{}
	for _, f := range findings {
		out[f.Check] = f.Status
	}
	return out
}

// asked is a world with a request for u1, u2 and u3 and the decision to comply.
func asked(t *testing.T) *world {
	w := newWorld(t)
	w.post("request.received", request("u1", "u2", "u3"))
	w.post("request.decided", decision("comply"))
	return w
}

// chain checks the ledger: as many entries as events, each sealed over its content and the hash of the one before.
func (w *world) chain(events int) {
	w.Helper()
	entries, err := w.store.Entries(w.Context(), mat, 0, 1000)
	require.NoError(w, err)
	require.Len(w, entries, events)
	prev := ""
	for i, e := range entries {
		require.Equal(w, i+1, e.Seq)
		require.Equal(w, prev, e.Prev)
		prev = e.Hash
		require.NoError(w, e.Chain())
		require.Equal(w, prev, e.Hash, "the hash is that of the entry")
	}
	require.Equal(w, prev, w.head().LastHash)
}
