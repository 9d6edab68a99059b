package transparency

import "slices"

// toldParts are the columns of those who were told, with the hatch of each.
func toldParts() [][2]string {
	return [][2]string{{"before_disclosure", "before"}, {"at_disclosure", "clear"}, {"after_restraint", "clear-light"},
		{"otherwise", "otherwise"}}
}

// owedParts are the columns of those who are still owed, with the hatch of each.
func owedParts() [][2]string {
	return [][2]string{{"withheld_order", "order"}, {"withheld_statute", "statute"}, {"withheld_exception",
		"exception"},
		{"held", "held"}, {"undeliverable", "lost"}, {"overdue", "alarm"}, {"pending", "open"}}
}

// peopleSection shows who was told, and who is still owed that and why.
func peopleSection(w *words, s *Snapshot) section {
	sum := &s.Summary
	notices := s.table(UserNotices)
	out := section{ID: "people", Title: w.T("section.people"), Lede: []string{
		w.T("people.lede", sum.OwedAtStart, sum.Disclosed, sum.Told(), sum.Owed), w.T("people.unit")}}
	told, owed := bar{Label: w.T("people.told")}, bar{Label: w.T("people.owed")}
	for _, p := range toldParts() {
		told.Parts = append(told.Parts, part{w.T("column." + p[0]), notices.sum(p[0], nil), p[1], ""})
	}
	for _, p := range owedParts() {
		owed.Parts = append(owed.Parts, part{w.T("column." + p[0]), notices.sum(p[0], nil), p[1], ""})
	}
	out.Figure = barChart(w, "told", w.T("people.picture", sum.Told(), sum.Owed), []bar{told, owed})
	out.Caption = w.T("people.caption")
	for _, p := range slices.Concat(told.Parts, owed.Parts) {
		out.Legend = append(out.Legend, legendItem{swatch("told-w", p.Hatch), p.Label, w.number(p.N)})
	}
	out.Grids = []grid{
		noticeGrid(w, notices, "told-by-country", []string{"owed_at_start", "disclosed", "before_disclosure",
			"at_disclosure", "after_restraint", "otherwise", "cancelled", "unconfirmed", "before_only"},
			"median_days_after_end", "max_days_after_end"),
		noticeGrid(w, notices, "owed-by-country", []string{"withheld_order", "withheld_statute", "withheld_exception",
			"held", "undeliverable", "overdue", "pending"}),
	}
	return out
}

// noticeGrid lists some columns of user_notices.csv by country, and their sum. Countries without anybody are left out.
func noticeGrid(w *words, notices View, id string, counts []string, spans ...string) grid {
	g := newGrid(w, id, "country")
	g.keys(w, "country")
	g.columnsOf(w, UserNotices, counts...)
	g.columnsOf(w, UserNotices, spans...)
	total := gridRow{Requests: -1, Cells: []cell{heading(w.T("all.countries"))}}
	for _, c := range counts {
		total.Cells = append(total.Cells, w.num(notices.sum(c, nil)))
	}
	for range spans {
		total.Cells = append(total.Cells, cell{Text: "", Numeric: true, Sort: "-2"})
	}
	for _, row := range notices.Rows {
		if !slices.ContainsFunc(row[2:18], func(c string) bool { return c != "0" }) {
			continue
		}
		r := gridRow{Country: row[1], Requests: -1, Cells: []cell{heading(w.country(row[1]))}}
		for _, c := range counts {
			r.Cells = append(r.Cells, w.num(notices.number(row, c)))
		}
		for _, c := range spans {
			r.Cells = append(r.Cells, w.lasted(notices.cell(row, c)))
		}
		g.Rows = append(g.Rows, r)
	}
	if len(g.Rows) > 1 {
		g.Rows = append(g.Rows, total)
	}
	return g
}

