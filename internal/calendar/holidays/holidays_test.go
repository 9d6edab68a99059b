package holidays

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// lines lists the days off as the generator writes them before it packs them.
func lines(c *Calendar) string {
	var b strings.Builder
	first := matter.Date{Year: firstYear, Month: time.January, Day: 1}
	for _, n := range c.days {
		fmt.Fprintln(&b, first.AddDays(int(n)))
	}
	return b.String()
}

// testdata/digests.txt has a line for every region, taken by the generator from the unpacked days.
func TestEveryRegionIsReadAsTheGeneratorWroteIt(t *testing.T) {
	wanted, err := os.ReadFile("testdata/digests.txt")
	require.NoError(t, err)
	var read strings.Builder
	for _, country := range Countries() {
		for _, c := range Of(country) {
			name := strings.TrimSuffix(country+"-"+c.Region, "-")
			digest := sha256.Sum256([]byte(lines(c)))
			fmt.Fprintf(&read, "%s\t%d\t%d\t%d\t%x\n", name, c.First, c.Last, len(c.days), digest)
		}
	}
	require.Equal(t, strings.Split(string(wanted), "\n"), strings.Split(read.String(), "\n"))
}

// Off answers from the packed days, for every day from before the table to after it.
func TestADayIsOffWhereTheTableHasIt(t *testing.T) {
	for _, country := range []string{"EG", "JP"} {
		c := Of(country)[0]
		var off strings.Builder
		for d := (matter.Date{Year: 1810, Month: time.January, Day: 1}); d.Year < 2300; d = d.AddDays(1) {
			if c.Off(d) {
				fmt.Fprintln(&off, d)
			}
		}
		require.Equal(t, lines(c), off.String())
	}
}

func TestTheReleaseIsNamedAndSmall(t *testing.T) {
	require.Equal(t, "0.109", Version())
	require.Less(t, len(archive), 400<<10, "every function carries it")
	require.Greater(t, len(Countries()), 240)
	require.Nil(t, Of("ZZ"))
	require.Nil(t, Of("us"))
}

func TestRegionsAreThoseOfISO3166(t *testing.T) {
	for _, country := range Countries() {
		calendars := Of(country)
		require.Empty(t, calendars[0].Region, "%s as a whole comes first", country)
		for _, c := range calendars[1:] {
			require.Regexp(t, `^[A-Z0-9]{1,3}$`, c.Region, country)
		}
		require.True(t, slices.IsSortedFunc(calendars, func(a,
			b *Calendar) int {
			return strings.Compare(a.Region, b.Region)
		}))
	}
}

// Outside the years that the table knows nothing is said: the caller holds longer there.
func TestWhichYearsAreKnown(t *testing.T) {
	for _, row := range []struct {
		name, country     string
		first, last, days int
	}{
		{"the whole century", "DE", 2000, 2100, 1},
		{"a country founded later", "SS", 2012, 2100, 1},
		{"a lunar calendar that is computed to 2035", "IN", 2000, 2035, 1},
		{"full moons that are computed to 2026", "LK", 2003, 2026, 1},
		{"the government fixes some of next year's days by decree", "CN", 2000, 2026, 1},
		{"martial law: no day off since 2022", "UA", 2000, 2022, 1},
		{"an island without people", "BV", 0, 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := Of(row.country)[0]
			require.Equal(t, []int{row.first, row.last}, []int{c.First, c.Last})
			require.Equal(t, row.days == 0, len(c.days) == 0)
			require.False(t, c.Knows(row.first-1))
			require.Equal(t, row.days != 0, c.Knows(2020))
			require.False(t, c.Knows(row.last+1))
		})
	}
}

func TestADamagedEntryIsRefused(t *testing.T) {
	whole := []byte{2, 'B', 'Y', 0xD0, 0x0F, 0xB4, 0x10, 3, 5, 0x80, 1, 7}
	calendars, err := decode(whole)
	require.NoError(t, err)
	require.Equal(t, []*Calendar{{Region: "BY", First: 2000, Last: 2100, days: []uint16{5, 133, 140}}}, calendars)
	for n := 1; n < len(whole); n++ {
		_, err := decode(whole[:n])
		require.ErrorIs(t, err, errDamaged, "%d bytes", n)
	}
	none, err := decode(nil)
	require.NoError(t, err)
	require.Empty(t, none)
}
