package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"lapse/internal/event"
	"lapse/internal/matter"
)

// redacted replaces an address in Event.Raw, and a field name that may be one.
const redacted = "[address]"

// maxBatch is the most events of one batch, as the API says.
const maxBatch = 100

// Decode reads one event and checks all of it but what needs recorded state. The error is a *event.Faults with every
// fault at once; Syntax says that raw is no JSON. Instants come in UTC, rounded up to whole seconds; digests of
// documents in lower case. now is what things that have happened are compared with.
//
// With faults, the event still carries what can be told of it: id, source, type and matter where they are well-formed,
// and its digests (of the bytes, and no Content, where they are no JSON). It has no Time, Actor, Data and Raw.
//
// Any other error would mean that the embedded schemas do not compile, which a test excludes.
func Decode(raw []byte, now time.Time) (event.Event, error) {
	if bad := syntax(raw); bad != nil {
		return event.Event{Digest: hexSum(raw)}, bad
	}
	tree, faults, err := read(raw)
	if err != nil {
		return event.Event{Digest: hexSum(raw)}, err
	}
	set, err := compiled()
	if err != nil {
		return event.Event{}, err
	}
	object, _ := tree.(map[string]any)
	posted := envelope(object)
	data, err := encode(object["data"]) // as the digests have it too
	if err != nil {
		return event.Event{}, fmt.Errorf("encode data of %s: %w", posted.Type, err)
	}
	if posted.Digest, err = digest(tree, data); err != nil {
		return event.Event{}, err
	}
	if posted.Content, err = content(object, data); err != nil {
		return event.Event{}, err
	}
	faults = append(faults, set.check(posted.Type, tree)...)
	faults = append(faults, rules(object, posted.Type, now)...)
	if len(faults) > 0 {
		return posted, &event.Faults{List: tidy(faults)}
	}
	if posted.Extensions, err = extensions(object); err != nil {
		return posted, err
	}
	posted.Actor, _ = object["actor"].(string)
	if s, ok := object["time"].(string); ok {
		sent, _ := parseInstant(s) // the schema has just passed it
		posted.Time = matter.Ceil(sent)
	}
	return posted, fill(&posted, object["data"], data)
}

// SplitBatch splits an array of at most 100 events; each is decoded on its own. The error is a *event.Faults.
func SplitBatch(raw []byte) ([]json.RawMessage, error) {
	if bad := syntax(raw); bad != nil {
		return nil, bad
	}
	var batch []json.RawMessage
	if err := json.Unmarshal(raw, &batch); err != nil || batch == nil {
		return nil, &event.Faults{List: []event.Fault{{Detail: "a batch has to be an array of events"}}}
	}
	if len(batch) > maxBatch {
		return nil, &event.Faults{List: []event.Fault{{Detail: fmt.Sprintf("a batch holds at most %d events", maxBatch)}}}
	}
	return batch, nil
}

// envelope takes from an event what is well-formed by itself.
func envelope(object map[string]any) event.Event {
	var posted event.Event
	if s, _ := object["id"].(string); isKey(s) {
		posted.ID = s
	}
	if s, _ := object["source"].(string); isKey(s) {
		posted.Source = s
	}
	if s, _ := object["subject"].(string); isMatter(s) {
		posted.Matter = s
	}
	if s, _ := object["type"].(string); slices.Contains(event.Types(), event.Type(s)) {
		posted.Type = event.Type(s)
	}
	return posted
}

// isKey reports whether s can be an event's source or id. Without hidden characters the two can be joined by one.
func isKey(s string) bool {
	return s != "" && len(s) <= maxKey && !strings.ContainsFunc(s, isHidden)
}

// isMatter reports whether s can be a matter id.
func isMatter(s string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return s != "" && len(s) <= 64 && strings.Trim(s, allowed) == ""
}

// digest is the SHA-256 of the event with sorted keys and canonical numbers, without the sender's time and without
// datacontenttype, whose only accepted meaning is also that of its absence. Extension attributes count in the form of a
// header, so that the event is the same in either of CloudEvents' content modes. data is the event's, encoded.
func digest(tree any, data json.RawMessage) (string, error) {
	if object, ok := tree.(map[string]any); ok {
		object = maps.Clone(object)
		delete(object, "time")
		delete(object, "datacontenttype")
		for name, value := range object {
			if slices.Contains(ownAttributes(), name) {
				continue
			}
			if value == nil { // to CloudEvents the same as an absent attribute
				delete(object, name)
				continue
			}
			object[name] = headerForm(value)
		}
		if _, ok := object["data"]; ok {
			object["data"] = data
		}
		tree = object
	}
	return canonicalSum(tree)
}

