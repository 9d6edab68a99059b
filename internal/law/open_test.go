package law

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/matter"
)

// Issue 16, point 1: open is only what rests on a verified open rule, by its instrument and its basis together.
func TestARequestIsOpenOnlyWhereItsInstrumentAndItsBasisAre(t *testing.T) {
	b := book(t)
	for name, tc := range map[string]struct {
		country, region string
		instrument      matter.Instrument
		basis           string
		how             openness
	}{
		"a subpoena under 2703":        {"US", "", matter.Subpoena, "18 U.S.C. 2703(c)(2)", open},
		"a state's warrant under 2703": {"US", "US-TX", matter.SearchWarrant, "18 USC § 2703 (a)", open},
		"several paragraphs": {"US", "", matter.SearchWarrant,
			"18 U.S.C. 2703(a), (b)(1)(A)", open},
		"in words": {"US", "", matter.SearchWarrant,
			"Title 18, United States Code, Section 2703", open},
		"with the law of a 2705(b) order beside it": {"US", "", matter.Subpoena, "18 U.S.C. 2703, 2705(b)", open},
		"a preservation letter under 2703(f)":       {"US", "", matter.Preservation, "18 U.S.C. 2703(f)", open},
		"an emergency under 2702":                   {"US", "", matter.Emergency, "18 U.S.C. 2702(b)(8)", open},
		"an emergency under 2703":                   {"US", "", matter.Emergency, "18 U.S.C. 2703", unverified},
		"a subpoena under 2703(f)":                  {"US", "", matter.Subpoena, "18 U.S.C. 2703(f)", unverified},
		"a state's grand jury": {"US", "US-AL", matter.Subpoena, "Ala. Code 12-16-215",
			unverified},
		"a state's grand jury beside 2703": {"US", "US-AL", matter.Subpoena,
			"18 U.S.C. 2703 and Ala. Code 12-16-215", unverified},
		"a state's law that nobody knows beside 2703": {"US", "", matter.Subpoena,
			"18 U.S.C. 2703; Tex. Code Crim. Proc. 18B.501", unverified},
		"another title of the Code": {"US", "", matter.Subpoena,
			"18 U.S.C. 2703 and 28 U.S.C. 566", unverified},
		"a law in words beside 2703": {"US", "", matter.Subpoena,
			"18 U.S.C. 2703 and the grand jury secrecy statute", unverified},
		"a rule that leaves nobody free": {"US", "", matter.SearchWarrant, "18 U.S.C. 3103a", unverified},
		"no law":                         {"US", "", matter.Subpoena, " ", unstated},
		"Canada, a production order, whose sections were not read": {"CA", "", matter.ProductionOrder,
			"Criminal Code s. 487.014", unverified},
		"Canada, a preservation demand": {"CA", "", matter.Preservation, "Criminal Code s. 487.012",
			unverified},
		"Canada, a preservation demand without a basis": {"CA", "", matter.Preservation, "", unstated},
		"Canada, a production order under American law": {"CA", "", matter.ProductionOrder, "18 U.S.C. 2703", unverified},
		"Switzerland, whose text was not read": {"CH", "", matter.ProductionOrder, "Art. 73 Abs. 2 StPO",
			unverified},
		"a country without a file": {"PE", "", matter.Subpoena, "Código 1", unverified},
		"another instrument than the basis leaves free": {"CA", "", matter.SearchWarrant, "Criminal Code s. 487.014",
			unverified},
		"a provider's silence about financial institutions": {"US", "", matter.Subpoena, "18 U.S.C. 2703, 1510(b)", open},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(tc.country, tc.instrument, tc.basis)
			req.Issuer.Region = tc.region
			_, how := b.open(req, today())
			require.Equal(t, tc.how, how)
		})
	}
}

// A word that nobody can explain closes a request that was open: it may name another law.
func TestAWordThatNamesNoKnownLawClosesARequest(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		other := rapid.StringMatching(`[a-z]{3,9} [0-9]{3}q`).Draw(t, "another law")
		basis := "18 U.S.C. 2703 and " + other
		if rapid.Bool().Draw(t, "before") {
			basis = other + "; 18 U.S.C. 2703"
		}
		_, how := b.open(request("US", matter.Subpoena, basis), today())
		require.Equal(t, unverified, how, basis)
	})
}

// Issue 16, point 1: the one standing restraint that an amendment may end.
func TestAnAmendmentThatNamesAnOpenLawEndsTheHoldForWantOfOne(t *testing.T) {
	b := book(t)
	stands, finding := b.Standing(request("US", matter.Subpoena, ""), today())
	require.Equal(t, "law-unstated-us", stands[0].ID)
	require.Equal(t, Unstated, finding.Citation)
	for basis, ends := range map[string]bool{
		"18 U.S.C. 2703(d)": true, "": false, "Ala. Code 12-16-215": false, "18 U.S.C. 2703(f)": false,
	} {
		hold, ok := b.EndsUnstated(request("US", matter.Subpoena, basis), today())
		require.Equal(t, ends, ok, basis)
		require.True(t, hold.Is(&matter.Restraint{ID: "law-unstated-us-v7", Standing: "law-unstated-us"}))
		require.False(t, hold.Is(&matter.Restraint{ID: "law-unverified-us", Standing: "law-unverified-us"}))
		require.False(t, hold.Is(&matter.Restraint{ID: "law-unstated-de", Standing: "law-unstated-de"}))
		require.False(t, hold.Is(&matter.Restraint{ID: "law-unstated-us"}), "an id alone says nothing")
	}
	_, ok := new(Book).EndsUnstated(request("US", matter.Subpoena, "18 U.S.C. 2703"), today())
	require.False(t, ok, "a book without rules ends nothing")
}

