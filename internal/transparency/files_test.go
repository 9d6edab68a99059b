package transparency

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARevisionHasTheFilesOfTheContract(t *testing.T) {
	s, _ := sample(t, 200)
	files, err := Files(s)
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, f.Path)
		require.NotEmpty(t, f.Body, f.Path)
		require.NotEmpty(t, f.ContentType(), f.Path)
		require.NotContains(t, string(f.Body), "\r", "line ends are line feeds: %s", f.Path)
	}
	require.Equal(t, "SHA256SUMS", names[len(names)-1], "it comes last")
	slices.Sort(names)
	require.Equal(t, []string{
		"SHA256SUMS", "accounts.csv", "as/google.csv", "as/microsoft.csv", "as/oti.csv", "as/zoom.csv",
		"challenges.csv",
		"changes.json", "datapackage.json", "filter.js", "icon.svg", "index.de.html", "index.html",
		"national_security.csv",
		"notes.json", "received.csv", "report.json", "requests.csv", "secrecy_orders.csv", "style.css",
		"user_notices.csv",
	}, names)
}

// TestTheSameSnapshotGivesTheSameBytes: printed again, after its way through JSON, with the instants in another
// zone, and
// from rows in another order.
func TestTheSameSnapshotGivesTheSameBytes(t *testing.T) {
	s, rows := sample(t, 300)
	want, err := Files(s)
	require.NoError(t, err)
	raw, err := s.Encode()
	require.NoError(t, err)
	for range 5 {
		again, err := DecodeSnapshot(raw)
		require.NoError(t, err)
		got, err := Files(again)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}

	slices.Reverse(rows)
	kolkata := time.FixedZone("Kolkata", 5*3600+1800)
	other := freezeAs(t, counting(), Freezing{Now: half.FreezeAt().In(kolkata)}, rows...)
	got, err := other.Encode()
	require.NoError(t, err)
	require.Equal(t, string(raw), string(got))
}

func TestASnapshotIsReadStrictly(t *testing.T) {
	s, _ := sample(t, 10)
	raw, err := s.Encode()
	require.NoError(t, err)
	for name, spoil := range map[string]func(string) string{
		"an unknown field": func(s string) string { return strings.Replace(s, `"half"`, `"hal"`, 1) },
		"another form":     func(s string) string { return strings.Replace(s, Format, "v2", 1) },
		"text after it":    func(s string) string { return s + "{}" },
		"a table missing":  func(s string) string { return strings.Replace(s, `"received",`, `"recived",`, 1) },
		"half of it":       func(s string) string { return s[:len(s)/2] },
	} {
		_, err := DecodeSnapshot([]byte(spoil(string(raw))))
		require.Error(t, err, name)
	}
}

// TestACellIsNoFormula: the account type is the provider's own word and comes in with an event. Spreadsheets run a cell
// that begins with one of = + - @.
func TestACellIsNoFormula(t *testing.T) {
	for _, word := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'x", "a,b", `say "x"`, "plain"} {
		r := withData(requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03"), Consumer, 9)
		r.Request.WithData[0].Type = word
		s := freeze(t, r)
		text := body(t, s, "accounts.csv")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		require.NotContains(t, "=+-@\t\r", rows[1][2][:1], word)
		back, err := readTable(schemaOf(Accounts), []byte(text))
		require.NoError(t, err)
		require.Equal(t, word, back.Rows[0][2], "and it is read back as it was")
		require.NotContains(t, body(t, s, "index.html"), "<"+word)
	}
}

func TestThePackageDescribesTheFiles(t *testing.T) {
	s, _ := sample(t, 100)
	var p dataPackage
	require.NoError(t, json.Unmarshal([]byte(body(t, s, "datapackage.json")), &p))
	require.Equal(t, "tabular-data-package", p.Profile)
	require.Equal(t, "CC-BY-4.0", p.Licenses[0].Name)
	require.Len(t, p.Resources, 7)
	for i, schema := range Schemas() {
		r := p.Resources[i]
		require.Equal(t, schema.Name+".csv", r.Path)
		require.Equal(t, "sha256:"+digest([]byte(body(t, s, r.Path))), r.Hash)
		require.Equal(t, []string{""}, r.Schema.MissingValues)
		require.Len(t, r.Schema.PrimaryKey, schema.Keys)
		for _, f := range r.Schema.Fields {
			require.NotEmpty(t, f.Description, "%s.%s", schema.Name, f.Name)
		}
	}
}

