package transparency

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// File is one file of a published folder.
type File struct {
	// Path is below the folder, with slashes.
	Path string
	Body []byte
}

// ContentType is the media type to serve the file with.
func (f File) ContentType() string {
	switch path.Ext(f.Path) {
	case ".csv":
		return "text/csv; charset=utf-8; header=present"
	case ".atom":
		return "application/atom+xml; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".json":
		return "application/json"
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "text/plain; charset=utf-8" // SHA256SUMS
}

// Policy is the Content-Security-Policy of every page. It stands in the pages too, for servers that send no headers.
const Policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'self'"

// sums is the name of the list of hashes.
const sums = "SHA256SUMS"

// Files prints a revision: every file of {half}/r{n}/, which are those of {half}/ too. SHA256SUMS comes last, and the
// pages just before it. The same snapshot gives the same bytes.
func Files(s *Snapshot) ([]File, error) {
	if err := s.valid(); err != nil {
		return nil, fmt.Errorf("print %s: %w", s.Half, err)
	}
	files, err := s.dataFiles()
	if err != nil {
		return nil, fmt.Errorf("print %s: %w", s.Half, err)
	}
	pages, err := s.pages(files)
	if err != nil {
		return nil, fmt.Errorf("print %s: %w", s.Half, err)
	}
	files = append(append(files, assetFiles()...), pages...)
	return append(files, File{sums, sumsOf(files)}), nil
}

// dataFiles are the tables first, in order, then what describes them.
func (s *Snapshot) dataFiles() ([]File, error) {
	english, err := newWords("en")
	if err != nil {
		return nil, err
	}
	var files []File
	for _, t := range s.Tables {
		body, err := writeCSV(schemaOf(t.Name).header(), t.Rows)
		if err != nil {
			return nil, err
		}
		files = append(files, File{t.Name + ".csv", body})
	}
	for _, name := range peerNames() {
		p, err := loadPeer(name)
		if err != nil {
			return nil, err
		}
		body, err := p.print(s)
		if err != nil {
			return nil, fmt.Errorf("as %s: %w", name, err)
		}
		files = append(files, File{"as/" + name + ".csv", body})
	}
	for _, f := range []struct {
		name string
		body any
	}{
		{"datapackage.json", s.dataPackage(english, files)}, {"notes.json", s.notes(english)},
		{"changes.json", s.changeList()}, {"report.json", s.report(english)},
	} {
		body, err := encode(f.body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		files = append(files, File{f.name, body})
	}
	return files, english.err
}

// changeList is changes.json.
type changeList struct {
	Period   Half     `json:"period"`
	Revision int      `json:"revision"`
	Previous *int     `json:"previous"`
	Reason   string   `json:"reason"`
	Changes  []Change `json:"changes"`
}

func (s *Snapshot) changeList() changeList {
	l := changeList{Period: s.Half, Revision: s.Revision, Reason: s.Reason, Changes: s.Changes}
	if s.Revision > 1 {
		before := s.Revision - 1
		l.Previous = &before
	}
	return l
}

// sumsOf is the list of hashes as sha256sum writes it, sorted by path.
func sumsOf(files []File) []byte {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	var b bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&b, "%s  %s\n", digest(f.Body), f.Path)
	}
	return b.Bytes()
}
