package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
)

func TestBounces(t *testing.T) {
	for name, c := range map[string]struct {
		kind, sub string
		reason    notice.Reason
	}{
		"nobody there":                      {"Permanent", "NoEmail", notice.ReasonHardBounce},
		"refused for good":                  {"Permanent", "General", notice.ReasonHardBounce},
		"on the global suppression list":    {"Permanent", "Suppressed", notice.ReasonSuppressed},
		"on the account's suppression list": {"Permanent", "OnAccountSuppressionList", notice.ReasonSuppressed},
		"unsubscribed":                      {"Permanent", "UnsubscribedRecipient", notice.ReasonSuppressed},
		"too large":                         {"Transient", "MessageTooLarge", notice.ReasonContent},
		"the content":                       {"Transient", "ContentRejected", notice.ReasonContent},
		"an attachment":                     {"Transient", "AttachmentRejected", notice.ReasonContent},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sent()
			n := w.take("Bounce",
				fmt.Sprintf(`,"bounce":{"bounceType":%q,"bounceSubType":%q,`+
					`"bouncedRecipients":[{"emailAddress":"u1-%s@example.com"}]}`, c.kind, c.sub, canary))
			require.Equal(t, notice.Bounced, n.State)
			require.Equal(t, c.reason, n.Reason)
			require.Equal(t, []string{fmt.Sprintf(`lapse.notice.undeliverable {"matter":%q,"notice":%q,"reason":%q}`, aMatter,
				w.id, c.reason)}, w.bus.events)
			require.Contains(t, w.rows(), agenda.ForNotice(aMatter, w.id, w.now, 5), "the sweep reads the contacts again")
			require.Len(t, w.rows(), 2, "the other is left to the sweep")
			require.True(t, n.Owed())
			_, reopened, err := w.store.Apply(t.Context(), notice.Notice{ID: w.id},
				notice.Act{Op: notice.OpReopen, At: start, Next: start})
			require.NoError(t, err)
			require.True(t, reopened, "a new contact puts it back")
		})
	}
}

const (
	softBounce = `,"bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull"}`
	hardBounce = `,"bounce":{"bounceType":"Permanent","bounceSubType":"General"}`
)

// again makes the next attempt, to the contact, and has it accepted.
func (w *world) again(contact string, spare bool) string {
	next := fmt.Sprintf("%032x", w.now.Unix())
	w.move(notice.Act{Op: notice.OpClaim, Token: next, Next: w.now.Add(notice.LeaseTime), Version: 5, Contact: contact,
		Spare: spare})
	w.move(notice.Act{Op: notice.OpComplete, Token: next, MessageID: "message-" + next})
	return next
}

