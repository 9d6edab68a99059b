package cases_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

// family is a matter about two consumers who share one mailbox, and a third who has an own one.
func family(t *testing.T) *world {
	w := newWorld(t)
	w.Post(worldtest.RequestAbout(
		worldtest.With(worldtest.Subject("u1"), object{"contacts": worldtest.Contacts("family")}),
		worldtest.With(worldtest.Subject("u2"), object{"contacts": worldtest.Contacts("Family")}),
		worldtest.Subject("u3"),
	))
	w.Post(worldtest.Comply())
	return w
}

func TestWhoeverSharesAMailboxWithSomebodyRestrainedIsNotToldEither(t *testing.T) {
	w := family(t)
	w.Post(worldtest.Disclosure("d1", "u1", "u2", "u3"))
	answer := w.Post(worldtest.Order("o1", "u1"))
	require.Len(t, answer.Notices, 2, "u1's, and u2's for the mailbox that they share")
	w.at(morning)
	require.Equal(t, []string{"u3"}, w.mailed(), "tenant or not")
	w.due("u2", "2026-09-01T04:00:00Z")
	require.Contains(t, w.why("u2").Text, "It names somebody else whose mail goes to the same address")
	w.at(worldtest.Instant(t, "2026-09-01T04:00:00Z"))
	require.Equal(t, []string{"u1", "u2", "u3"}, w.mailed())
	for _, m := range w.SES.Mails() {
		if m.Notice == w.notice("u2").ID {
			require.NotContains(t, m.Text(), "2705", "the order is about somebody else")
		}
	}
}

func TestAnExceptionForOneHoldsWhoeverSharesTheMailbox(t *testing.T) {
	w := family(t)
	w.Post(worldtest.Disclosure("d1", "u1", "u2", "u3"))
	w.Post(worldtest.Exception("ex-1", "compromised_account", "2026-03-10T00:00:00Z", "u1"))
	w.Post(worldtest.Approval("ex-1", "counsel:bl"))
	w.at(morning)
	require.Equal(t, []string{"u3"}, w.mailed())
}

// TestAChangeOfMailboxReplans: who moves into a restrained mailbox is held, who leaves it is told, and whoever shares a
// new mailbox of the person restrained is held from then on.
func TestAChangeOfMailboxReplans(t *testing.T) {
	for name, change := range map[string]func(subject, to string) worldtest.Event{
		"contact.changed": func(subject, to string) worldtest.Event { return worldtest.ContactChange(subject, to) },
		"request.amended": func(subject, to string) worldtest.Event {
			return worldtest.Amendment(object{"subjects": []object{
				worldtest.With(worldtest.Subject(subject), object{"contacts": worldtest.Contacts(to)})}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := family(t)
			w.Post(worldtest.Order("o1", "u1"))
			w.Post(worldtest.Order("o2", "u3").Through("2026-03-10"))
			w.Post(worldtest.Disclosure("d1", "u2", "u3"))
			w.at(morning)
			require.Empty(t, w.mailed())
			w.Post(change("u2", "u2"))
			w.at(morning.Add(time.Hour))
			require.Equal(t, []string{"u2"}, w.mailed(), "who leaves the mailbox is held by nothing any more")
			w.Post(change("u1", "u3"))
			w.due("u3", "2026-09-01T04:00:00Z")
			w.at(worldtest.Instant(t, "2026-03-12T00:00:00Z"))
			require.Equal(t, []string{"u2"}, w.mailed(), "o1 names u1, whose mail goes to u3's address")
			w.Post(change("u3", "elsewhere"))
			w.at(worldtest.Instant(t, "2026-03-13T00:00:00Z"))
			require.Equal(t, []string{"u2", "u3"}, w.mailed())
		})
	}
}

func TestAMailboxThatBelongedToSomebodyRestrainedIsHeldOn(t *testing.T) {
	w := family(t)
	w.Post(worldtest.Order("o1", "u1"))
	w.Post(worldtest.Disclosure("d1", "u2"))
	w.Post(worldtest.ContactChange("u1", "elsewhere"))
	w.at(morning)
	require.Empty(t, w.mailed(), "leaving a mailbox shortens nothing: u1 may read it still")
}

func TestAMailThatWentBeforeTheMailboxWasSharedLeavesEvidence(t *testing.T) {
	w := family(t)
	w.Post(worldtest.Order("o1", "u1"))
	w.Post(worldtest.Disclosure("d1", "u3"))
	w.at(morning)
	require.Equal(t, []string{"u3"}, w.mailed())
	w.Post(worldtest.ContactChange("u1", "u3"))
	require.Equal(t, 1, w.at(morning.Add(day)).LateOrders)
}

// TestANoticeWhoseSubjectJoinsATenantIsHeldWithIt: role, tenant and address are today's until the mail goes.
func TestANoticeWhoseSubjectJoinsATenantIsHeldWithIt(t *testing.T) {
	w := organisations(t)
	w.Post(worldtest.Order("o1", "a1"))
	w.Post(worldtest.Order("o2", "b1").Through("2026-03-10"))
	w.Post(worldtest.Disclosure("d1", "b1"))
	w.at(morning)
	require.Empty(t, w.mailed())
	w.Post(worldtest.Amendment(object{"subjects": []object{inTenant("b1", "acme")}}))
	w.due("b1", "2026-09-01T04:00:00Z")
	w.at(worldtest.Instant(t, "2026-03-12T00:00:00Z"))
	require.Empty(t, w.mailed(), "o1 holds acme's admin until September")
	w.Post(worldtest.Amendment(object{"subjects": []object{inTenant("b1", "beta")}}))
	w.at(worldtest.Instant(t, "2026-03-13T00:00:00Z"))
	require.Equal(t, []string{"b1"}, w.mailed(), "it has left acme before its mail went")
}

// TestTheRoleThatIsToldIsTodaysUntilTheMailGoes, and the sent one afterwards.
func TestTheRoleThatIsToldIsTodaysUntilTheMailGoes(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Order("o1").Through("2026-03-10").With(object{"covers": object{"subjects": "all",
		"recipients": []string{"user"}}}))
	w.Post(worldtest.Disclosure("d1", "u1"))
	require.Equal(t, matter.User, w.notice("u1").Recipient)
	w.due("u1", "2026-03-11T04:00:00Z")
	guarded := worldtest.NewEvent("contact.changed", object{"subjectId": "u1", "contacts": []object{
		worldtest.Contact("user", "u1"), worldtest.Contact("guardian", "parent")}})
	w.Post(guarded)
	require.Equal(t, matter.Guardian, w.notice("u1").Recipient)
	w.at(morning)
	require.Len(t, w.SES.Mails(), 1, "the order lets the guardian be told")
	require.Contains(t, w.SES.Mails()[0].To.Reveal(), "parent")
	w.Post(worldtest.ContactChange("u1", "u1"))
	require.Equal(t, matter.Guardian, w.notice("u1").Recipient, "whoever the mail went to")
}

