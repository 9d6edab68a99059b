package notice_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

func TestOneNoticeForOneDisclosureAndSubject(t *testing.T) {
	id := notice.ID(nil, "mat-1", "d1", "u1")
	require.Equal(t, id, notice.ID(nil, "mat-1", "d1", "u1"))
	for _, other := range []string{
		notice.ID(nil, "mat-1", "d2", "u1"), notice.ID(nil, "mat-1", "d1", "u2"),
		notice.ID([]byte("salt"), "mat-1", "d1", "u1"), notice.ID(nil, "mat-2", "d1", "u1"),
	} {
		require.NotEqual(t, id, other)
	}
	m, hash, ok := notice.SplitID(id)
	require.True(t, ok)
	require.Equal(t, "mat-1", m)
	require.NotContains(t, hash, ".")
}

func TestWhichContactIsWrittenTo(t *testing.T) {
	user := func(sealed string) matter.SealedContact {
		return matter.SealedContact{Role: matter.User, Verified: true, Sealed: []byte(sealed)}
	}
	admin := matter.SealedContact{Role: matter.Admin, Verified: true}
	dead := func(contact string, head int) notice.Attempt {
		return notice.Attempt{Contact: contact, Head: head, Bounced: time.Unix(1, 0), Dead: true}
	}
	for name, c := range map[string]struct {
		contacts []matter.SealedContact
		attempts []notice.Attempt
		number   int
		spare    bool
	}{
		"only a verified one": {[]matter.SealedContact{{Role: matter.User}}, nil, 0,
			false},
		"only one of the role that is told": {[]matter.SealedContact{admin}, nil, 0, false},
		"the first": {[]matter.SealedContact{admin, user("a"), user("b")}, nil,
			2, true},
		"the next where the first is dead": {[]matter.SealedContact{user("a"), {Role: matter.User},
			user("b")}, []notice.Attempt{dead("4.1", 5)}, 3, false},
		"none where all are dead": {[]matter.SealedContact{user("a"), user("b")},
			[]notice.Attempt{dead("4.1", 5), dead("4.2", 6)}, 0, false},
		"the first again where it came back for now": {[]matter.SealedContact{user("a")},
			[]notice.Attempt{{Contact: "4.1", Head: 5, Bounced: time.Unix(1, 0)}}, 1, false},
		"the first of new contacts, whatever became of old": {[]matter.SealedContact{user("a")},
			[]notice.Attempt{dead("3.1", 5)}, 1, false},
		"none where a mail of the log came back, whosever it was": {[]matter.SealedContact{user("a"), user("b")},
			[]notice.Attempt{dead("", 5)}, 0, false},
		"the first where that was under older contacts": {[]matter.SealedContact{user("a")},
			[]notice.Attempt{dead("", 3)}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			n := notice.Notice{Attempts: c.attempts}
			got, contact, spare, ok := n.Contact(&matter.Subject{Class: matter.Consumer, Revision: 4, Contacts: c.contacts})
			require.Equal(t, c.spare, spare)
			require.Equal(t, c.number > 0, ok)
			if ok {
				require.Equal(t, fmt.Sprintf("4.%d", c.number), contact)
				require.Equal(t, c.contacts[c.number-1], got)
			}
		})
	}
}

// TestTheRecipientIsTodaysUntilTheMailGoes: then it is whoever the mail reached.
func TestTheRecipientIsTodaysUntilTheMailGoes(t *testing.T) {
	s := &matter.Subject{Class: matter.Enterprise, Tenant: "acme", Revision: 2, Contacts: []matter.SealedContact{
		{Role: matter.Admin, Mailbox: "unverified"}, {Role: matter.Admin, Verified: true, Mailbox: "box-1"},
		{Role: matter.User, Verified: true, Mailbox: "box-2"},
	}}
	admin := matter.Recipient{Role: matter.Admin, Tenant: "acme", Mailbox: "box-1"}
	n := notice.Notice{State: notice.Scheduled}
	require.Equal(t, admin, n.Recipient(s))
	consumer := *s
	consumer.Class = matter.Consumer
	require.Equal(t, matter.Recipient{Role: matter.User, Mailbox: "box-2"}, n.Recipient(&consumer),
		"a user's role is nobody else's of the tenant")
	n.Token = "t1"
	n.Attempts = []notice.Attempt{{Token: "t1", Recipient: admin}}
	for state, want := range map[notice.State]matter.Recipient{
		notice.Sending: {Role: matter.User, Mailbox: "box-2"}, notice.Unknown: {Role: matter.User, Mailbox: "box-2"},
		notice.Sent: admin, notice.Delivered: admin, notice.Bounced: admin,
	} {
		n.State, n.Attempts[0].Outcome = state, notice.OutcomeAccepted
		require.Equal(t, want, n.Recipient(&consumer), state)
	}
	n.State, n.Attempts[0].Recipient = notice.Sent, matter.Recipient{}
	require.Equal(t, matter.User, n.Recipient(&consumer).Role, "an attempt of which nobody knows whom it reached")
	require.Equal(t, matter.Recipient{Role: matter.LegalContact}, (&notice.Notice{}).Recipient(&matter.Subject{
		Class: matter.PublicSector}), "nobody to write to")
}

// TestMovesKeepTheNoticeInOrder applies random ops and asserts what holds of every notice.
func TestMovesKeepTheNoticeInOrder(t *testing.T) {
	ops := []notice.Op{}
	for _, tr := range notice.Transitions() {
		ops = append(ops, tr.Op)
	}
	tokens := []string{"t1", "t2", "t3"}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
		n := notice.Notice{ID: "mat-1.x", State: notice.Scheduled, Created: now}
		used := map[string]bool{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(t, "later")) * time.Second)
			m := notice.Act{
				Op: rapid.SampledFrom(ops).Draw(t, "op"), Token: rapid.SampledFrom(tokens).Draw(t,
					"token"), After: n.Token, At: now,
				Next: now.Add(time.Minute), Back: rapid.SampledFrom([]notice.State{notice.Scheduled, notice.Retry}).Draw(t, "back"),
				MessageID: "m", Order: "o", Reason: rapid.SampledFrom([]notice.Reason{"", notice.ReasonNoContact,
					notice.ReasonHardBounce}).Draw(t, "reason"),
			}
			if m.Op == notice.OpClaim && used[m.Token] {
				continue
			}
			before := n
			before.Attempts = slices.Clone(n.Attempts)
			after, effect := n.Apply(m)
			require.Equal(t, before, n, "the notice that an act is applied to stays as it is")
			if effect != notice.Applied {
				require.Equal(t, before, after, "a refused or repeated act changes nothing")
				continue
			}
			require.Equal(t, n.Revision+1, after.Revision)
			n = after
			if m.Op == notice.OpClaim {
				used[m.Token] = true
			}
			require.NotEmpty(t, n.State)
			require.Equal(t, n.State == notice.Sending, !n.Lease.IsZero(), "a lease while sending, and only then: %s to %s",
				m.Op, n.State)
			again, _ := n.Apply(m)
			require.Equal(t, n.State, again.State, "the same op twice is once")
		}
	})
}
