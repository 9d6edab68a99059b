package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/delivery"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
)

const (
	aMatter = "mat-2026-0001"
	token   = "0123456789abcdef0123456789abcdef"
	// canary marks every address of the suite: no log line, error or event may hold it.
	canary = "canary-7f3a"
)

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

type world struct {
	*delivery.Service
	t     *testing.T
	store *memory.Store
	log   bytes.Buffer
	bus   bus
	now   time.Time
	id    string
}

type bus struct {
	events []string
	fail   error
}

func (b *bus) Announce(_ context.Context, detailType string, detail []byte) error {
	b.events = append(b.events, detailType+" "+string(detail))
	return b.fail
}

// newWorld holds one notice whose attempt has been claimed.
func newWorld(t *testing.T) *world {
	w := &world{t: t, store: &memory.Store{}, now: start, id: notice.ID(nil, aMatter, "d1", "u1")}
	w.Service = &delivery.Service{
		Now: func() time.Time { return w.now }, Store: w.store, Bus: &w.bus,
		Log: slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	d := matter.Disclosure{Matter: aMatter, ID: "d1", Part: 1, Recorded: start, Facts: matter.DisclosureFacts{At: start}}
	n := notice.New(&d, nil, "u1", "en", "")
	require.NoError(t, w.store.PutRows(t.Context(), agenda.ForNotice(aMatter, w.id, start, 2)))
	require.NoError(t, w.store.PutNotice(t.Context(), n))
	w.move(notice.Act{Op: notice.OpClaim, Token: token, Next: start.Add(notice.LeaseTime), Version: 5})
	t.Cleanup(func() {
		require.NotContains(t, w.log.String(), canary, "an address in a log line")
		require.NotContains(t, strings.Join(w.bus.events, "\n"), canary, "an address in an event")
		require.Empty(t, w.store.Violations)
	})
	return w
}

func (w *world) move(m notice.Act) notice.Notice {
	w.t.Helper()
	m.At = matter.Floor(w.now)
	n, ok, err := w.store.Apply(context.Background(), notice.Notice{ID: w.id}, m)
	require.NoError(w.t, err)
	require.True(w.t, ok)
	return n
}

// sent completes the attempt as the dispatcher does, row included.
func (w *world) sent() {
	w.move(notice.Act{Op: notice.OpComplete, Token: token, MessageID: "message-1"})
	require.NoError(w.t, w.store.PutRows(context.Background(),
		agenda.ForNotice(aMatter, w.id, w.now.Add(notice.ConfirmWindow), 5)))
	require.NoError(w.t, w.store.DeleteRows(context.Background(), agenda.ForNotice(aMatter, w.id, start, 2)))
}

func (w *world) rows() []agenda.Row {
	rows, _, err := w.store.Rows(context.Background(), false, agenda.ForNotice(aMatter, w.id, time.Time{}, 0).Shard(),
		start.AddDate(1, 0, 0), "", 20)
	require.NoError(w.t, err)
	return rows
}

// event is an SES event about the attempt with this token. more is JSON to add.
func (w *world) event(kind, token, more string) []byte {
	_, hash, _ := notice.SplitID(w.id)
	return fmt.Appendf(nil, `{"eventType":%q,"mail":{"timestamp":"2026-03-01T10:00:00.000Z","source":"notices@example.com",
		"messageId":"message-1","destination":["u1-%s@example.com"],"headers":[{"name":"To","value":"u1-%s@example.com"}],
		"tags":{"ses:configuration-set":["lapse"],"notice":[%q],"matter":[%q],"attempt":[%q]}}%s}`,
		kind, canary, canary, hash, aMatter, token, more)
}

func (w *world) take(kind, more string) notice.Notice {
	w.t.Helper()
	require.NoError(w.t, w.Take(w.t.Context(), w.event(kind, token, more)))
	n, err := w.store.Notice(w.t.Context(), w.id)
	require.NoError(w.t, err)
	return n
}

func TestDeliveryDeletesTheRowThatWaitsForIt(t *testing.T) {
	w := newWorld(t)
	w.sent()
	require.Len(t, w.rows(), 1)
	w.now = start.Add(2*time.Second + 1)
	n := w.take("Delivery", `,"delivery":{"recipients":["u1-`+canary+`@example.com"],"smtpResponse":"250 ok"}`)
	require.Equal(t, notice.Delivered, n.State)
	require.Equal(t, start.Add(2*time.Second), n.DeliveredAt)
	require.Equal(t, "ses", n.Actor)
	require.Empty(t, w.rows())
	require.Equal(t, []string{fmt.Sprintf(`lapse.notice.delivered {"matter":%q,"notice":%q,"reason":"delivery"}`, aMatter,
		w.id)}, w.bus.events)
}

func TestDeliveryTakenAgainAfterACrashBeforeItsRow(t *testing.T) {
	w := newWorld(t)
	w.sent()
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "DeleteRow" {
			return memory.FailBefore
		}
		return memory.None
	}
	require.ErrorIs(t, w.Take(t.Context(), w.event("Delivery", token, "")), memory.ErrInjected)
	w.store.Fault = nil
	require.Equal(t, notice.Delivered, w.take("Delivery", "").State)
	require.Empty(t, w.rows())
}

