package review

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/matter"
)

// These are points of issue 16, section 2, that concern the review of a request. Each test is named after its point.

func TestPoint5AnEPOCIsValidatedByWhoMayIssueIt(t *testing.T) {
	epoc := func(t *testing.T, instrument matter.Instrument, validator string) Input {
		in := sound(t)
		in.Request.Instrument, in.Request.Issuer.Country, in.Request.Issuer.Role = instrument, "FR", law.RolePolice
		if validator != "" {
			in.Request.ValidatedBy = &matter.Issuer{Country: "fr", Role: validator}
		}
		return in
	}
	for _, c := range []struct {
		name       string
		instrument matter.Instrument
		validator  string
		status     matter.Status
	}{
		{"content, by nobody", matter.EPOC, "", matter.Fail},
		{"content, by a judge", matter.EPOC, law.RoleJudge, matter.Pass},
		{"content, by a prosecutor", matter.EPOC, law.RoleProsecutor, matter.Fail},
		{"preservation, by a prosecutor", matter.EPOCPR, law.RoleProsecutor, matter.Pass},
		{"preservation, by the police themselves", matter.EPOCPR, law.RolePolice, matter.Fail},
	} {
		require.Equal(t, c.status, finding(t, epoc(t, c.instrument, c.validator), "O12").Status, c.name)
	}
	abroad := epoc(t, matter.EPOC, law.RoleJudge)
	abroad.Request.ValidatedBy.Country = "DE"
	require.Equal(t, matter.Fail, finding(t, abroad, "O12").Status, "validated in another state")
	alone := epoc(t, matter.EPOCPR, "")
	alone.Request.Issuer.Role = law.RoleProsecutor
	require.Equal(t, matter.Pass, finding(t, alone, "O12").Status, "a prosecutor may order preservation of any data")
}

func TestPoint6AnEndThatOnlyOurRecordLacksIsNoGround(t *testing.T) {
	order := func(fault law.Fault, citation string) matter.Order {
		return matter.Order{ID: "o", Findings: []matter.Finding{
			law.WithFault(matter.Finding{Check: "K04", Status: matter.Fail, Citation: citation}, fault),
		}}
	}
	in := sound(t)
	in.Orders = []matter.Order{order(law.FaultRecord, "c")}
	require.Equal(t, matter.Pass, finding(t, in, "O13").Status)
	in.Orders = []matter.Order{order(law.FaultPaper, "StPO § 95a(6)")}
	f := finding(t, in, "O13")
	require.Equal(t, matter.Fail, f.Status)
	require.Equal(t, "StPO § 95a(6)", f.Citation, "and not 18 U.S.C. 2705(b) for a German order")
}

func TestPoint6EveryFailedGroundSaysWhoseFaultItIs(t *testing.T) {
	in := sound(t)
	in.Request.Signed, in.Request.ServedVia, in.Request.Addressee = new(false), "a call", "Other Ltd"
	in.Request.LegalBasis, in.Request.Issuer.Role = "§ 95a StPO", law.RolePolice
	in.Request.DataSought[0].To, in.Subjects[0].Country = matter.Date{}, "FR"
	in.Request.GoodFaith = &matter.GoodFaith{Note: "a journalist's sources"}
	failed := 0
	for _, f := range Request(in) {
		if f.Status == matter.Fail {
			failed++
			require.Equal(t, law.FaultPaper, law.FaultOf(f), f.Check)
		}
	}
	require.GreaterOrEqual(t, failed, 7)
}

