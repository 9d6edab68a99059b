package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// Law 3: a stated zone that is not believed can only lengthen the hold, at its start as at its end. So the start is
// read in that zone as well as in the country's, and the earliest reading counts.
func TestTheStartIsReadInTheZoneThatIsNotBelievedToo(t *testing.T) {
	for _, row := range []struct{ name, country, zone, from string }{
		{"no zone stated: the country's most eastern clock", "US", "", "2026-03-10T04:00:00Z"},
		{"a zone east of the country: its clock", "US", "Asia/Tokyo", "2026-03-09T15:00:00Z"},
		{"a zone west of the country: the country's clock", "DE", "America/New_York", "2026-03-09T23:00:00Z"},
		{"a zone of one country, believed: its clock alone", "US", "Pacific/Honolulu", "2026-03-10T10:00:00Z"},
		{"no country: the most eastern clock on Earth", "ZZ", "Asia/Tokyo", "2026-03-09T10:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := matter.Paper{
				Country: row.country, Zone: row.zone, StartsOn: day(t, "2026-03-10"), End: fixed(t, "until", "2026-08-31"),
			}
			require.Equal(t, instant(t, row.from), calendar.Read(p, time.Time{}).From)
		})
	}
}
