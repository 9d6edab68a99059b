package transparency

import (
	"cmp"
	"slices"
)

// requestsSection shows requests by outcome, country and type, and the accounts.
func requestsSection(w *words, s *Snapshot) section {
	sum := &s.Summary
	out := section{ID: "requests", Title: w.T("section.requests"), Lede: []string{
		w.T("requests.lede", sum.Received, sum.Processed, sum.WithData),
		w.T("requests.open", sum.InProcess),
	}}
	requests := s.table(Requests)
	var bars []bar
	for _, o := range Outcomes() {
		n := requests.sum("requests", requests.is("outcome", string(o)))
		hatch := "held"
		if o == Content || o == NonContent || o == Partial || o == GeneralInformation {
			hatch = "clear"
		}
		if n > 0 {
			label := w.T("outcome." + string(o))
			bars = append(bars, bar{label, []part{{label, n, hatch, "outcome=" + string(o)}}})
		}
	}
	if len(bars) > 0 {
		out.Figure = barChart(w, "outcomes", w.T("requests.picture", sum.Processed), bars)
		out.Caption = w.T("requests.caption")
	}
	out.Grids = []grid{outcomeGrid(w, requests), countryGrid(w, s), typeGrid(w, s), fullGrid(w, requests),
		accountGrid(w, s)}
	return out
}

func newGrid(w *words, id, dimensions string) grid {
	return grid{ID: id, Name: id, Caption: w.T("grid." + id), Dimensions: dimensions, Empty: w.T("grid.empty")}
}

// outcomeGrid has a row for every outcome, with zeros, so that every value has its anchor.
func outcomeGrid(w *words, requests View) grid {
	g := newGrid(w, "by-outcome", "outcome")
	g.keys(w, "outcome")
	g.columnsOf(w, Requests, "requests", "accounts_specified", "accounts_with_data")
	all := requests.sum("requests", nil)
	for _, o := range Outcomes() {
		is := requests.is("outcome", string(o))
		n := requests.sum("requests", is)
		count := w.num(n)
		count.Bar = share(n, all)
		g.Rows = append(g.Rows, gridRow{Anchor: "outcome-" + string(o), Outcome: string(o), Requests: -1, Cells: []cell{
			heading(w.T("outcome." + string(o))), count, w.num(requests.sum("accounts_specified", is)),
			w.num(requests.sum("accounts_with_data", is)),
		}})
		g.Definitions = append(g.Definitions, definition{w.T("outcome." + string(o)), w.T("outcome." + string(o) +
			".about")})
	}
	return g
}

// countryGrid has a row for every country that ever appeared.
func countryGrid(w *words, s *Snapshot) grid {
	g := newGrid(w, "by-country", "country")
	g.keys(w, "country")
	fill(w, &g, s, "country", "country", w.country, func(r *gridRow, v string) { r.Country = v })
	return g
}

// typeGrid has a row for every type that ever appeared.
func typeGrid(w *words, s *Snapshot) grid {
	g := newGrid(w, "by-type", "type")
	g.keys(w, "request_type")
	name := func(v string) string { return w.T("type." + v) }
	fill(w, &g, s, "request_type", "type", name, func(r *gridRow, v string) { r.RequestType = v })
	return g
}

// fill adds a row for every value of a column that received.csv and requests.csv share, the most frequent first.
func fill(w *words, g *grid, s *Snapshot, column, anchor string, name func(string) string, set func(*gridRow, string)) {
	received, requests := s.table(Received), s.table(Requests)
	g.columnsOf(w, Received, "received")
	g.columnsOf(w, Requests, "requests", "accounts_specified", "accounts_with_data")
	g.Heads = append(g.Heads, head{w.T("column.in_process"), true})
	g.Definitions = append(g.Definitions, definition{w.T("column.in_process"), w.T("define.in_process")})
	open := map[string]int{}
	for _, o := range s.InProcess {
		open[o.Country] += o.InProcess
		open[o.RequestType] += o.InProcess
	}
	counts := map[string]int{}
	values := requests.values(column)
	for _, v := range values {
		counts[v] = requests.sum("requests", requests.is(column, v))
	}
	slices.SortStableFunc(values, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	for _, v := range values {
		is := requests.is(column, v)
		count := w.num(counts[v])
		count.Bar = share(counts[v], counts[values[0]])
		row := gridRow{Anchor: anchor + "-" + v, Requests: -1, Cells: []cell{
			heading(name(v)), w.num(received.sum("received", received.is(column, v))), count,
			w.num(requests.sum("accounts_specified", is)), w.num(requests.sum("accounts_with_data", is)),
			w.num(open[v]),
		}}
		set(&row, v)
		g.Rows = append(g.Rows, row)
	}
}

// fullGrid lists every combination that occurred; the files have the zeros.
func fullGrid(w *words, requests View) grid {
	g := newGrid(w, "all-requests", "country type outcome")
	g.Long = true
	g.keys(w, "country", "request_type", "outcome")
	for _, c := range []string{"requests", "accounts_specified", "accounts_with_data"} {
		g.Heads = append(g.Heads, head{w.T("column." + c), true})
	}
	for _, row := range requests.Rows {
		n := requests.number(row, "requests")
		if n == 0 {
			continue
		}
		g.Rows = append(g.Rows, gridRow{Country: row[1], RequestType: row[2], Outcome: row[3], Requests: n,
			Cells: []cell{
				heading(w.country(row[1])), plain(w.T("type." + row[2])), plain(w.T("outcome." + row[3])),
				w.counted(row[4]),
				w.counted(row[5]), w.counted(row[6]),
			}})
	}
	return g
}

// accountGrid lists the accounts of which data was handed over, small counts suppressed.
func accountGrid(w *words, s *Snapshot) grid {
	g := newGrid(w, "accounts", "class")
	g.Long = true
	g.keys(w, "account_class", "account_type", "account_country")
	g.columnsOf(w, Accounts, "accounts")
	seen := map[string]bool{}
	for _, row := range s.table(Accounts).Rows {
		if row[4] == "0" {
			continue
		}
		r := gridRow{Class: row[1], Requests: -1, Cells: []cell{
			heading(w.T("class." + row[1])), plain(w.accountType(row[2])), plain(w.country(row[3])), w.counted(row[4]),
		}}
		if !seen[row[1]] {
			seen[row[1]], r.Anchor = true, "class-"+row[1]
		}
		g.Rows = append(g.Rows, r)
	}
	for _, class := range AccountClasses() {
		if !seen[class] {
			g.Rows = append(g.Rows, gridRow{Anchor: "class-" + class, Class: class, Requests: -1, Cells: []cell{
				heading(w.T("class." + class)), plain("–"), plain("–"), w.num(0)}})
		}
	}
	return g
}

// accountType is the provider's own word, but for accounts without one.
func (w *words) accountType(word string) string {
	if word == unspecified {
		return w.T("account.unspecified")
	}
	return word
}
