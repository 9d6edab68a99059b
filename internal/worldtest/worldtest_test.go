package worldtest_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// TestFixturesAreEventsThatLapseReads: a fixture is sound where a test changes nothing about it.
func TestFixturesAreEventsThatLapseReads(t *testing.T) {
	for _, e := range []worldtest.Event{
		worldtest.Request("u1", "u2"), worldtest.Request("u1").Under("subpoena").From(worldtest.Of("BR")),
		worldtest.Amendment(worldtest.Object{"subjects": worldtest.Subjects("u3")}), worldtest.Comply(),
		worldtest.Disclosure("d1", "u1"), worldtest.Disclosure("d1", "u1").Consented(),
		worldtest.Order("o1"), worldtest.Order("o1", "u1").Until("2026-09-30").Extends("o0").SignedOn("2026-03-01"),
		worldtest.Order("o1").Endless().From(worldtest.California()), worldtest.Order("o1").UntilEvent("the trial"),
		worldtest.Order("o1").For(90, "days", "signed").From(worldtest.Berlin()).Citing("StPO 95a(6)"),
		worldtest.Order("o1").Kind("plea"), worldtest.Assessment("o1", "void", worldtest.Both()...),
		worldtest.Ending("o1", "lifted", "2026-03-03T10:00:00Z"),
		worldtest.Challenge("o1", "motion to vacate", "2026-03-03T10:00:00Z"),
		worldtest.Exception("x1", "child", "2026-06-01T00:00:00Z", "u1"), worldtest.Approval("x1", worldtest.Colleague),
		worldtest.Renewal("x1", "2026-07-01T00:00:00Z"), worldtest.ExceptionEnd("x1", "over"),
		worldtest.ContactChange("u1", "first", "second"), worldtest.NoticeHold(worldtest.NoticeID("d1", "u1"), "abroad"),
		worldtest.NoticeRelease(worldtest.NoticeID("d1", "u1"), "home"),
		worldtest.NoticeCancel(worldtest.NoticeID("d1", "u1"), "wrong account"),
	} {
		read, err := events.Decode(e.Named("ev-1").JSON(t), worldtest.Start())
		require.NoError(t, err, "%s", e.Type)
		require.Equal(t, e.Type, read.Type)
		require.Equal(t, worldtest.Matter, read.Matter)
	}
}

// TestAFixtureIsNotChangedByItsCopies: a table's rows may start from one event.
func TestAFixtureIsNotChangedByItsCopies(t *testing.T) {
	order := worldtest.Order("o1")
	before := string(order.JSON(t))
	_ = order.Endless().Without("signed").With(worldtest.Object{"docket": "26-1"}).In("mat-2").By("").Named("ev-9")
	require.Equal(t, before, string(order.JSON(t)))
}

// TestTheWorldPlaysAStory from the request to the delivery, with the stand-ins keeping what goes out.
func TestTheWorldPlaysAStory(t *testing.T) {
	w := worldtest.New(t)
	w.Approved("u1", "u2")
	w.Post(worldtest.Order("o1", "u2"))
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	w.Advance(5 * time.Second)
	w.Sweep()
	require.Len(t, w.SES.Mails(), 1)
	told := w.SES.Of(worldtest.NoticeID("d1", "u1"))
	require.Contains(t, told[0].Text(), "To: <"+worldtest.Address("u1")+">")
	require.Equal(t, w.Now(), told[0].At)
	require.Contains(t, w.Bus.String(), "lapse.notice.sent ")
	w.Set(worldtest.AugustEnds().Add(5 * time.Second))
	w.Sweep()
	require.Len(t, w.SES.Of(worldtest.NoticeID("d1", "u2")), 1)
	require.Equal(t, notice.Sent, w.Notice("d1", "u2").State)
}

// failing is a test that may fail without this one failing.
type failing struct {
	ctx     context.Context
	failed  bool
	cleanup []func()
}

func (f *failing) Errorf(string, ...any)    { f.failed = true }
func (f *failing) FailNow()                 { runtime.Goexit() }
func (f *failing) Helper()                  {}
func (f *failing) Context() context.Context { return f.ctx }
func (f *failing) Cleanup(do func())        { f.cleanup = append(f.cleanup, do) }

// TestTheWorldFailsATestThatBreaksItsRules: what it checks at the end can fail.
func TestTheWorldFailsATestThatBreaksItsRules(t *testing.T) {
	for name, breach := range map[string]struct {
		do     func(w *worldtest.World)
		failed bool
	}{
		"nothing happens": {func(*worldtest.World) {}, false},
		"an address in a log line": {func(w *worldtest.World) {
			w.Logger().Debug("told", "who", worldtest.Address("u1"))
		}, true},
		"an address in an event": {func(w *worldtest.World) {
			_ = w.Bus.Announce(t.Context(), "lapse.notice.sent", []byte(worldtest.Address("u1")))
		}, true},
		"a law of the store is broken": {func(w *worldtest.World) {
			_ = w.Store.PutRows(t.Context(), agenda.ForOrder(worldtest.Matter, "o1", worldtest.Start().Add(1), 1))
		}, true},
		"an event that is refused": {func(w *worldtest.World) { w.Post(worldtest.Comply()) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			f, over := &failing{ctx: t.Context()}, make(chan struct{})
			go func() {
				defer close(over)
				w := worldtest.New(f)
				breach.do(w)
				for _, do := range f.cleanup {
					do()
				}
			}()
			<-over
			require.Equal(t, breach.failed, f.failed)
		})
	}
}
