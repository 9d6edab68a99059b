package dispatch_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// moves records that a subject is written to elsewhere from now on.
func (w *world) moves(subject, name string) {
	w.t.Helper()
	w.record(event.ContactChanged, `{"subjectId":"`+subject+`"}`, func(c *store.Change) {
		was := w.stored(subject)
		s := was
		s.Revision, s.Event = c.Head.Version, c.Receipt.Key
		s.Contacts = []matter.SealedContact{{Role: matter.User, Verified: true, Sealed: sealed(name)}}
		s.Succeed(&was, c.Head.Version, c.Entry.At)
		c.Subject = &s
		w.row(agenda.ForReplan(aMatter, c.Head.Version, w.second()), c)
		w.row(agenda.ForMoved(aMatter, subject, c.Head.Version, w.second()), c)
	})
}

func (w *world) stored(subject string) matter.Subject {
	w.t.Helper()
	all, err := w.store.Subjects(context.Background(), aMatter, []string{subject})
	require.NoError(w.t, err)
	return all[subject]
}

// after pushes the clock forward and sweeps twice: what a sweep makes, the next one sends.
func (w *world) after(d time.Duration) {
	w.t.Helper()
	w.advance(d)
	w.sweep()
	w.advance(2 * time.Second)
	w.sweep()
}

// letters lists whom the mails went to, in order: "u1" for a notice, "u1 moved" for a security message.
func (w *world) letters() (all []string) {
	w.t.Helper()
	w.mail.mu.Lock()
	defer w.mail.mu.Unlock()
	for _, m := range w.mail.mails {
		n, err := w.store.Notice(context.Background(), m.Notice)
		require.NoError(w.t, err)
		name, _, _ := strings.Cut(m.To.Reveal(), "-")
		all = append(all, strings.TrimSpace(name+" "+string(n.Kind)))
	}
	return all
}

// announced counts the events of a type on the bus.
func (w *world) announced(t event.OutType) int {
	return len(slices.DeleteFunc(w.bus.all(), func(e string) bool { return !strings.HasPrefix(e, string(t)+" ") }))
}

const aDay = 24 * time.Hour

// TestAFormerAddressIsToldThatMailGoesElsewhere, and nothing of a notice or a request.
func TestAFormerAddressIsToldThatMailGoesElsewhere(t *testing.T) {
	w := newWorld(t)
	w.open("old")
	w.order("ord-1", start.Add(10*aDay))
	w.disclose("d1", "old")
	w.after(aDay)
	w.moves("old", "new")
	w.after(time.Hour)
	require.Empty(t, w.letters(), "the order covers both")
	require.Equal(t, 1, w.announced(event.ContactReplaced))
	w.after(9 * aDay)
	w.after(time.Minute)
	require.Equal(t, []string{"new", "old moved"}, w.letters(), "after the notice, and once")
	_, body, _ := strings.Cut(strings.ToLower(w.mail.text(1)), "\r\n\r\n")
	body, _, _ = strings.Cut(body, "<!doctype")
	require.Contains(t, body, "it now goes to\r\nanother address", "the security message")
	for _, word := range []string{
		"request", "government", "authority", "order", "court", "disclos", "handed", "26-mc-1", "notice", "policy",
	} {
		require.NotContains(t, body, word, "not a word of a notice or a request")
	}
	for range 40 {
		w.after(aDay)
	}
	require.Len(t, w.letters(), 2)
	require.Empty(t, w.stored("old").Former, "kept no longer than needed")
	require.Empty(t, w.work(agenda.Moved))
	require.Equal(t, 1, w.announced(event.ContactReplaced))
	require.Equal(t, 1, w.announced(event.NoticeSent), "what the bus hears of notices is about notices")
	require.Zero(t, w.announced(event.NoticeUndeliverable))
}