func TestDeliveryDeletesNoRowOfANewerPlan(t *testing.T) {
	w := newWorld(t)
	w.sent()
	require.NoError(t, w.store.PutRows(t.Context(), agenda.ForNotice(aMatter, w.id, start.Add(notice.ConfirmWindow), 6)))
	w.take("Delivery", "")
	require.Len(t, w.rows(), 1, "the sweep will see that it is finished")
}

func TestDeliveryBeforeTheDispatcherRecordedIt(t *testing.T) {
	w := newWorld(t)
	n := w.take("Delivery", "")
	require.Equal(t, notice.Delivered, n.State)
	require.Equal(t, "message-1", n.MessageID)
	require.Len(t, w.rows(), 1, "the dispatcher's own row is left to it")
}

func TestSendEventSettlesAnUnknown(t *testing.T) {
	w := newWorld(t)
	w.move(notice.Act{Op: notice.OpUnsure, Token: token, Next: start.Add(notice.ReconcileWindow)})
	n := w.take("Send", `,"send":{}`)
	require.Equal(t, notice.Sent, n.State)
	require.Equal(t, 1, n.Unknowns())
	require.Equal(t, start, n.SentAt)
	require.Equal(t, start.Add(notice.ConfirmWindow), w.rows()[1].At, "the row it had may stand at a review far ahead")
	require.Equal(t, []string{fmt.Sprintf(`lapse.notice.sent {"matter":%q,"notice":%q}`, aMatter, w.id)}, w.bus.events)
	require.Equal(t, notice.Sent, w.take("Send", "").State, "again")
	require.Len(t, w.bus.events, 2, "with every report of it")
}

func TestLateDeliveryOfAnUnconfirmed(t *testing.T) {
	w := newWorld(t)
	w.sent()
	w.now = start.Add(notice.ConfirmWindow)
	w.move(notice.Act{Op: notice.OpUnconfirm})
	require.Equal(t, notice.Delivered, w.take("Delivery", "").State)
}

func TestTheOtherReportsOfSES(t *testing.T) {
	for kind, want := range map[string]notice.State{
		"Complaint": notice.Complained, "Reject": notice.Failed, "DeliveryDelay": notice.Sent,
	} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			w.sent()
			n := w.take(kind, "")
			require.Equal(t, want, n.State)
			require.NotEmpty(t, n.LastSign)
		})
	}
}

func TestAnEventOfAnotherSenderIsNoError(t *testing.T) {
	w := newWorld(t)
	before := w.take("Open", `,"open":{}`)
	_, hash, _ := notice.SplitID(w.id)
	for name, detail := range map[string][]byte{
		"a token nobody made":    w.event("Delivery", strings.Repeat("f", 32), ""),
		"an event type of later": w.event(canary, token, ""),
		"a foreign set without tags": []byte(`{"eventType":"Delivery","mail":{"messageId":"m",` +
			`"tags":{"ses:configuration-set":["other"]}}}`),
		"two values of a tag": fmt.Appendf(nil,
			`{"eventType":"Delivery","mail":{"messageId":"m","tags":{"notice":[%q,"x"],"matter":[%q],"attempt":[%q]}}}`, hash,
			aMatter, token),
		"an address where an id was": fmt.Appendf(nil,
			`{"eventType":"Delivery","mail":{"messageId":"m","tags":{"notice":["%s@example.com"],"matter":[%q],`+
				`"attempt":[%q]}}}`,
			canary, aMatter, token),
		"a notice nobody knows": fmt.Appendf(nil,
			`{"eventType":"Delivery","mail":{"messageId":"m","tags":{"notice":["abc"],"matter":[%q],"attempt":[%q]}}}`, aMatter,
			token),
		"nothing at all": []byte(`{}`),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, w.Take(t.Context(), detail))
			n, err := w.store.Notice(t.Context(), w.id)
			require.NoError(t, err)
			require.Equal(t, before, n)
		})
	}
}

func TestAnEventThatNobodyCanReadIsMalformed(t *testing.T) {
	w := newWorld(t)
	for _, detail := range []string{"", "{", `{"mail":"` + canary + `"}`, `"` + canary + `"`} {
		err := w.Take(t.Context(), []byte(detail))
		require.ErrorIs(t, err, delivery.ErrMalformed)
		require.NotContains(t, err.Error(), canary)
	}
}