func TestAMailThatComesBackForTheMoment(t *testing.T) {
	for name, bounce := range map[string]string{
		"a full mailbox":                           softBounce,
		"what SES could not tell":                  `,"bounce":{"bounceType":"Undetermined","bounceSubType":"Undetermined"}`,
		"a kind that SES invents later is no hard": `,"bounce":{"bounceType":"Else"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sent()
			last := token
			for _, wait := range []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour,
				7 * 24 * time.Hour} {
				require.NoError(t, w.Take(t.Context(), w.event("Bounce", last, bounce)))
				n, err := w.store.Notice(t.Context(), w.id)
				require.NoError(t, err)
				require.Equal(t, notice.Retry, n.State)
				require.Equal(t, notice.ReasonSoftBounce, n.Reason)
				require.Equal(t, w.now.Add(wait), n.Next)
				require.Contains(t, w.rows(), agenda.ForNotice(aMatter, w.id, n.Next, 5), "it has its row")
				rows := w.rows()
				require.NoError(t, w.Take(t.Context(), w.event("Bounce", last, bounce)), "the same report twice")
				require.Equal(t, rows, w.rows())
				w.now = n.Next
				last = w.again("", false)
			}
			require.Empty(t, w.bus.events, "nothing has come to an end")
			require.NoError(t, w.Take(t.Context(), w.event("Bounce", last, bounce)))
			n, err := w.store.Notice(t.Context(), w.id)
			require.NoError(t, err)
			require.Equal(t, notice.Bounced, n.State)
			require.True(t, n.Owed())
			require.Len(t, w.bus.events, 1)
		})
	}
}

func TestTheNextContactAfterOneThatTakesNoMail(t *testing.T) {
	for name, bounce := range map[string]string{
		"the address does not exist": hardBounce,
		"suppressed":                 `,"bounce":{"bounceType":"Permanent","bounceSubType":"OnAccountSuppressionList"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.move(notice.Act{Op: notice.OpRelease, Token: token, Back: notice.Scheduled, Next: w.now})
			first := w.again("2.1", true)
			w.now = w.now.Add(time.Minute)
			require.NoError(t, w.Take(t.Context(), w.event("Bounce", first, bounce)))
			n, err := w.store.Notice(t.Context(), w.id)
			require.NoError(t, err)
			require.Equal(t, notice.Retry, n.State)
			require.Equal(t, w.now, n.Next, "at once")
			require.True(t, n.Attempt(first).Dead)
			require.Contains(t, w.rows(), agenda.ForNotice(aMatter, w.id, w.now, 5))
			require.Empty(t, w.bus.events)
			second := w.again("2.2", false)
			require.NoError(t, w.Take(t.Context(), w.event("Bounce", second, bounce)))
			n, err = w.store.Notice(t.Context(), w.id)
			require.NoError(t, err)
			require.Equal(t, notice.Bounced, n.State)
			require.Len(t, w.bus.events, 1)
		})
	}
}

// TestTheNextContactAfterOneThatNeverTookTheMail: once the retries of a contact are used up, the next contact is
// written to at once, and has retries of its own.
func TestTheNextContactAfterOneThatNeverTookTheMail(t *testing.T) {
	w := newWorld(t)
	w.move(notice.Act{Op: notice.OpRelease, Token: token, Back: notice.Scheduled, Next: w.now})
	attempt := w.again("2.1", true)
	comesBack := func() notice.Notice {
		require.NoError(t, w.Take(t.Context(), w.event("Bounce", attempt, softBounce)))
		n, err := w.store.Notice(t.Context(), w.id)
		require.NoError(t, err)
		require.Equal(t, notice.Retry, n.State)
		require.Contains(t, w.rows(), agenda.ForNotice(aMatter, w.id, n.Next, 5))
		return n
	}
	for range 5 {
		n := comesBack()
		require.False(t, n.Attempt(attempt).Dead, "it is tried again")
		w.now = n.Next
		attempt = w.again("2.1", true)
	}
	w.now = w.now.Add(time.Minute)
	n := comesBack()
	require.Equal(t, w.now, n.Next, "at once")
	require.True(t, n.Attempt(attempt).Dead)
	require.True(t, n.Attempt(attempt).Spare)
	require.Empty(t, w.bus.events, "nothing has come to an end")

	attempt = w.again("2.2", false)
	n = comesBack()
	require.Equal(t, w.now.Add(time.Hour), n.Next, "the second contact's ladder begins anew")
	require.False(t, n.Attempt(attempt).Dead)
}

// TestTheBounceOfARestoredMail: the attempt is in the table because the log told of it. The log says too whether there
// is a further contact.
func TestTheBounceOfARestoredMail(t *testing.T) {
	for spare, want := range map[bool]notice.State{true: notice.Retry, false: notice.Bounced} {
		w := newWorld(t)
		w.move(notice.Act{Op: notice.OpRelease, Token: token, Back: notice.Scheduled, Next: w.now})
		w.move(notice.Act{Op: notice.OpRestore, Token: token, MessageID: "message-1", Version: 5, Contact: "2.1",
			Spare: spare})
		n := w.take("Bounce", hardBounce)
		require.Equal(t, want, n.State)
		require.True(t, n.Attempts[0].Dead)
		require.Equal(t, "2.1", n.Attempts[0].Contact)
	}
}

