package transparency

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed peers/*.json
var peerFiles embed.FS

// peer says how another publisher's report would print the same numbers: its words for types and outcomes, and its
// columns. A mapping is data; "" as a word means that their report does not have the thing at all.
type peer struct {
	Name string `json:"name"`
	// Source names the report that the words come from.
	Source   string            `json:"source"`
	Types    map[string]string `json:"types"`
	Outcomes map[string]string `json:"outcomes"`
	Columns  []peerColumn      `json:"columns"`
	// Measures make a long file: a row for each of them, with its name and its value in two last columns.
	Measures []peerMeasure `json:"measures,omitempty"`
}

// peerColumn is a key (Value) or a sum over the rows of the key. Outcomes limits a sum to their outcomes; Percent makes
// it a whole percentage of all requests, empty where there are none.
type peerColumn struct {
	Header   string   `json:"header"`
	Value    string   `json:"value,omitempty"`
	Sum      string   `json:"sum,omitempty"`
	Outcomes []string `json:"outcomes,omitempty"`
	Percent  bool     `json:"percent,omitempty"`
}

// peerMeasure adds up columns of requests, or of another table that has no types.
type peerMeasure struct {
	Name     string   `json:"name"`
	Table    string   `json:"table,omitempty"`
	Sum      []string `json:"sum"`
	Outcomes []string `json:"outcomes,omitempty"`
}

// peerNames lists the mappings.
func peerNames() []string { return []string{"google", "microsoft", "oti", "zoom"} }

func loadPeer(name string) (peer, error) {
	raw, err := peerFiles.ReadFile("peers/" + name + ".json")
	if err != nil {
		return peer{}, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var p peer
	if err := dec.Decode(&p); err != nil {
		return p, fmt.Errorf("decode mapping of %s: %w", name, err)
	}
	return p, nil
}

// print is the snapshot in the peer's words and columns.
func (p peer) print(s *Snapshot) ([]byte, error) {
	if len(p.Measures) > 0 {
		return p.printLong(s)
	}
	groups, order := p.groups(s)
	var header []string
	for _, c := range p.Columns {
		header = append(header, c.Header)
	}
	var rows [][]string
	for _, key := range order {
		row := slices.Clone(groups[key].key)
		for _, c := range p.Columns {
			if c.Value == "" {
				row = append(row, groups[key].cell(c))
			}
		}
		rows = append(rows, row)
	}
	return writeCSV(header, rows)
}

// peerGroup is the rows of requests that share the peer's key.
type peerGroup struct {
	key  []string
	rows []peerRow
}

type peerRow struct {
	outcome string
	sums    map[string]int
}

func (g *peerGroup) sum(column string, outcomes []string) int {
	n := 0
	for _, r := range g.rows {
		if outcomes == nil || slices.Contains(outcomes, r.outcome) {
			n += r.sums[column]
		}
	}
	return n
}

func (g *peerGroup) cell(c peerColumn) string {
	n := g.sum(c.Sum, c.Outcomes)
	if !c.Percent {
		return itoa(n)
	}
	all := g.sum(c.Sum, nil)
	if all == 0 {
		return ""
	}
	return itoa((200*n + all) / (2 * all))
}

// groups sorts the rows of requests by the peer's key columns, in order of those keys.
func (p peer) groups(s *Snapshot) (map[string]*peerGroup, []string) {
	requests, groups := s.table(Requests), map[string]*peerGroup{}
	for _, row := range requests.Rows {
		theirs := p.Types[requests.cell(row, "request_type")]
		if theirs == "" {
			continue
		}
		outcome := p.Outcomes[requests.cell(row, "outcome")]
		var key []string
		for _, c := range p.Columns {
			if c.Value != "" {
				key = append(key, peerValue(c.Value, s.Half, requests.cell(row, "country"), theirs, outcome))
			}
		}
		g := at(groups, strings.Join(key, "\x00"))
		g.key = key
		sums := map[string]int{}
		for _, column := range []string{"requests", "accounts_specified", "accounts_with_data"} {
			sums[column] = requests.number(row, column)
		}
		g.rows = append(g.rows, peerRow{outcome, sums})
	}
	order := make([]string, 0, len(groups))
	for key := range groups {
		order = append(order, key)
	}
	slices.Sort(order)
	return groups, order
}

// peerValue is one key cell.
func peerValue(value string, h Half, country, requestType, outcome string) string {
	switch value {
	case "period":
		return h.String()
	case "period_end":
		return h.LastDay()
	case "country":
		return country
	case "country_name":
		return countryName("en", country)
	case "type":
		return requestType
	}
	return outcome
}

// printLong prints a row for each key and measure.
func (p peer) printLong(s *Snapshot) ([]byte, error) {
	header := []string{}
	for _, c := range p.Columns {
		header = append(header, c.Header)
	}
	groups, order := p.groups(s)
	var rows [][]string
	for _, key := range order {
		for _, m := range p.Measures {
			if m.Table == "" {
				rows = append(rows, append(slices.Clone(groups[key].key), m.Name, itoa(groups[key].sum(m.Sum[0],
					m.Outcomes))))
			}
		}
	}
	for _, m := range p.Measures {
		if m.Table == "" {
			continue
		}
		t := s.table(m.Table)
		for _, row := range t.Rows {
			n := 0
			for _, column := range m.Sum {
				n += t.number(row, column)
			}
			rows = append(rows, []string{s.Half.String(), t.cell(row, "country"), "all", m.Name, itoa(n)})
		}
	}
	slices.SortStableFunc(rows, func(a, b []string) int { return slices.Compare(a[:3], b[:3]) })
	return writeCSV(append(header, "measure", "value"), rows)
}
