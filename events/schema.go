package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"

	"lapse/internal/event"
	"lapse/internal/matter"
)

// schemas are the compiled schema files.
type schemas struct {
	envelope *jsonschema.Schema
	byType   map[event.Type]*jsonschema.Schema
	// said holds the description at each place of the files. It serves faults whose keyword tells a person nothing.
	said map[string]string
}

// compiled compiles the embedded files once, when the first event comes.
var compiled = sync.OnceValues(compile)

func compile() (*schemas, error) {
	set := &schemas{byType: map[event.Type]*jsonschema.Schema{}, said: map[string]string{}}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, check := range formats() {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: onStrings(check)})
	}
	names, err := fs.Glob(Schemas(), "*.json")
	if err != nil {
		return nil, fmt.Errorf("list schemas: %w", err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(Schemas(), name)
		if err != nil {
			return nil, fmt.Errorf("read schema %s: %w", name, err)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		if err != nil {
			return nil, fmt.Errorf("read schema %s: %w", name, err)
		}
		if err := c.AddResource(SchemaBase+name, doc); err != nil {
			return nil, fmt.Errorf("add schema %s: %w", name, err)
		}
		set.collect(SchemaBase+name+"#", doc)
	}
	if set.envelope, err = c.Compile(SchemaBase + "envelope.json"); err != nil {
		return nil, fmt.Errorf("compile the envelope's schema: %w", err)
	}
	for _, t := range event.Types() {
		if set.byType[t], err = c.Compile(SchemaBase + schemaFile(t)); err != nil {
			return nil, fmt.Errorf("compile the schema of %s: %w", t, err)
		}
	}
	return set, nil
}

// collect keeps the descriptions of doc, which stands at the given place.
func (s *schemas) collect(place string, doc any) {
	object, _ := doc.(map[string]any)
	if text, ok := object["description"].(string); ok {
		s.said[place] = text
	}
	for name, v := range object {
		s.collect(place+"/"+name, v)
	}
}

// formats returns the formats that the schemas name.
func formats() map[string]func(string) error {
	return map[string]func(string) error{
		"date": func(s string) error {
			if _, err := matter.ParseDate(s); err != nil {
				return errors.New("not a day that exists, written YYYY-MM-DD")
			}
			return nil
		},
		"date-time": func(s string) error {
			_, err := parseInstant(s)
			return err
		},
		"idn-email": func(s string) error {
			_, err := matter.ParseAddress(s)
			return err
		},
		"language-tag": func(s string) error {
			// A well-formed but unregistered tag is no fault: the notice falls back to a language that Lapse has.
			if _, err := language.Parse(s); err != nil && !isValueError(err) {
				return errors.New("has to be a BCP 47 language tag")
			}
			return nil
		},
	}
}

func isValueError(err error) bool {
	_, ok := errors.AsType[language.ValueError](err)
	return ok
}

// parseInstant reads an RFC 3339 instant with offset, strictly, and returns it in UTC. After rounding up to a second
// its year has to be one that RFC 3339 can write. The first instant of year 1 is refused, because Go uses it for
// "absent".
func parseInstant(s string) (time.Time, error) {
	var t time.Time
	if err := t.UnmarshalText([]byte(s)); err != nil {
		return time.Time{}, errors.New("not an instant that exists, written as RFC 3339 with offset")
	}
	t = t.UTC()
	if up := matter.Ceil(t); t.Year() < 1 || up.Year() > 9999 || up.IsZero() {
		return time.Time{}, errors.New("outside the years 1 to 9999 in UTC")
	}
	return t, nil
}

func onStrings(check func(string) error) func(any) error {
	return func(v any) error {
		if s, ok := v.(string); ok {
			return check(s)
		}
		return nil
	}
}

// check validates the event against its type's schema, or against the envelope's if Lapse does not know the type.
func (s *schemas) check(t event.Type, tree any) []event.Fault {
	schema, ok := s.byType[t]
	if !ok {
		schema = s.envelope
	}
	err := schema.Validate(tree)
	if err == nil {
		return nil
	}
	bad, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return []event.Fault{{Detail: "it could not be checked"}}
	}
	return s.flatten(bad, tree, nil)
}

// flatten turns the library's tree of errors into faults. Only the leaves carry information.
func (s *schemas) flatten(e *jsonschema.ValidationError, tree any, found []event.Fault) []event.Fault {
	for _, cause := range e.Causes {
		found = s.flatten(cause, tree, found)
	}
	if len(e.Causes) > 0 {
		return found
	}
	here := pointerTo(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			found = append(found, event.Fault{Pointer: at(here, name), Detail: "is missing"})
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			found = append(found, event.Fault{Pointer: at(here, name), Detail: "no such field; names are case-sensitive"})
		}
	case *kind.UniqueItems:
		for _, i := range doubles(tree, e.InstanceLocation) {
			found = append(found, event.Fault{Pointer: at(here, strconv.Itoa(i)), Detail: "stands in this list already"})
		}
	default:
		found = append(found, event.Fault{Pointer: here, Detail: s.detail(e)})
	}
	return found
}

// detail describes the fault in plain English, without repeating the value.
func (s *schemas) detail(e *jsonschema.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return "has to be of type " + strings.Join(k.Want, " or ")
	case *kind.Enum:
		return "has to be one of " + list(k.Want)
	case *kind.Const:
		return "has to be " + list([]any{k.Want})
	case *kind.Format:
		return k.Err.Error()
	case *kind.MinLength:
		return fmt.Sprintf("has to have at least %d characters", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("has to have at most %d characters", k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("has to hold at least %d", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("has to hold at most %d", k.Want)
	case *kind.MinProperties:
		return fmt.Sprintf("has to have at least %d field", k.Want)
	case *kind.Minimum:
		return "has to be at least " + k.Want.RatString()
	case *kind.Maximum:
		return "has to be at most " + k.Want.RatString()
	}
	if text, ok := s.said[e.SchemaURL]; ok { // for patterns, and for forbidden forms of an id
		return "has to be " + text
	}
	return "is not as the schema wants it"
}

// list writes the values that a schema allows.
func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return strings.Join(texts, ", ")
}

// doubles returns the index of every element of the list at path that repeats an earlier one. The library names only
// one pair.
func doubles(tree any, path []string) []int {
	for _, token := range path {
		switch v := tree.(type) {
		case map[string]any:
			tree = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			tree = v[i]
		}
	}
	items, _ := tree.([]any)
	seen := map[string]bool{}
	var again []int
	for i, item := range items {
		text, err := json.Marshal(item)
		if err == nil && seen[string(text)] {
			again = append(again, i)
		}
		seen[string(text)] = true
	}
	return again
}
