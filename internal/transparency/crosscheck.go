package transparency

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// CrossCheckError lists what does not add up. It stops a publication.
type CrossCheckError []string

// Error names every fault.
func (e CrossCheckError) Error() string { return "cross-check: " + strings.Join(e, "; ") }

// faultList gathers what does not add up.
type faultList []string

func (f *faultList) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// crossCheck compares the exact tables with each other and with the totals counted apart from them.
func (c *Count) crossCheck(tables []Table) []string {
	faults := faultList(checkTables(tables))
	received, requests := tables[0].view(), tables[1].view()
	for _, country := range received.values("country") {
		is := received.is("country", country)
		if n := received.sum("received", is); n != c.control.received[country] {
			faults.add("received of %s: types add up to %d, counted %d", country, n, c.control.received[country])
		}
		n, data := requests.sum("requests", is), requests.sum("accounts_with_data", is)
		if n != c.control.requests[country] || data != c.control.withData[country] {
			faults.add("requests of %s: %d with %d accounts, counted %d with %d", country, n, data,
				c.control.requests[country], c.control.withData[country])
		}
	}
	if accounts, with := tables[2].view().sum("accounts", nil), requests.sum("accounts_with_data",
		nil); accounts != with {
		faults.add("accounts: %d by class, %d by request", accounts, with)
	}
	c.checkOpen(&faults, received, requests)
	for k, t := range c.contested {
		if t.start+t.raised != t.succeeded+t.partly+t.failed+t.pending {
			faults.add("challenges about %s, %s, %s do not add up", k.about, k.ground, k.class)
		}
	}
	slices.Sort(faults)
	return faults
}

// checkOpen: what was open, and what was received, is processed or open.
func (c *Count) checkOpen(faults *faultList, received, requests View) {
	open := openTally{}
	for _, t := range c.open {
		open.merge(t)
	}
	in, out := received.sum("received", nil), requests.sum("requests", nil)
	if open.start+in != out+open.end {
		faults.add("requests: %d open and %d received, %d processed and %d open", open.start, in, out, open.end)
	}
}

// checkTables checks what can be seen in the tables alone, suppressed or not: that a published folder can be checked
// offline by the same rules.
func checkTables(tables []Table) []string {
	var faults faultList
	for _, t := range tables {
		checkRows(&faults, t)
	}
	checkIdentity(&faults, tables[4].view())
	checkOrders(&faults, tables[3].view())
	checkTotals(&faults, tables)
	checkGrounds(&faults, tables[5].view())
	return faults
}

// checkRows: rows are sorted, each key stands once, and cells have their column's form.
func checkRows(faults *faultList, t Table) {
	schema := schemaOf(t.Name)
	for i, row := range t.Rows {
		if len(row) != len(schema.Columns) {
			faults.add("%s: row %d has %d cells", t.Name, i+1, len(row))
			return
		}
		if i > 0 && slices.Compare(t.Rows[i-1][:schema.Keys], row[:schema.Keys]) >= 0 {
			faults.add("%s: row %d is out of order or stands twice", t.Name, i+1)
		}
		for j, column := range schema.Columns {
			if !column.takes(row[j], schema.Suppressed) {
				faults.add("%s: row %d: %q is no %s", t.Name, i+1, row[j], column.Name)
			}
		}
	}
}

// takes reports whether a cell may stand in the column.
func (c Column) takes(cell string, suppressed bool) bool {
	switch c.kind {
	case count:
		return cell == "" && suppressed || isCount(cell)
	case days:
		return cell == "" || isCount(cell)
	case day:
		return dayForm.MatchString(cell)
	}
	return c.values == nil || slices.Contains(c.values, cell)
}

// isCount reports whether a cell is a whole number from 0, written without leading zeros.
func isCount(cell string) bool { return cell != "" && itoa(atoi(cell)) == cell && cell[0] != '-' }

// checkIdentity: everyone owed at the start, or newly disclosed, is in exactly one cell at the end.
func checkIdentity(faults *faultList, notices View) {
	for _, row := range notices.Rows {
		in := notices.number(row, "owed_at_start") + notices.number(row, "disclosed")
		told, out := 0, 0
		for _, column := range []string{"before_disclosure", "at_disclosure", "after_restraint"} {
			told += notices.number(row, column)
		}
		for _, column := range append(untoldColumns(), "otherwise", "cancelled") {
			out += notices.number(row, column)
		}
		if country := notices.cell(row, "country"); in != told+out {
			faults.add("user_notices of %s: %d owed and disclosed, %d accounted for", country, in, told+out)
		} else if notices.number(row, "unconfirmed") > told {
			faults.add("user_notices of %s: more unconfirmed than told", country)
		}
	}
}

func checkOrders(faults *faultList, orders View) {
	for _, row := range orders.Rows {
		n := func(column string) int { return orders.number(row, column) }
		whole := max(n("deficient"), n("extended")) <= n("received")
		if !whole || n("without_end_date") > n("in_force_at_end") {
			faults.add("secrecy_orders of %s, %s: a part is larger than its whole", row[1], row[2])
		}
	}
}

// checkTotals: the types and the outcomes of a country add up to the same, rows for all of them are there, and nothing
// of national security is an ordinary type.
func checkTotals(faults *faultList, tables []Table) {
	received, requests := tables[0].view(), tables[1].view()
	if len(requests.Rows) != len(received.Rows)*len(Outcomes()) {
		faults.add("requests: %d rows for %d rows of received", len(requests.Rows), len(received.Rows))
	}
	total, byType, byOutcome := map[string]int{}, map[string]int{}, map[string]int{}
	for _, row := range requests.Rows {
		n, country := requests.number(row, "requests"), row[1]
		total[country] += n
		if slices.Contains(RequestTypes(), row[2]) {
			byType[country] += n
		}
		if slices.Contains(Outcomes(), Outcome(row[3])) {
			byOutcome[country] += n
		}
	}
	for _, country := range slices.Sorted(maps.Keys(total)) {
		if n := total[country]; byType[country] != n || byOutcome[country] != n {
			faults.add("requests of %s: %d by type, %d by outcome, %d in all", country, byType[country],
				byOutcome[country], n)
		}
	}
	for _, row := range requests.Rows {
		if requests.number(row, "accounts_with_data") > requests.number(row, "accounts_specified") {
			faults.add("requests of %s, %s, %s: more accounts with data than specified", row[1], row[2], row[3])
		}
	}
}

// checkGrounds: no ground has more challenges than there are.
func checkGrounds(faults *faultList, challenges View) {
	all := map[[2]string]int{}
	for _, row := range challenges.Rows {
		if row[2] == AnyGround && row[4] != "" {
			all[[2]string{row[1], row[3]}] = challenges.number(row, "raised")
		}
	}
	for _, row := range challenges.Rows {
		if whole, shown := all[[2]string{row[1], row[3]}]; shown && challenges.number(row, "raised") > whole {
			faults.add("challenges about %s, %s, %s: more than in all", row[1], row[2], row[3])
		}
	}
}
