package letter

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

func TestEveryRemedyHasItsSourceAndAllItsTexts(t *testing.T) {
	all, err := loadTexts()
	require.NoError(t, err)
	require.Contains(t, all, newestLawTexts)
	for version, set := range all {
		seen := map[string]bool{}
		for _, r := range set.Remedies {
			t.Run(version+" "+r.ID, func(t *testing.T) {
				require.False(t, seen[r.ID])
				seen[r.ID] = true
				require.Regexp(t, `^[A-Z]{2}$`, r.Country)
				require.NotEmpty(t, r.Remedy)
				require.NotEmpty(t, r.Citation)
				require.Contains(t, []string{verified, "disabled"}, r.Status)
				if r.Status != verified {
					require.Empty(t, r.Text, "nothing of it can be shown")
					require.NotEmpty(t, r.Note)
					return
				}
				require.NotEmpty(t, r.Sources)
				require.NotEmpty(t, r.Court)
				_, err := time.Parse(time.DateOnly, r.CheckedOn)
				require.NoError(t, err)
				require.Len(t, r.Text, len(languages))
				for _, lang := range languages {
					require.NotEmpty(t, r.Text[lang])
				}
				if r.Limit != nil && r.Limit.N > 2 {
					for _, text := range r.Text {
						require.Contains(t, text, strconv.Itoa(r.Limit.N), "the limit stands in every language")
					}
				}
				require.Equal(t, r.Country == "EU", len(r.Instruments) > 0 && len(r.Cites) == 0)
			})
		}
		for _, h := range set.Helpers {
			require.NoError(t, CheckLink(h.URL))
			require.True(t, strings.HasPrefix(h.URL, "https://"))
			require.NotEmpty(t, h.Name)
			require.NotEmpty(t, h.Countries)
			_, err := time.Parse(time.DateOnly, h.CheckedOn)
			require.NoError(t, err)
		}
	}
}

func TestWhatAPersonCanDo(t *testing.T) {
	set, err := lawTexts("")
	require.NoError(t, err)
	request := func(country, basis string, i matter.Instrument) matter.Request {
		return matter.Request{Issuer: matter.Issuer{Country: country}, LegalBasis: basis, Instrument: i}
	}
	for point, row := range map[string]struct {
		request matter.Request
		kind    Kind
		want    []string
	}{
		"a covert measure of § 101 StPO": {request("DE", "§ 100a StPO", matter.Wiretap), "",
			[]string{"StPO § 101(1), (4), (7)"}},
		"a deferred notice of § 95a StPO": {request("DE", "StPO § 95a Abs. 1", matter.ProductionOrder), "",
			[]string{"StPO § 95a(4), (5)"}},
		"100 is not 100a":            {request("DE", "§ 100 StPO", matter.Wiretap), "", nil},
		"a basis that nobody stated": {request("DE", "", matter.Wiretap), "", nil},
		"a European order, from any state": {request("FR", "", matter.EPOC), "",
			[]string{"Regulation (EU) 2023/1543, art. 13, 18"}},
		"a European order that rests on StPO": {request("DE", "§ 100a StPO", matter.EPOC), "",
			[]string{"StPO § 101(1), (4), (7)", "Regulation (EU) 2023/1543, art. 13, 18"}},
		"a backup copy": {request("US", "18 U.S.C. § 2704", matter.Subpoena), "",
			[]string{"18 U.S.C. 2704(b)(1)"}},
		"a backup copy, before": {request("US", "18 USC 2704(a)", matter.Subpoena), Advance,
			[]string{"18 U.S.C. 2704(b)(1)"}},
		"2703 has no such remedy": {request("US", "18 U.S.C. 2703(d)", matter.CourtOrderInstrument), "", nil},
		"the UK tribunal": {request("GB", "", matter.ProductionOrder), "",
			[]string{"Regulation of Investigatory Powers Act 2000, s. 65, 67(5)"}},
		"not before the disclosure": {request("GB", "", matter.ProductionOrder), Advance, nil},
		"Swiss surveillance": {request("CH", "Art. 269 StPO", matter.Wiretap), "",
			[]string{"CrimPC art. 279(3), 396(1)"}},
		"a law nobody read is not shown": {request("NL", "126nd Sv", matter.ProductionOrder), "", nil},
	} {
		t.Run(point, func(t *testing.T) {
			for _, lang := range languages {
				var got []string
				for _, text := range set.remedies(Facts{Request: row.request, Kind: row.kind}, lang) {
					for _, r := range set.Remedies {
						if strings.HasSuffix(text, " ("+r.Citation+")") {
							got = append(got, r.Citation)
						}
					}
				}
				require.Equal(t, row.want, got)
			}
		})
	}
}

func TestHelpersAreOfTheOwnCountryFirst(t *testing.T) {
	set, err := lawTexts("")
	require.NoError(t, err)
	f := Facts{AccountCountry: "JP", Request: matter.Request{Issuer: matter.Issuer{Country: "US"}}}
	require.Equal(t, []string{
		"自由人権協会 (JCLU), https://www.jclu.org", "Electronic Frontier Foundation, https://www.eff.org",
		"American Civil Liberties Union, https://www.aclu.org",
	}, set.help(f))
	require.Empty(t, set.help(Facts{Request: matter.Request{Issuer: matter.Issuer{Country: "ZZ"}}}))
	f.AccountCountry, f.Request.Issuer.Country = "DE", "DE"
	require.Len(t, set.help(f), 2)
}

// TestReleasedFilesAreFrozen: a notice keeps the wording it was made with, so a released file never changes. A new
// wording is a new version; its line is added here when it is released.
func TestReleasedFilesAreFrozen(t *testing.T) {
	frozen := map[string]string{
		"templates/v1": "8da0a7db86b0fac61cfc9b846e6818e05ade70867b72a1690bb5d14c41b1304d",
	}
	for folder, want := range frozen {
		var names []string
		require.NoError(t, fs.WalkDir(files, folder, func(name string, d fs.DirEntry, err error) error {
			if !d.IsDir() {
				names = append(names, name)
			}
			return err
		}))
		slices.Sort(names)
		sum := sha256.New()
		for _, name := range names {
			raw, err := files.ReadFile(name)
			require.NoError(t, err)
			sum.Write([]byte(name + "\x00"))
			sum.Write(raw)
		}
		require.Equal(t, want, hex.EncodeToString(sum.Sum(nil)), folder)
	}
}
