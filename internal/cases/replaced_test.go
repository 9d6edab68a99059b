package cases_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/intake"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// codes lists the codes of the warnings about contacts.
func codes(a ledger.Answer) (all []string) {
	for _, w := range a.Warnings {
		switch w.Code {
		case intake.ContactReplaced, intake.NobodyToWriteTo, intake.NoVerifiedContact:
			all = append(all, w.Code)
		}
	}
	return all
}

// amendedTo is an amendment after which the subject has these contacts.
func amendedTo(subject string, contacts ...object) worldtest.Event {
	return worldtest.Amendment(object{"subjects": []object{
		worldtest.With(worldtest.Subject(subject), object{"contacts": contacts}),
	}})
}

func unverified(name string) object {
	return worldtest.With(worldtest.Contact("user", name), object{"verified": false})
}

// TestAChangedContactIsWarnedOf in the answer, at once: while a notice is owed, and where it leaves nobody to write to.
func TestAChangedContactIsWarnedOf(t *testing.T) {
	for point, row := range map[string]struct {
		before func(w *world)
		post   worldtest.Event
		want   []string
	}{
		"nothing is owed": {func(*world) {}, worldtest.ContactChange("u1", "new"), nil},
		"a notice waits": {func(w *world) { w.held() }, worldtest.ContactChange("u1", "new"),
			[]string{intake.ContactReplaced}},
		"a notice waits, and an amendment": {func(w *world) { w.held() }, amendedTo("u1", worldtest.Contact("user", "new")),
			[]string{intake.ContactReplaced}},
		"a notice about somebody else waits": {func(w *world) { w.held() }, worldtest.ContactChange("u3", "new"), nil},
		"the notice was delivered": {func(w *world) {
			w.Post(worldtest.Disclosure("d1", "u1"))
			w.at(morning)
			w.report("Delivery", "", "")
		}, worldtest.ContactChange("u1", "new"), nil},
		"the notice came back, and is owed": {func(w *world) {
			w.Post(worldtest.Disclosure("d1", "u1"))
			w.at(morning)
			w.back("Permanent", "General")
		}, worldtest.ContactChange("u1", "new"), []string{intake.ContactReplaced}},
		"a notice waits, and nobody is left": {func(w *world) { w.held() },
			worldtest.ContactChange("u1").With(object{"contacts": []object{unverified("new")}}),
			[]string{intake.ContactReplaced, intake.NobodyToWriteTo}},
		"a notice waits, and an amendment leaves nobody": {func(w *world) { w.held() }, amendedTo("u1", unverified("new")),
			[]string{intake.ContactReplaced, intake.NobodyToWriteTo}},
		"nothing is owed, and nobody is left": {func(*world) {}, amendedTo("u1", unverified("new")),
			[]string{intake.NoVerifiedContact}},
		"an amendment that brings somebody nobody can write to": {func(w *world) { w.held() },
			amendedTo("u9", unverified("new")), []string{intake.NoVerifiedContact}},
		"data is disclosed of somebody nobody can write to": {func(w *world) { w.Post(amendedTo("u1", unverified("new"))) },
			worldtest.Disclosure("d1", "u1", "u2"), []string{intake.NobodyToWriteTo}},
	} {
		t.Run(point, func(t *testing.T) {
			w := approved(t)
			row.before(w)
			require.Equal(t, row.want, codes(w.Post(row.post)))
		})
	}
}

// held is a notice about u1 and one about u2 that wait for the end of an order.
func (w *world) held() {
	w.Post(worldtest.Order("ord-1"))
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	w.at(morning)
}

// TestARequestAboutSomebodyWithoutAVerifiedContactIsWarnedOf before anything is owed.
func TestARequestAboutSomebodyWithoutAVerifiedContactIsWarnedOf(t *testing.T) {
	w := newWorld(t)
	some := worldtest.With(worldtest.Subject("u1"), object{"contacts": []object{unverified("u1")}})
	a := w.Post(worldtest.RequestAbout(some, worldtest.Subject("u2")))
	require.Equal(t, []string{intake.NoVerifiedContact}, codes(a))
	require.Contains(t, a.Warnings[0].Message, "u1")
	require.NotContains(t, a.Warnings[0].Message, "u2")
}