// ordersSection shows the papers that ask for silence.
func ordersSection(w *words, s *Snapshot) section {
	sum, orders := &s.Summary, s.table(SecrecyOrders)
	out := section{ID: "orders", Title: w.T("section.orders"), Lede: []string{
		w.T("orders.lede", sum.OrdersReceived, sum.OrdersDeficient, sum.OrdersChallenged),
		w.T("orders.stock", sum.OrdersInForce, sum.OrdersEndless)}}
	if sum.MedianOrderDays != nil {
		out.Lede = append(out.Lede, w.T("orders.median", *sum.MedianOrderDays))
	}
	columns := []string{"received", "deficient", "challenged", "extended", "ended_early", "expired", "in_force_at_end",
		"without_end_date"}
	var bars []bar
	for _, c := range []struct{ column, hatch string }{{"received", "open"}, {"ended_early", "clear"},
		{"expired", "clear-light"}, {"in_force_at_end", "order"}, {"without_end_date", "alarm"}} {
		label := w.T("column.order." + c.column)
		bars = append(bars, bar{label, []part{{label, orders.sum(c.column, nil), c.hatch, ""}}})
	}
	out.Figure = barChart(w, "papers", w.T("orders.picture", sum.OrdersReceived, sum.OrdersInForce), bars)
	out.Caption = w.T("orders.caption")
	g := newGrid(w, "orders-by-country", "country")
	g.keys(w, "country", "kind")
	for _, c := range append(slices.Clone(columns), "median_days", "max_days") {
		g.Heads = append(g.Heads, head{w.T("column.order." + c), true})
		g.Definitions = append(g.Definitions, definition{w.T("column.order." + c), w.column(SecrecyOrders, c)})
	}
	for _, row := range orders.Rows {
		if !slices.ContainsFunc(row[3:11], func(c string) bool { return c != "0" }) {
			continue
		}
		r := gridRow{Country: row[1], Requests: -1, Cells: []cell{heading(w.country(row[1])), plain(w.T("kind." +
			row[2]))}}
		for _, c := range columns {
			r.Cells = append(r.Cells, w.num(orders.number(row, c)))
		}
		r.Cells = append(r.Cells, w.lasted(row[11]), w.lasted(row[12]))
		g.Rows = append(g.Rows, r)
	}
	out.Grids = []grid{g}
	return out
}

// challengesSection shows what was challenged, on which grounds, and what came of it.
func challengesSection(w *words, s *Snapshot) section {
	out := section{ID: "challenges", Title: w.T("section.challenges"), Lede: []string{
		w.T("challenges.lede"), w.T("challenges.suppressed")}}
	g := newGrid(w, "challenges-by-ground", "class")
	g.keys(w, "about", "ground", "account_class")
	g.columnsOf(w, Challenges, "raised", "succeeded", "partly", "failed", "pending")
	for _, row := range s.table(Challenges).Rows {
		if !slices.ContainsFunc(row[4:], func(c string) bool { return c != "0" }) {
			continue
		}
		r := gridRow{Class: row[3], Requests: -1, Cells: []cell{
			heading(w.T("about." + row[1])), plain(w.T("ground." + row[2])), plain(w.T("class." + row[3]))}}
		for _, c := range row[4:] {
			r.Cells = append(r.Cells, w.counted(c))
		}
		g.Rows = append(g.Rows, r)
	}
	out.Grids = []grid{g}
	return out
}

// securitySection shows the bands, which say the same whether anything was received or not.
func securitySection(w *words, s *Snapshot) section {
	out := section{ID: "security", Title: w.T("section.security"), Lede: []string{
		w.T("security.lede"), w.T("security.structure." + itoa(s.Structure)), w.T("security.lag")}}
	g := newGrid(w, "bands", "")
	for _, c := range []string{"period_label", "category", "band", "published_from"} {
		g.keys(w, c)
		g.Definitions = append(g.Definitions, definition{w.T("column." + c), w.column(NationalSecurity, c)})
	}
	for _, row := range s.table(NationalSecurity).Rows {
		g.Rows = append(g.Rows, gridRow{Requests: -1, Cells: []cell{
			heading(row[0]), plain(w.T("category." + row[2])), plain(row[3]), plain(row[4])}})
	}
	out.Grids = []grid{g}
	return out
}