func TestABounceWhoseRowOrMoveFails(t *testing.T) {
	for _, op := range []string{"Notice", "PutRow", "Apply return"} {
		for _, effect := range []memory.Effect{memory.FailBefore, memory.FailAfter} {
			t.Run(fmt.Sprint(op, effect), func(t *testing.T) {
				w := newWorld(t)
				w.sent()
				w.store.Fault = func(o, _ string) memory.Effect {
					if o == op {
						return effect
					}
					return memory.None
				}
				require.ErrorIs(t, w.Take(t.Context(), w.event("Bounce", token, softBounce)), memory.ErrInjected)
				w.store.Fault = nil
				n := w.take("Bounce", softBounce)
				require.Equal(t, notice.Retry, n.State)
				require.Contains(t, w.rows(), agenda.ForNotice(aMatter, w.id, n.Next, 5))
			})
		}
	}
}

func TestAHeldNoticeStaysHeldWhenAnEarlierMailComesBack(t *testing.T) {
	w := newWorld(t)
	w.move(notice.Act{Op: notice.OpUnsure, Token: token, Next: w.now})
	w.move(notice.Act{Op: notice.OpHold, Version: 6, Reason: "counsel asks", Actor: "counsel:a"})
	n := w.take("Bounce", softBounce)
	require.Equal(t, notice.Held, n.State)
	require.Equal(t, w.now, n.Attempt(token).Bounced, "recorded all the same")
}

func TestAHoldOutlastsWhatIsHeardOfAnEarlierMail(t *testing.T) {
	for name, back := range map[string]func(*world) notice.Notice{
		"taken, and back for the moment": func(w *world) notice.Notice {
			require.Equal(t, notice.Sent, w.take("Send", "").State, "SES took the mail, and the notice says so")
			return w.take("Bounce", softBounce)
		},
		"back for good, and new contacts": func(w *world) notice.Notice {
			require.Equal(t, notice.Bounced, w.take("Bounce",
				`,"bounce":{"bounceType":"Permanent","bounceSubType":"General"}`).State)
			w.move(notice.Act{Op: notice.OpReopen, Next: w.now})
			n, err := w.store.Notice(t.Context(), w.id)
			require.NoError(t, err)
			return n
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.move(notice.Act{Op: notice.OpUnsure, Token: token, Next: w.now})
			w.move(notice.Act{Op: notice.OpHold, Version: 6, Reason: "counsel asks", Actor: "counsel:a"})
			held := back(w)
			require.Equal(t, notice.Held, held.State, "nobody has let it go")
			require.Contains(t, w.rows(), agenda.ForNotice(aMatter, w.id, matter.Ceil(held.Next), 5), "a sweep visits it")
			w.move(notice.Act{Op: notice.OpFree, Version: 7, Actor: "counsel:a"})
			n, err := w.store.Notice(t.Context(), w.id)
			require.NoError(t, err)
			require.Equal(t, notice.Scheduled, n.State)
			require.False(t, n.Holding)
		})
	}
}

func TestTheLogNamesTheNoticeOfAMailThatSESThrewAway(t *testing.T) {
	w := newWorld(t)
	w.sent()
	w.take("Reject", "")
	require.Contains(t, w.log.String(), `"id":"`+w.id+`","op":"reject"`)
}

func TestADeliveryThatItsBounceOvertookCountsThoughTheNoticeIsHeld(t *testing.T) {
	w := newWorld(t)
	w.move(notice.Act{Op: notice.OpUnsure, Token: token, Next: w.now})
	w.move(notice.Act{Op: notice.OpHold, Version: 6, Reason: "counsel asks", Actor: "counsel:a"})
	w.take("Send", "")
	require.Equal(t, notice.Held, w.take("Bounce", softBounce).State)
	require.Equal(t, notice.Delivered, w.take("Delivery", "").State, "a delivered mail is not sent again")
}

