package transparency

import "html/template"

// grid is a table on a page.
type grid struct {
	// ID is the anchor of the table. Name chooses its texts.
	ID, Name string
	Caption  string
	// Long is true for a table that is folded away until a reader, or a filter, opens it.
	Long  bool
	Heads []head
	Rows  []gridRow
	// Dimensions are those by which the filters can sort out its rows, parted by blanks.
	Dimensions string
	// Definitions are those of its columns.
	Definitions []definition
	// Empty is said where there is no row.
	Empty string
}

type head struct {
	Text    string
	Numeric bool
}

type definition struct{ Term, Text string }

// gridRow is one row. The filters compare the fields; Anchor is the row's id.
type gridRow struct {
	Anchor, Period, Country, RequestType, Outcome, Class string
	// Requests is what the row adds to the filters' total, -1 where it adds nothing.
	Requests int
	Cells    []cell
}

// cell is one cell: text, or a number with what it is sorted by.
type cell struct {
	Text    string
	Numeric bool
	Head    bool
	Sort    string
	// Bar is a small picture of a share.
	Bar template.HTML
	// Hidden marks a suppressed cell.
	Hidden bool
	Href   string
	Chip   string
}

// heading is a cell that names its row.
func heading(text string) cell { return cell{Text: text, Head: true} }

func plain(text string) cell { return cell{Text: text} }

// num is a count.
func (w *words) num(n int) cell { return cell{Text: w.number(n), Numeric: true, Sort: itoa(n)} }

// counted is the count of a table's cell; an empty one is suppressed.
func (w *words) counted(text string) cell {
	if text == "" {
		return cell{Text: w.T("suppressed.mark"), Numeric: true, Sort: "1", Hidden: true}
	}
	return w.num(atoi(text))
}

// lasted is a number of days; an empty one had too few cases.
func (w *words) lasted(text string) cell {
	if text == "" {
		return cell{Text: "–", Numeric: true, Sort: "-1"}
	}
	return w.num(atoi(text))
}

// columnsOf adds heads for columns of a table, with their definitions.
func (g *grid) columnsOf(w *words, table string, columns ...string) {
	for _, c := range columns {
		g.Heads = append(g.Heads, head{w.T("column." + c), true})
		g.Definitions = append(g.Definitions, definition{w.T("column." + c), w.column(table, c)})
	}
}

// keys adds heads for what names a row.
func (g *grid) keys(w *words, names ...string) {
	for _, n := range names {
		g.Heads = append(g.Heads, head{w.T("column." + n), false})
	}
}
