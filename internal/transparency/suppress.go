package transparency

import (
	"slices"
	"strings"
)

// smallest is the greatest count that is not suppressed for being small: 1 to 4 are.
const smallest = 5

func isSmall(cell string) bool { return cell != "" && atoi(cell) > 0 && atoi(cell) < smallest }

// suppress leaves small cells of the suppressed tables empty (C7): counts of 1 to 4, and one complement, so that the
// cell cannot be found by subtraction. Cells that an earlier revision left empty stay empty.
func suppress(tables []Table, previous *Snapshot) []Table {
	out := make([]Table, len(tables))
	for i, t := range tables {
		out[i] = t
		if !schemaOf(t.Name).Suppressed {
			continue
		}
		h := newHiding(t)
		if previous != nil {
			h.keep(previous.table(t.Name))
		}
		if t.Name == Accounts {
			h.complement(h.column(0, allRows))
		} else {
			h.challenges()
		}
		out[i] = h.table()
	}
	return out
}

// hiding says which cells of a table are left empty.
type hiding struct {
	of   Table
	keys int
	// hidden is by row and column.
	hidden [][]bool
}

// place is a cell: its row, and its column after the keys.
type place struct{ row, column int }

func newHiding(t Table) *hiding {
	h := &hiding{of: t, keys: schemaOf(t.Name).Keys, hidden: make([][]bool, len(t.Rows))}
	for i, row := range t.Rows {
		h.hidden[i] = make([]bool, len(row)-h.keys)
		for j := range h.hidden[i] {
			h.hidden[i][j] = isSmall(row[h.keys+j])
		}
	}
	return h
}

// keep hides what the table of an earlier revision has hidden.
func (h *hiding) keep(earlier View) {
	before := map[string][]string{}
	for _, row := range earlier.Rows {
		before[strings.Join(row[:h.keys], "\x00")] = row
	}
	for i, row := range h.of.Rows {
		old := before[strings.Join(row[:h.keys], "\x00")]
		for j := range h.hidden[i] {
			h.hidden[i][j] = h.hidden[i][j] || old != nil && old[h.keys+j] == ""
		}
	}
}

func allRows([]string) bool { return true }

// column lists the cells of a column after the keys, of the rows that the filter takes.
func (h *hiding) column(j int, takes func([]string) bool) []place {
	var out []place
	for i, row := range h.of.Rows {
		if takes(row) {
			out = append(out, place{i, j})
		}
	}
	return out
}

func (h *hiding) value(p place) int { return atoi(h.of.Rows[p.row][h.keys+p.column]) }

// complement hides one more cell of a group whose sum is known, where small cells are hidden and no other is: the least
// count that is not small, else a zero.
func (h *hiding) complement(group []place) bool {
	small, best := false, -1
	for i, p := range group {
		v := h.value(p)
		switch hidden := h.hidden[p.row][p.column]; {
		case hidden && v > 0 && v < smallest:
			small = true
		case hidden:
			return false // a complement from an earlier revision
		case best < 0 || rank(v) < rank(h.value(group[best])):
			best = i
		}
	}
	if !small || best < 0 {
		return false
	}
	h.hidden[group[best].row][group[best].column] = true
	return true
}

// rank orders complements: the least count first, zeros last.
func rank(v int) int {
	if v == 0 {
		return int(^uint(0) >> 1)
	}
	return v
}

// challenges hides complements by class over the grounds, and within a row, whose outcomes add up to what was raised
// and pending before. Only a group with exactly one hidden cell needs one.
func (h *hiding) challenges() {
	for changed := true; changed; {
		changed = false
		for _, group := range h.groups() {
			if h.single(group) && h.complement(h.positive(group)) {
				changed = true
			}
		}
	}
}

// single reports whether exactly one cell of the group is hidden.
func (h *hiding) single(group []place) bool {
	n := 0
	for _, p := range group {
		n += one(h.hidden[p.row][p.column])
	}
	return n == 1
}

// positive drops the zeros that are shown: a zero hides nothing here, since the sums bind positive cells.
func (h *hiding) positive(group []place) []place {
	return slices.DeleteFunc(slices.Clone(group), func(p place) bool {
		return h.value(p) == 0 && !h.hidden[p.row][p.column]
	})
}

// groups are the groups of cells of challenges.csv whose sums a reader may know.
func (h *hiding) groups() [][]place {
	var out [][]place
	for _, about := range []string{"order", "request"} {
		for _, class := range ChallengeClasses() {
			for j := range 5 {
				out = append(out, h.column(j, func(row []string) bool { return row[1] == about && row[3] == class }))
			}
		}
	}
	for i := range h.of.Rows {
		out = append(out, []place{{i, 0}, {i, 1}, {i, 2}, {i, 3}, {i, 4}})
	}
	return out
}

// table is the table with its hidden cells empty.
func (h *hiding) table() Table {
	t := Table{Name: h.of.Name}
	for i, row := range h.of.Rows {
		row = slices.Clone(row)
		for j, hidden := range h.hidden[i] {
			if hidden {
				row[h.keys+j] = ""
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
