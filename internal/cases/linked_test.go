package cases_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/inquire"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/worldtest"
)

// inTenant is an enterprise's account whose admin is told.
func inTenant(id, tenant string) object {
	return worldtest.With(worldtest.Subject(id), object{"accountClass": "enterprise", "tenant": tenant,
		"contacts": []object{worldtest.Contact("admin", tenant)}})
}

// organisations is a matter about two accounts of one tenant, one of another, and a consumer who has a tenant's name.
func organisations(t *testing.T) *world {
	w := newWorld(t)
	w.Post(worldtest.RequestAbout(
		inTenant("a1", "acme"), inTenant("a2", "acme"), inTenant("b1", "beta"),
		worldtest.With(worldtest.Subject("c1"), object{"tenant": "acme"}),
	))
	w.Post(worldtest.Comply().With(object{"grounds": []string{"O8", "O9", "O10", "O11", "O12", "O13", "O14"}}))
	return w
}

func TestE10_ARecipientSharedWithSomebodyRestrainedIsNotToldAboutTheOthers(t *testing.T) {
	w := organisations(t)
	w.Post(worldtest.Disclosure("d1", "a1", "a2", "b1", "c1"))
	answer := w.Post(worldtest.Order("o1", "a2"))
	require.Len(t, answer.Notices, 2, "a2's, and a1's for the admin they share")
	require.Contains(t, findingOf(answer.Findings, "K15").Message, "share with others of their organisation")
	w.at(morning)
	require.Equal(t, []string{"b1", "c1"}, w.mailed(), "another tenant's admin, and a person's own address")
	w.due("a1", "2026-09-01T04:00:00Z")
	why := w.why("a1")
	require.Contains(t, why.Text, "It names somebody else of the same organisation")
	w.at(worldtest.Instant(t, "2026-09-01T04:00:00Z"))
	require.Equal(t, []string{"a1", "a2", "b1", "c1"}, w.mailed())
	for _, m := range w.SES.Mails() {
		if m.Notice == w.notice("a1").ID {
			require.NotContains(t, m.Text(), "2705", "the order is about somebody else")
		}
	}
}

// TestWhoIsToldAboutAnOrganisationsAccount: its legal contact, else its admin with a word of caution, else the user if
// the tenant's policy says so, from the subject's next event on.
func TestWhoIsToldAboutAnOrganisationsAccount(t *testing.T) {
	const caution = "Before you tell that person, check whether anything forbids it."
	account := func(id, tenant string, contacts ...object) object {
		return worldtest.With(inTenant(id, tenant), object{"contacts": contacts})
	}
	user, admin, legal := worldtest.Contact("user", "yak"), worldtest.Contact("admin", "ox"), worldtest.Contact(
		"legal_contact", "elk")
	for point, c := range map[string]struct {
		tenant   string
		contacts []object
		role     matter.Role
		mail     string
	}{
		"the legal contact before all":            {"acme", []object{user, admin, legal}, matter.LegalContact, "elk"},
		"the admin before the user":               {"acme", []object{user, admin}, matter.Admin, "ox"},
		"the user where the tenant says so":       {"acme", []object{user}, matter.User, "yak"},
		"nobody where the tenant says nothing":    {"beta", []object{user}, matter.LegalContact, ""},
		"nobody of an account without a tenant":   {"", []object{user}, matter.LegalContact, ""},
		"a tenant named like another's beginning": {"acm", []object{user}, matter.LegalContact, ""},
	} {
		w := newWorld(t)
		w.Intake.Rules.UserTenants = []string{"acme"}
		about := account("a1", c.tenant, c.contacts...)
		if c.tenant == "" {
			delete(about, "tenant")
		}
		w.Post(worldtest.RequestAbout(about))
		w.Post(worldtest.Comply().With(object{"grounds": []string{"O8", "O9", "O10", "O11", "O12", "O13", "O14"}}))
		w.Post(worldtest.Disclosure("d1", "a1"))
		require.Equal(t, c.role, w.notice("a1").Recipient, point)
		w.at(morning)
		mails := w.SES.Mails()
		if c.mail == "" {
			require.Empty(t, mails, point)
			continue
		}
		require.Len(t, mails, 1, point)
		require.Contains(t, mails[0].To.Reveal(), c.mail, point)
		require.Equal(t, c.role == matter.Admin, strings.Contains(mails[0].Text(), caution), point)
	}

	w := newWorld(t)
	w.Post(worldtest.RequestAbout(account("a1", "acme", user)))
	w.Post(worldtest.Comply().With(object{"grounds": []string{"O8", "O9", "O10", "O11", "O12", "O13", "O14"}}))
	w.Post(worldtest.Disclosure("d1", "a1"))
	w.at(morning)
	require.Empty(t, w.SES.Mails())
	w.Intake.Rules.UserTenants = []string{"*"}
	w.Post(worldtest.ContactChange("a1", "yak"))
	w.at(morning.Add(day))
	require.Equal(t, []string{"a1"}, w.mailed(), "the policy has changed, and the account system has posted the contact")
}

