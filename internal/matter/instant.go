package matter

import (
	"time"
)

// Ceil rounds an instant up to the whole second, Floor down, both in UTC.
func Ceil(t time.Time) time.Time {
	f := Floor(t)
	if f.Before(t) {
		return f.Add(time.Second)
	}
	return f
}

// Floor rounds an instant down to the whole second, in UTC.
func Floor(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.Unix(t.Unix(), 0).UTC()
}

// Instant returns a pointer to t for JSON, nil for the zero time.
func Instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}
