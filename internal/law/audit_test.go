package law

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// These are the findings of a lawyer who held the rules against primary text (issue 16, section 2). Each test is named
// after its point.

func TestPoint4NoMaximumThatTheTextDoesNotHold(t *testing.T) {
	b := book(t)
	for id, end := range map[string]string{
		"DE-101": EndCourtSets, "CA-196": EndCourtSets, "US-3103a": EndRequired, "US-2705b": EndCourtSets, "UK-OPO-8": "",
	} {
		r, ok := b.Rule(id)
		require.True(t, ok, id)
		require.Nil(t, r.First, id)
		require.Nil(t, r.Renewal, id)
		require.Equal(t, end, r.End, id)
	}
	o := american(t)
	o.LegalBasis, o.End = "18 U.S.C. 3103a", until(t, "2027-06-30")
	require.Equal(t, matter.NotApplicable, finding(t, filed(t, o), "K05").Status, "a later date certain")
	o.LegalBasis = "12 U.S.C. 3409"
	require.Equal(t, matter.NeedsPerson, finding(t, filed(t, o), "K05").Status, "the delay may be indefinite")
	o.End = matter.End{Kind: matter.EndNone}
	f := finding(t, filed(t, o), "K04")
	require.Equal(t, matter.NeedsPerson, f.Status)
	require.Contains(t, f.Message, "indefinite")
}

func TestPoint4ThreeMonthsThatBeginWithTheDay(t *testing.T) {
	months := Length{3, Months}
	for _, c := range []struct {
		from, last string
	}{
		{"2026-07-01", "2026-09-30"}, {"2026-05-31", "2026-08-30"}, {"2026-03-01", "2026-05-31"},
		{"2026-11-30", "2027-02-28"}, {"2026-12-31", "2027-03-30"},
	} {
		require.False(t, late(day(t, c.from), day(t, c.last), months, true), c.from)
		require.True(t, late(day(t, c.from), day(t, c.last).AddDays(1), months, true), c.from)
	}
}

func TestPoint5AnEPOCAndAnEPOCPRMayBeIssuedByDifferentAuthorities(t *testing.T) {
	b := book(t)
	data, _ := b.MayDemand("FR", matter.EPOC, true, today())
	require.NotContains(t, data, RoleProsecutor)
	subscriber, _ := b.MayDemand("FR", matter.EPOC, false, today())
	require.Contains(t, subscriber, RoleProsecutor)
	preserved, citation := b.MayDemand("FR", matter.EPOCPR, true, today())
	require.Contains(t, preserved, RoleProsecutor)
	require.Contains(t, citation, "4(3)")
	require.True(t, b.MayValidate("FR", matter.EPOC, true, RoleJudge, today()))
	require.False(t, b.MayValidate("FR", matter.EPOC, true, RoleProsecutor, today()))
	require.True(t, b.MayValidate("FR", matter.EPOCPR, true, RoleProsecutor, today()))
	require.False(t, b.MayValidate("US", matter.SearchWarrant, true, RoleJudge, today()), "no rule lets others issue")
	r, _ := b.Rule("EU-EPOC")
	require.Equal(t, Length{10, Days}, *r.AnswerWithin)
	require.Equal(t, Length{8, Hours}, *r.AnswerUrgent)
}

func TestPoint6OurMissingDateIsNotTheCourtsFault(t *testing.T) {
	o := american(t)
	o.End.From, o.ServedOn = "served", matter.Date{}
	f := finding(t, filed(t, o), "K04")
	require.Equal(t, matter.Fail, f.Status)
	require.Equal(t, FaultRecord, FaultOf(f))
	require.Contains(t, f.Message, "We lack the date")
	require.NotContains(t, f.Message, "ask the court")
	require.NotContains(t, f.Citation, "2705")
	o.End, o.SignedOn = period(t, 90, "signed"), matter.Date{}
	require.Equal(t, FaultRecord, FaultOf(finding(t, filed(t, o), "K04")))
	o.End = matter.End{Kind: matter.EndNone}
	require.Equal(t, FaultPaper, FaultOf(finding(t, filed(t, o), "K04")))
}