// A hold that rests on policy alone is never answered by a paper that merely cites the same sentence.
func TestAHoldOnPolicyIsAnsweredByItselfAlone(t *testing.T) {
	for _, s := range []Standing{
		{ID: "law-unstated-us", Citation: Unstated, Origin: matter.OriginUnstated},
		{ID: "law-unverified-us", Citation: Unanswered, Origin: matter.OriginUnverified},
	} {
		other := matter.Restraint{ID: "law-x", Standing: "law-x", Origin: s.Origin}
		require.False(t, s.AnsweredBy(&other, s.Citation))
		require.True(t, s.AnsweredBy(&matter.Restraint{ID: s.ID + "-v3", Standing: s.ID, Origin: s.Origin}, ""))
	}
}

// A restraint for several laws answers each that it cites. A court's order that cites the same law answers none: the
// law goes on after it.
func TestALawIsAnsweredByAStandingRestraintThatCitesIt(t *testing.T) {
	s := Standing{ID: "law-us-18-3123d", Citation: "18 U.S.C. 3123(d)", Origin: matter.OriginStatute}
	both := "18 U.S.C. 2511(2)(a); 18 U.S.C. 3123(d)"
	for origin, answers := range map[matter.Origin]bool{
		matter.OriginStatute: true, matter.OriginUnverified: true, matter.OriginOrder: false, matter.OriginException: false,
	} {
		require.Equal(t, answers, s.AnsweredBy(&matter.Restraint{ID: "law-x", Origin: origin}, both), string(origin))
	}
	require.False(t, s.AnsweredBy(&matter.Restraint{ID: "law-x", Origin: matter.OriginStatute}, "18 U.S.C. 3123(d)(1)"))
}

func TestAnUnreadableOrderIsHeldUnderItsDigest(t *testing.T) {
	s := Unreadable("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "It could not be read.")
	require.Equal(t, Standing{ID: "law-refused-0123456789abcdef0123456789abcdef", Citation: Unread,
		Message: "It could not be read.", Origin: matter.OriginUnreadable}, s)
}

// 18 U.S.C. 1510(b) silences banks about grand juries, whatever the request rests on.
func TestAFinancialInstitutionIsSilentAboutASubpoena(t *testing.T) {
	b := book(t)
	req := request("US", matter.Subpoena, "18 U.S.C. 2703")
	stands, _ := b.Standing(req, today())
	require.Empty(t, stands)
	req.Flags = []string{" Financial_Institution "}
	stands, _ = b.Standing(req, today())
	require.Equal(t, []string{"law-us-18-1510b"}, ids(stands))
	req.LegalBasis = ""
	stands, _ = b.Standing(req, today())
	require.Equal(t, []string{"law-us-18-1510b", "law-unstated-us"}, ids(stands),
		"the silence of some accounts is no answer")
}

// Issue 16, audit: TDDDG §§ 22 to 24 are about subscriber and usage data, and not about content.
func TestAnOrderForContentAloneIsNotHeldUnderTheLawOfUsageData(t *testing.T) {
	b := book(t)
	for category, want := range map[string]string{"content": "law-unstated-de", "subscriber": "law-de-tdddg"} {
		req := request("DE", matter.CourtOrderInstrument, "")
		req.DataSought = []matter.DataSought{{Category: category}}
		stands, _ := b.Standing(req, today())
		require.Equal(t, []string{want}, ids(stands), category)
	}
}

func ids(stands []Standing) []string {
	var out []string
	for _, s := range stands {
		out = append(out, s.ID)
	}
	return out
}

func instant(t *testing.T, s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

// A request is judged by the law of the instant: the same EPOC is for counsel the day before the Regulation applies.
func TestARequestIsJudgedByTheLawOfTheInstant(t *testing.T) {
	b := book(t)
	req := request("FR", matter.EPOC, "Regulation (EU) 2023/1543")
	for at, want := range map[string]string{
		"2026-08-17T12:00:00Z": "law-unverified-fr", "2026-08-18T12:00:00Z": "law-eu-2023-1543-13",
	} {
		stands, _ := b.Standing(req, instant(t, at))
		require.Equal(t, []string{want}, ids(stands))
	}
}

// Section 1, point 2: a preservation demand of Canada is closed until somebody has read s. 487.012.
func TestSection1Point2ACanadianPreservationDemandIsClosed(t *testing.T) {
	b := book(t)
	for _, basis := range []string{"Criminal Code s. 487.012", "Criminal Code s. 487.012 and s. 487.014"} {
		req := &matter.Request{Instrument: matter.Preservation, LegalBasis: basis, Issuer: matter.Issuer{Country: "CA"}}
		held, f := b.Standing(req, today())
		require.Len(t, held, 1, basis)
		require.Equal(t, matter.OriginUnverified, held[0].Origin, basis)
		require.Equal(t, matter.NeedsPerson, f.Status, basis)
	}
}

// Section 2, point 5: the time limits of the Regulation.
func TestPoint5AnEPOCIsAnsweredInTenDaysOrEightHours(t *testing.T) {
	r, ok := book(t).Rule("EU-EPOC")
	require.True(t, ok)
	require.Equal(t, Length{10, Days}, *r.AnswerWithin)
	require.Equal(t, Length{8, Hours}, *r.AnswerUrgent)
}
