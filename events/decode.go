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

// redacted replaces an address in Event.Raw, and a field name that may be an address.
const redacted = "[address]"

// maxBatch is the most events of one batch. The API documents the same limit.
const maxBatch = 100

// Decode reads one event and checks everything that needs no recorded state. The error is a *event.Faults with every
// fault at once. Its Syntax is set if raw is not JSON. Instants come in UTC, rounded up to whole seconds. Digests of
// documents come in lower case. now bounds the dates of things that have happened.
//
// An event with faults still carries everything that can be read of it: id, source, type and matter if they are
// well-formed, and its digests. If raw is not JSON, Digest is that of its bytes, and Content is empty. Such an event
// has no Time, Actor, Data or Raw.
//
// Any other error means that the embedded schemas do not compile, which a test excludes.
//
// Where two persons have to decide, approvedBy has to name them.
func Decode(raw []byte, now time.Time) (event.Event, error) { return decode(raw, now, approvals) }

// DecodeByPrincipals is Decode where persons are told apart by their credentials: approvedBy may be left out.
func DecodeByPrincipals(raw []byte, now time.Time) (event.Event, error) {
	return decode(raw, now, func(map[string]any, event.Type) []event.Fault { return nil })
}

// personsRule finds what is wrong with the persons that an event's data names.
type personsRule func(data map[string]any, t event.Type) []event.Fault

func decode(raw []byte, now time.Time, persons personsRule) (event.Event, error) {
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
	data, err := matter.JSON(object["data"]) // the digests use this form too
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
	faults = append(faults, rules(object, posted.Type, now, persons)...)
	if len(faults) > 0 {
		return posted, &event.Faults{List: tidy(faults)}
	}
	if posted.Extensions, err = extensions(object); err != nil {
		return posted, err
	}
	posted.Actor, _ = object["actor"].(string)
	if s, ok := object["time"].(string); ok {
		sent, _ := parseInstant(s) // the schema has just accepted it
		posted.Time = matter.Ceil(sent)
	}
	return posted, fill(&posted, object["data"], data)
}

// SplitBatch splits an array of at most 100 events. Each event is decoded on its own. The error is a *event.Faults.
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

// envelope takes every well-formed attribute from an event.
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

// isKey reports whether s can be an event's source or id. The two can be joined by a hidden character, because neither
// holds one.
func isKey(s string) bool {
	return s != "" && len(s) <= maxKey && !strings.ContainsFunc(s, isHidden)
}

// isMatter reports whether s can be a matter id.
func isMatter(s string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return s != "" && len(s) <= 64 && strings.Trim(s, allowed) == ""
}

