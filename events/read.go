package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"lapse/internal/event"
)

const (
	// maxDepth is the deepest nesting read. Events need 7 levels. The rest is room for extension attributes.
	maxDepth = 32
	// maxDigits and maxExponent bound a number's text, so that 1e999999999 costs nothing.
	maxDigits, maxExponent = 40, 40
)

// syntax returns the reason why raw is not one JSON text in UTF-8, or nil.
func syntax(raw []byte) *event.Faults {
	refuse := func(detail string) *event.Faults {
		return &event.Faults{Syntax: true, List: []event.Fault{{Detail: detail}}}
	}
	if !utf8.Valid(raw) {
		return refuse("not UTF-8")
	}
	if json.Valid(raw) {
		return nil
	}
	var whole json.RawMessage
	err := json.Unmarshal(raw, &whole)
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		return refuse(fmt.Sprintf("not one JSON text: it breaks off or goes wrong at byte %d", bad.Offset))
	}
	return refuse("not one JSON text")
}

// reader turns a JSON text into maps, slices and scalars. It also notes faults that encoding/json ignores: doubled keys
// (whose last value would win), numbers of any size and nesting of any depth.
type reader struct {
	dec    *json.Decoder
	faults []event.Fault
}

// read reads a text that syntax has accepted. Numbers come in their canonical form. Of a doubled key the first value
// stays, so that the rest can be checked too.
func read(raw []byte) (any, []event.Fault, error) {
	r := &reader{dec: json.NewDecoder(bytes.NewReader(raw))}
	r.dec.UseNumber()
	v, err := r.value("", 1)
	return v, r.faults, err
}

func (r *reader) fault(pointer, detail string) {
	r.faults = append(r.faults, event.Fault{Pointer: pointer, Detail: detail})
}

func (r *reader) value(pointer string, depth int) (any, error) {
	token, err := r.dec.Token()
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	switch t := token.(type) {
	case json.Delim:
		if depth > maxDepth {
			r.fault(pointer, fmt.Sprintf("nested deeper than %d levels", maxDepth))
			return nil, r.skip()
		}
		if t == '{' {
			return r.object(pointer, depth)
		}
		return r.array(pointer, depth)
	case json.Number:
		n, ok := canonical(t)
		if !ok {
			r.fault(pointer, "a number of this size or precision is not accepted")
		}
		return n, nil
	}
	return token, nil
}

func (r *reader) object(pointer string, depth int) (any, error) {
	object := map[string]any{}
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		key, _ := token.(string)
		here := at(pointer, key)
		v, err := r.value(here, depth+1)
		if err != nil {
			return nil, err
		}
		if _, double := object[key]; double {
			r.fault(here, "stands more than once in one object")
			continue
		}
		object[key] = v
	}
	return object, r.end()
}

func (r *reader) array(pointer string, depth int) (any, error) {
	array := []any{}
	for r.dec.More() {
		v, err := r.value(at(pointer, strconv.Itoa(len(array))), depth+1)
		if err != nil {
			return nil, err
		}
		array = append(array, v)
	}
	return array, r.end()
}

// end reads the closing bracket.
func (r *reader) end() error {
	if _, err := r.dec.Token(); err != nil {
		return fmt.Errorf("read JSON: %w", err)
	}
	return nil
}

// skip reads to the closing bracket of the value just opened, without recursion.
func (r *reader) skip() error {
	for open := 1; open > 0; {
		token, err := r.dec.Token()
		if err != nil {
			return fmt.Errorf("read JSON: %w", err)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			open++
		case json.Delim('}'), json.Delim(']'):
			open--
		}
	}
	return nil
}

// canonical writes a number in its one decimal form without exponent or trailing zeros. So 90, 90.0 and 9e1 have one
// digest. A number out of bounds becomes 0 and false.
func canonical(n json.Number) (json.Number, bool) {
	text := n.String()
	if len(text) > maxDigits {
		return "0", false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if e, err := strconv.Atoi(text[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return "0", false
		}
	}
	rat, ok := new(big.Rat).SetString(text)
	if !ok {
		return "0", false
	}
	places, _ := rat.FloatPrec()
	return json.Number(rat.FloatString(places)), true
}
