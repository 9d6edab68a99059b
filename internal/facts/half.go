package facts

import (
	"fmt"
	"regexp"
	"time"
)

// Half is a half-year in UTC: Part 1 is January to June, Part 2 is July to December. The zero Half is no half.
type Half struct {
	Year int
	Part int
}

// halfForm is the written form: four digits, "-H", 1 or 2.
var halfForm = regexp.MustCompile(`^([0-9]{4})-H([12])$`)

// ParseHalf reads "2026-H1".
func ParseHalf(s string) (Half, error) {
	if !halfForm.MatchString(s) {
		return Half{}, fmt.Errorf("read half-year %q: not written like 2026-H1", s)
	}
	var h Half
	if _, err := fmt.Sscanf(s, "%d-H%d", &h.Year, &h.Part); err != nil {
		return Half{}, fmt.Errorf("read half-year %q: %w", s, err)
	}
	return h, nil
}

// HalfOf is the half-year that the instant lies in.
func HalfOf(t time.Time) Half {
	t = t.UTC()
	return Half{t.Year(), (int(t.Month())-1)/6 + 1}
}

// String writes "2026-H1".
func (h Half) String() string { return fmt.Sprintf("%04d-H%d", h.Year, h.Part) }

// MarshalText writes the form of String.
func (h Half) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the form of ParseHalf.
func (h *Half) UnmarshalText(b []byte) (err error) {
	*h, err = ParseHalf(string(b))
	return err
}

// Start is the first instant of the half.
func (h Half) Start() time.Time {
	return time.Date(h.Year, time.Month(6*h.Part-5), 1, 0, 0, 0, 0, time.UTC)
}

// End is the first instant after the half.
func (h Half) End() time.Time { return h.Next().Start() }

// Next is the half after.
func (h Half) Next() Half {
	if h.Part == 1 {
		return Half{h.Year, 2}
	}
	return Half{h.Year + 1, 1}
}

// Previous is the half before.
func (h Half) Previous() Half {
	if h.Part == 2 {
		return Half{h.Year, 1}
	}
	return Half{h.Year - 1, 2}
}

// LastDay is the half's last day as YYYY-MM-DD.
func (h Half) LastDay() string { return h.End().AddDate(0, 0, -1).Format(time.DateOnly) }

// FreezeAt is when the schedule freezes the half: the 15th of the month after it, 06:00 UTC.
func (h Half) FreezeAt() time.Time { return h.End().AddDate(0, 0, 14).Add(6 * time.Hour) }

// Holds reports whether the instant lies in the half.
func (h Half) Holds(t time.Time) bool { return !t.Before(h.Start()) && t.Before(h.End()) }

// Earlier reports whether something has happened before the half began. A zero instant never happened.
func (h Half) Earlier(t time.Time) bool { return !t.IsZero() && t.Before(h.Start()) }