// headerForm is the canonical string of a number or a boolean (CloudEvents 1.0.2, section "Type System"); every other
// value stays.
func headerForm(value any) any {
	switch v := value.(type) {
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return value
}

// ownAttributes are the members of the envelope that CloudEvents or Lapse gives a meaning.
func ownAttributes() []string {
	return []string{"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "actor", "data"}
}

// content is the digest of what the event says, whatever its id, source and sender.
func content(object map[string]any, data json.RawMessage) (string, error) {
	return canonicalSum(map[string]any{"type": object["type"], "subject": object["subject"], "data": data})
}

// canonicalSum is the SHA-256 of a tree as read makes it; encoding/json sorts the keys.
func canonicalSum(tree any) (string, error) {
	text, err := json.Marshal(tree)
	if err != nil {
		return "", fmt.Errorf("encode event for its digest: %w", err)
	}
	return hexSum(text), nil
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// fill gives a checked event its typed and its redacted data; text is data, encoded.
func fill(posted *event.Event, data any, text json.RawMessage) error {
	if posted.Data = empty(posted.Type); posted.Data != nil {
		if err := json.Unmarshal(text, posted.Data); err != nil {
			return fmt.Errorf("decode data of %s: %w", posted.Type, err)
		}
		normalise(posted.Data)
	}
	if posted.Raw = text; !bytes.Contains(text, []byte(`"email":`)) {
		return nil
	}
	var err error
	if posted.Raw, err = encode(redact("", data, isEmail)); err != nil {
		return fmt.Errorf("encode redacted data of %s: %w", posted.Type, err)
	}
	return nil
}

// extensions are the envelope's attributes that neither CloudEvents nor Lapse gives a meaning, as one JSON object; nil
// where there are none. Whatever holds an @, in one of its ways to be written, may hold an address, so it is redacted.
func extensions(object map[string]any) (json.RawMessage, error) {
	extra := maps.Clone(object)
	maps.DeleteFunc(extra, func(name string, _ any) bool { return slices.Contains(ownAttributes(), name) })
	if len(extra) == 0 {
		return nil, nil
	}
	text, err := encode(redact("", extra, mayBeAddress))
	if err != nil {
		return nil, fmt.Errorf("encode extension attributes: %w", err)
	}
	return text, nil
}

// mayBeAddress reports whether a text may be or hold an e-mail address, in one of the ways that an @ is written.
func mayBeAddress(_, text string) bool {
	return slices.ContainsFunc([]string{"@", "%40", "\uff20"}, func(at string) bool { return strings.Contains(text, at) })
}

// isEmail reports whether a text is the address of a contact, which only a member of this name is.
func isEmail(member, _ string) bool { return member == "email" }

// empty is what the data of a type is decoded into.
func empty(t event.Type) any {
	switch t {
	case event.RequestReceived:
		return &event.RequestReceivedData{}
	case event.RequestAmended:
		return &event.RequestAmendedData{}
	case event.RequestDecided:
		return &event.RequestDecidedData{}
	case event.DisclosureMade:
		return &event.DisclosureMadeData{}
	case event.OrderReceived:
		return &matter.PostedOrder{}
	case event.OrderAssessed:
		return &event.OrderAssessedData{}
	case event.OrderChallenged:
		return &event.OrderChallengedData{}
	case event.OrderEnded:
		return &event.OrderEndedData{}
	case event.ExceptionRequested:
		return &matter.PostedException{}
	case event.ExceptionApproved:
		return &event.ExceptionApprovedData{}
	case event.ExceptionRenewed:
		return &event.ExceptionRenewedData{}
	case event.ExceptionEnded:
		return &event.ExceptionEndedData{}
	case event.ContactChanged:
		return &event.ContactChangedData{}
	case event.NoticeObjected, event.NoticeHeld, event.NoticeReleased, event.NoticeCancelled:
		return &event.NoticeActData{}
	}
	return nil
}

// normalise rounds instants up, which never makes a hold shorter, and writes digests of documents in one case.
func normalise(data any) {
	switch d := data.(type) {
	case *event.RequestReceivedData:
		d.ReceivedAt, d.ResponseDue = matter.Ceil(d.ReceivedAt), matter.Ceil(d.ResponseDue)
	case *event.RequestAmendedData:
		for _, t := range []*time.Time{d.ReceivedAt, d.ResponseDue} {
			if t != nil {
				*t = matter.Ceil(*t)
			}
		}
	case *event.DisclosureMadeData:
		d.At = matter.Ceil(d.At)
	case *matter.PostedOrder:
		d.End.At, d.Document = matter.Ceil(d.End.At), strings.ToLower(d.Document)
		d.Covers.Recipients = once(d.Covers.Recipients)
	case *event.OrderAssessedData:
		if d.UntilOverride != nil {
			d.UntilOverride.At = matter.Ceil(d.UntilOverride.At)
		}
	case *event.OrderChallengedData:
		d.FiledAt = matter.Ceil(d.FiledAt)
	case *matter.PostedException:
		d.ReviewAt = matter.Ceil(d.ReviewAt)
		d.Covers.Recipients = once(d.Covers.Recipients)
	case *event.ExceptionRenewedData:
		d.ReviewAt = matter.Ceil(d.ReviewAt)
	case *event.OrderEndedData:
		d.EffectiveAt, d.Document = matter.Ceil(d.EffectiveAt), strings.ToLower(d.Document)
	}
}

// once are the roles without repetitions: they stand in the matter's head, which one named by the thousand would swell
// until nothing more could be recorded.
func once(roles []matter.Role) []matter.Role {
	var out []matter.Role
	for _, r := range roles {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// redact copies v with every text replaced that is an address. member is the name that v is the value of, ""
// for one in an array and for a member's own name.
func redact(member string, v any, address func(member, text string) bool) any {
	switch v := v.(type) {
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, value := range v {
			object[redact("", name, address).(string)] = redact(name, value, address)
		}
		return object
	case []any:
		array := make([]any, len(v))
		for i, value := range v {
			array[i] = redact("", value, address)
		}
		return array
	case string:
		if address(member, v) {
			return redacted
		}
	}
	return v
}
