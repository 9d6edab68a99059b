package publish_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/facts"
	"lapse/internal/store"
)

// A matter that had two rows, then one, then became secret: its first ordinary row is dropped, its second stays.
func TestASecondRowOfASecretMatterIsNotCounted(t *testing.T) {
	w := newWorld(t)
	put := func(id, country string, part, parts, version int, drop bool) {
		row := facts.Row{Matter: id, Country: country, RequestType: "subpoena", Known: true}
		if part == 0 {
			row = request(id, country)
		} else {
			row.Notices = []facts.NoticeFact{{DisclosedAt: half.Start().AddDate(0, 1, 0)}}
		}
		body, err := json.Marshal(row)
		require.NoError(t, err)
		r := store.ReportRow{Half: half.String(), Matter: id, Part: part, Parts: parts, Version: version, Counted: frozen,
			Opened: half.Start(), Settled: true, Facts: body}
		if drop {
			require.NoError(t, w.rows.DropReport(t.Context(), r))
			return
		}
		require.NoError(t, w.rows.PutReport(t.Context(), r))
	}
	big, secret := "", ""
	// two matters of one partition, next to each other
	for i := 0; secret == "" && i < 500; i++ {
		id := "m" + strings.Repeat("x", i%40) + string(rune('a'+i%26))
		probe := store.ReportRow{Half: "2020-H1", Matter: id, Parts: 1, Version: 1, Counted: frozen, Facts: []byte("{}")}
		require.NoError(t, w.rows.PutReport(t.Context(), probe))
		rows, _, err := w.rows.ReportRows(t.Context(), "2020-H1", 3, "", 10)
		require.NoError(t, err)
		if len(rows) == 2 {
			big, secret = rows[0].Matter, rows[1].Matter
		}
	}
	require.NotEmpty(t, secret)
	put(big, "US", 0, 2, 1, false)
	put(big, "US", 1, 2, 1, false)
	put(secret, "FR", 0, 2, 1, false)
	put(secret, "FR", 1, 2, 1, false)
	put(secret, "FR", 0, 1, 2, false) // fewer different units
	put(secret, "FR", 0, 1, 3, true)  // secret: part 0 is dropped
	w.freeze("")
	require.NotContains(t, string(w.folder.files["public/2026-H1/user_notices.csv"]), "FR")
}
