package transparency

import (
	"slices"
	"strconv"
)

// Table is one table of a snapshot. Cells are text; "" is an empty cell.
type Table struct {
	Name string     `json:"name"`
	Rows [][]string `json:"rows"`
}

// sorted puts the rows into the order of their key columns.
func (t Table) sorted() Table {
	keys := schemaOf(t.Name).Keys
	slices.SortFunc(t.Rows, func(a, b []string) int { return slices.Compare(a[:keys], b[:keys]) })
	return t
}

// View reads a table by the names of its columns.
type View struct {
	*Schema
	Rows [][]string
}

// view is the table with its schema.
func (t Table) view() View { return View{schemaOf(t.Name), t.Rows} }

// cell is the text in a column.
func (v View) cell(row []string, column string) string { return row[v.column(column)] }

// number is the count in a column; an empty cell is 0.
func (v View) number(row []string, column string) int { return atoi(v.cell(row, column)) }

// sum adds up a column over the rows that the filter takes; a nil filter takes all.
func (v View) sum(column string, takes func(row []string) bool) int {
	at, total := v.column(column), 0
	for _, row := range v.Rows {
		if takes == nil || takes(row) {
			total += atoi(row[at])
		}
	}
	return total
}

// is is the filter for one value of one column.
func (v View) is(column, value string) func([]string) bool {
	at := v.column(column)
	return func(row []string) bool { return row[at] == value }
}

// values lists the different values of a column, sorted.
func (v View) values(column string) []string {
	at := v.column(column)
	var all []string
	for _, row := range v.Rows {
		all = append(all, row[at])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// atoi reads a count; what is none is 0. Counts are written by itoa alone.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
