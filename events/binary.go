package events

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"lapse/internal/event"
	"lapse/internal/matter"
)

// FromBinary returns the structured form of an event in CloudEvents' binary content mode (HTTP Protocol Binding 1.0.2,
// section 3.1). headers are the values of the ce- headers, by the attribute's name in lower case and without the
// prefix. body is the data. The event and its digests are the same in both modes. The error is a *event.Faults.
func FromBinary(headers map[string][]string, body []byte) ([]byte, error) {
	// The body becomes a part of a larger text, so it has to be one JSON text by itself.
	if len(body) > 0 {
		if bad := syntax(body); bad != nil {
			return nil, bad
		}
	}
	var found []event.Fault
	refuse := func(name, detail string) { found = append(found, event.Fault{Pointer: at("", name), Detail: detail}) }
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		switch value, ok := headerValue(headers[name][0]); {
		case len(headers[name]) > 1:
			refuse(name, "stands in more than one header")
		case name == "data":
			refuse(name, "has to be the body")
		case name == "datacontenttype":
			refuse(name, "has to be the Content-Type")
		case !ok:
			refuse(name, "has to be UTF-8, percent-encoded as CloudEvents' HTTP binding says")
		default:
			object[name] = value
		}
	}
	if len(found) > 0 {
		return nil, &event.Faults{List: tidy(found)}
	}
	text, err := matter.JSON(object)
	if err != nil {
		return nil, fmt.Errorf("write the attributes of an event: %w", err)
	}
	if len(body) == 0 { // an event without data
		return text, nil
	}
	text = text[:len(text)-1]
	if len(object) > 0 {
		text = append(text, ',')
	}
	text = append(text, `"data":`...)
	return append(append(text, body...), '}'), nil
}

// headerValue decodes an attribute's value from its header (HTTP Protocol Binding 1.0.2, section 3.1.3.2). It unquotes
// a quoted string (RFC 9110 section 5.6.4), then decodes percent-encoding once. A percent sign that begins no escape
// stands for itself, because CloudEvents' SDK for Go encodes nothing. headerValue also reports whether the value is
// UTF-8.
func headerValue(s string) (string, bool) {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = unquote(s[1 : len(s)-1])
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String(), utf8.ValidString(b.String())
}

// unquote removes the backslashes that escape characters of a quoted string.
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// TypeOf returns the type that an event names, as Decode finds it. It returns "" if the event cannot be read or names
// none.
func TypeOf(raw []byte) string {
	if syntax(raw) != nil {
		return ""
	}
	tree, _, err := read(raw)
	if err != nil {
		return ""
	}
	object, _ := tree.(map[string]any)
	name, _ := object["type"].(string)
	return name
}

// Name returns a type without prefix and version, such as order.ended. The type's schema file and route have this name.
func Name(t event.Type) string {
	return strings.TrimSuffix(strings.TrimPrefix(string(t), "lapse."), ".v1")
}