func TestStoreTroubleIsAnErrorToTryAgain(t *testing.T) {
	w := newWorld(t)
	w.store.Fault = func(string, string) memory.Effect { return memory.FailAfter }
	err := w.Take(t.Context(), w.event("Delivery", token, ""))
	require.ErrorIs(t, err, memory.ErrInjected)
	require.NotErrorIs(t, err, delivery.ErrMalformed)
	w.store.Fault = nil
	require.Equal(t, notice.Delivered, w.take("Delivery", "").State)
}

// TestAnEndThatTheBusRefusedIsPublishedAgain, and so is one whose reader was cut off before the bus.
func TestAnEndThatTheBusRefusedIsPublishedAgain(t *testing.T) {
	for kind, published := range map[string]string{
		"Send": "sent", "Delivery": "delivered", "Complaint": "delivered", "Bounce": "undeliverable",
		"Reject": "undeliverable",
	} {
		w := newWorld(t)
		w.move(notice.Act{Op: notice.OpUnsure, Token: token, Next: start.Add(notice.ReconcileWindow)})
		w.bus.fail = errors.New("the bus is away")
		require.ErrorIs(t, w.Take(t.Context(), w.event(kind, token, hardBounce)), w.bus.fail, kind)
		w.bus = bus{}
		w.take(kind, hardBounce)
		require.Len(t, w.bus.events, 1, kind)
		require.Contains(t, w.bus.events[0], "lapse.notice."+published)
	}
}

// hanging is a bus that never answers.
type hanging struct{}

func (hanging) Announce(ctx context.Context, _ string, _ []byte) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestABusThatHangsKeepsNoReportFromBeingRecorded: all ten of a batch are recorded, in the thirty seconds that the
// function has.
func TestABusThatHangsKeepsNoReportFromBeingRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sent()
		w.Bus = hanging{}
		began := time.Now() // of the bubble
		require.ErrorIs(t, w.Take(t.Context(), w.event("Delivery", token, "")), context.DeadlineExceeded)
		require.LessOrEqual(t, 10*time.Since(began), 28*time.Second)
		n, err := w.store.Notice(t.Context(), w.id)
		require.NoError(t, err)
		require.Equal(t, notice.Delivered, n.State)
	})
}

func TestAnAcceptanceThatOnlySESReportsIsLogged(t *testing.T) {
	for name, known := range map[string]bool{"the answer was lost": false, "the answer was recorded": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if known {
				w.sent()
			} else {
				w.move(notice.Act{Op: notice.OpRelease, Token: token, Back: notice.Scheduled, Next: start})
				w.move(notice.Act{Op: notice.OpClaim, Token: token, Next: start.Add(notice.LeaseTime), Version: 5, Contact: "2.1",
					Spare: true})
				w.move(notice.Act{Op: notice.OpUnsure, Token: token, Next: start.Add(notice.ReconcileWindow)})
			}
			w.now = start.Add(time.Minute)
			n := w.take("Send", "")
			want := 1
			if known {
				want = 0 // the dispatcher logged it
			}
			require.Equal(t, want, strings.Count(w.log.String(), notice.SentLine))
			if !known {
				require.Contains(t, w.log.String(), fmt.Sprintf(`"notice":%q,"attempt":%q,"messageId":%q`, n.ID, token,
					n.MessageID))
				require.Contains(t, w.log.String(), `"contact":"2.1","spare":true`)
			}
		})
	}
}

// The function dies between the record and the line. The event is taken again.
func TestAnAcceptanceIsLoggedWhenItsEventIsTakenAgain(t *testing.T) {
	w := newWorld(t)
	w.move(notice.Act{Op: notice.OpUnsure, Token: token, Next: start.Add(notice.ReconcileWindow)})
	w.store.Fault = func(string, string) memory.Effect { return memory.FailAfter }
	require.Error(t, w.Take(t.Context(), w.event("Send", token, "")))
	require.NotContains(t, w.log.String(), notice.SentLine)
	w.store.Fault, w.now = nil, start.Add(time.Minute)
	w.take("Send", "")
	require.Contains(t, w.log.String(), notice.SentLine)
}

// TestASweepBetweenTheRowAndTheNoticeOfABounce: the sweep takes the row for one visit too many and deletes it.
func TestASweepBetweenTheRowAndTheNoticeOfABounce(t *testing.T) {
	w := newWorld(t)
	w.sent()
	w.store.Fault = func(op, _ string) memory.Effect {
		if op == "Apply return" {
			require.NoError(t, w.store.DeleteRows(t.Context(), agenda.ForNotice(aMatter, w.id, w.now.Add(time.Hour), 5)))
		}
		return memory.None
	}
	n := w.take("Bounce", softBounce)
	require.Contains(t, w.rows(), agenda.ForNotice(aMatter, w.id, n.Next, 5))
}
