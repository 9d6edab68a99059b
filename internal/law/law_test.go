package law

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

func book(t *testing.T) *Book {
	b, err := Load()
	require.NoError(t, err)
	return b
}

// standing lists, for each country, the instruments that a statute keeps secret, and those that are open under the
// legal basis beside them; all others hold for want of a verified rule.
func standing() map[string]struct {
	secret, open map[matter.Instrument]string
} {
	type row = struct{ secret, open map[matter.Instrument]string }
	epo := func(more map[matter.Instrument]string) map[matter.Instrument]string {
		all := map[matter.Instrument]string{
			matter.EPOC: "law-eu-2023-1543-13", matter.EPOCPR: "law-eu-2023-1543-13-pr",
		}
		maps.Copy(all, more)
		return all
	}
	stored, open := "18 U.S.C. 2703", map[matter.Instrument]string{}
	for _, i := range []matter.Instrument{
		matter.Subpoena, matter.CourtOrderInstrument, matter.SearchWarrant, matter.MLAT, matter.CloudAct,
		matter.LettersRogatory, matter.ProductionOrder, matter.AdministrativeDemand,
	} {
		open[i] = stored
	}
	open[matter.Emergency], open[matter.Preservation] = "18 U.S.C. 2702(b)(8)", "18 U.S.C. 2703(f)"
	return map[string]row{
		"US": {map[matter.Instrument]string{
			matter.PenRegister: "law-us-18-3123d", matter.Wiretap: "law-us-18-2511-2a", matter.FISA: "law-us-50-1805c",
			matter.NSL: "law-us-18-2709c",
		}, open},
		"GB": {map[matter.Instrument]string{matter.AdministrativeDemand: "law-gb-ipa-82"}, nil},
		"DE": {epo(map[matter.Instrument]string{
			matter.AdministrativeDemand: "law-de-tdddg", matter.ProductionOrder: "law-de-tdddg",
			matter.CourtOrderInstrument: "law-de-tdddg", matter.Wiretap: "law-de-g10-17",
		}), nil},
		"NL": {epo(nil), nil}, "FR": {epo(nil), nil}, "IE": {epo(nil), nil}, "PL": {epo(nil), nil}, "ES": {epo(nil), nil},
		"DK": {nil, nil}, "CH": {nil, nil},
		"CA": {nil, nil},
		"AU": {map[matter.Instrument]string{matter.AdministrativeDemand: "law-au-tia-181b"}, nil},
		"JP": {nil, nil}, "IN": {nil, nil}, "BR": {nil, nil}, "ZZ": {nil, nil}, "": {nil, nil},
	}
}

// today is after the e-Evidence Regulation began to apply.
func today() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func request(country string, instrument matter.Instrument, basis string) *matter.Request {
	return &matter.Request{Issuer: matter.Issuer{Country: country}, Instrument: instrument, LegalBasis: basis}
}

func TestWhatStandsWithoutAnyOrder(t *testing.T) {
	b := book(t)
	for country, row := range standing() {
		for _, instrument := range instruments() {
			for _, basis := range []string{"", "Some Act of 1990, s. 12", row.open[instrument]} {
				t.Run(country+" "+string(instrument)+" "+basis, func(t *testing.T) {
					stands, finding := b.Standing(request(country, instrument, basis), today())
					require.NotEmpty(t, finding.Citation)
					require.Equal(t, "L01", finding.Check)
					require.NotEmpty(t, finding.Message)
					id, opens := row.secret[instrument], row.open[instrument] != "" && basis == row.open[instrument]
					if opens {
						require.Empty(t, stands)
						require.Equal(t, matter.Pass, finding.Status)
						return
					}
					require.Len(t, stands, 1)
					require.Equal(t, cmp.Or(id, heldAs(country, basis)), stands[0].ID)
					require.Equal(t, stands[0].Citation, finding.Citation)
					if id == "" || instrument == matter.NSL {
						require.Equal(t, matter.NeedsPerson, finding.Status)
						return
					}
					require.Equal(t, matter.Fail, finding.Status)
				})
			}
		}
	}
}

