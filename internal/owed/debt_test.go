package owed_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
)

// ended is a notice in a state, with one attempt to the contact 3.1 under version 5.
func ended(state notice.State, reason notice.Reason, change func(n *notice.Notice)) notice.Notice {
	n := notice.Notice{
		ID: aMatter + ".x", Matter: aMatter, State: state, Reason: reason, SentAt: start,
		Changed: start, Attempts: []notice.Attempt{{Head: 5, Contact: "3.1", Outcome: notice.OutcomeAccepted}},
	}
	if change != nil {
		change(&n)
	}
	return n
}

func TestWhatIsLeftToDoAboutANotice(t *testing.T) {
	dead := func(n *notice.Notice) { n.Attempts[0].Dead, n.Attempts[0].Bounced = true, start }
	read := func(n *notice.Notice) { dead(n); n.DeliveredAt = start }
	refused := func(n *notice.Notice) { n.Attempts[0].Outcome = notice.OutcomeRejected }
	none := func(n *notice.Notice) { n.Attempts = nil }
	two := subject("u1", 3)
	two.Contacts = append(two.Contacts, two.Contacts[0])
	for _, c := range []struct {
		point   string
		notice  notice.Notice
		subject matter.Subject
		want    owed.Debt
	}{
		{"a notice that is not over", ended(notice.Scheduled, "", nil), subject("u1", 9), owed.Open},
		{"a held one", ended(notice.Held, "", nil), subject("u1", 9), owed.Open},
		{"a sent one", ended(notice.Sent, "", nil), subject("u1", 9), owed.Open},
		{"a delivered one", ended(notice.Delivered, "", nil), subject("u1", 9), owed.Settled},
		{"a cancelled one", ended(notice.Cancelled, "", nil), subject("u1", 9), owed.Settled},
		{"eight attempts may have reached SES", ended(notice.Failed, notice.ReasonAttempts, nil), subject("u1", 9),
			owed.Settled},
		{"unconfirmed, and a sign may come", ended(notice.Unconfirmed, notice.ReasonNoSign, nil), subject("u1", 9),
			owed.Watched},
		{"no contact was known, and there is one", ended(notice.Failed, notice.ReasonNoContact, none), subject("u1", 1),
			owed.Payable},
		{"no contact was known, and there is none", ended(notice.Failed, notice.ReasonNoContact, none), matter.Subject{},
			owed.Unpayable},
		{"SES refused the mail to this contact", ended(notice.Failed, notice.ReasonRejected, refused), subject("u1", 3),
			owed.Unpayable},
		{"SES refused the mail, and there is a second", ended(notice.Failed, notice.ReasonRejected, refused), two,
			owed.Payable},
		{"SES refused the mail, and new contacts came", ended(notice.Failed, notice.ReasonRejected, refused),
			subject("u1", 9), owed.Payable},
		{"the mail came back from this contact", ended(notice.Bounced, notice.ReasonHardBounce, dead), subject("u1", 3),
			owed.Unpayable},
		{"the mail came back, and there is a second", ended(notice.Bounced, notice.ReasonHardBounce, dead), two,
			owed.Payable},
		{"the mail came back, and new contacts came", ended(notice.Bounced, notice.ReasonHardBounce, dead),
			subject("u1", 9), owed.Payable},
		{"the mail was delivered before it came back", ended(notice.Bounced, notice.ReasonHardBounce, read), two,
			owed.Unpayable},
		{"new contacts, though it was delivered", ended(notice.Bounced, notice.ReasonHardBounce, read), subject("u1", 9),
			owed.Payable},
		{"contacts as old as the attempt that was read", ended(notice.Bounced, notice.ReasonHardBounce, read),
			subject("u1", 5), owed.Unpayable},
	} {
		require.Equal(t, c.want, owed.Of(&c.notice, &c.subject, start.AddDate(0, 0, 29)), c.point)
	}
	late := ended(notice.Unconfirmed, notice.ReasonNoSign, nil)
	require.Equal(t, owed.Settled, owed.Of(&late, &two, start.Add(notice.SignWindow)), "no sign can come any more")
}

// TestASlowRowStandsAtOneOfTheSameVisits whoever puts it, and when.
func TestASlowRowStandsAtOneOfTheSameVisits(t *testing.T) {
	day := 24 * time.Hour
	bounced := ended(notice.Bounced, notice.ReasonHardBounce, nil)
	unconfirmed := ended(notice.Unconfirmed, notice.ReasonNoSign, nil)
	for _, c := range []struct {
		point string
		n     notice.Notice
		now   time.Duration
		want  time.Duration
	}{
		{"at its end", bounced, 0, 30 * day},
		{"just before the first visit", bounced, 30*day - time.Second, 30 * day},
		{"at the first visit", bounced, 30 * day, 60 * day},
		{"between visits", bounced, 45 * day, 60 * day},
		{"years later", bounced, 1000 * day, 1020 * day},
		{"unconfirmed, until no sign can come", unconfirmed, 7 * day, 30 * day},
	} {
		row, ok := owed.SlowRow(&c.n, 4, start.Add(c.now))
		require.True(t, ok, c.point)
		require.Equal(t, agenda.ForNotice(aMatter, c.n.ID, start.Add(c.want), 4), row, c.point)
		require.True(t, owed.Slow(&c.n, row), c.point)
		row.At = start.Add(30*day - time.Second)
		require.False(t, owed.Slow(&c.n, row), "a row from before its end was announced")
	}
	_, ok := owed.SlowRow(&unconfirmed, 4, start.Add(notice.SignWindow))
	require.False(t, ok, "no sign can come any more")
	delivered := ended(notice.Delivered, "", nil)
	_, ok = owed.SlowRow(&delivered, 4, start)
	require.False(t, ok)
}