// TestTheFormerAddressGetsASecurityMessage, by whatever event the address was replaced, and in whatever language.
func TestTheFormerAddressGetsASecurityMessage(t *testing.T) {
	for point, replace := range map[string]worldtest.Event{
		"contact.changed": worldtest.ContactChange("u1", "new"),
		"an amendment":    amendedTo("u1", worldtest.Contact("user", "new")),
		"a guardian in the user's place": worldtest.ContactChange("u1").With(object{"contacts": []object{
			worldtest.Contact("guardian", "new"),
		}}),
		"another order of contacts": worldtest.ContactChange("u1").With(object{"contacts": []object{
			worldtest.Contact("user", "new"), worldtest.Contact("user", "u1"),
		}}),
	} {
		t.Run(point, func(t *testing.T) {
			w := approved(t)
			w.held()
			w.at(morning.AddDate(0, 5, 25))
			w.Post(replace)
			w.sweep()
			require.Contains(t, w.Bus.String(), `lapse.contact.replaced {"matter":"mat-2026-0001","version":`)
			w.days(w.Now(), 10)
			about := w.messages("u1")
			for _, what := range []string{"Bounce", "Delivery"} {
				require.NoError(t, w.Delivery.Take(t.Context(), w.reportOf(about[0], what, "Permanent", "General")))
			}
			w.days(w.Now(), 4)
			require.Len(t, about, 1)
			require.Contains(t, about[0].Text(), "To: <"+worldtest.Address("u1")+">")
			require.Contains(t, about[0].Text(), "The address of your account was changed")
			require.Empty(t, w.messages("u2"))
			require.Empty(t, w.RowsOf(agenda.Moved))
			require.Len(t, w.view().Notices, 2, "the matter lists notices alone")
			require.NotContains(t, w.Bus.String(), about[0].Notice)
		})
	}
}

// TestAFormerAddressThatACoveredPersonReadsIsToldOnceThatOrderIsOver, although the notice goes at once: the new address
// is nobody else's.
func TestAFormerAddressThatACoveredPersonReadsIsToldOnceThatOrderIsOver(t *testing.T) {
	w := newWorld(t)
	at := func(id string) object {
		return worldtest.With(worldtest.Subject(id), object{"contacts": worldtest.Contacts("shared")})
	}
	w.Post(worldtest.RequestAbout(at("u1"), at("u2")))
	w.Post(worldtest.Comply())
	w.Post(worldtest.Order("ord-1", "u2"))
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.at(morning)
	require.Empty(t, w.SES.Mails(), "who reads one of them reads both")
	w.at(worldtest.AugustEnds().AddDate(0, 0, -5))
	w.Post(worldtest.ContactChange("u1", "new"))
	w.at(w.Now())
	w.days(w.Now(), 3)
	require.Len(t, w.SES.Mails(), 1)
	require.Contains(t, w.SES.Mails()[0].Text(), "To: <"+worldtest.Address("new")+">")
	w.at(worldtest.AugustEnds().Add(time.Minute))
	require.Len(t, w.messages("u1"), 1)
	require.Contains(t, w.messages("u1")[0].Text(), "To: <"+worldtest.Address("shared")+">")
}

// messages lists the security messages about a subject.
func (w *world) messages(subject string) (all []worldtest.Mail) {
	for _, m := range w.SES.Mails() {
		n, err := w.Store.Notice(w.T.Context(), m.Notice)
		require.NoError(w.T, err)
		if n.Kind == notice.Moved && n.Subject == subject {
			all = append(all, m)
		}
	}
	return all
}

// TestTheFormerAddressIsKeptWithTheChange: in its transaction, and by an amendment before its subjects are dropped from
// the entry, whatever fails in between.
func TestTheFormerAddressIsKeptWithTheChange(t *testing.T) {
	for point, replace := range map[string]worldtest.Event{
		"contact.changed": worldtest.ContactChange("u1", "new"),
		"an amendment":    amendedTo("u1", worldtest.Contact("user", "new")),
	} {
		t.Run(point, func(t *testing.T) {
			w := approved(t)
			w.Post(worldtest.Disclosure("d1", "u1"))
			w.Advance(time.Minute)
			w.Store.Fault = func(op, _ string) memory.Effect {
				if op == "PutRow" || op == "PutSubjects" || op == "DropPending" {
					return memory.FailBefore
				}
				return memory.None
			}
			w.Post(replace)
			w.Store.Fault = nil
			w.at(morning.Add(time.Hour))
			w.days(w.Now(), 2)
			require.Len(t, w.messages("u1"), 1)
		})
	}
}

// TestAMessageIsPreviewedAndFoundByItsID, and its recipient is masked.
func TestAMessageIsPreviewedAndFoundByItsID(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Advance(time.Minute)
	w.Post(worldtest.ContactChange("u1", "new"))
	w.at(morning.Add(time.Hour))
	w.at(morning.Add(2 * time.Hour))
	id := w.messages("u1")[0].Notice
	n, err := w.Inquire.Notice(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, notice.Moved, n.Kind)
	require.Equal(t, matter.User, n.Recipient)
	for _, lang := range []string{"", "de"} {
		p, err := w.Inquire.PreviewIn(t.Context(), id, lang)
		require.NoError(t, err)
		require.NotContains(t, string(p.Message), "canary")
		require.NotContains(t, strings.ToLower(p.Text), "request")
	}
	reference, err := w.Inquire.Reference(t.Context(), n)
	require.NoError(t, err)
	require.Contains(t, w.messages("u1")[0].Text(), "Lapse-Reference: "+reference)
	require.NotContains(t, w.SES.Of(w.notice("u1").ID)[0].Text(), reference, "nobody can link the two mails")
}
