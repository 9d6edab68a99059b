// Package tzdata embeds one release of the IANA time zone database, so that the same paper has the same end on every
// machine. Nothing of the machine's own zone files is ever read.
//
// The data files beside this source are written by the program in generate, from the wheel "tzdata" of the Python
// package index, and never by hand. They are in the public domain (see LICENSE).
package tzdata

import (
	"archive/zip"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// The four files of a release: the compiled zones, "name<TAB>zone" for every old name, the table of the countries'
// zones as published, and the release's name.
var (
	//go:embed zones.zip
	archive string
	//go:embed links.txt
	linkTable string
	//go:embed zone.tab
	zoneTable string
	//go:embed VERSION
	version string
)

// database is the release in the form it is asked in. It is computed once and never changed.
type database struct {
	zones     map[string]func() (*time.Location, error)
	links     map[string]string
	countries map[string][]string
	listed    map[string]bool
}

// data panics if the embedded files are damaged: they are part of the program, and a test reads them all.
var data = sync.OnceValue(func() *database {
	db := &database{links: pairs(linkTable), countries: countries(zoneTable), listed: make(map[string]bool)}
	for _, zones := range db.countries {
		for _, zone := range zones {
			db.listed[zone] = true
		}
	}
	files, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		panic(fmt.Sprintf("open the embedded zones: %v", err))
	}
	db.zones = make(map[string]func() (*time.Location, error), len(files.File)+len(db.links))
	byName := make(map[string]*zip.File, len(files.File))
	for _, f := range files.File {
		byName[f.Name] = f
		db.zones[f.Name] = lazily(f.Name, f)
	}
	for name, zone := range db.links {
		db.zones[name] = lazily(name, byName[zone])
	}
	return db
})

// lazily decodes a zone when it is first asked for: a function needs few of them, and all take a good 10 ms.
func lazily(name string, f *zip.File) func() (*time.Location, error) {
	return sync.OnceValues(func() (*time.Location, error) {
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("open zone %s: %w", name, err)
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("read zone %s: %w", name, err)
		}
		return time.LoadLocationFromTZData(name, b)
	})
}

// pairs reads lines of two fields parted by a tab.
func pairs(table string) map[string]string {
	m := make(map[string]string)
	for line := range strings.Lines(table) {
		if a, b, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			m[a] = b
		}
	}
	return m
}

// countries reads zone.tab: lines of country, coordinates, zone and perhaps a comment, parted by tabs.
func countries(table string) map[string][]string {
	m := make(map[string][]string)
	for line := range strings.Lines(table) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(fields) < 3 {
			continue
		}
		m[fields[0]] = append(m[fields[0]], fields[2])
	}
	return m
}

// Version is the name of the embedded IANA release, for example "2026f".
func Version() string { return strings.TrimSpace(version) }

// Load returns the zone of that name, old names included. Names are case-sensitive. "", "Local" and offsets such as
// "UTC+3" are no names and give an error.
func Load(name string) (*time.Location, error) {
	load, ok := data().zones[name]
	if !ok {
		return nil, fmt.Errorf("load time zone %q: IANA release %s has none of that name", name, Version())
	}
	return load()
}

// Canonical is the zone that an old name links to; any other name is its own.
func Canonical(name string) string {
	if zone, ok := data().links[name]; ok {
		return zone
	}
	return name
}

// ZonesOf lists the zones that zone.tab gives a country (ISO 3166-1 alpha-2, upper case), the most populous first; nil
// for a country it does not know.
func ZonesOf(country string) []string { return slices.Clone(data().countries[country]) }

// Listed reports whether zone.tab gives the zone to some country by this name.
func Listed(zone string) bool { return data().listed[zone] }

// Names lists every zone and old name of the release, sorted.
func Names() []string {
	var names []string
	for name := range data().zones {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