func TestPoint6EveryFailedCheckSaysWhoseFaultItIs(t *testing.T) {
	for _, kind := range []matter.OrderKind{matter.CourtOrder, matter.Certification, matter.Statute, matter.Plea} {
		for _, basis := range []string{"", "18 U.S.C. 2705(b)", "18 U.S.C. 2705(a)", "18 U.S.C. 3486", "no such law"} {
			o := american(t)
			o.Kind, o.LegalBasis, o.Issuer.Zone, o.NamesProcess, o.Signed = kind, basis, "Mars/Olympus", new(false), new(false)
			o.End, o.Silence, o.ServedOn = until(t, "2032-01-01"), SilenceAnyPerson, day(t, "2026-10-01")
			p := filed(t, o)
			p.SameDocument, p.Addressed, p.ReviewNotice = "other", new(false), new(false)
			p.Order.Document = "abc"
			for _, f := range Check(p) {
				if f.Status == matter.Fail {
					require.Contains(t, []Fault{FaultPaper, FaultRecord}, FaultOf(f), f.Check)
				} else {
					require.Empty(t, FaultOf(f), f.Check)
				}
			}
			require.Equal(t, FaultRecord, FaultOf(finding(t, p, "K14")), "a document recorded twice")
		}
	}
}

func TestPoint7CitationsFitThePaper(t *testing.T) {
	type row struct {
		name, issuer, region, basis, check, want string
	}
	for _, c := range []row{
		{"the memorandum for a federal court", "N.D. Cal.", "", "18 U.S.C. 2705(b)", "K06", "memorandum"},
		{"no memorandum for a state's court", "Superior Court of Alameda", "US-CA", "18 U.S.C. 2705(b)", "K06", OwnPolicy},
		{"the decision persuades in California", "N.D. Cal.", "", "18 U.S.C. 2705(b)", "K08", "(persuasive; "},
		{"the decision binds in D.C.", "D.D.C.", "US-DC", "18 U.S.C. 2705(b)", "K08", "(binding in D.C.; "},
		{"no decision for an uncited paper", "N.D. Cal.", "", "", "K08", OwnPolicy},
		{"an uncited paper is not judged by 2705(b)", "N.D. Cal.", "", "", "K04", OwnPolicy},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := american(t)
			o.Issuer.Name, o.Issuer.Region, o.LegalBasis, o.CourtFindings = c.issuer, c.region, c.basis, ""
			if c.check == "K04" {
				o.End = matter.End{Kind: matter.EndNone}
			}
			f := finding(t, filed(t, o), c.check)
			require.Contains(t, f.Citation, c.want)
			if c.want == OwnPolicy {
				require.NotContains(t, f.Citation, "2705")
			}
		})
	}
}

func TestPoint7ANationalSecurityLetterNeedsACertificationAndANoticeOfReview(t *testing.T) {
	o := american(t)
	o.Kind, o.LegalBasis, o.Issuer = matter.Certification, "18 U.S.C. 2709(c)", matter.Issuer{
		Name: "FBI", Role: RoleDesignee, Country: "US", Zone: "America/New_York",
	}
	o.End = matter.End{Kind: matter.EndNone}
	p := filed(t, o)
	require.Equal(t, matter.Pass, finding(t, p, LetterCertified).Status)
	require.Equal(t, matter.Unknown, finding(t, p, LetterReviewNotice).Status)
	for _, check := range []string{"K03", "K08", "K09"} {
		require.NotContains(t, finding(t, p, check).Citation, "Sealed", check)
	}
	p.ReviewNotice = new(true)
	require.Equal(t, matter.Pass, finding(t, p, LetterReviewNotice).Status)
	p.ReviewNotice, p.Order.Kind = new(false), matter.CourtOrder
	require.Equal(t, matter.Fail, finding(t, p, LetterReviewNotice).Status)
	require.Equal(t, matter.Unknown, finding(t, p, LetterCertified).Status)
	_, secret := book(t).Standing(request("US", matter.NSL, ""), today())
	require.NotContains(t, secret.Message, "without any order")
	require.Contains(t, secret.Message, "notice of the right to judicial review")
}

func TestPoint8AnOrderUnder2705bReachesNoPreservationLetter(t *testing.T) {
	p := filed(t, american(t))
	for instrument, status := range map[matter.Instrument]matter.Status{
		matter.Preservation: matter.Fail, matter.Subpoena: matter.Pass, matter.SearchWarrant: matter.Pass,
		matter.OtherInstrument: matter.Pass,
	} {
		p.Request = &matter.Request{Instrument: instrument}
		f := finding(t, p, "K03")
		require.Equal(t, status, f.Status, instrument)
	}
}

func TestPoint8ACertificationUnder2705aOrdersNobodySilent(t *testing.T) {
	o := american(t)
	o.Kind, o.LegalBasis, o.Issuer.Role = matter.Certification, "18 U.S.C. 2705(a)(1)(B)", RoleProsecutor
	f := finding(t, filed(t, o), "K02")
	require.Equal(t, matter.Fail, f.Status)
	require.Contains(t, f.Message, "orders nobody silent")
	o.Kind, o.LegalBasis = matter.CourtOrder, "18 U.S.C. 2705(a)"
	require.Equal(t, matter.Pass, finding(t, filed(t, o), "K02").Status, "a court may order more")
}

