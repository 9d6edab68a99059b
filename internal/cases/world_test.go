package cases_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
	"lapse/internal/event"
	"lapse/internal/inquire"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/review"
	"lapse/internal/seal"
	"lapse/internal/store"
)

// mat is the matter of every case; morning is when it begins.
const mat = "mat-1"

var morning = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// object is a JSON object to be posted.
type object = map[string]any

// failer is a test, or one run of a property.
type failer interface {
	require.TestingT
	Helper()
}

// world is the whole service over a store in memory, with a clock that only the case moves.
type world struct {
	t     failer
	ctx   context.Context
	store *memory.Store
	in    *intake.Service
	out   *dispatch.Service
	ask   *inquire.Service
	now   time.Time
	posts int
	token int
	mails []mail
	// mu guards told: the partitions of work are swept at once.
	mu   sync.Mutex
	told []string
	logs bytes.Buffer
	// sending, if set, is called before a mail is taken.
	sending func(m notice.Mail)
}

type mail struct {
	notice string
	at     time.Time
	raw    string
}

func newWorld(t *testing.T) *world { return worldOf(t, t.Context(), filepath.Join(t.TempDir(), "key")) }

func worldOf(t failer, ctx context.Context, keyFile string) *world {
	key, err := seal.OpenFileKey(keyFile)
	require.NoError(t, err)
	book, err := law.Load()
	require.NoError(t, err)
	fields, err := review.LoadFields()
	require.NoError(t, err)
	w := &world{t: t, ctx: ctx, store: &memory.Store{}, now: morning}
	clock := func() time.Time { return w.now }
	log := slog.New(slog.NewJSONHandler(&w.logs, nil))
	sender := letter.Sender{From: "notices@example.com", Name: "Example", ReplyTo: "legal@example.com",
		PolicyURL: "https://example.com/policy"}
	w.in = &intake.Service{
		Now: clock, Store: w.store, Sealer: &seal.Sealer{Key: key},
		Law: book, Rules: law.DefaultPolicy(), Fields: fields, Policy: "2026-01", Log: log,
	}
	w.out = &dispatch.Service{
		Now: clock, Store: w.store,
		Opener: &seal.Opener{Key: key}, Mailer: w, Bus: w, Token: w.newToken, Jitter: func(n int64) int64 { return n - 1 },
		Log:      log,
		Settings: dispatch.Settings{SendingEnabled: true, Sender: sender, Workers: 1},
	}
	w.ask = &inquire.Service{Now: clock, Store: w.store, Law: book, Letter: sender}
	return w
}

func (w *world) newToken() string {
	w.token++
	return fmt.Sprintf("%032x", w.token)
}

// Send takes every mail.
func (w *world) Send(_ context.Context, m notice.Mail) (string, error) {
	if w.sending != nil {
		w.sending(m)
	}
	w.mails = append(w.mails, mail{m.Notice, w.now, string(m.Raw)})
	return "message-" + m.Attempt, nil
}

// Quota is more than any case needs.
func (w *world) Quota(context.Context) (store.Quota, error) {
	return store.Quota{PerSecond: 1e6, Per24h: 1e9}, nil
}

// Announce keeps what is told.
func (w *world) Announce(_ context.Context, kind string, detail []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, kind+" "+string(detail))
	return nil
}

// try posts the next event of the short type, such as "order.received", by the actor.
func (w *world) try(actor, kind string, data object) (ledger.Answer, error) {
	w.posts++
	posted := object{
		"specversion": "1.0", "id": fmt.Sprintf("ev-%d", w.posts), "source": "legal.example", "type": "lapse." + kind +
			".v1", "subject": mat, "data": data,
	}
	if actor != "" {
		posted["actor"] = actor
	}
	raw, err := json.Marshal(posted)
	require.NoError(w.t, err)
	res, err := w.in.Take(w.ctx, raw, "http", "tester")
	return res.Answer, err
}

// post wants the event taken.
func (w *world) post(kind string, data object) ledger.Answer {
	w.t.Helper()
	a, err := w.try("counsel:ak", kind, data)
	require.NoError(w.t, err)
	return a
}

// refused wants the event refused with a fault at the pointer.
func (w *world) refused(kind string, data object, pointer string) {
	w.t.Helper()
	_, err := w.try("counsel:ak", kind, data)
	var faults *event.Faults
	require.ErrorAs(w.t, err, &faults)
	require.Equal(w.t, pointer, faults.List[0].Pointer)
}

// at sets the clock, five seconds past an instant so that the margin for clock skew is over, and sweeps until all is
// done.
func (w *world) at(t time.Time) dispatch.Report {
	w.t.Helper()
	w.now = t.Add(5 * time.Second)
	return w.sweep()
}