// TestAnOrderWithoutRoomForMailboxesCoversEverybody, until a person has assessed it.
func TestAnOrderWithoutRoomForMailboxesCoversEverybody(t *testing.T) {
	w := newWorld(t)
	subjects, named := []object{worldtest.Subject("free")}, []string{}
	for i := range 60 {
		id := fmt.Sprint("s", i)
		subjects, named = append(subjects, worldtest.Subject(id)), append(named, id)
	}
	w.Post(worldtest.RequestAbout(subjects...))
	w.Post(worldtest.Comply())
	for i := range 16 { // the lists of all do not fit into one transaction
		w.Post(worldtest.Order(fmt.Sprint("o", i), named...))
	}
	w.Post(worldtest.Disclosure("d1", "free"))
	answer := w.Post(worldtest.ContactChange("s1", "other"))
	require.NotEmpty(t, answer.Warnings)
	require.Equal(t, "still_covers_everybody", answer.Warnings[0].Code)
	w.at(morning)
	require.Empty(t, w.mailed())
	require.Contains(t, w.why("free").Text, "It names more people than could be looked up")
	for i := range 16 {
		w.Post(worldtest.Assessment(fmt.Sprint("o", i), "binding", "counsel:ak"))
	}
	w.at(morning.Add(time.Hour))
	require.Equal(t, []string{"free"}, w.mailed())
	h, err := w.Store.Head(w.T.Context(), worldtest.Matter)
	require.NoError(t, err)
	for _, r := range h.Restraints {
		require.Len(t, r.Mailboxes, 61, "the old one and the new one")
	}
}

// TestNoMailGoesToAContactThatIsHalfRecorded: between any two items of the transaction that changes a contact, nobody
// is told by the old restraints at the new address, nor by the new ones at the old address.
func TestNoMailGoesToAContactThatIsHalfRecorded(t *testing.T) {
	for name, sequence := range orders() {
		t.Run(name, func(t *testing.T) {
			w := family(t)
			w.Post(worldtest.Order("o1", "u1"))
			w.Post(worldtest.Disclosure("d1", "u3"))
			w.Set(morning.Add(5 * time.Second))
			w.Store.Sequence = sequence
			before := w.Head().Version
			halves := 0
			w.Store.Torn = func(int) {
				subjects, err := w.Store.Subjects(w.T.Context(), worldtest.Matter, []string{"u3"})
				require.NoError(t, err)
				if whole := w.Head().Version > before; whole != (subjects["u3"].Revision > 0) {
					halves++
					w.Sweep()
				}
			}
			w.Post(worldtest.ContactChange("u3", "family"))
			w.Store.Torn = nil
			require.Positive(t, halves)
			w.at(morning.Add(time.Hour))
			require.Empty(t, w.mailed())
		})
	}
}
