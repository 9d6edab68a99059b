package transparency

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Fault is one thing that is wrong in a published folder.
type Fault struct {
	// Path is the file or folder, below the report's folder.
	Path string
	Text string
}

// String writes "path: text".
func (f Fault) String() string { return f.Path + ": " + f.Text }

// CheckFolder reads a published report offline: hashes, columns, cross-checks, changes and revisions. It lists every
// fault; an error is returned only where the folder cannot be read.
func CheckFolder(dir fs.FS) ([]Fault, error) {
	c := &folderCheck{dir: dir}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, fmt.Errorf("check report: %w", err)
	}
	for _, e := range entries {
		if h, err := ParseHalf(e.Name()); err == nil && e.IsDir() {
			c.half(h)
		}
	}
	if len(c.halves) == 0 {
		c.fault(".", "no half-year is published here")
	}
	for i, h := range c.halves {
		if i > 0 && c.halves[i-1].Next() != h {
			c.fault(h.String(), "the half before, %s, is missing", h.Previous())
		}
	}
	for _, name := range append(indexNames(), "feed.atom", "style.css", "filter.js") {
		c.read(name)
	}
	return c.faults, nil
}

func indexNames() []string {
	var names []string
	for _, language := range Languages() {
		names = append(names, pageName(language))
	}
	return names
}

// folderCheck gathers the faults of one folder.
type folderCheck struct {
	dir    fs.FS
	halves []Half
	faults []Fault
}

func (c *folderCheck) fault(path, format string, args ...any) {
	c.faults = append(c.faults, Fault{path, fmt.Sprintf(format, args...)})
}

// read is a file's text; nil, and a fault, where it cannot be read.
func (c *folderCheck) read(name string) []byte {
	body, err := fs.ReadFile(c.dir, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.fault(name, "is missing")
	case err != nil:
		c.fault(name, "cannot be read: %v", err)
	}
	return body
}

// half checks the revisions of a half, and that the folder of the half holds the newest.
func (c *folderCheck) half(h Half) {
	c.halves = append(c.halves, h)
	var newest *revisionFolder
	for n := 1; ; n++ {
		folder := path.Join(h.String(), "r"+itoa(n))
		if _, err := fs.Stat(c.dir, folder); err != nil {
			break
		}
		r := c.revision(h, n, folder)
		if newest != nil && r.tables != nil && newest.tables != nil {
			c.checkChanges(folder, newest.tables, r)
		}
		newest = r
	}
	if newest == nil {
		c.fault(h.String(), "has no revision")
		return
	}
	c.gaps(h, newest.n)
	for _, name := range newest.files {
		if body := c.read(path.Join(h.String(), name)); body != nil && digest(body) != newest.hashes[name] {
			c.fault(path.Join(h.String(), name), "is not the file of revision %d", newest.n)
		}
	}
}

// gaps finds revisions behind a missing one.
func (c *folderCheck) gaps(h Half, last int) {
	entries, err := fs.ReadDir(c.dir, h.String())
	if err != nil {
		return
	}
	for _, e := range entries {
		if n, isRevision := strings.CutPrefix(e.Name(), "r"); e.IsDir() && isRevision && atoi(n) > last {
			c.fault(path.Join(h.String(), e.Name()), "revision %d is missing", last+1)
		}
	}
}

// revisionFolder is what one revision's folder holds.
type revisionFolder struct {
	n      int
	files  []string
	hashes map[string]string
	// tables is nil where one of them cannot be read.
	tables []Table
	list   changeList
}

// revision checks one revision's folder by itself.
func (c *folderCheck) revision(h Half, n int, folder string) *revisionFolder {
	r := &revisionFolder{n: n, hashes: map[string]string{}}
	c.checkSums(folder, r)
	for _, schema := range Schemas() {
		name := path.Join(folder, schema.Name+".csv")
		body := c.read(name)
		if body == nil {
			r.tables = nil
			return r
		}
		t, err := readTable(&schema, body)
		if err != nil {
			c.fault(name, "%v", err)
			r.tables = nil
			return r
		}
		c.checkPeriod(name, h, t)
		r.tables = append(r.tables, t)
	}
	for _, fault := range checkTables(r.tables) {
		c.fault(folder, "%s", fault)
	}
	c.checkReport(h, n, folder, r)
	c.checkPackage(folder, r)
	return r
}