func TestE10_AnOrderThatLetsTheAdminBeToldHoldsNoSharedRecipient(t *testing.T) {
	w := organisations(t)
	w.Post(worldtest.Disclosure("d1", "a1", "a2"))
	w.Post(worldtest.Order("o1").With(object{"covers": object{"subjects": []string{"a2"},
		"recipients": []string{"user"}}}))
	w.at(morning)
	require.Equal(t, []string{"a1", "a2"}, w.mailed())
}

func TestE10_SomebodyWhoJoinsTheTenantLaterIsLinkedFromThenOn(t *testing.T) {
	w := organisations(t)
	w.Post(worldtest.Order("o1", "n1", "b1"))
	w.Post(worldtest.Disclosure("d1", "a1", "b1", "c1"))
	w.at(morning)
	require.Empty(t, w.mailed(), "a name nobody knows covers everybody")
	w.Post(worldtest.Amendment(object{"subjects": []object{inTenant("n1", "acme")}}))
	w.at(morning.Add(day))
	require.Equal(t, []string{"c1"}, w.mailed(), "n1 shares a1's admin")
	w.Post(worldtest.Amendment(object{"subjects": []object{inTenant("n1", "gamma")}}))
	w.at(morning.Add(2 * day))
	require.Equal(t, []string{"c1"}, w.mailed(), "leaving a tenant shortens nothing")
}

func TestE10_AMailThatWentBeforeTheLinkWasKnownLeavesEvidence(t *testing.T) {
	w := organisations(t)
	w.Post(worldtest.Order("o1", "b1"))
	w.Post(worldtest.Disclosure("d1", "a1"))
	w.at(morning)
	require.Equal(t, []string{"a1"}, w.mailed(), "b1 is not known to share a1's admin")
	w.Post(worldtest.Amendment(object{"subjects": []object{inTenant("b1", "acme")}}))
	require.Equal(t, 1, w.at(morning.Add(day)).LateOrders)
}

// TestE10_AMailThatWentBeforeALongListWasLinkedLeavesEvidence: the list stands in an item of its own, and the amendment
// links one of its names to a tenant.
func TestE10_AMailThatWentBeforeALongListWasLinkedLeavesEvidence(t *testing.T) {
	w := newWorld(t)
	subjects, named := []object{inTenant("a1", "acme"), inTenant("b1", "beta")}, []string{"b1"}
	for i := range 60 {
		id := fmt.Sprint("s", i)
		subjects, named = append(subjects, worldtest.Subject(id)), append(named, id)
	}
	w.Post(worldtest.RequestAbout(subjects...))
	w.Post(worldtest.Comply().With(object{"grounds": []string{"O8", "O9", "O10", "O11", "O12", "O13", "O14"}}))
	w.Post(worldtest.Order("o1", named...))
	w.Post(worldtest.Disclosure("d1", "a1"))
	w.at(morning)
	require.Equal(t, []string{"a1"}, w.mailed(), "b1 is not known to share a1's admin")
	w.Post(worldtest.Amendment(object{"subjects": []object{inTenant("b1", "acme")}}))
	require.Equal(t, 1, w.at(morning.Add(day)).LateOrders)
}

func TestE10_AnExceptionForOneHoldsTheSharedRecipientToo(t *testing.T) {
	w := organisations(t)
	w.Post(worldtest.Disclosure("d1", "a1", "a2", "b1"))
	w.Post(worldtest.Exception("ex-1", "compromised_account", "2026-03-10T00:00:00Z", "a2"))
	w.Post(worldtest.Approval("ex-1", "counsel:bl"))
	w.at(morning)
	require.Equal(t, []string{"b1"}, w.mailed())
	w.due("a1", "2026-03-10T00:00:00Z")
}

func TestE10_ManyTenantsAreAllOfThem(t *testing.T) {
	w := newWorld(t)
	subjects, named := []object{inTenant("a1", "acme")}, []string{}
	for _, c := range "bcdefghijklm" {
		subjects, named = append(subjects, inTenant(string(c), "t-"+string(c))), append(named, string(c))
	}
	w.Post(worldtest.RequestAbout(subjects...))
	w.Post(worldtest.Order("o1", named...))
	require.Equal(t, []inquire.WhyNotice{}, w.why("a1").Notices)
	require.Len(t, w.why("a1").Restraints, 1, "more tenants than are kept hold every shared recipient")
}

