package events

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// AddDuration adds an ISO 8601 duration, such as P90D, P1Y2M, P1W, PT3H or -PT0.5S, to t. Years and months follow the
// UTC calendar and keep the day; a month that is too short gives its last day. A day is 24 hours, a week seven days.
// The last part may have a fraction. A fraction of a year or a month is a share of the calendar year or month that it
// falls into. A sign before the P applies to the whole. The result is UTC. A result outside the years 1 to 9999 is an
// error.
func AddDuration(t time.Time, iso string) (time.Time, error) {
	parts, err := parseDuration(iso)
	if err != nil {
		return time.Time{}, fmt.Errorf("read duration %q: %w", iso, err)
	}
	t = t.UTC()
	for _, p := range parts {
		if t, err = p.add(t); err != nil {
			return time.Time{}, fmt.Errorf("add duration %q: %w", iso, err)
		}
	}
	return t, nil
}

// part is one number of a duration with its unit.
type part struct {
	// The unit is a number of months, or else a number of seconds.
	months  int
	seconds int64
	// whole is the number before the point. fraction is the part after the point, in [0, 1).
	whole    int64
	fraction float64
	// sign is 1 or -1.
	sign int64
}

// maxAmount keeps every sum within int64. It lies far beyond the years that a result may have.
const maxAmount = 1_000_000_000_000

// errDuration names the accepted form.
var errDuration = errors.New("not of the form PnYnMnWnDTnHnMnS")

func parseDuration(iso string) ([]part, error) {
	sign := int64(1)
	rest := iso
	if strings.HasPrefix(rest, "-") {
		sign, rest = -1, rest[1:]
	} else {
		rest = strings.TrimPrefix(rest, "+")
	}
	rest, ok := strings.CutPrefix(rest, "P")
	date, clock, timed := strings.Cut(rest, "T")
	if !ok || rest == "" || timed && clock == "" {
		return nil, errDuration
	}
	parts, err := readParts(date, "YMWD", sign)
	if err != nil {
		return nil, err
	}
	more, err := readParts(clock, "HMS", sign)
	if err != nil {
		return nil, err
	}
	parts = append(parts, more...)
	for _, p := range parts[:len(parts)-1] {
		if p.fraction != 0 {
			return nil, errors.New("only its last part may have a fraction")
		}
	}
	return parts, nil
}

// readParts reads numbers with designators from units. They have to stand in the order of units, each at most once.
func readParts(s, units string, sign int64) ([]part, error) {
	clock := units == "HMS"
	var parts []part
	for s != "" {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789.,"))
		if digits == 0 || digits == len(s) {
			return nil, errDuration
		}
		u := strings.IndexByte(units, s[digits])
		if u < 0 {
			return nil, errDuration
		}
		p := unit(s[digits], clock)
		if err := p.number(strings.Replace(s[:digits], ",", ".", 1)); err != nil {
			return nil, err
		}
		p.sign = sign
		parts = append(parts, p)
		units, s = units[u+1:], s[digits+1:]
	}
	return parts, nil
}

// unit returns one unit of a designator. clock tells a designator after the T from one before it.
func unit(designator byte, clock bool) part {
	switch designator {
	case 'Y':
		return part{months: 12}
	case 'M':
		if clock {
			return part{seconds: 60}
		}
		return part{months: 1}
	case 'W':
		return part{seconds: 7 * 24 * 60 * 60}
	case 'D':
		return part{seconds: 24 * 60 * 60}
	case 'H':
		return part{seconds: 60 * 60}
	}
	return part{seconds: 1}
}

// number reads the digits before and after the point. ISO 8601 wants digits on both sides.
func (p *part) number(text string) error {
	before, after, point := strings.Cut(text, ".")
	if before == "" || point && after == "" || strings.ContainsAny(after, ".,") {
		return errDuration
	}
	whole, err := strconv.ParseInt(before, 10, 64)
	if err != nil || whole > maxAmount {
		return errors.New("a number in it is too large")
	}
	p.whole = whole
	if point {
		if p.fraction, err = strconv.ParseFloat("0."+after, 64); err != nil {
			return errDuration
		}
	}
	return nil
}

func (p part) add(t time.Time) (time.Time, error) {
	if p.months > 0 {
		return p.addMonths(t)
	}
	seconds := t.Unix() + p.sign*p.whole*p.seconds
	nanos := int64(math.Round(p.fraction * float64(p.seconds) * 1e9))
	return within(time.Unix(seconds, int64(t.Nanosecond())).Add(time.Duration(p.sign * nanos)).UTC())
}

func (p part) addMonths(t time.Time) (time.Time, error) {
	if p.whole > 12*9999 {
		return time.Time{}, errRange
	}
	months := int(p.sign * p.whole * int64(p.months))
	from := clampedMonths(t, months)
	if p.fraction != 0 {
		to := clampedMonths(t, months+int(p.sign)*p.months)
		from = from.Add(time.Duration(p.fraction * float64(to.Sub(from))))
	}
	return within(from)
}

// clampedMonths moves t by months. It keeps the day, or takes the month's last day.
func clampedMonths(t time.Time, months int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(),
		time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

var errRange = errors.New("the result lies outside the years 1 to 9999")

func within(t time.Time) (time.Time, error) {
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, errRange
	}
	return t, nil
}
