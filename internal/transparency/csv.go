package transparency

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// dayForm is YYYY-MM-DD.
var dayForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// risky are the first characters by which spreadsheets take a cell for a formula (OWASP, CSV injection), and the guard
// itself.
const risky = "=+-@\t\r\n'"

// guard puts an apostrophe before a text that a spreadsheet would run. Counts and days never begin with such a
// character.
func guard(cell string) string {
	if cell != "" && strings.ContainsRune(risky, rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// unguard undoes guard.
func unguard(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune(risky, rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

// writeCSV prints a header and rows as RFC 4180 has it, but for line ends, which are line feeds.
func writeCSV(header []string, rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range append([][]string{header}, rows...) {
		guarded := make([]string, len(row))
		for i, cell := range row {
			guarded[i] = guard(cell)
		}
		if err := w.Write(guarded); err != nil {
			return nil, fmt.Errorf("write csv: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// readTable reads a table that writeCSV printed.
func readTable(s *Schema, raw []byte) (Table, error) {
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = len(s.Columns)
	rows, err := r.ReadAll()
	if err != nil {
		return Table{}, err
	}
	if len(rows) == 0 || !slices.Equal(rows[0], s.header()) {
		return Table{}, fmt.Errorf("the header is not %s", strings.Join(s.header(), ","))
	}
	t := Table{Name: s.Name}
	for _, row := range rows[1:] {
		for i, cell := range row {
			row[i] = unguard(cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}
