package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// guard checks every mail: at the instant SES gets it, the records as they stand forbid nothing.
type guard struct {
	w *world

	mu    sync.Mutex
	early []string
	how   func() (taken bool, err error)
}

func (g *guard) answer(m notice.Mail) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	fault := g.w.store.Fault
	g.w.store.Fault = nil
	defer func() { g.w.store.Fault = fault }()
	n, err := g.w.store.Notice(context.Background(), m.Notice)
	if err != nil {
		return false, err
	}
	head, err := g.w.store.Head(context.Background(), aMatter)
	if err != nil {
		return false, err
	}
	covering := restraint.NewEvaluator().Covering(&head, restraint.TargetAt(&n, n.Attempt(m.Attempt).Recipient))
	if !restraint.Clear(covering, n.Base, g.w.clock()) {
		g.early = append(g.early, n.ID)
	}
	return g.how()
}

// TestLawsUnderRandomFaults has orders come, change and end while sweeps run with calls that fail. Mails have every
// outcome, and reports may or may not come. In the end every notice went out, never early, and no mail was too many.
func TestLawsUnderRandomFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.Settings.Workers = 1
		g := &guard{w: w}
		w.mail.answer = g.answer
		subjects := names(3)
		w.open(subjects...)
		orders, disclosures := 0, 0
		for range rapid.IntRange(5, 25).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"order", "lift", "disclose", "advance", "sweep", "sweep", "sweep",
				"sign"}).Draw(rt, "step") {
			case "order":
				orders++
				until := matter.Ceil(w.clock()).Add(time.Duration(rapid.IntRange(1, 100).Draw(rt, "minutes")) * time.Minute)
				if rapid.IntRange(0, 3).Draw(rt, "endless") == 0 {
					until = time.Time{}
				}
				w.order(fmt.Sprintf("ord-%d", orders), until, subjects[:rapid.IntRange(0, 3).Draw(rt, "covered")]...)
			case "lift":
				if orders > 0 {
					w.lift(fmt.Sprintf("ord-%d", rapid.IntRange(1, orders).Draw(rt, "order")), matter.Ceil(w.clock()))
				}
			case "disclose":
				disclosures++
				w.disclose(fmt.Sprintf("d%d", disclosures), subjects...)
			case "advance":
				w.advance(time.Duration(rapid.SampledFrom([]int{1, 3, 15, 61, 900, 3600}).Draw(rt, "seconds")) * time.Second)
			case "sign":
				sign(rt, w, disclosures)
			case "sweep":
				w.randomSweep(rt, g)
			}
		}
		calm(rt, w, g, orders)
		require.Empty(rt, g.early, "law 1: never early")
		for d := range disclosures {
			for _, u := range subjects {
				n := w.notice(fmt.Sprintf("d%d", d+1), u)
				require.True(rt, n.State.Terminal(), "law 2: never lost, but %s", n.State)
				require.LessOrEqual(rt, w.mail.accepted(n.ID)-1, n.Unknowns(), "law 6: at most one, or say so")
				if n.State != notice.Failed {
					require.Positive(rt, w.mail.accepted(n.ID))
				}
				require.Empty(rt, w.rows(n.ID))
			}
		}
		require.Empty(rt, w.work(agenda.MakeNotices))
		require.Empty(rt, w.work(agenda.Replan))
	})
}

// randomSweep sweeps while some calls fail and SES answers at random.
func (w *world) randomSweep(rt *rapid.T, g *guard) {
	// Rapid's own draws belong to the test's goroutine.
	seed := rapid.Uint32().Draw(rt, "faults")
	var mu sync.Mutex
	draw := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		seed = seed*1664525 + 1013904223
		return int(seed>>8) % n
	}
	w.store.Fault = func(string, string) memory.Effect {
		switch draw(40) {
		case 0:
			return memory.FailBefore
		case 1:
			return memory.FailAfter
		}
		return memory.None
	}
	outcomes := []notice.Outcome{"", "", "", notice.OutcomeUnknown, notice.OutcomeThrottled, notice.OutcomeUnreached,
		notice.OutcomeAccount}
	g.how = func() (bool, error) {
		o := outcomes[draw(len(outcomes))]
		if o == "" {
			return true, nil
		}
		return o == notice.OutcomeUnknown && draw(2) == 0, &notice.SendError{Outcome: o}
	}
	// More sweeps follow one that was cut off.
	_, _ = w.Sweep(context.Background())
	w.store.Fault = nil
}

// sign has SES report about one mail that it took.
func sign(rt *rapid.T, w *world, disclosures int) {
	if disclosures == 0 || w.mail.count() == 0 {
		return
	}
	m := w.mail.mails[rapid.IntRange(0, w.mail.count()-1).Draw(rt, "mail")]
	op := rapid.SampledFrom([]notice.Op{notice.OpSend, notice.OpDelivery, notice.OpDelay}).Draw(rt, "sign")
	_, _, err := w.store.Apply(context.Background(), notice.Notice{ID: m.Notice}, notice.Act{
		Op: op, Token: m.Attempt, At: matter.Floor(w.clock()), MessageID: "message-" + m.Attempt, Actor: "ses",
	})
	require.NoError(rt, err)
}

// calm ends all orders and lets healthy sweeps run until everything has come to its end.
func calm(rt *rapid.T, w *world, g *guard, orders int) {
	g.how = func() (bool, error) { return true, nil }
	for i := range orders {
		w.lift(fmt.Sprintf("ord-%d", i+1), matter.Ceil(w.clock()))
	}
	steps := slices.Repeat([]time.Duration{time.Hour}, 8)
	for _, d := range append(steps, notice.ConfirmWindow, notice.ConfirmWindow, 2*matter.OpenEndedReview) {
		w.advance(d)
		r, err := w.Sweep(context.Background())
		require.NoError(rt, err)
		require.Zero(rt, r.Errors, w.log.String())
	}
}
