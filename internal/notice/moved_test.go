package notice_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

// TestWhichMailsWentElsewhereThanToAFormerAddress: those that rested on the change, at most 30 days later.
func TestWhichMailsWentElsewhereThanToAFormerAddress(t *testing.T) {
	replaced := time.Date(2026, time.March, 10, 12, 0, 0, 0, time.UTC)
	f := matter.Former{Name: "1.1", Version: 5, Replaced: replaced}
	sent := notice.Attempt{Head: 5, Claimed: replaced.Add(time.Hour), Outcome: notice.OutcomeAccepted, Contact: "5.1"}
	type change = func(n *notice.Notice, a *notice.Attempt)
	ended := func(o notice.Outcome) change { return func(_ *notice.Notice, a *notice.Attempt) { a.Outcome = o } }
	about := func(set func(n *notice.Notice)) change { return func(n *notice.Notice, _ *notice.Attempt) { set(n) } }
	claimed := func(at time.Time) change { return func(_ *notice.Notice, a *notice.Attempt) { a.Claimed = at } }
	for point, row := range map[string]struct {
		change        change
		went, running bool
	}{
		"to the new address":               {ended(notice.OutcomeAccepted), true, false},
		"perhaps":                          {ended(notice.OutcomeUnknown), true, false},
		"it may be on its way":             {ended(""), false, true},
		"SES threw it away":                {ended(notice.OutcomeRejected), false, false},
		"before the change":                {func(_ *notice.Notice, a *notice.Attempt) { a.Head = 4 }, false, false},
		"on the last day":                  {claimed(f.Until()), true, false},
		"later":                            {claimed(f.Until().Add(time.Second)), false, false},
		"disclosed at the change or later": {about(func(n *notice.Notice) { n.Base = replaced }), false, false},
		"a security message":               {about(func(n *notice.Notice) { n.Kind = notice.Moved }), false, false},
	} {
		n, a := notice.Notice{Base: replaced.Add(-time.Hour)}, sent
		row.change(&n, &a)
		n.Attempts = []notice.Attempt{a}
		went, running := n.After(&f)
		require.Equal(t, row.went, len(went) == 1, point)
		require.Equal(t, row.running, running, point)
	}
}

// TestASecurityMessageIsNeverOwed, and has the one contact that it is about.
func TestASecurityMessageIsNeverOwed(t *testing.T) {
	s := matter.Subject{
		Revision: 5, Tenant: "t1",
		Contacts: []matter.SealedContact{{Role: matter.Admin, Verified: true, Sealed: []byte("new")}},
		Former: []matter.Former{
			{Role: matter.Admin, Version: 4, Name: "1.1", Sealed: []byte("older")},
			{Role: matter.Admin, Version: 5, Name: "4.1", Sealed: []byte("old"), Mailbox: "box"},
		},
	}
	about := notice.Notice{Matter: "m", Subject: "u1", Disclosure: "d1"}
	n := notice.NewMoved([]byte("salt"), &about, &s.Former[1], "en", "en-2", time.Time{})
	require.Equal(t, matter.Recipient{Role: matter.Admin, Tenant: "t1", Mailbox: "box"}, n.Recipient(&s),
		"an admin's mailbox may be another one's of the tenant")
	require.NotEqual(t, n.ID, notice.MovedID([]byte("salt"), "m", "u1", 4))
	require.NotEqual(t, n.ID, notice.MovedID([]byte("other"), "m", "u1", 5))
	c, name, spare, ok := n.Contact(&s)
	require.True(t, ok)
	require.False(t, spare)
	require.Equal(t, "4.1 old", name+" "+string(c.Sealed))
	for _, state := range []notice.State{notice.Failed, notice.Bounced} {
		n.State, n.Reason = state, notice.ReasonNoContact
		require.False(t, n.Owed())
	}
	n.Attempts = []notice.Attempt{{Dead: true, Contact: "4.1"}}
	_, _, _, ok = n.Contact(&s)
	require.False(t, ok, "its mail came back")
	n.Attempts, s.Former = nil, s.Former[:1]
	_, _, _, ok = n.Contact(&s)
	require.False(t, ok, "it was erased")
}