func TestPoint8ABareActNameIsForCounsel(t *testing.T) {
	b := book(t)
	for _, basis := range []string{"§ 25 TDDDG", "TDDDG", "TTDSG", "TKG", "BKAG", "G10", "DSA"} {
		_, how := b.CitedByRequest("DE", "", basis, today())
		require.Equal(t, CitedUnknown, how, basis)
	}
}

func TestPoint9AChainCountsFromTheFirstSigning(t *testing.T) {
	o := american(t)
	o.Extends = "first"
	p := filed(t, o)
	p.Chain = []Interval{{
		Order: "first", SignedOn: day(t, "2025-10-01"), Recorded: instant(t, "2026-10-30T12:00:00Z"),
		Until: instant(t, "2026-11-02T00:00:00Z"),
	}}
	require.Equal(t, matter.Fail, finding(t, p, "K17").Status,
		"thirteen months since the signing, days since the recording")
	p.Chain[0].SignedOn = matter.Date{}
	require.Equal(t, matter.Pass, finding(t, p, "K17").Status, "nobody knows when it was signed")
}

func TestPoint12WhatAPersonCanAnswerIsQuietOnceAnswered(t *testing.T) {
	p := filed(t, american(t))
	require.Equal(t, matter.NeedsPerson, finding(t, p, "K10").Status)
	require.Equal(t, matter.NeedsPerson, finding(t, p, "K18").Status)
	p.Addressed, p.Verified = new(true), &Verification{By: "counsel:ak", Method: MethodCallback, At: today()}
	for _, check := range []string{"K10", "K18", "K20"} {
		require.Equal(t, matter.Pass, finding(t, p, check).Status, check)
	}
	require.Equal(t, "callback", finding(t, p, "K18").Evidence["verified"].(map[string]any)["method"])
	p.Addressed = new(false)
	require.Equal(t, matter.Fail, finding(t, p, "K10").Status)

	recorded := Check(filed(t, american(t)))
	answered := Verify(recorded, Verification{By: "counsel:ak", Method: "docket", At: today()})
	for i, f := range answered {
		if f.Check == "K18" {
			require.Equal(t, matter.Pass, f.Status)
			require.NotEmpty(t, f.Citation)
			continue
		}
		require.Equal(t, recorded[i], f, "a docket answers no call")
	}
	_, err := json.Marshal(answered)
	require.NoError(t, err)
}

// Section 3: an order of 2015 is judged by the law of 2015.
func TestAnOrderOf2015IsJudgedByTheLawOf2015(t *testing.T) {
	in2015 := func(o matter.PostedOrder) Paper {
		o.SignedOn, o.ServedOn, o.End = day(t, "2015-03-02"), day(t, "2015-03-03"), until(t, "2027-03-02")
		return filed(t, o)
	}
	o := american(t)
	o.CourtFindings = ""
	require.Contains(t, finding(t, filed(t, o), "K08").Citation, "Sealed")
	for _, check := range []string{"K03", "K06", "K08", "K09", "K17"} {
		f := finding(t, in2015(o), check)
		require.Contains(t, f.Citation, OwnPolicy, "%s: neither the memorandum of 2017 nor the decision of 2025", check)
	}
	require.Equal(t, "US-2705b", finding(t, in2015(o), "K01").Evidence["rule"], "the section itself was law")
	o.Issuer, o.LegalBasis = matter.Issuer{Name: "Crown Court", Role: RoleJudge, Country: "GB"},
		"Crime (Overseas Production Orders) Act 2019"
	f := finding(t, in2015(o), "K05")
	require.Equal(t, matter.Unknown, f.Status)
	require.Equal(t, string(CitedNotInForce), f.Evidence["legalBasis"])
}