// checkSums compares every file with the list of hashes, and the list with the files.
func (c *folderCheck) checkSums(folder string, r *revisionFolder) {
	name := path.Join(folder, sums)
	for line := range strings.Lines(string(c.read(name))) {
		hash, file, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || !fs.ValidPath(file) {
			c.fault(name, "%q is no line of hashes", line)
			continue
		}
		r.files, r.hashes[file] = append(r.files, file), hash
		if body := c.read(path.Join(folder, file)); body != nil && digest(body) != hash {
			c.fault(path.Join(folder, file), "does not have its hash")
		}
	}
	err := fs.WalkDir(c.dir, folder, func(p string, d fs.DirEntry, err error) error {
		if file := strings.TrimPrefix(p, folder+"/"); err == nil && !d.IsDir() && file != sums && r.hashes[file] == "" {
			c.fault(p, "is not in %s", sums)
		}
		return err
	})
	if err != nil {
		c.fault(folder, "cannot be read: %v", err)
	}
}

// checkPeriod: the rows of a table are those of its half. The bands have labels of their own.
func (c *folderCheck) checkPeriod(name string, h Half, t Table) {
	if t.Name == NationalSecurity {
		return
	}
	for i, row := range t.Rows {
		if row[0] != h.String() {
			c.fault(name, "row %d is of %s", i+1, row[0])
		}
	}
}

// checkReport: report.json and notes.json say what the tables say.
func (c *folderCheck) checkReport(h Half, n int, folder string, r *revisionFolder) {
	var said report
	c.decode(path.Join(folder, "report.json"), &said)
	c.decode(path.Join(folder, "changes.json"), &r.list)
	if said.Period != h || said.Revision != n || len(said.Revisions) != n {
		c.fault(path.Join(folder, "report.json"), "is %s, revision %d", said.Period, said.Revision)
	}
	if r.list.Revision != n {
		c.fault(path.Join(folder, "changes.json"), "is of revision %d", r.list.Revision)
	}
	for _, t := range r.tables {
		if !sameJSON(said.Tables[t.Name], jsonRows(t.view())) {
			c.fault(path.Join(folder, "report.json"), "table %s is not that of the file", t.Name)
		}
	}
}

// checkPackage: datapackage.json describes these files.
func (c *folderCheck) checkPackage(folder string, r *revisionFolder) {
	var p dataPackage
	name := path.Join(folder, "datapackage.json")
	c.decode(name, &p)
	for i, schema := range Schemas() {
		if i >= len(p.Resources) || p.Resources[i].Path != schema.Name+".csv" {
			c.fault(name, "does not describe %s.csv", schema.Name)
			continue
		}
		var columns []string
		for _, f := range p.Resources[i].Schema.Fields {
			columns = append(columns, f.Name)
		}
		if !slices.Equal(columns, schema.header()) || p.Resources[i].Hash != "sha256:"+r.hashes[schema.Name+".csv"] {
			c.fault(name, "does not fit %s.csv", schema.Name)
		}
	}
}

// checkChanges: changes.json lists what differs from the revision before, cell by cell, and a cell that was suppressed
// stays so.
func (c *folderCheck) checkChanges(folder string, before []Table, r *revisionFolder) {
	name := path.Join(folder, "changes.json")
	if !sameJSON(r.list.Changes, changes(before, r.tables)) {
		c.fault(name, "does not list what differs from the revision before")
	}
	if r.list.Reason == "" {
		c.fault(name, "gives no reason")
	}
	for _, change := range r.list.Changes {
		schema := schemaOf(strings.TrimSuffix(change.File, ".csv"))
		if schema != nil && schema.Suppressed && change.Old != nil && *change.Old == "" && change.New != nil {
			c.fault(name, "shows a cell of %s that was suppressed", change.File)
		}
	}
}

func (c *folderCheck) decode(name string, into any) {
	if body := c.read(name); body != nil {
		if err := json.Unmarshal(body, into); err != nil {
			c.fault(name, "is no JSON of its form: %v", err)
		}
	}
}

// sameJSON reports whether two values are the same as JSON.
func sameJSON(a, b any) bool {
	x, err1 := encode(a)
	y, err2 := encode(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}
