// Command generate writes the data files of package tzdata from the wheel "tzdata" of the Python package index:
//
//	go run ./internal/calendar/tzdata/generate WHEEL
//
// The same wheel gives the same bytes on every machine: files are stored in order, without compression and without
// times. Anything unexpected in the wheel ends the program before a file is written.
package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	out := flag.String("o", filepath.Join("internal", "calendar", "tzdata"), "folder to write to")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: generate [-o FOLDER] WHEEL")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *out); err != nil {
		fmt.Fprintln(os.Stderr, "generate tzdata:", err)
		os.Exit(1)
	}
}

// run reads the wheel and writes the four data files to the folder.
func run(wheel, folder string) error {
	r, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("open wheel: %w", err)
	}
	defer r.Close()
	files, err := release(r)
	if err != nil {
		return fmt.Errorf("read wheel %s: %w", filepath.Base(wheel), err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(folder, name), files[name], 0o644); err != nil {
			return fmt.Errorf("write data file: %w", err)
		}
	}
	return nil
}

// release makes the data files, by name, from the wheel's files.
func release(wheel fs.FS) (map[string][]byte, error) {
	source, err := fs.Sub(wheel, "tzdata/zoneinfo")
	if err != nil {
		return nil, err
	}
	rules, err := fs.ReadFile(source, "tzdata.zi")
	if err != nil {
		return nil, err
	}
	version, zones, links, err := index(string(rules))
	if err != nil {
		return nil, err
	}
	compiled, err := compiledZones(source, zones, links)
	if err != nil {
		return nil, err
	}
	table, err := fs.ReadFile(source, "zone.tab")
	if err != nil {
		return nil, err
	}
	if err := tableIsServed(string(table), compiled, links); err != nil {
		return nil, err
	}
	archive, err := pack(compiled)
	if err != nil {
		return nil, err
	}
	var list strings.Builder
	for _, name := range slices.Sorted(maps.Keys(links)) {
		fmt.Fprintf(&list, "%s\t%s\n", name, links[name])
	}
	return map[string][]byte{
		"zones.zip": archive,
		"links.txt": []byte(list.String()),
		"zone.tab":  table,
		"VERSION":   []byte(version + "\n"),
	}, nil
}

// index reads what tzdata.zi says of itself: the release, its zones ("Z" lines) and its old names ("L" lines, target
// first), each old name led to a zone however many links lie between.
func index(rules string) (version string, zones []string, links map[string]string, err error) {
	links = make(map[string]string)
	for line := range strings.Lines(rules) {
		fields := strings.Fields(line)
		switch {
		case version == "" && len(fields) == 3 && fields[0] == "#" && fields[1] == "version":
			version = fields[2]
		case len(fields) >= 2 && fields[0] == "Z":
			zones = append(zones, fields[1])
		case len(fields) == 3 && fields[0] == "L":
			links[fields[2]] = fields[1]
		}
	}
	if version == "" || len(zones) == 0 || len(links) == 0 {
		return "", nil, nil, errors.New("tzdata.zi: no version, no zones or no links")
	}
	for name, zone := range links {
		for range len(links) {
			next, ok := links[zone]
			if !ok {
				break
			}
			zone = next
		}
		if !slices.Contains(zones, zone) {
			return "", nil, nil, fmt.Errorf("tzdata.zi: %s links to no zone", name)
		}
		links[name] = zone
	}
	return version, zones, links, nil
}

// compiledZones reads the TZif file of every zone, and makes sure that each old name's file holds the same.
func compiledZones(source fs.FS, zones []string, links map[string]string) (map[string][]byte, error) {
	compiled := make(map[string][]byte, len(zones))
	for _, zone := range zones {
		b, err := fs.ReadFile(source, zone)
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(b, []byte("TZif")) {
			return nil, fmt.Errorf("%s is no TZif file", zone)
		}
		compiled[zone] = b
	}
	for name, zone := range links {
		b, err := fs.ReadFile(source, name)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(b, compiled[zone]) {
			return nil, fmt.Errorf("%s differs from %s, which it links to", name, zone)
		}
	}
	return compiled, nil
}

// tableIsServed makes sure that every zone of zone.tab is a zone or an old name of the release.
func tableIsServed(table string, compiled map[string][]byte, links map[string]string) error {
	for line := range strings.Lines(table) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(fields) < 3 {
			continue
		}
		_, isZone := compiled[fields[2]]
		_, isLink := links[fields[2]]
		if !isZone && !isLink {
			return fmt.Errorf("zone.tab: %s is not in the release", fields[2])
		}
	}
	return nil
}

// pack stores the files in a zip archive, uncompressed so that the bytes do not depend on the compressor's version.
func pack(files map[string][]byte) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content := files[name]
		f, err := w.CreateRaw(&zip.FileHeader{
			Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(content),
			CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
		})
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		if _, err := io.Copy(f, bytes.NewReader(content)); err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack zones: %w", err)
	}
	return b.Bytes(), nil
}