// A law that was amended is judged as it stood on the day of the paper.
func TestALetterIsJudgedByTheTextOfItsDay(t *testing.T) {
	o := american(t)
	o.Kind, o.LegalBasis, o.Issuer.Role = matter.Certification, "18 U.S.C. 2709(c)", RoleDesignee
	o.End = matter.End{Kind: matter.EndNone}
	for signed, want := range map[string]struct {
		rule string
		how  CiteStatus
	}{
		"1985-01-02": {"", CitedSeveral}, "2004-03-02": {"US-NSL-1986", CitedVerified},
		"2006-03-08": {"US-NSL-1986", CitedVerified}, "2006-03-09": {"US-NSL-2006", CitedUnverified},
		"2015-06-01": {"US-NSL-2006", CitedUnverified}, "2015-06-02": {"US-NSL", CitedVerified},
	} {
		r, how := book(t).Cited("US", "", o.LegalBasis, noon(day(t, signed)))
		require.Equal(t, want.how, how, signed)
		require.Equal(t, want.rule, r.ID, signed)
	}
	held, _ := book(t).Standing(&matter.Request{Instrument: matter.NSL, LegalBasis: "18 U.S.C. 2709",
		Issuer: matter.Issuer{Country: "US"}}, today())
	require.Len(t, held, 1, "the texts of earlier times hold nothing today")
	require.Equal(t, "law-us-18-2709c", held[0].ID)
}

// Every row that the second reading asks for is there, with the status that its reading allows.
func TestTheRowsOfTheSecondReading(t *testing.T) {
	b := book(t)
	for id, status := range map[string]string{
		"UK-IPA-255": Verified, "US-CLOUD": Verified, "US-1510b": Verified, "DE-BVerfSchG-8b4": Verified,
		"US-FISA-BR": Unverified, "US-2-6628": Disabled, "UK-IPA-95": Disabled, "AU-317ZF": Disabled,
		"ES-588ter-e": Disabled, "BR-MCI-23": Disabled, "IN-2009": Disabled, "CA-C22": Disabled, "CA-487012": Disabled,
		"DE-EBewMG": Disabled, "US-AL-12-16-216": Disabled,
		// Read again where it is published.
		"US-MT": Verified, "UK-IPA-174": Verified, "AU-181B": Verified, "IE-12G": Verified, "CA-4870191": Verified,
		"UK-IPA-82": Verified, "CA-196": Verified, "UK-OPO-9": Verified, "US-EDNY-2017": Verified,
		// Not read again, so without the mark.
		"US-PA": Unverified, "US-CA": Unverified, "US-CA-PEN": Unverified, "UK-IPA-57": Unverified,
		"NL-126bb": Unverified, "CH-73": Unverified, "CH-279": Unverified, "FR-CSI881": Unverified, "JP-2025": Unverified,
		"UK-CLOUD": Unverified, "US-SEALED-2025": Unverified, "CA-4873": Unverified,
		"EU-DSA10": Unverified, "EU-SCC15": Unverified,
	} {
		r, ok := b.Rule(id)
		require.True(t, ok, id)
		require.Equal(t, status, r.Status, id)
	}
	r, _ := b.Rule("US-2-6628")
	require.Equal(t, NoticeOwed, r.Kind, "a duty to tell in spite of an order")
	r, _ = b.Rule("US-FISA-T1")
	require.Contains(t, r.Notes, "12 June 2026")
}

// No rule is verified on a blog, a law firm's memorandum or a private copy of the law: each verified one names a source
// where its maker, its court or its publisher gives the text.
func TestNoRuleIsVerifiedOnABlog(t *testing.T) {
	published := []string{"United States Code", "codes.lp.findlaw.com", "github.com/bundestag/gesetze", "austlii.edu.au",
		"laws-lois.justice.gc.ca", "legislation.gov.uk", "irishstatutebook.ie", "revisedacts.lawreform.ie",
		"eur-lex.europa.eu", "leg.mt.gov", "scan of the paper", "docs.justia.com"}
	for _, j := range book(t).Jurisdictions() {
		for _, r := range j.Rules {
			if r.Status != Verified {
				continue
			}
			require.True(t, slices.ContainsFunc(r.Sources, func(source string) bool {
				return slices.ContainsFunc(published, func(p string) bool { return strings.Contains(source, p) })
			}), "%s rests on %v", r.ID, r.Sources)
		}
	}
}

func period(t *testing.T, n int, from string) matter.End {
	t.Helper()
	return matter.End{Kind: matter.EndPeriod, N: n, Unit: Days, From: from}
}

// An end before the signing is the paper's fault; a zone that nobody stated is the record's.
func TestANoteOfTheCalendarSaysWhoseFaultItIs(t *testing.T) {
	o := american(t)
	faults := func() map[string]Fault {
		out := map[string]Fault{}
		for _, f := range Check(filed(t, o)) {
			out[f.Check] = FaultOf(f)
		}
		return out
	}
	o.Issuer.Zone = ""
	require.Equal(t, FaultRecord, faults()["no_zone"])
	o.End = until(t, "2026-10-01")
	require.Equal(t, FaultPaper, faults()["end_before_signing"])
}