// TestWhoIsToldThatMailGoesElsewhere follows the addresses of one subject: who is written to, and how.
func TestWhoIsToldThatMailGoesElsewhere(t *testing.T) {
	for point, row := range map[string]struct {
		script func(w *world)
		want   []string
	}{
		"changed before the disclosure": {func(w *world) {
			w.moves("a", "b")
			w.after(aDay)
			w.disclose("d1", "a")
		}, []string{"b"}},
		"replaced by itself": {func(w *world) {
			w.held(20*aDay, func() { w.moves("a", "a") })
			require.Empty(w.t, w.stored("a").Former, "nothing was replaced")
		}, []string{"a"}},
		"more than 30 days before the notice": {func(w *world) {
			w.held(32*aDay, func() { w.moves("a", "b") })
		}, []string{"b"}},
		"just under 30 days before the notice": {func(w *world) {
			w.held(30*aDay, func() { w.moves("a", "b") })
		}, []string{"b", "a moved"}},
		"there and back before the notice": {func(w *world) {
			w.held(20*aDay, func() { w.moves("a", "b"); w.after(time.Hour); w.moves("a", "a") })
		}, []string{"a", "b moved"}},
		"two changes: both former addresses, the one that came back once": {func(w *world) {
			w.held(20*aDay, func() {
				for _, name := range []string{"b", "a", "c"} {
					w.moves("a", name)
					w.after(time.Hour)
				}
			})
		}, []string{"c", "a moved", "b moved"}},
		"there and back before anybody looked": {func(w *world) {
			w.held(20*aDay, func() {
				for _, name := range []string{"b", "a", "c"} {
					w.moves("a", name)
					w.advance(time.Second)
				}
			})
		}, []string{"c", "a moved", "b moved"}},
		"after the notice went": {func(w *world) {
			w.disclose("d1", "a")
			w.after(time.Hour)
			w.moves("a", "b")
		}, []string{"a"}},
		"a second notice goes to the new address": {func(w *world) {
			w.disclose("d1", "a")
			w.after(time.Hour)
			w.order("ord-2", w.clock().Add(aDay))
			w.disclose("d2", "a")
			w.after(time.Hour)
			w.moves("a", "b")
		}, []string{"a", "b", "a moved"}},
		"changed again and again: the first address is not pushed out": {func(w *world) {
			w.held(20*aDay, func() {
				for _, name := range strings.Split("bcdefghijkl", "") {
					w.moves("a", name)
					w.advance(time.Second)
				}
			})
		}, []string{"l", "a moved", "b moved", "c moved", "d moved", "e moved", "f moved", "g moved", "h moved"}},
	} {
		t.Run(point, func(t *testing.T) {
			w := newWorld(t)
			w.open("a")
			row.script(w)
			for range 40 {
				w.after(aDay)
			}
			got := w.letters()
			slices.Sort(got[1:])
			slices.Sort(row.want[1:])
			require.Equal(t, row.want, got)
			require.Empty(t, w.stored("a").Former)
			require.Empty(t, w.work(agenda.Moved))
		})
	}
}

// held discloses the data of a, which nobody may be told of for the time, and changes something an hour later.
func (w *world) held(d time.Duration, change func()) {
	until := w.clock().Add(d + time.Hour - time.Minute)
	w.order("ord-1", until)
	w.disclose("d1", "a")
	w.after(time.Hour)
	change()
	w.after(time.Hour)
	w.at(until)
	w.after(matter.Margin + time.Second)
}

// TestASecurityMessageIsHeldLikeANotice: the former address may be that of somebody who must not be told.
func TestASecurityMessageIsHeldLikeANotice(t *testing.T) {
	w := newWorld(t)
	w.open("a")
	w.disclose("d1", "a")
	w.makes()
	w.advance(time.Hour)
	w.moves("a", "b")
	w.sweep()
	require.Equal(t, []string{"b"}, w.letters())
	w.order("ord-late", w.clock().Add(5*aDay), "a")
	w.after(2 * time.Second)
	w.after(4 * aDay)
	require.Equal(t, []string{"b"}, w.letters(), "made, and held")
	require.Equal(t, 1, w.announced(event.NoticeLateOrder), "of the notice")
	w.after(2 * aDay)
	require.Equal(t, []string{"b", "a moved"}, w.letters())
}