func TestReportJSONHoldsAllOfIt(t *testing.T) {
	s, _ := sample(t, 300)
	var all struct {
		Tables  map[string][]map[string]any `json:"tables"`
		Sample  bool                        `json:"sample"`
		Rules   []string                    `json:"counting_rules"`
		Defined map[string]string           `json:"definitions"`
	}
	require.NoError(t, json.Unmarshal([]byte(body(t, s, "report.json")), &all))
	for _, table := range s.Tables {
		require.Len(t, all.Tables[table.Name], len(table.Rows), table.Name)
	}
	null := false
	for _, r := range all.Tables[Accounts] {
		null = null || r["accounts"] == nil
	}
	require.True(t, null, "suppressed cells are null here too")
	require.Len(t, all.Rules, 12)
	require.NotEmpty(t, all.Defined["user_notices.overdue"])
}

// TestSampleDataSaysSo on every page and in every file that can say it.
func TestSampleDataSaysSo(t *testing.T) {
	c := counted(t, counting(), requestRow(t, "US", "subpoena", NonContent, "2026-02-01", "2026-02-03"))
	p := Publisher{Name: "Example Meetings", Base: "/local/report/", Sample: true}
	s, err := Freeze(c, Freezing{Now: half.FreezeAt(), Publisher: p})
	require.NoError(t, err)
	require.Contains(t, body(t, s, "index.html"), "Sample data.")
	require.Contains(t, body(t, s, "index.de.html"), "Beispieldaten.")
	for _, name := range []string{"notes.json", "report.json", "datapackage.json"} {
		require.Contains(t, body(t, s, name), `"sample": true`)
	}
	for _, f := range every(t, p, s) {
		if strings.HasSuffix(f.Path, ".html") || strings.HasSuffix(f.Path, ".atom") {
			require.Regexp(t, "[Ss]ample data|Beispieldaten", string(f.Body), f.Path)
		}
	}
	p.Sample = false
	s, err = Freeze(counted(t, counting()), Freezing{Now: half.FreezeAt(), Publisher: p})
	require.NoError(t, err)
	for _, f := range every(t, p, s) {
		require.NotRegexp(t, "[Ss]ample data|Beispieldaten", string(f.Body), f.Path)
	}
}

// TestPeersPrintTheSameNumbers: every type and outcome has a word in each vocabulary, and nothing is lost or doubled.
func TestPeersPrintTheSameNumbers(t *testing.T) {
	s, _ := sample(t, 400)
	requests := s.table(Requests)
	for _, name := range peerNames() {
		p, err := loadPeer(name)
		require.NoError(t, err)
		require.Len(t, p.Types, len(RequestTypes()), name)
		require.Len(t, p.Outcomes, len(Outcomes()), name)
		want := requests.sum("requests", func(r []string) bool { return p.Types[r[2]] != "" })
		rows, err := csv.NewReader(strings.NewReader(body(t, s, "as/"+name+".csv"))).ReadAll()
		require.NoError(t, err)
		got, column := 0, slices.IndexFunc(rows[0], func(h string) bool {
			return slices.Contains([]string{"Requests", "User Data Requests", "value"}, h)
		})
		for _, r := range rows[1:] {
			if name != "oti" || r[3] == "requests" {
				got += atoi(r[column])
			}
		}
		require.Equal(t, want, got, name)
	}
}

// TestGooglesHeader is that of google-user-data-requests.csv, word for word.
func TestGooglesHeader(t *testing.T) {
	s := freeze(t, requestRow(t, "US", "search_warrant", Content, "2026-02-01", "2026-02-03"),
		requestRow(t, "US", "search_warrant", NonContent, "2026-02-01", "2026-02-03"), requestRow(t, "US", "search_warrant",
			Withdrawn, "2026-02-01", "2026-02-03"))
	require.Equal(t,
		"Period Ending,Country,CLDR Territory Code,Legal Process,User Data Requests,"+
			"Percentage of requests where some data produced,Users/Accounts Specified\n"+
			"2026-06-30,United States,US,Search Warrants,3,67,3\n", body(t, s, "as/google.csv"))
}