func TestPoint11ADeficiencyLetterAsksTheAuthorityForWhatIsMissing(t *testing.T) {
	in := sound(t)
	require.Empty(t, DeficiencyLetter(in.Request, in.Fields, "Example Inc."), "nothing is missing")
	in.Request.LegalBasis, in.Request.DataSought[0].To = "", matter.Date{}
	letter := DeficiencyLetter(in.Request, in.Fields, " Example Inc. ")
	for _, want := range []string{
		"To: S.D.N.Y.\n", "Your reference: r-1\n", "your search warrant on 24 November 2026",
		"- the law under which the data is asked for\n", "- the first and the last day of the data asked for\n",
		"\n\nExample Inc.\n",
	} {
		require.Contains(t, letter, want)
	}
	require.NotContains(t, letter, "signed copy")
	require.NotContains(t, letter, "u1", "nobody whose data is asked for")
	require.Equal(t, len(finding(t, in, FieldsCheck).Evidence["missing"].([]Wanted)), strings.Count(letter, "\n- "))
}

func TestPoint12GoodFaithIsQuietOnceAPersonHasAnswered(t *testing.T) {
	in := sound(t)
	require.Equal(t, matter.NeedsPerson, finding(t, in, "O10").Status)
	in.Request.GoodFaith = &matter.GoodFaith{Serves: true, Note: "fraud, with victims"}
	f := finding(t, in, "O10")
	require.Equal(t, matter.Pass, f.Status)
	require.Equal(t, "fraud, with victims", f.Evidence["note"])
	in.Request.GoodFaith.Serves = false
	require.Equal(t, matter.Fail, finding(t, in, "O10").Status)
}

func TestPoint12OverbroadByIdentifiersAsWellAsDates(t *testing.T) {
	in := sound(t)
	in.Policy.MaxIdentifiers = 3
	in.Request.Unmatched = 1
	require.Equal(t, matter.Pass, finding(t, in, "O8").Status)
	in.Request.Unmatched = 2
	f := finding(t, in, "O8")
	require.Equal(t, matter.Fail, f.Status)
	require.Equal(t, 4, f.Evidence["identifiers"])
	in.Request.Unmatched, in.Request.Selectors = 0, new(5)
	require.Equal(t, 5, finding(t, in, "O8").Evidence["identifiers"])
	in.Policy.MaxIdentifiers = 0
	require.Equal(t, matter.Pass, finding(t, in, "O8").Status, "no number is configured")
}

func TestPoint12ACountryThatTheUserAloneDeclaredIsNoEvidence(t *testing.T) {
	in := sound(t)
	in.Subjects[1].Country, in.Subjects[1].Evidence = "FR", EvidenceDeclared
	f := finding(t, in, "O11")
	require.Equal(t, matter.Unknown, f.Status)
	require.Equal(t, map[string]int{EvidenceDeclared: 1}, f.Evidence["countryEvidence"])
	in.Subjects[1].Evidence = "billing"
	require.Equal(t, matter.Fail, finding(t, in, "O11").Status)
}

func TestPoint12WhoVerifiedAnIssuerAndHow(t *testing.T) {
	in := sound(t)
	in.Request.Issuer.Country = "PE"
	require.Equal(t, matter.NeedsPerson, finding(t, in, "O12").Status)
	in.IssuerVerified = &law.Verification{By: "counsel:ak", Method: law.MethodCallback, At: time.Unix(0, 0)}
	f := finding(t, in, "O12")
	require.Equal(t, matter.Pass, f.Status)
	require.Equal(t, map[string]any{"by": "counsel:ak", "method": "callback", "at": "1970-01-01T00:00:00Z"},
		f.Evidence["verified"])
}

// The codes are the contract's, and the old names are taken for them.
func TestTheCodesOfGrounds(t *testing.T) {
	failed := []matter.Finding{{Check: "O13", Status: matter.Fail}}
	for _, said := range []string{"O13", "no_end_date", "NDO_NO_END_DATE"} {
		d := event.RequestDecidedData{Decision: matter.Comply, Reason: "r", Grounds: []string{said}}
		require.Empty(t, Guard(d, failed, []matter.AccountClass{matter.Enterprise}, false), said)
	}
	var codes []string
	for _, g := range Grounds() {
		codes = append(codes, g.Code)
	}
	require.Equal(t, []string{
		"overbroad", "no_legal_basis", "not_good_faith", "outside_jurisdiction", "no_authority", "no_end_date", "bad_service",
	}, codes)
}