// TestASecurityMessageOfUnknownOutcomeIsRepeatedAndSaysSo.
func TestASecurityMessageOfUnknownOutcomeIsRepeatedAndSaysSo(t *testing.T) {
	w := newWorld(t)
	w.open("a")
	w.disclose("d1", "a")
	w.makes()
	w.advance(time.Hour)
	w.moves("a", "b")
	w.sweep()
	w.mail.answer = func(notice.Mail) (bool, error) {
		return true, &notice.SendError{Outcome: notice.OutcomeUnknown}
	}
	w.after(2 * time.Second)
	require.Equal(t, []string{"b", "a moved"}, w.letters())
	require.NotContains(t, w.mail.text(1), "repetition")
	w.mail.answer = nil
	w.after(notice.ReconcileWindow + time.Minute)
	require.Equal(t, []string{"b", "a moved", "a moved"}, w.letters())
	require.Contains(t, w.mail.text(2), "repetition")
}

// TestASecurityMessageIsNeverLost: what the sender leaves undone, the row of the change makes up for.
func TestASecurityMessageIsNeverLost(t *testing.T) {
	w := newWorld(t)
	w.open("a")
	w.disclose("d1", "a")
	w.makes()
	w.advance(time.Hour)
	w.moves("a", "b")
	w.store.Fault = func(op, key string) memory.Effect {
		if op == "PutRow" && strings.Contains(key, "a") && w.mail.count() == 1 {
			return memory.FailBefore
		}
		return memory.None
	}
	w.faultySweep()
	w.store.Fault = nil
	require.Equal(t, []string{"b"}, w.letters())
	w.after(aDay)
	require.Equal(t, []string{"b", "a moved"}, w.letters())
}

// TestAWishToBeErasedSilencesNoSecurityMessage: it may come from whoever changed the address.
func TestAWishToBeErasedSilencesNoSecurityMessage(t *testing.T) {
	w := newWorld(t)
	w.open("a")
	w.disclose("d1", "a")
	w.makes()
	w.advance(time.Hour)
	w.moves("a", "b")
	w.sweep()
	n := w.notice("d1", "a")
	_, ok, err := w.store.Apply(t.Context(), n, notice.Act{Op: notice.OpDelivery, Token: n.Token,
		At: matter.Floor(w.clock()), MessageID: n.MessageID})
	require.NoError(t, err)
	require.True(t, ok)
	w.wish("a", matter.Disclosed)
	w.Settings.SendingEnabled = false
	w.after(2 * time.Second)
	w.after(2 * aDay)
	require.False(t, w.erased("a"), "its message is still to go")
	w.Settings.SendingEnabled = true
	w.after(time.Second)
	require.Equal(t, []string{"b", "a moved"}, w.letters())
	w.after(8 * aDay)
	w.after(aDay)
	require.True(t, w.erased("a"))
	require.Empty(t, w.stored("a").Former)
}

// TestAFormerContactThatIsErasedIsWrittenToNoMore, and nobody is called for it.
func TestAFormerContactThatIsErasedIsWrittenToNoMore(t *testing.T) {
	w := newWorld(t)
	w.open("a")
	w.disclose("d1", "a")
	w.makes()
	w.advance(time.Hour)
	w.moves("a", "b")
	w.sweep()
	w.Settings.SendingEnabled = false
	w.after(2 * time.Second)
	h, err := w.store.Head(t.Context(), aMatter)
	require.NoError(t, err)
	require.NoError(t, w.store.Erase(t.Context(), aMatter, "a", w.stored("a").Revision, h.Version))
	w.Settings.SendingEnabled = true
	w.advance(time.Second)
	require.Zero(t, w.sweep().Failed)
	require.Equal(t, []string{"b"}, w.letters())
	require.Zero(t, w.announced(event.NoticeUndeliverable))
}

// TestAChangeThatConcernsNoNoticeIsNotAnnounced.
func TestAChangeThatConcernsNoNoticeIsNotAnnounced(t *testing.T) {
	w := newWorld(t)
	w.open("a", "z")
	w.disclose("d1", "z")
	w.after(time.Second)
	w.moves("a", "b")
	w.after(time.Second)
	require.Zero(t, w.announced(event.ContactReplaced))
	require.Equal(t, []string{"z"}, w.letters())
}
