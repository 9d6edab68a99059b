package transparency

import (
	"path"
	"time"
)

// dataPackage is datapackage.json after the Data Package specification, version 1 (specs.frictionlessdata.io).
type dataPackage struct {
	Profile     string     `json:"profile"`
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Version     string     `json:"version"`
	Created     time.Time  `json:"created"`
	Licenses    []licence  `json:"licenses"`
	Sources     []source   `json:"sources"`
	Sample      bool       `json:"sample,omitempty"`
	Resources   []resource `json:"resources"`
}

type licence struct {
	Name string `json:"name"`
	Path string `json:"path,omitempty"`
}

type source struct {
	Title string `json:"title"`
}

type resource struct {
	Profile     string `json:"profile"`
	Name        string `json:"name"`
	Path        string `json:"path"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Format      string `json:"format"`
	MediaType   string `json:"mediatype"`
	Encoding    string `json:"encoding"`
	Bytes       int    `json:"bytes"`
	Hash        string `json:"hash"`
	Schema      schema `json:"schema"`
}

type schema struct {
	Fields        []field  `json:"fields"`
	PrimaryKey    []string `json:"primaryKey"`
	MissingValues []string `json:"missingValues"`
}

type field struct {
	Name        string         `json:"name"`
	Type        string         `json:"type"`
	Description string         `json:"description"`
	Constraints map[string]any `json:"constraints,omitempty"`
}

// dataPackage describes the tables and their columns, with the words of the English catalogue.
func (s *Snapshot) dataPackage(words *words, files []File) dataPackage {
	title := words.T("package.title", s.Publisher.Name, s.Half.String())
	if s.Publisher.Sample {
		title = words.T("sample.title", title)
	}
	p := dataPackage{
		Profile: "tabular-data-package", Name: "transparency-report-" + lower(s.Half.String()), Title: title,
		Description: words.T("package.description"), Version: itoa(s.Revision) + ".0.0", Created: s.FrozenAt,
		Licenses: []licence{{s.Publisher.Licence, s.Publisher.licenceURL()}},
		Sources:  []source{{s.Publisher.Name}}, Sample: s.Publisher.Sample,
	}
	for i, t := range Schemas() {
		p.Resources = append(p.Resources, resource{
			Profile: "tabular-data-resource", Name: t.Name, Path: t.Name + ".csv",
			Title: words.T("table." + t.Name), Description: words.T("table." + t.Name + ".about"),
			Format: "csv", MediaType: "text/csv", Encoding: "utf-8",
			Bytes: len(files[i].Body), Hash: "sha256:" + digest(files[i].Body), Schema: t.tableSchema(words),
		})
	}
	return p
}

func (s *Schema) tableSchema(words *words) schema {
	out := schema{MissingValues: []string{""}}
	for i, c := range s.Columns {
		f := field{Name: c.Name, Type: string(c.kind), Description: words.column(s.Name, c.Name),
			Constraints: map[string]any{}}
		if c.kind == days {
			f.Type = string(count)
		}
		if f.Type == string(count) {
			f.Constraints["minimum"] = 0
		}
		if c.values != nil {
			f.Constraints["enum"] = c.values
		}
		if i < s.Keys || c.kind == count && !s.Suppressed {
			f.Constraints["required"] = true
		}
		out.Fields = append(out.Fields, f)
		if i < s.Keys {
			out.PrimaryKey = append(out.PrimaryKey, c.Name)
		}
	}
	return out
}

// notes is notes.json: what a reader of the files needs besides them.
type notes struct {
	Format      string            `json:"format"`
	Period      Half              `json:"period"`
	From        string            `json:"from"`
	To          string            `json:"to"`
	Revision    int               `json:"revision"`
	Revisions   []Revision        `json:"revisions"`
	FrozenAt    time.Time         `json:"frozen_at"`
	Publisher   string            `json:"publisher"`
	Licence     string            `json:"licence"`
	Sample      bool              `json:"sample"`
	InProcess   inProcess         `json:"in_process"`
	Security    securityNote      `json:"national_security"`
	Rules       []string          `json:"counting_rules"`
	Definitions map[string]string `json:"definitions"`
}

type inProcess struct {
	Total int            `json:"total"`
	Rows  []OpenRequests `json:"rows"`
}

type securityNote struct {
	Structure int    `json:"structure"`
	Window    string `json:"window"`
	Law       string `json:"law"`
}

func (s *Snapshot) notes(words *words) notes {
	n := notes{
		Format: s.Format, Period: s.Half, From: s.Half.Start().Format(time.DateOnly), To: s.Half.LastDay(),
		Revision: s.Revision, Revisions: s.Revisions, FrozenAt: s.FrozenAt, Publisher: s.Publisher.Name,
		Licence: s.Publisher.Licence, Sample: s.Publisher.Sample,
		InProcess:   inProcess{s.Summary.InProcess, s.InProcess},
		Security:    securityNote{s.Structure, s.Window, "50 U.S.C. 1874"},
		Definitions: map[string]string{},
	}
	for _, key := range countingRules() {
		n.Rules = append(n.Rules, words.T(key))
	}
	for _, t := range Schemas() {
		for _, c := range t.Columns {
			n.Definitions[t.Name+"."+c.Name] = words.column(t.Name, c.Name)
		}
	}
	return n
}

// countingRules are the keys of the texts under "how we count".
func countingRules() []string {
	return []string{"rule.unit", "rule.period", "rule.once", "rule.withdrawn", "rule.revision", "rule.security",
		"rule.suppression", "rule.zeros", "rule.percent", "rule.told", "rule.identity", "rule.median"}
}

// report is report.json: everything in one file.
type report struct {
	notes

	Summary Summary                     `json:"summary"`
	Before  *Summary                    `json:"before,omitempty"`
	Tables  map[string][]map[string]any `json:"tables"`
	Changes []Change                    `json:"changes"`
}

func (s *Snapshot) report(words *words) report {
	r := report{notes: s.notes(words), Summary: s.Summary, Before: s.Before, Changes: s.Changes,
		Tables: map[string][]map[string]any{}}
	for _, t := range s.Tables {
		r.Tables[t.Name] = jsonRows(t.view())
	}
	return r
}

// jsonRows are the rows of a table by column; counts are numbers, an empty cell of them is null.
func jsonRows(v View) []map[string]any {
	rows := []map[string]any{}
	for _, row := range v.Rows {
		out := map[string]any{}
		for i, c := range v.Columns {
			switch {
			case c.kind == word || c.kind == day:
				out[c.Name] = row[i]
			case row[i] == "":
				out[c.Name] = nil
			default:
				out[c.Name] = atoi(row[i])
			}
		}
		rows = append(rows, out)
	}
	return rows
}

// licenceURL is where the licence's text stands.
func (p *Publisher) licenceURL() string {
	if p.LicenceURL == "" && p.Licence == DefaultLicence {
		return "https://creativecommons.org/licenses/by/4.0/"
	}
	return p.LicenceURL
}

// at is the address of a path below the report's folder.
func (p *Publisher) at(elements ...string) string { return p.Base + path.Join(elements...) }
