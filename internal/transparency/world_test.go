package transparency

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// half is the half that most tests count: the first of 2026.
var half = Half{Year: 2026, Part: 1}

// at reads an instant: a day, or a day and a time, in UTC.
func on(t *testing.T, text string) time.Time {
	t.Helper()
	if len(text) == len(time.DateOnly) {
		text += "T12:00:00Z"
	}
	out, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return out
}

// counting counts half with the defaults.
func counting() Counting { return Counting{Half: half, PublishedOn: half.FreezeAt()} }

// requestRow is an ordinary row of one processed request.
func requestRow(t *testing.T, country, requestType string, outcome Outcome, received, processed string) Row {
	t.Helper()
	m := &MatterFact{ReceivedAt: on(t, received), Specified: 1}
	if processed != "" {
		m.ProcessedAt, m.Outcome = on(t, processed), outcome
	}
	return Row{Matter: "m", Country: country, RequestType: requestType, Known: true, Request: m}
}

// withData says that so many of the matter's accounts had data.
func withData(r Row, class string, n int) Row {
	r.Request.Specified = max(n, r.Request.Specified)
	r.Request.WithData = []AccountFact{{Class: class, Type: "basic", Country: "DE", N: n}}
	return r
}

// counted counts the rows.
func counted(t testing.TB, c Counting, rows ...Row) *Count {
	t.Helper()
	out := NewCount(c)
	for _, r := range rows {
		require.NoError(t, out.Add(r))
	}
	return out
}

// freeze makes the first revision of half from the rows.
func freeze(t testing.TB, rows ...Row) *Snapshot {
	t.Helper()
	return freezeAs(t, counting(), Freezing{}, rows...)
}

func freezeAs(t testing.TB, c Counting, f Freezing, rows ...Row) *Snapshot {
	t.Helper()
	if f.Now.IsZero() {
		f.Now = c.Half.FreezeAt()
	}
	f.Publisher = Publisher{Name: "Example Meetings", Base: "https://transparency.example/"}
	s, err := Freeze(counted(t, c, rows...), f)
	require.NoError(t, err)
	return s
}

// row finds a row of a table by its key cells after the period.
func row(t testing.TB, s *Snapshot, table string, key ...string) map[string]string {
	t.Helper()
	v := s.table(table)
	for _, r := range v.Rows {
		if slices.Equal(r[1:1+len(key)], key) {
			out := map[string]string{}
			for i, c := range v.Columns {
				out[c.Name] = r[i]
			}
			return out
		}
	}
	require.Failf(t, "no such row", "%s %v", table, key)
	return nil
}

// body is the text of a printed file.
func body(t testing.TB, s *Snapshot, name string) string {
	t.Helper()
	files, err := Files(s)
	require.NoError(t, err)
	for _, f := range files {
		if f.Path == name {
			return string(f.Body)
		}
	}
	require.Failf(t, "no such file", "%s", name)
	return ""
}

// sample is a sample half with some of everything, and the rows it came from.
func sample(t testing.TB, matters int) (*Snapshot, []Row) {
	t.Helper()
	rows := slices.Collect(Sample(7, Half{Year: 2025, Part: 1}, 4, matters))
	return freeze(t, rows...), rows
}
