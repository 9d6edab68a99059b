package transparency

import "slices"

// Change is one cell that differs between two revisions. Old is nil where the row is new, New where it is gone; an
// empty cell is "".
type Change struct {
	File   string            `json:"file"`
	Key    map[string]string `json:"key"`
	Column string            `json:"column"`
	Old    *string           `json:"old"`
	New    *string           `json:"new"`
}

// Compare lists, cell by cell, what differs between two counts of one half. Nothing is suppressed in it.
func Compare(old, now *Count) []Change { return changes(old.tables(), now.tables()) }

// changes lists, cell by cell, what differs between the tables of two revisions, in the order of tables, keys and
// columns.
func changes(old, now []Table) []Change {
	out := []Change{}
	for i, schema := range Schemas() {
		before, after := old[i].Rows, now[i].Rows
		for len(before) > 0 || len(after) > 0 {
			var a, b []string
			order := compareKeys(before, after, schema.Keys)
			if order <= 0 {
				a, before = before[0], before[1:]
			}
			if order >= 0 {
				b, after = after[0], after[1:]
			}
			out = append(out, schema.cellChanges(a, b)...)
		}
	}
	return out
}

// compareKeys says which of the two first rows comes first; a list without rows comes last.
func compareKeys(a, b [][]string, keys int) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return slices.Compare(a[0][:keys], b[0][:keys])
}

// cellChanges compares two rows of the same key; one of them may be nil.
func (s *Schema) cellChanges(old, now []string) []Change {
	named := old
	if named == nil {
		named = now
	}
	key := map[string]string{}
	for i, c := range s.Columns[:s.Keys] {
		key[c.Name] = named[i]
	}
	var out []Change
	for i, c := range s.Columns[s.Keys:] {
		a, b := cellOf(old, s.Keys+i), cellOf(now, s.Keys+i)
		if a != nil && b != nil && *a == *b {
			continue
		}
		out = append(out, Change{File: s.Name + ".csv", Key: key, Column: c.Name, Old: a, New: b})
	}
	return out
}

func cellOf(row []string, i int) *string {
	if row == nil {
		return nil
	}
	cell := row[i]
	return &cell
}
