package review

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"lapse/internal/matter"
)

//go:embed data/fields.json
var fieldsFile []byte

// Wanted is one thing that a request has to say. Ask is its wording for the authority.
type Wanted struct {
	Field string `json:"field"`
	Ask   string `json:"ask"`
}

// Fields lists the things that requests have to say: all requests, and requests with one instrument. Without lists the
// things that an instrument may leave out.
type Fields struct {
	Every       []Wanted                       `json:"every"`
	Instruments map[matter.Instrument][]Wanted `json:"instruments"`
	Without     map[matter.Instrument][]string `json:"without"`
}

// LoadFields reads the embedded list, strictly.
func LoadFields() (Fields, error) { return decodeFields(fieldsFile) }

func decodeFields(raw []byte) (Fields, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var f Fields
	if err := dec.Decode(&f); err != nil {
		return f, fmt.Errorf("decode required fields: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return f, errors.New("decode required fields: text after the object")
	}
	all := slices.Clone(f.Every)
	for _, list := range f.Instruments {
		all = append(all, list...)
	}
	for _, w := range all {
		if _, known := says(w.Field, matter.Request{}); !known || w.Ask == "" {
			return f, fmt.Errorf("decode required fields: %q is no field of a request, or has no words", w.Field)
		}
	}
	return f, nil
}

// of returns the things that a request with the instrument has to say.
func (f Fields) of(instrument matter.Instrument) []Wanted {
	out := slices.DeleteFunc(slices.Clone(f.Every),
		func(w Wanted) bool { return slices.Contains(f.Without[instrument], w.Field) })
	return append(out, f.Instruments[instrument]...)
}

// missing returns the required fields that a request leaves empty.
func (f Fields) missing(r matter.Request) []Wanted {
	return slices.DeleteFunc(f.of(r.Instrument), func(w Wanted) bool {
		said, _ := says(w.Field, r)
		return said
	})
}

// says reports whether a request fills a field. known is false if there is no such field.
func says(field string, r matter.Request) (said, known bool) {
	switch field {
	case "legalBasis":
		return filled(r.LegalBasis), true
	case "signed":
		return r.Signed != nil && *r.Signed, true
	case "signedOn":
		return !r.SignedOn.IsZero(), true
	case "addressee":
		return filled(r.Addressee), true
	case "servedVia":
		return filled(r.ServedVia), true
	case "offence":
		return filled(r.Offence), true
	case "responseDue":
		return !r.ResponseDue.IsZero(), true
	case "contact":
		return filled(r.Issuer.Contact), true
	case "dates":
		return !slices.ContainsFunc(r.DataSought, func(d matter.DataSought) bool {
			return dated(d) && (d.From.IsZero() ||
				d.To.IsZero())
		}), true
	}
	return false, false
}

func filled(s string) bool { return strings.TrimSpace(s) != "" }

// dated reports whether data of the category has a period. A subscriber's record and preserved data have none.
func dated(d matter.DataSought) bool { return d.Category == "content" || d.Category == "non_content" }
