package law

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

func book(t *testing.T) *Book {
	b, err := Load()
	require.NoError(t, err)
	return b
}

// instruments are those of the contract.
func instruments() []matter.Instrument {
	return []matter.Instrument{
		matter.Subpoena, matter.CourtOrderInstrument, matter.SearchWarrant, matter.Emergency, matter.Preservation, matter.MLAT, matter.CloudAct,
		matter.LettersRogatory, matter.EPOC, matter.EPOCPR, matter.NSL, matter.FISA, matter.PenRegister, matter.Wiretap,
		matter.ProductionOrder, matter.AdministrativeDemand, matter.OtherInstrument,
	}
}

func TestWhatStandsWithoutAnyOrder(t *testing.T) {
	secret := map[matter.Instrument]string{
		matter.PenRegister: "law-us-18-3123d", matter.Wiretap: "law-us-18-2511-2a", matter.FISA: "law-us-50-1805c", matter.NSL: "law-us-18-2709c",
	}
	b := book(t)
	for _, instrument := range instruments() {
		t.Run("US "+string(instrument), func(t *testing.T) {
			standing, finding := b.Standing("US", instrument)
			require.Equal(t, "L01", finding.Check)
			require.NotEmpty(t, finding.Message)
			switch id, isSecret := secret[instrument]; {
			case isSecret:
				require.Len(t, standing, 1)
				require.Equal(t, id, standing[0].ID)
				require.NotEmpty(t, standing[0].Citation)
				require.Equal(t, standing[0].Citation, finding.Citation)
				require.Equal(t, matter.Fail, finding.Status)
			case instrument == matter.OtherInstrument:
				require.Len(t, standing, 1)
				require.Equal(t, "law-unverified-us", standing[0].ID)
				require.Equal(t, matter.NeedsPerson, finding.Status)
			default:
				require.Empty(t, standing)
				require.Equal(t, matter.Pass, finding.Status)
			}
		})
	}
	for _, country := range []string{"BR", "DE", "ZZ", "GB"} {
		for _, instrument := range instruments() {
			t.Run(country+" "+string(instrument), func(t *testing.T) {
				standing, finding := b.Standing(country, instrument)
				require.Equal(t, matter.NeedsPerson, finding.Status)
				require.Len(t, standing, 1)
				require.Contains(t, []string{"law-unverified-br", "law-unverified-de", "law-unverified-zz", "law-unverified-gb"}, standing[0].ID)
				require.Contains(t, standing[0].Message, "No verified rule")
			})
		}
	}
}

func TestABookWithoutRulesHoldsEverything(t *testing.T) {
	standing, finding := new(Book).Standing("US", matter.Subpoena)
	require.Len(t, standing, 1)
	require.Equal(t, matter.NeedsPerson, finding.Status)
	require.True(t, new(Book).Rolls("US"))
}

func TestComputedPeriodsRollUnlessAVerifiedRuleSaysNo(t *testing.T) {
	b := book(t)
	require.True(t, b.Rolls("US"))
	require.True(t, b.Rolls("us"))
	require.True(t, b.Rolls("DE"), "no rule: the longer reading")
	strict, err := load(files(`{"jurisdiction":"US","rolls":false}`))
	require.NoError(t, err)
	require.False(t, strict.Rolls("US"))
}

func files(texts ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i, text := range texts {
		fs[fmt.Sprintf("data/%d.json", i)] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

func secret(status string) string {
	return `{"jurisdiction":"US","rolls":true,"secret":[{"id":"law-us-x","instrument":"nsl","citation":"c","text":"t","status":"` + status + `"}]}`
}

func TestOnlyVerifiedRulesAreUsed(t *testing.T) {
	for status, want := range map[string]string{"verified": "law-us-x", "unverified": "law-unverified-us", "disabled": "law-unverified-us"} {
		b, err := load(files(secret(status)))
		require.NoError(t, err)
		standing, _ := b.Standing("US", matter.NSL)
		require.Len(t, standing, 1)
		require.Equal(t, want, standing[0].ID, status)
	}
}

func TestRulesAreReadStrictly(t *testing.T) {
	for name, texts := range map[string][]string{
		"an unknown field":              {`{"jurisdiction":"US","rolls":true,"opem":[]}`},
		"an unknown field of a rule":    {`{"jurisdiction":"US","rolls":true,"secret":[{"id":"law-x","state":"verified"}]}`},
		"text after the object":         {`{"jurisdiction":"US","rolls":true} {}`},
		"no JSON":                       {`{`},
		"a date that does not exist":    {`{"jurisdiction":"US","checkedOn":"2026-02-30"}`},
		"no jurisdiction":               {`{"rolls":true}`},
		"a jurisdiction in lower case":  {`{"jurisdiction":"us"}`},
		"a jurisdiction twice":          {`{"jurisdiction":"US"}`, `{"jurisdiction":"US"}`},
		"a status that does not exist":  {secret("sure")},
		"an id not of the law's":        {`{"jurisdiction":"US","secret":[{"id":"us-x","instrument":"nsl","status":"verified"}]}`},
		"an instrument open and secret": {`{"jurisdiction":"US","open":["nsl"],"secret":[{"id":"law-us-x","instrument":"nsl","status":"disabled"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(files(texts...))
			require.Error(t, err)
		})
	}
}

func TestTheRevisionChangesWithTheRules(t *testing.T) {
	revision := func(texts ...string) string {
		b, err := load(files(texts...))
		require.NoError(t, err)
		return b.Revision()
	}
	require.Equal(t, book(t).Revision(), book(t).Revision())
	require.Len(t, book(t).Revision(), 16)
	require.Equal(t, revision(secret("verified")), revision(secret("verified")))
	require.NotEqual(t, revision(secret("verified")), revision(secret("unverified")))
	require.NotEqual(t, revision(`{"jurisdiction":"US"}`), revision(`{"jurisdiction":"US"}`, `{"jurisdiction":"DE"}`))
}

func TestEveryEmbeddedRuleIsCited(t *testing.T) {
	for country, j := range book(t).rules {
		require.False(t, j.CheckedOn.IsZero(), country)
		require.NotEmpty(t, j.RollsCitation, country)
		for _, instrument := range j.Open {
			require.Contains(t, instruments(), instrument)
		}
		for _, s := range j.Secret {
			require.Contains(t, instruments(), s.Instrument)
			require.NotEmpty(t, s.Citation)
			require.NotEmpty(t, s.Text)
		}
	}
}

func TestFindingsAreJSON(t *testing.T) {
	_, finding := book(t).Standing("US", matter.NSL)
	_, err := json.Marshal(finding)
	require.NoError(t, err)
}
