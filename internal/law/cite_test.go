package law

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhichRuleAPaperNames(t *testing.T) {
	b := book(t)
	for _, c := range []struct {
		country, region, basis, rule string
		how                          CiteStatus
	}{
		{"US", "", "18 U.S.C. 2705(b)", "US-2705b", CitedVerified},
		{"us", "", "18 USC § 2705 (b)", "US-2705b", CitedVerified},
		{"US", "", "Title 18, United States Code, Section 2705(b)", "US-2705b", CitedVerified},
		{"US", "US-TX", "18 U.S.C. § 2705(b)", "US-2705b", CitedVerified},
		{"US", "", "18 U.S.C. 2705(a)", "US-2705a-court", CitedVerified},
		{"US", "", "18 U.S.C. 2705(a)(1)(B)", "US-2705a-cert", CitedVerified},
		{"US", "", "18 U.S.C. 2709(c)", "US-NSL", CitedVerified},
		{"US", "", "18 U.S.C. 3123(d)", "US-PEN", CitedVerified},
		{"US", "", "50 U.S.C. 1805(c)", "US-FISA-T1", CitedVerified},
		{"US", "", "50 U.S.C. 1842(d)", "US-FISA-PR", CitedVerified},
		{"US", "", "12 U.S.C. 3409", "US-RFPA", CitedVerified},
		{"US", "US-CA", "Cal. Penal Code § 1546.2(b)", "US-CA", CitedUnverified},
		{"US", "", "Penal Code 1546.2", "US-CA", CitedUnverified},
		{"US", "US-TX", "Penal Code 1546.2", "", CitedUnknown},
		{"US", "", "18 U.S.C. 2705(b) and 3123(d)", "", CitedSeveral},
		{"US", "", "Texas Code of Criminal Procedure 18B.501", "", CitedUnknown},
		{"US", "", "50 U.S.C. 1861(d)", "US-FISA-BR", CitedUnverified},
		{"US", "", "  ", "", CitedNothing},
		{"US", "", "Investigatory Powers Act 2016 s.82", "", CitedForeign},
		{"DE", "", "18 U.S.C. 2705(b)", "", CitedForeign},
		{"DE", "DE-BY", "§ 95a StPO", "DE-95a", CitedVerified},
		{"DE", "", "§ 95a Abs. 6 StPO", "DE-95a6", CitedVerified},
		{"DE", "", "StPO § 95a(6)", "DE-95a6", CitedVerified},
		{"DE", "", "§ 24 Abs. 4 TDDDG", "DE-TDDDG", CitedVerified},
		{"DE", "", "§ 25 TDDDG", "", CitedUnknown},
		{"DE", "", "TDDDG", "", CitedUnknown},
		{"DE", "", "§ 8b Abs. 4 BVerfSchG", "DE-BVerfSchG-8b4", CitedVerified},
		{"US", "", "18 U.S.C. 1510(b)", "US-1510b", CitedVerified},
		{"US", "", "50 U.S.C. 1862(d)(2)", "US-FISA-BR", CitedUnverified},
		{"US", "US-AL", "Ala. Code 12-16-216", "US-AL-12-16-216", CitedUnverified},
		{"US", "US-MT", "Mont. Code Ann. § 46-5-605", "US-MT", CitedVerified},
		{"FR", "", "EPOC-PR", "EU-EPOC-PR", CitedVerified},
		{"GB", "", "Investigatory Powers Act 2016 s.255", "UK-IPA-255", CitedVerified},
		{"DE", "", "§ 174 Abs. 6 TKG", "DE-TKG174", CitedVerified},
		{"DE", "", "Regulation (EU) 2023/1543, art. 13", "EU-EPOC", CitedVerified},
		{"DK", "", "Regulation (EU) 2023/1543", "", CitedUnknown},
		{"GB", "", "Crime (Overseas Production Orders) Act 2019, s.8", "UK-OPO-8", CitedVerified},
		{"GB", "", "IPA s.82", "UK-IPA-82", CitedVerified},
		{"GB", "", "POCA s.342", "UK-other", CitedUnverified},
		{"NL", "", "artikel 126nd Sv", "NL-126bb", CitedUnverified},
		{"IE", "", "Communications (Retention of Data) Act 2011", "", CitedUnknown},
		{"CH", "CH-ZH", "Art. 73 Abs. 2 StPO", "CH-73", CitedUnverified},
		{"CA", "", "Criminal Code s. 487.0191", "CA-4870191", CitedVerified},
		{"AU", "", "TIA Act 1979 s 181B", "AU-181B", CitedVerified},
		{"JP", "", "Act 39/2025", "JP-2025", CitedUnverified},
		{"ZZ", "", "Penal Code 1", "", CitedUnknown},
	} {
		t.Run(c.country+" "+c.basis, func(t *testing.T) {
			r, how := b.Cited(c.country, c.region, c.basis, today())
			require.Equal(t, c.how, how)
			require.Equal(t, c.rule, r.ID)
		})
	}
}

func TestARequestMayNameAPowerToAskAndSeveral(t *testing.T) {
	b := book(t)
	for basis, want := range map[string]string{
		"18 U.S.C. 2703(d)": "US-2703", "18 U.S.C. 2703(f)": "US-2703f", "18 U.S.C. 2703(a) and 2705(b)": "US-2703",
		"18 U.S.C. 2702(b)(8)": "US-2702",
	} {
		r, how := b.CitedByRequest("US", "", basis, today())
		require.Equal(t, CitedVerified, how, basis)
		require.Equal(t, want, r.ID, basis)
	}
	_, how := b.Cited("US", "", "18 U.S.C. 2703(d)", today())
	require.Equal(t, CitedUnknown, how, "a power to ask for data silences nobody")
	_, how = b.CitedByRequest("US", "", "50 U.S.C. 1861 and 18 U.S.C. 2258A", today())
	require.Equal(t, CitedSeveral, how, "of which nobody has verified one")
}