func (w *world) sweep() (all dispatch.Report) {
	w.t.Helper()
	for range 3 {
		r, err := w.out.Sweep(w.ctx)
		require.NoError(w.t, err)
		require.Zero(w.t, r.Errors, w.logs.String())
		all.Reviews, all.Clocks = all.Reviews+r.Reviews, all.Clocks+r.Clocks
		all.Unread, all.LateOrders = all.Unread+r.Unread, all.LateOrders+r.LateOrders
		all.OldestOverdueSeconds = max(all.OldestOverdueSeconds, r.OldestOverdueSeconds)
	}
	return all
}

// mailed lists the subjects told so far, in the order of their mails.
func (w *world) mailed() []string {
	w.t.Helper()
	names := map[string]string{}
	for _, n := range w.view().Notices {
		names[n.ID] = n.Subject
	}
	out := []string{}
	for _, m := range w.mails {
		out = append(out, names[m.notice])
	}
	slices.Sort(out)
	return out
}

func (w *world) view() inquire.MatterView {
	w.t.Helper()
	v, err := w.ask.Matter(w.ctx, mat, "", 1000)
	require.NoError(w.t, err)
	return v
}

// notice is the subject's only notice.
func (w *world) notice(subject string) inquire.NoticeView {
	w.t.Helper()
	var found []inquire.NoticeView
	for _, n := range w.view().Notices {
		if n.Subject == subject {
			found = append(found, n)
		}
	}
	require.Len(w.t, found, 1, subject)
	return found[0]
}

// due wants the subject's due at the instant, "" for none known.
func (w *world) due(subject, want string) {
	w.t.Helper()
	n := w.notice(subject)
	if want == "" {
		require.Nil(w.t, n.Due)
		return
	}
	require.NotNil(w.t, n.Due)
	require.Equal(w.t, want, n.Due.Format(time.RFC3339))
}

func (w *world) order(id string) inquire.OrderView {
	w.t.Helper()
	v := w.view()
	i := slices.IndexFunc(v.Orders, func(o inquire.OrderView) bool { return o.ID == id })
	require.GreaterOrEqual(w.t, i, 0, id)
	return v.Orders[i]
}

func (w *world) exception(id string) inquire.ExceptionView {
	w.t.Helper()
	v := w.view()
	i := slices.IndexFunc(v.Exceptions, func(x inquire.ExceptionView) bool { return x.ID == id })
	require.GreaterOrEqual(w.t, i, 0, id)
	return v.Exceptions[i]
}

func (w *world) why(subject string) inquire.Why {
	w.t.Helper()
	y, err := w.ask.Why(w.ctx, mat, subject, "")
	require.NoError(w.t, err)
	return y
}

// agenda lists the agenda as "kind id".
func (w *world) agenda() map[string]time.Time {
	w.t.Helper()
	v, err := w.ask.AgendaUntil(w.ctx, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), "", 1000)
	require.NoError(w.t, err)
	out := map[string]time.Time{}
	for _, i := range v.Items {
		out[string(i.Kind)+" "+strings.TrimPrefix(i.ID, mat+".")] = i.At
	}
	return out
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

func disclosure(id string, subjects ...string) object {
	return object{"disclosureId": id, "basis": "compelled", "at": "2026-03-03T09:00:00Z",
		"categories": []string{"content"}, "content": true, "subjects": subjects}
}

func through(day string) object { return object{"kind": "date", "date": day, "wording": "through"} }

// order is a signed court order with the end, for the subjects, everybody if there are none.
func order(id string, end object, subjects ...string) object {
	o := object{
		"orderId": id, "kind": "court_order", "issuer": issuer(), "signed": true, "covers": object{"subjects": "all"},
		"end":        end,
		"legalBasis": "18 U.S.C. 2705(b)",
	}
	if len(subjects) > 0 {
		o["covers"] = object{"subjects": subjects}
	}
	return o
}

func exception(id, kind, reviewAt string, subjects ...string) object {
	x := object{"exceptionId": id, "kind": kind, "covers": object{"subjects": "all"}, "facts": "report pending",
		"reviewAt": reviewAt}
	if len(subjects) > 0 {
		x["covers"] = object{"subjects": subjects}
	}
	return x
}

func approval(id string, by ...string) object { return object{"exceptionId": id, "approvedBy": by} }

func ending(id, how, effective string) object {
	return object{
		"orderId": id, "how": how, "effectiveAt": effective, "documentSha256": strings.Repeat("ab",
			32), "approvedBy": []string{"counsel:ak", "counsel:bl"},
	}
}

func with(o, more object) object {
	out := object{}
	for k, v := range o {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// approved is a world with a request about u1, u2 and u3 and the decision to comply.
func approved(t *testing.T) *world {
	w := newWorld(t)
	w.post("request.received", request("u1", "u2", "u3"))
	w.post("request.decided", object{"decision": "comply", "reason": "valid process"})
	t.Cleanup(func() { require.Empty(t, w.store.Violations) })
	return w
}

func instant(t failer, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

func statuses(findings []matter.Finding) map[string]matter.Status {
	out := map[string]matter.Status{}
	for _, f := range findings {
		out[f.Check] = f.Status
	}
	return out
}