// heldAs is the id under which a request is held that no law keeps secret and none leaves open.
func heldAs(country, basis string) string {
	if basis == "" {
		return unstatedID + strings.ToLower(country)
	}
	return unverifiedID + strings.ToLower(country)
}

func TestTheSilenceOfTheLawThatARequestNames(t *testing.T) {
	b := book(t)
	for name, tc := range map[string]struct {
		country    string
		instrument matter.Instrument
		basis      string
		want       []string
		status     matter.Status
	}{
		"a pen register called a court order": {"US", matter.CourtOrderInstrument, "18 U.S.C. § 3123 (d)",
			[]string{"law-us-18-3123d"}, matter.Fail},
		"an interception called a warrant": {"US", matter.SearchWarrant, "18 U.S.C. 2518",
			[]string{"law-us-18-2511-2a"}, matter.Fail},
		"FISA called a court order": {"US", matter.CourtOrderInstrument, "50 U.S.C. 1805",
			[]string{"law-us-50-1805c"}, matter.Fail},
		"a pen register under FISA, no instrument's": {"US", matter.CourtOrderInstrument, "50 U.S.C. 1842",
			[]string{"law-us-fisa-pr"}, matter.Fail},
		"one that nobody has verified": {"US", matter.ProductionOrder, "50 U.S.C. 1861",
			[]string{"law-unverified-us"}, matter.NeedsPerson},
		"a secret instrument under its own law": {"US", matter.PenRegister, "18 U.S.C. 3123",
			[]string{"law-us-18-3123d"}, matter.Fail},
		"a secret instrument under another secret law": {"US", matter.Wiretap, "50 U.S.C. 1805", []string{"law-us-18-2511-2a",
			"law-us-50-1805c"}, matter.Fail},
		"Swiss surveillance called a production order": {"CH", matter.ProductionOrder, "Art. 279 StPO",
			[]string{"law-unverified-ch"}, matter.NeedsPerson},
		"a regulation that applies": {"FR", matter.ProductionOrder, "Regulation (EU) 2023/1543",
			[]string{"law-eu-2023-1543-13"}, matter.Fail},
		"of a country without verified rules": {"AU", matter.Subpoena, "s 181B TIA Act 1979",
			[]string{"law-au-tia-181b"}, matter.Fail},
		"stored communications are open": {"US", matter.CourtOrderInstrument, "18 U.S.C. 2703(d)", nil,
			matter.Pass},
		"silence by an order takes an order": {"US", matter.SearchWarrant, "18 U.S.C. 2703, 2705(b)", nil,
			matter.Pass},
		"a law that leaves nobody free": {"US", matter.SearchWarrant, "18 U.S.C. 3103a",
			[]string{"law-unverified-us"}, matter.NeedsPerson},
		"another country's law says nothing about ours": {"CA", matter.ProductionOrder, "18 U.S.C. 3123(d)",
			[]string{"law-unverified-ca"}, matter.NeedsPerson},
	} {
		t.Run(name, func(t *testing.T) {
			stands, finding := b.Standing(request(tc.country, tc.instrument, tc.basis), today())
			var ids []string
			for _, s := range stands {
				ids = append(ids, s.ID)
			}
			require.Equal(t, tc.want, ids)
			require.Equal(t, tc.status, finding.Status)
			require.NotEmpty(t, finding.Citation)
		})
	}
	outside, _ := b.Standing(request("CH", matter.ProductionOrder, "2023/1543"), today())
	require.Equal(t, "law-unverified-ch", outside[0].ID, "not a member")
	before, err := time.Parse(time.DateOnly, "2026-08-17")
	require.NoError(t, err)
	stands, finding := b.Standing(request("FR", matter.EPOC, "Regulation (EU) 2023/1543"), before)
	require.Equal(t, "law-unverified-fr", stands[0].ID, "a law that is none yet is for counsel")
	require.Equal(t, matter.NeedsPerson, finding.Status)
}

