// Package report builds the service that publishes the transparency report.
package report

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/publish"
	"lapse/internal/review"
	"lapse/internal/store"
	"lapse/internal/transparency"
	"lapse/internal/wire"
)

// Ports are what the service works with.
type Ports struct {
	Rows   store.Reports
	Folder publish.Folder
}

// Settings are the operator's. PolicyVersion is the version in force, AdvanceDays the days of an advance notice, 0
// for matter.AdvanceDays.
type Settings struct {
	Publisher     transparency.Publisher
	Security      transparency.SecurityRules
	Contact       string
	AdvanceDays   int
	Terms         map[matter.ExceptionKind]matter.Terms
	PolicyVersion string
	// Policies are the texts, named VERSION.LANGUAGE.md; nil is the example that is embedded.
	Policies fs.FS
}

//go:embed policy/*.md
var examples embed.FS

// Example is the policy that the service has where an operator gives none: what Lapse does, in plain words.
func Example() fs.FS {
	sub, err := fs.Sub(examples, "policy")
	if err != nil {
		panic("the embedded policy has no folder: " + err.Error()) // an embedded folder always is there
	}
	return sub
}

// New builds the service. An error means that the embedded law or fields, or the policies, cannot be read.
func New(p wire.Process, ports Ports, s Settings) (*publish.Service, error) {
	book, err := law.Load()
	if err != nil {
		return nil, fmt.Errorf("load the law: %w", err)
	}
	fields, err := review.LoadFields()
	if err != nil {
		return nil, fmt.Errorf("load the fields of a request: %w", err)
	}
	if s.Policies == nil {
		s.Policies = Example()
	}
	policies, err := readPolicies(s.Policies)
	if err != nil {
		return nil, err
	}
	guide := transparency.GuideOf(fields, book)
	guide.Contact, guide.ExceptionDays = s.Contact, map[string]int{}
	guide.AdvanceDays = cmp.Or(s.AdvanceDays, matter.AdvanceDays)
	for kind, terms := range s.Terms {
		guide.ExceptionDays[string(kind)] = int(terms.Review / (24 * time.Hour))
	}
	if slices.ContainsFunc(policies, func(t transparency.PolicyText) bool { return t.Version == s.PolicyVersion }) {
		guide.PolicyVersion = s.PolicyVersion
	}
	return &publish.Service{Now: p.Now, Rows: ports.Rows, Folder: ports.Folder, Log: p.Log,
		Settings: publish.Settings{Publisher: s.Publisher, Security: s.Security, Guide: guide, Policies: policies}}, nil
}

// readPolicies reads VERSION.LANGUAGE.md files, the newest version first, by name.
func readPolicies(dir fs.FS) ([]transparency.PolicyText, error) {
	names, err := fs.Glob(dir, "*.md")
	if err != nil {
		return nil, fmt.Errorf("read the policies: %w", err)
	}
	texts := map[string]map[string][]byte{}
	var versions []string
	for _, name := range names {
		version, language, ok := cutLast(strings.TrimSuffix(path.Base(name), ".md"))
		if !ok {
			return nil, fmt.Errorf("read the policies: %s is not named VERSION.LANGUAGE.md", name)
		}
		body, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("read the policies: %w", err)
		}
		if texts[version] == nil {
			texts[version] = map[string][]byte{}
			versions = append(versions, version)
		}
		texts[version][language] = body
	}
	slices.Sort(versions)
	slices.Reverse(versions)
	var out []transparency.PolicyText
	for _, v := range versions {
		out = append(out, transparency.PolicyText{Version: v, Text: texts[v]})
	}
	return out, nil
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