// digest returns the SHA-256 of the event with sorted keys and canonical numbers. It leaves out the sender's time. It
// leaves out datacontenttype, whose only accepted value is the default. Extension attributes count in the form of a
// header, so that the event is the same in both content modes of CloudEvents. data is the event's data, encoded.
func digest(tree any, data json.RawMessage) (string, error) {
	if object, ok := tree.(map[string]any); ok {
		object = maps.Clone(object)
		delete(object, "time")
		delete(object, "datacontenttype")
		for name, value := range object {
			if slices.Contains(ownAttributes(), name) {
				continue
			}
			if value == nil { // CloudEvents treats null as an absent attribute
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

// headerForm returns the canonical string of a number or a boolean (CloudEvents 1.0.2, section "Type System"). Every
// other value stays.
func headerForm(value any) any {
	switch v := value.(type) {
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return value
}

// ownAttributes lists the members of the envelope that CloudEvents or Lapse defines.
func ownAttributes() []string {
	return []string{"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "actor", "data"}
}

// content returns the digest of the event's content, without its id, source and sender.
func content(object map[string]any, data json.RawMessage) (string, error) {
	return canonicalSum(map[string]any{"type": object["type"], "subject": object["subject"], "data": data})
}

// canonicalSum returns the SHA-256 of a tree from read. encoding/json sorts the keys.
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

// fill sets the typed and the redacted data of a checked event. text is data, encoded.
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
	if posted.Raw, err = matter.JSON(redact("", data, isEmail)); err != nil {
		return fmt.Errorf("encode redacted data of %s: %w", posted.Type, err)
	}
	return nil
}

// extensions returns the envelope's attributes that neither CloudEvents nor Lapse defines, as one JSON object. It
// returns nil if there are none. It redacts every text with an @, in any of its spellings, because such a text may hold
// an address.
func extensions(object map[string]any) (json.RawMessage, error) {
	extra := maps.Clone(object)
	maps.DeleteFunc(extra, func(name string, _ any) bool { return slices.Contains(ownAttributes(), name) })
	if len(extra) == 0 {
		return nil, nil
	}
	text, err := matter.JSON(redact("", extra, mayBeAddress))
	if err != nil {
		return nil, fmt.Errorf("encode extension attributes: %w", err)
	}
	return text, nil
}

// mayBeAddress reports whether a text may hold an e-mail address, in any spelling of @.
func mayBeAddress(_, text string) bool {
	return slices.ContainsFunc([]string{"@", "%40", "\uff20"}, func(at string) bool { return strings.Contains(text, at) })
}

// isEmail reports whether a text is the address of a contact. Only a member named email is.
func isEmail(member, _ string) bool { return member == "email" }

// empty returns an empty struct for the data of a type.
func empty(t event.Type) any {
	switch t {
	case event.RequestReceived:
		return &event.RequestReceivedData{}
	case event.RequestAmended:
		return &event.RequestAmendedData{}
	case event.RequestDecided:
		return &event.RequestDecidedData{}
	case event.RequestChallenged:
		return &event.RequestChallengedData{}
	case event.RequestClosed:
		return &event.RequestClosedData{}
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
	case event.NoticeTold:
		return &event.NoticeToldData{}
	case event.ApprovalGiven:
		return &event.ApprovalGivenData{}
	}
	return nil
}

// normalise rounds instants up, which never makes a hold shorter. It writes digests of documents in lower case, and
// grounds by their present names.
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
	case *event.RequestDecidedData:
		d.AdvanceUntil, d.Grounds = matter.Ceil(d.AdvanceUntil), grounds(d.Grounds)
	case *event.RequestChallengedData:
		d.FiledAt, d.DecidedAt, d.Grounds = matter.Ceil(d.FiledAt), matter.Ceil(d.DecidedAt), grounds(d.Grounds)
	case *event.RequestClosedData:
		d.At = matter.Ceil(d.At)
	case *event.NoticeToldData:
		d.At, d.Document = matter.Ceil(d.At), strings.ToLower(d.Document)
	case *event.DisclosureMadeData:
		d.At = matter.Ceil(d.At)
	case *matter.PostedOrder:
		d.End, d.Document = d.End.Rounded(), strings.ToLower(d.Document)
		d.Covers.Recipients = once(d.Covers.Recipients)
	case *event.OrderAssessedData:
		if d.UntilOverride != nil {
			*d.UntilOverride = d.UntilOverride.Rounded()
		}
		if d.Verified != nil {
			d.Verified.At = matter.Ceil(d.Verified.At)
		}
	case *event.OrderChallengedData:
		d.FiledAt, d.DecidedAt, d.Grounds = matter.Ceil(d.FiledAt), matter.Ceil(d.DecidedAt), grounds(d.Grounds)
	case *matter.PostedException:
		d.ReviewAt = matter.Ceil(d.ReviewAt)
		d.Covers.Recipients = once(d.Covers.Recipients)
	case *event.ExceptionRenewedData:
		d.ReviewAt = matter.Ceil(d.ReviewAt)
	case *event.OrderEndedData:
		d.EffectiveAt, d.Document = matter.Ceil(d.EffectiveAt), strings.ToLower(d.Document)
	}
}

// grounds returns the codes by their present names, each once. O8 to O14 are the older names of the first seven.
func grounds(posted []string) []string {
	var out []string
	for _, code := range posted {
		if code = matter.Ground(code); !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// once returns the roles without repetitions. They stand in the matter's head, and a role repeated by the thousand
// would fill the head until nothing more could be recorded.
func once(roles []matter.Role) []matter.Role {
	var out []matter.Role
	for _, r := range roles {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// redact copies v and replaces every text that is an address. member is the name whose value is v. It is "" for an
// element of an array and for a member's name.
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
