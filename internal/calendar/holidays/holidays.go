// Package holidays embeds one release of the Python package "holidays": for every country and region that it knows,
// the days on which courts or public offices are closed, from 2000 to 2100. The same paper so has the same end on
// every machine.
//
// The data files beside this source are written by generate/generate.py ("make holidays") and never by hand. That
// program says which days count and why. The data are under the MIT License (see LICENSE).
package holidays

import (
	"archive/zip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"lapse/internal/matter"
)

// The two files of a release: an archive with one entry a country, and the release's name.
var (
	//go:embed days.zip
	archive string
	//go:embed VERSION
	version string
)

// firstYear is the year from whose first day the table counts its days.
const firstYear = 2000

// Calendar is what the table knows of one region, or of a country as a whole. It is not changed once it is made.
type Calendar struct {
	// Region is the region's code without the country (ISO 3166-2, for example "DC"), "" for the country as a whole.
	Region string
	// First and Last are the years of which every holiday is known; both are 0 where none is.
	First, Last int
	// days are the days off, sorted, each as its distance from the first day of firstYear.
	days []uint16
}

// Off reports whether the table has the day as a day off. Saturdays and Sundays are not in the table; other days of a
// country's weekend are.
func (c *Calendar) Off(d matter.Date) bool {
	day := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	n := int64(day.Sub(time.Date(firstYear, time.January, 1, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
	if n < 0 || n > int64(^uint16(0)) {
		return false
	}
	_, found := slices.BinarySearch(c.days, uint16(n))
	return found
}

// Knows reports whether the table has every holiday of the year.
func (c *Calendar) Knows(year int) bool { return c.First <= year && year <= c.Last }

// Version is the embedded release of the Python package, for example "0.109".
func Version() string { return strings.TrimSpace(version) }

// Countries lists the codes (ISO 3166-1 alpha-2) of the countries in the table, sorted.
func Countries() []string {
	var codes []string
	for code := range table() {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// Of lists what the table knows of a country (ISO 3166-1 alpha-2, upper case): the country as a whole first, then its
// regions by code. It is nil for a country that the table does not have. The caller must not change it.
func Of(country string) []*Calendar {
	read, ok := table()[country]
	if !ok {
		return nil
	}
	return read()
}

// table has a reader for every country. Each entry is unpacked when it is first asked for. It panics if the embedded
// files are damaged: they are part of the program, and a test reads them all.
var table = sync.OnceValue(func() map[string]func() []*Calendar {
	files, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		panic(fmt.Sprintf("open the embedded holidays: %v", err))
	}
	countries := make(map[string]func() []*Calendar, len(files.File))
	for _, f := range files.File {
		countries[f.Name] = sync.OnceValue(func() []*Calendar {
			calendars, err := unpack(f)
			if err != nil {
				panic(fmt.Sprintf("read the embedded holidays of %s: %v", f.Name, err))
			}
			return calendars
		})
	}
	return countries
})

// unpack reads the entry of one country.
func unpack(f *zip.File) ([]*Calendar, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open entry: %w", err)
	}
	defer r.Close()
	packed, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read entry: %w", err)
	}
	return decode(packed)
}

// errDamaged says that an entry ends in the middle of a calendar.
var errDamaged = errors.New("decode holidays: the entry is cut off")

// decode reads the calendars of one country: for each the length of its code, the code, the first and the last year,
// the number of days, and each day as the distance from the one before. Numbers are unsigned varints.
func decode(packed []byte) ([]*Calendar, error) {
	damaged := false
	number := func() int {
		n, size := binary.Uvarint(packed)
		if size <= 0 {
			damaged = true
			return 0
		}
		packed = packed[size:]
		return int(n)
	}
	var calendars []*Calendar
	for len(packed) > 0 {
		length := number()
		if damaged || length > len(packed) {
			return nil, errDamaged
		}
		c := &Calendar{Region: string(packed[:length])}
		packed = packed[length:]
		c.First, c.Last = number(), number()
		count := number()
		if damaged || count > len(packed) {
			return nil, errDamaged
		}
		c.days = make([]uint16, count)
		day := 0
		for i := range c.days {
			day += number()
			c.days[i] = uint16(day)
		}
		calendars = append(calendars, c)
	}
	if damaged {
		return nil, errDamaged
	}
	return calendars, nil
}
