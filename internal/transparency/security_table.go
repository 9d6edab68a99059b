package transparency

import "time"

// securityTable prints the bands. It has the same rows whatever was received, so that a row says nothing by being
// there.
// The one exception: FISA rows of structures 1 and 2 are left out while an order in their window is not sorted.
func (c *Count) securityTable() Table {
	t := Table{Name: NationalSecurity}
	nsl, ok := c.window(false)
	if ok && c.Security.structure() >= 3 {
		t.Rows = append(t.Rows, c.bandRows(nsl, "process", "selectors", categoryProcess)...)
	}
	if ok && c.Security.structure() <= 2 {
		t.Rows = append(t.Rows, c.bandRows(nsl, "nsl", "nsl_selectors", categoryNSL)...)
		if fisa, _ := c.window(true); !c.security.unsorted {
			t.Rows = append(t.Rows, c.fisaRows(fisa)...)
		}
	}
	if c.Security.UKBands {
		t.Rows = append(t.Rows, c.ukRows()...)
	}
	return t.sorted()
}

// fisaRows are the rows of FISA process in structures 1 and 2; structure 1 splits what is not about contents.
func (c *Count) fisaRows(w window) [][]string {
	rows := c.bandRows(w, "content", "content_selectors", categoryContent)
	split := []string{categoryNonContent4, categoryNonContent5, categoryCallRecords}
	if c.Security.structure() == 2 {
		return append(rows, c.bandRows(w, "noncontent", "noncontent_selectors", split...)...)
	}
	for _, category := range split {
		selectors := "noncontent_selectors" + category[len("noncontent"):]
		rows = append(rows, c.bandRows(w, category, selectors, category)...)
	}
	return rows
}

// bandRows are two rows: the process of the categories together, and their selectors.
func (c *Count) bandRows(w window, process, selectors string, categories ...string) [][]string {
	n, s := 0, 0
	for _, category := range categories {
		n += c.security.process[category]
		s += c.security.selectors[category]
	}
	from, structure, width := w.publishedFrom.Format(time.DateOnly), itoa(c.Security.structure()), c.Security.width()
	return [][]string{
		{w.label, structure, process, Band(n, width), from},
		{w.label, structure, selectors, Band(s, width), from},
	}
}

// ukWidth is the width of the UK's bands, as published practice has it.
const ukWidth = 500

func (c *Count) ukRows() [][]string {
	from := c.Half.End().Format(time.DateOnly)
	return [][]string{{c.Half.String(), "uk", "warrants", Band(c.security.process[categoryUK], ukWidth), from}}
}