func TestABounceTakenAgainAfterTheNoticeWasPutBack(t *testing.T) {
	const bounce = `,"bounce":{"bounceType":"Permanent","bounceSubType":"General"}`
	w := newWorld(t)
	w.sent()
	w.take("Bounce", bounce)
	w.move(notice.Act{Op: notice.OpReopen, Next: w.now})
	require.Equal(t, notice.Scheduled, w.take("Bounce", bounce).State)
	require.Equal(t, notice.Scheduled, w.take("Send", "").State)
	require.Equal(t, notice.Scheduled, w.take("Delivery", "").State)
	require.Len(t, w.bus.events, 1, "published once")
}

func TestABounceOfAnEarlierAttemptIsNotPublished(t *testing.T) {
	const later = "0123456789abcdef0123456789abcdee"
	w := newWorld(t)
	w.move(notice.Act{Op: notice.OpUnsure, Token: token, Next: w.now})
	w.move(notice.Act{Op: notice.OpClaim, Token: later, After: token, Next: w.now.Add(notice.LeaseTime)})
	w.move(notice.Act{Op: notice.OpComplete, Token: later, MessageID: "message-2"})
	n := w.take("Bounce", `,"bounce":{"bounceType":"Permanent","bounceSubType":"General"}`)
	require.Equal(t, notice.Sent, n.State)
	require.Equal(t, w.now, n.Attempt(token).Bounced, "recorded all the same")
	require.Empty(t, w.bus.events, "the notice is not undeliverable")
}

func TestBounceAfterADelivery(t *testing.T) {
	w := newWorld(t)
	w.sent()
	before := w.take("Delivery", "")
	require.Empty(t, w.rows())
	require.Equal(t, notice.Bounced, w.take("Bounce", softBounce).State, "it is not tried again by itself")
	ahead := agenda.ForNotice(aMatter, w.id, w.now.Add(time.Hour), 5)
	ahead.Revision = before.Revision + 1
	visits := []agenda.Row{agenda.ForNotice(aMatter, w.id, w.now, 5), ahead}
	require.Equal(t, visits, w.rows(), "contacts that came before the bounce are found")
	w.now = w.now.Add(time.Hour)
	w.take("Bounce", softBounce)
	require.Equal(t, visits, w.rows(), "the same report twice")
}

func TestADeliveryThatIsReportedAfterTheBounceOfTheSameMail(t *testing.T) {
	for _, sign := range []string{"Delivery", "Complaint"} {
		w := newWorld(t)
		w.sent()
		require.Equal(t, notice.Retry, w.take("Bounce", softBounce).State)
		n := w.take(sign, "")
		require.True(t, n.State.Terminal(), "somebody has the mail, so no other mail follows")
		require.Len(t, w.bus.events, 1)
		require.Contains(t, w.bus.events[0], "lapse.notice.delivered")
	}
	w := newWorld(t)
	w.sent()
	w.take("Bounce", softBounce)
	w.now = w.now.Add(time.Hour)
	next := w.again("", false)
	n := w.take("Delivery", "")
	require.Equal(t, notice.Sent, n.State, "the notice has gone on")
	require.Equal(t, next, n.Token)
}

// TestADeliveryBetweenTheReadAndTheWriteOfABounce: a bounce after a delivery counts, and the mail is not tried again.
func TestADeliveryBetweenTheReadAndTheWriteOfABounce(t *testing.T) {
	for _, bounce := range []string{softBounce, hardBounce} {
		w := newWorld(t)
		w.move(notice.Act{Op: notice.OpRelease, Token: token, Back: notice.Scheduled, Next: w.now})
		first := w.again("2.1", true)
		came := false
		w.store.Fault = func(op, _ string) memory.Effect {
			if op == "Apply return" && !came {
				came = true
				require.NoError(t, w.Take(t.Context(), w.event("Delivery", first, "")))
			}
			return memory.None
		}
		require.NoError(t, w.Take(t.Context(), w.event("Bounce", first, bounce)))
		require.True(t, came)
		n, err := w.store.Notice(t.Context(), w.id)
		require.NoError(t, err)
		require.Equal(t, notice.Bounced, n.State)
		require.Contains(t, w.bus.events[len(w.bus.events)-1], "undeliverable")
	}
}
