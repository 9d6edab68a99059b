package matter

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// EndKind says how a paper states its end.
type EndKind string

// The ways a paper can state its end.
const (
	EndDate    EndKind = "date"
	EndPeriod  EndKind = "period"
	EndInstant EndKind = "instant"
	EndEvent   EndKind = "event"
	EndNone    EndKind = "none"
	// EndEarliest is the earliest of several ends: that of the earliest part that can be determined. Where none can, there
	// is no end. EndLatest is the latest of several, and there is no end while one of them cannot be determined.
	EndEarliest EndKind = "earliest"
	EndLatest   EndKind = "latest"
)

// fromDisclosed is the From of a period that counts from the disclosure.
const fromDisclosed = "disclosed"

// End is the end of an order as the paper words it. It is comparable.
type End struct {
	Kind EndKind `json:"kind"`
	// Date and Wording belong to EndDate: "until" and "through" include the day, "before" does not.
	Date    Date   `json:"date,omitzero"`
	Wording string `json:"wording,omitempty"`
	// N, Unit ("days", "weeks", "months", "years") and From ("signed", "served", "disclosed") belong to EndPeriod.
	N    int    `json:"n,omitempty"`
	Unit string `json:"unit,omitempty"`
	From string `json:"from,omitempty"`
	// At belongs to EndInstant.
	At time.Time `json:"at,omitzero"`
	// Text belongs to EndEvent and is for people only.
	Text string `json:"text,omitempty"`
	// Of belongs to EndEarliest and EndLatest.
	Of EndParts `json:"of,omitzero"`
}

// EndPart is one of several ends. It has no parts of its own, so that an End is comparable.
type EndPart struct {
	Kind    EndKind   `json:"kind"`
	Date    Date      `json:"date,omitzero"`
	Wording string    `json:"wording,omitempty"`
	N       int       `json:"n,omitempty"`
	Unit    string    `json:"unit,omitempty"`
	From    string    `json:"from,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Text    string    `json:"text,omitempty"`
}

// EndParts are up to four parts; a part without a kind is none.
type EndParts [4]EndPart

// PartsOf are the ends as parts. What is beyond four is left out.
func PartsOf(ends ...End) EndParts {
	var out EndParts
	for i, e := range ends[:min(len(ends), len(out))] {
		out[i] = EndPart{e.Kind, e.Date, e.Wording, e.N, e.Unit, e.From, e.At, e.Text}
	}
	return out
}

// MarshalJSON writes the parts there are.
func (p EndParts) MarshalJSON() ([]byte, error) {
	return JSON(slices.DeleteFunc(slices.Clone(p[:]), func(x EndPart) bool { return x.Kind == "" }))
}

// UnmarshalJSON reads the form of MarshalJSON. Instants come in UTC, so that parts compare by value.
func (p *EndParts) UnmarshalJSON(b []byte) error {
	var list []EndPart
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	*p = EndParts{}
	if len(list) > len(p) {
		return fmt.Errorf("read an end of %d parts: more than %d", len(list), len(p))
	}
	copy(p[:], list)
	for i := range p {
		if at := &p[i].At; at.IsZero() {
			*at = time.Time{}
		} else {
			*at = at.UTC()
		}
	}
	return nil
}

// Composite reports whether the end is one of several.
func (e End) Composite() bool { return e.Kind == EndEarliest || e.Kind == EndLatest }

// Parts are the ends that a composite end names, and the end itself where it is none.
func (e End) Parts() []End {
	if !e.Composite() {
		return []End{e}
	}
	var out []End
	for _, p := range e.Of {
		if p.Kind != "" {
			out = append(out, End{Kind: p.Kind, Date: p.Date, Wording: p.Wording, N: p.N, Unit: p.Unit, From: p.From, At: p.At,
				Text: p.Text})
		}
	}
	return out
}

// With is the end with its parts replaced, as Parts lists them.
func (e End) With(parts []End) End {
	if !e.Composite() {
		return parts[0]
	}
	e.Of = PartsOf(parts...)
	return e
}

// FromDisclosure reports whether the end, or a part of it, counts from the disclosure.
func (e End) FromDisclosure() bool {
	return slices.ContainsFunc(e.Parts(), func(p End) bool { return p.From == fromDisclosed })
}

// Computed reports whether the end, or a part of it, is a period.
func (e End) Computed() bool {
	return slices.ContainsFunc(e.Parts(), func(p End) bool { return p.Kind == EndPeriod })
}

// Bare is the end without words for people, its instants rounded up.
func (e End) Bare() End {
	parts := e.Parts()
	for i := range parts {
		parts[i].Text, parts[i].At = "", Ceil(parts[i].At)
	}
	if len(parts) == 0 {
		return End{Kind: e.Kind}
	}
	return e.With(parts)
}

// Rounded is the end with its instants rounded up to whole seconds, in UTC.
func (e End) Rounded() End {
	e.At = Ceil(e.At)
	for i := range e.Of {
		e.Of[i].At = Ceil(e.Of[i].At)
	}
	return e
}