func TestE09_AnOrderThatNamesAnotherProcessHoldsWhatIsHandedOverUnderThisOne(t *testing.T) {
	w := approved(t)
	answer := w.Post(worldtest.Order("o1", "u1").With(object{"namesProcess": false, "docket": "26-mj-9"}))
	f := findingOf(answer.Findings, law.OtherProcess)
	require.Equal(t, matter.NeedsPerson, f.Status)
	require.NotEmpty(t, f.Citation)
	require.Equal(t, matter.OrderInForce, answer.Order.State)
	w.Post(worldtest.Disclosure("d1", "u1", "u2"))
	w.at(morning)
	require.Equal(t, []string{"u2"}, w.mailed())
	require.Contains(t, w.why("u1").Text, "It does not name this process; it holds all the same")
	w.at(worldtest.Instant(t, "2026-09-01T04:00:00Z"))
	require.Equal(t, []string{"u1", "u2"}, w.mailed())
}

func TestE09_AnOrderForOneProcessHoldsTheNextProcessOfTheMatterToo(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1").Under("emergency"))
	w.Post(worldtest.Order("o1", "u1").With(object{"namesProcess": true}))
	w.Post(worldtest.Order("over", "u1").Through("2026-03-20"))
	w.Post(worldtest.Ending("over", "lifted", "2026-03-02T09:00:00Z"))
	answer := w.Post(worldtest.Amendment(object{"instrument": "search_warrant", "reference": "24-sw-2"}))
	require.Len(t, answer.Warnings, 1, "the order that is over holds nothing")
	require.Equal(t, law.OtherProcess, answer.Warnings[0].Code)
	require.Contains(t, answer.Warnings[0].Message, "order o1")
	require.Empty(t, w.Post(worldtest.Amendment(object{"offence": "wire fraud"})).Warnings)
	w.Post(worldtest.Comply().Reason("the warrant came"))
	w.Post(worldtest.Disclosure("d2", "u1"))
	w.at(morning.Add(day))
	require.Empty(t, w.mailed())
	w.due("u1", "2026-09-01T04:00:00Z")
}

func TestE25_AnOrderSignedBeforeItsProcessIsAnOmnibusOrderAndHolds(t *testing.T) {
	w := newWorld(t)
	w.Post(worldtest.Request("u1").SignedOn("2026-02-27").With(object{"signed": true}))
	w.Post(worldtest.Comply())
	w.Post(worldtest.Disclosure("d1", "u1"))
	answer := w.Post(worldtest.Order("o1").SignedOn("2026-01-05"))
	f := findingOf(answer.Findings, "K09")
	require.Equal(t, matter.Fail, f.Status)
	require.Contains(t, f.Message, "omnibus")
	require.Contains(t, f.Citation, "In re Sealed Case")
	require.Equal(t, matter.OrderInForceDeficient, answer.Order.State)
	require.Contains(t, statuses(w.why("u1").Restraints[0].Checks), "K09")
	w.at(morning)
	require.Empty(t, w.mailed(), "it binds all the same")
	w.due("u1", "2026-09-01T04:00:00Z")
}

func TestE35_AForgedOrderHoldsUntilTwoPersonsDeclareItVoid(t *testing.T) {
	w := approved(t)
	w.Post(worldtest.Disclosure("d1", "u1"))
	forged := worldtest.Order("o1").Endless().
		From(worldtest.With(worldtest.Issuer(), object{"contact": "court@example.net"}))
	answer := w.Post(forged)
	require.Equal(t, matter.NeedsPerson, statuses(answer.Findings)["K18"], "no machine tells a forgery")
	require.Equal(t, matter.NeedsPerson, statuses(answer.Findings)["K20"])
	require.NotContains(t, findingOf(answer.Findings, "K20").Message, "example.net")
	w.at(morning.AddDate(0, 3, 0))
	require.Empty(t, w.mailed())
	void := worldtest.Assessment("o1", "void", "counsel:ak").Reason("the court does not know it")
	w.Refused(void, "/data/approvedBy")
	w.Refused(void.ApprovedBy("counsel:ak", "Counsel:AK"), "/data/approvedBy")
	w.at(morning.AddDate(0, 3, 1))
	require.Empty(t, w.mailed())
	w.Post(void.ApprovedBy("counsel:ak", "counsel:bl"))
	require.Equal(t, matter.OrderVoid, w.order("o1").State)
	w.at(morning.AddDate(0, 3, 2))
	require.Equal(t, []string{"u1"}, w.mailed())
}

func findingOf(findings []matter.Finding, check string) matter.Finding {
	for _, f := range findings {
		if f.Check == check {
			return f
		}
	}
	return matter.Finding{}
}
