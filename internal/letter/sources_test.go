package letter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// world is a matter with one order over u1, one over somebody else, and a statute.
func world() (letter.Sources, time.Time) {
	disclosed := time.Date(2026, time.April, 20, 18, 0, 0, 0, time.UTC)
	issuer := matter.Issuer{Name: "Example Court", Role: "court", Country: "US", Zone: "America/Los_Angeles"}
	end := matter.End{Kind: matter.EndDate, Date: matter.Date{Year: 2026, Month: time.August, Day: 31}, Wording: "until"}
	until := time.Date(2026, time.September, 1, 7, 0, 0, 0, time.UTC)
	paper := matter.Paper{End: end, Country: "US", Zone: "America/Los_Angeles",
		SignedOn: matter.Date{Year: 2026, Month: time.April, Day: 2}}
	one := func(id, subject string) (matter.Order, matter.Restraint) {
		return matter.Order{ID: id, Received: matter.PostedOrder{Issuer: issuer, LegalBasis: "18 U.S.C. 2705(b)", End: end}},
			matter.Restraint{ID: id, Kind: matter.CourtOrder, Subjects: []string{subject}, Paper: paper, Until: until,
				Recorded: disclosed}
	}
	mine, r1 := one("ord-1", "u1")
	theirs, r2 := one("ord-2", "u2")
	mine.Challenges = []matter.OrderChallenge{
		{FiledAt: disclosed.AddDate(0, 1, 0), Outcome: matter.ChallengePending},
		{FiledAt: disclosed.AddDate(0, 0, 3), Outcome: matter.ChallengeUpheld, At: disclosed.AddDate(0, 0, 9)},
	}
	n := notice.Notice{
		ID: notice.ID(nil, "m", "d1", "u1"), Matter: "m", Disclosure: "d1", Subject: "u1",
		Base: disclosed, Template: "de+en-2",
	}
	return letter.Sources{
		Notice: &n, Recipient: matter.Recipient{Role: matter.User},
		Head: &matter.Head{Restraints: []matter.Restraint{r1, r2}}, Orders: []matter.Order{mine, theirs},
		Request: matter.Request{Issuer: issuer}, Disclosure: matter.DisclosureFacts{Basis: matter.BasisCompelled,
			At: disclosed}, Country: "DE",
	}, until
}

func sender() letter.Sender {
	return letter.Sender{
		Name: "Example", ReplyTo: "legal@example.com", PolicyURL: "https://example.com/p",
		VerifyURL: "https://example.com/verify",
		Proof:     letter.NewProofKey([]byte("secret"), nil),
	}
}

// TestTheFactsAreAboutThisRecipientOnly: an order over somebody else leaves no trace.
func TestTheFactsAreAboutThisRecipientOnly(t *testing.T) {
	src, until := world()
	f := sender().Facts(restraint.NewEvaluator(), src, until, until.Add(time.Second))
	require.Len(t, f.Delays, 1)
	d := f.Delays[0]
	require.Equal(t, src.Orders[0].Received.End, d.Stated)
	require.Equal(t, until, d.Until)
	require.Equal(t, "America/Los_Angeles", d.Zone)
	require.Empty(t, d.Later, "one zone, a date that nothing moves")
	require.Empty(t, d.Ended)
	require.Equal(t, []letter.Challenge{
		{Order: true, FiledOn: matter.Date{Year: 2026, Month: time.April, Day: 23},
			DecidedOn: matter.Date{Year: 2026, Month: time.April, Day: 29}, Outcome: "upheld"},
		{Order: true, FiledOn: matter.Date{Year: 2026, Month: time.May, Day: 20}, Outcome: "pending"},
	}, f.Challenges)
	require.Equal(t, "DE", f.AccountCountry)
	require.Equal(t, sender().Proof.Reference(src.Notice.ID), f.Reference)
	require.Equal(t, "https://example.com/verify", f.VerifyURL)
	f.Code = sender().Proof.Code(f.Reference, "attempt", mustAddress(t))
	l, err := letter.Render(f)
	require.NoError(t, err)
	require.Equal(t, "de, en", l.Language)
}

func mustAddress(t *testing.T) matter.Address {
	a, err := matter.ParseAddress("person@example.org")
	require.NoError(t, err)
	return a
}

func TestWhyWeWaitedLongerThanThePaperSays(t *testing.T) {
	src, until := world()
	r := &src.Head.Restraints[0]
	facts := func() letter.Delay {
		f := sender().Facts(restraint.NewEvaluator(), src, until, until.AddDate(0, 2, 0))
		require.Len(t, f.Delays, 1)
		return f.Delays[0]
	}
	r.Paper.Zone = ""
	require.Equal(t, letter.LaterPlace, facts().Later, "the paper names no zone, and the country has several")

	// 30 days from 31 July 2026 end on Sunday 30 August.
	r.Paper = matter.Paper{
		End:      matter.End{Kind: matter.EndPeriod, N: 30, Unit: "days", From: "signed"},
		SignedOn: matter.Date{Year: 2026, Month: time.July, Day: 31}, Country: "US", Zone: "America/Los_Angeles", Rolls: true,
	}
	require.Equal(t, letter.LaterRolled, facts().Later)
}

func TestAnOrderThatWasLiftedSaysSo(t *testing.T) {
	src, until := world()
	lifted := until.AddDate(0, -1, 0)
	src.Head.Restraints[0].Ended = lifted
	src.Orders[0].Endings = []matter.Ending{{How: "lifted", EffectiveAt: lifted}}
	f := sender().Facts(restraint.NewEvaluator(), src, lifted, until)
	require.Len(t, f.Delays, 1)
	require.Equal(t, lifted, f.Delays[0].Until)
	require.Equal(t, "lifted", f.Delays[0].Ended)
	require.Empty(t, f.Delays[0].Later)
}
