package events

import (
	"bytes"
	"encoding/json"

	"lapse/internal/event"
)

// Skim tells of an event that is too large to be decoded what its refusal needs: type and matter, where they are
// well-formed, and as Digest the SHA-256 of its bytes. Where raw breaks off, or is no JSON from some place on, the
// members before that place count.
func Skim(raw []byte) event.Event {
	posted := envelope(topLevel(raw, "type", "subject"))
	posted.Digest = hexSum(raw)
	return posted
}

// SkimBinary is Skim for an event in binary content mode, whose attributes stand in headers (FromBinary). Digest is
// that of the body.
func SkimBinary(headers map[string][]string, body []byte) event.Event {
	object := map[string]any{}
	for name, values := range headers {
		if value, ok := headerValue(values[0]); ok && len(values) == 1 {
			object[name] = value
		}
	}
	posted := envelope(object)
	posted.ID, posted.Source, posted.Digest = "", "", hexSum(body)
	return posted
}

// SkimBatch is Skim for each event of an array that is too large to be split. An array that breaks off gives the events
// before that place, and the beginning of the one that breaks off.
func SkimBatch(raw []byte) []event.Event {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('[') {
		return nil
	}
	var all []event.Event
	for dec.More() {
		from := dec.InputOffset()
		var one json.RawMessage
		if dec.Decode(&one) != nil {
			return append(all, Skim(bytes.TrimLeft(raw[from:], ", \t\r\n")))
		}
		all = append(all, Skim(one))
	}
	return all
}

// topLevel reads the named string members of one object without keeping anything else. Of a doubled member the first
// counts, as Decode has it.
func topLevel(raw []byte, names ...string) map[string]any {
	found := map[string]any{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return found
	}
	r := reader{dec: dec}
	for dec.More() && len(found) < len(names) {
		name, err := dec.Token()
		if err != nil {
			return found
		}
		value, err := dec.Token()
		if err != nil {
			return found
		}
		if _, opens := value.(json.Delim); opens && r.skip() != nil {
			return found
		}
		for _, wanted := range names {
			if _, had := found[wanted]; name == wanted && !had {
				found[wanted] = value
			}
		}
	}
	return found
}