func TestARuleIsFoundByWhatStandsUnderIt(t *testing.T) {
	b := book(t)
	for id, want := range map[string]string{
		"law-us-18-3123d": "US-PEN", "law-us-fisa-pr": "US-FISA-PR",
		"law-us-18-3123d-v12": "", "": "", "law-unverified-us": "", "law-us-2703": "",
	} {
		r, ok := b.StandingRule(id)
		require.Equal(t, want, r.ID, id)
		require.Equal(t, want != "", ok, id)
	}
}

func TestASilenceStandsFromTheDayItIsLaw(t *testing.T) {
	b := book(t)
	for at, want := range map[string]string{"2026-08-17T23:59:59Z": "law-unstated-de",
		"2026-08-18T00:00:00Z": "law-eu-2023-1543-13"} {
		instant, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		stands, _ := b.Standing(request("de", matter.EPOC, ""), instant)
		require.Equal(t, want, stands[0].ID)
	}
}

func TestABookWithoutRulesHoldsEverything(t *testing.T) {
	standing, finding := new(Book).Standing(request("US", matter.Subpoena, ""), today())
	require.Len(t, standing, 1)
	require.Equal(t, matter.NeedsPerson, finding.Status)
	require.True(t, new(Book).Rolls("US"))
	var none *Book
	held, _ := none.Standing(request("US", matter.Subpoena, ""), today())
	require.Len(t, held, 1)
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

// rule writes one rule as JSON, with fields replaced or, by nil, left out.
func rule(t *testing.T, change map[string]any) string {
	r := map[string]any{
		"id": "US-X", "title": "t", "citation": "c", "cites": []string{"1"}, "kind": "statute", "binds": "provider",
		"text":     "t",
		"standing": map[string]any{"id": "law-us-x", "instruments": []string{"nsl"}}, "status": "verified",
		"sources": []string{"s"}, "checkedOn": "2026-11-23",
	}
	for field, value := range change {
		r[field] = value
		if value == nil {
			delete(r, field)
		}
	}
	raw, err := json.Marshal(r)
	require.NoError(t, err)
	return string(raw)
}

func withRules(rules ...string) string {
	return `{"jurisdiction":"US","rolls":true,"rules":[` + strings.Join(rules, ",") + `]}`
}

func TestOnlyVerifiedRulesAreUsed(t *testing.T) {
	for status, want := range map[string]string{"verified": "law-us-x", "unverified": "law-unstated-us",
		"disabled": "law-unstated-us"} {
		b, err := load(files(withRules(rule(t, map[string]any{"status": status}))))
		require.NoError(t, err)
		standing, _ := b.Standing(request("US", matter.NSL, ""), today())
		require.Len(t, standing, 1)
		require.Equal(t, want, standing[0].ID, status)
	}
}

func TestRulesAreReadStrictly(t *testing.T) {
	changed := func(field string, value any) []string {
		return []string{withRules(rule(t, map[string]any{field: value}))}
	}
	_, err := load(files(changed("notes", "n")...))
	require.NoError(t, err, "the rule that the rows below spoil")
	for name, texts := range map[string][]string{
		"an unknown field":              {`{"jurisdiction":"US","rolls":true,"opem":[]}`},
		"an unknown field of a rule":    changed("state", "verified"),
		"text after the object":         {`{"jurisdiction":"US","rolls":true} {}`},
		"no JSON":                       {`{`},
		"a date that does not exist":    {`{"jurisdiction":"US","checkedOn":"2026-02-30"}`},
		"no jurisdiction":               {`{"rolls":true}`},
		"a jurisdiction in lower case":  {`{"jurisdiction":"us"}`},
		"a member in lower case":        {`{"jurisdiction":"EU","members":["de"]}`},
		"a jurisdiction twice":          {`{"jurisdiction":"US"}`, `{"jurisdiction":"US"}`},
		"a rule twice":                  {withRules(rule(t, nil), rule(t, map[string]any{"standing": nil}))},
		"a standing restraint twice":    {withRules(rule(t, nil), rule(t, map[string]any{"id": "US-Y"}))},
		"a status that does not exist":  changed("status", "sure"),
		"a kind that does not exist":    changed("kind", "law"),
		"no word for whom it binds":     changed("binds", ""),
		"a role that does not exist":    changed("issuers", []string{"king"}),
		"a ground that does not exist":  changed("grounds", []string{"mood"}),
		"an instrument of nobody's":     changed("demands", []string{"letter"}),
		"a word about the end":          changed("end", "maybe"),
		"a silence of nobody's":         changed("silence", "all"),
		"a length of nothing":           changed("first", Length{0, "days"}),
		"a unit that does not exist":    changed("renewal", Length{1, "moons"}),
		"no citation":                   changed("citation", nil),
		"no sources":                    changed("sources", nil),
		"no day of the check":           changed("checkedOn", nil),
		"a standing id without more":    changed("standing", map[string]any{"id": "law-us-x"}),
		"an id not of the law's":        changed("standing", map[string]any{"id": "us-x", "instruments": []string{"nsl"}}),
		"an instrument open and secret": changed("open", []string{"nsl"}),
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
	verified, unverified := withRules(rule(t, nil)), withRules(rule(t, map[string]any{"status": "unverified"}))
	require.Equal(t, book(t).Revision(), book(t).Revision())
	require.Len(t, book(t).Revision(), 16)
	require.Equal(t, revision(verified), revision(verified))
	require.NotEqual(t, revision(verified), revision(unverified))
	require.NotEqual(t, revision(`{"jurisdiction":"US"}`), revision(`{"jurisdiction":"US"}`, `{"jurisdiction":"DE"}`))
}

// TestRulesThatSayTheSameHaveTheSameRevision: a simulation with an unchanged file compares nothing new.
func TestRulesThatSayTheSameHaveTheSameRevision(t *testing.T) {
	b := book(t)
	names, err := fs.Glob(data, "data/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		raw, err := fs.ReadFile(data, name)
		require.NoError(t, err)
		var small bytes.Buffer
		require.NoError(t, json.Compact(&small, raw))
		again, err := b.With(small.Bytes())
		require.NoError(t, err)
		require.Equal(t, b.Revision(), again.Revision(), name)
	}
	changed, err := b.With([]byte(`{"jurisdiction":"US"}`))
	require.NoError(t, err)
	require.NotEqual(t, b.Revision(), changed.Revision())
	us, err := fs.ReadFile(data, "data/us.json")
	require.NoError(t, err)
	back, err := changed.With(us)
	require.NoError(t, err)
	require.Equal(t, b.Revision(), back.Revision())
}

func TestEveryEmbeddedFileIsWhole(t *testing.T) {
	for _, j := range book(t).Jurisdictions() {
		require.False(t, j.CheckedOn.IsZero(), j.Code)
		require.NotEmpty(t, j.RollsCitation, j.Code)
		require.NotEmpty(t, j.Name, j.Code)
		require.NotEmpty(t, j.Languages, j.Code)
		require.NotEmpty(t, j.Rules, j.Code)
	}
}

func TestARuleNobodyVerifiedDecidesNothing(t *testing.T) {
	for _, j := range book(t).Jurisdictions() {
		for _, r := range j.Rules {
			if r.Status == Verified {
				continue
			}
			require.False(t, r.holds(today()), r.ID)
			for _, cite := range r.Cites {
				found, how := book(t).CitedByRequest(j.Code, r.Region, cite, today())
				require.Falsef(t, how == CitedVerified && found.ID == r.ID, "%s by %q", r.ID, cite)
			}
		}
	}
}

func TestFindingsAreJSON(t *testing.T) {
	_, finding := book(t).Standing(request("US", matter.NSL, ""), today())
	_, err := json.Marshal(finding)
	require.NoError(t, err)
}
