package events

import (
	"strconv"
	"time"

	"lapse/internal/event"
	"lapse/internal/matter"
)

// ahead is how far after the clock a thing that has happened may be dated. The sender's zone may be wrong, its year may
// not.
const ahead = 24 * time.Hour

// maxKey is the most bytes of source and of id.
const maxKey = 256

// rules finds the faults that a schema cannot express. Every rule accepts values of any type, because the schema
// reports a wrong type.
func rules(posted map[string]any, t event.Type, now time.Time, persons personsRule) []event.Fault {
	var found []event.Fault
	for _, name := range []string{"id", "source"} {
		if s, _ := posted[name].(string); len(s) > maxKey {
			found = append(found, event.Fault{Pointer: at("", name), Detail: "longer than 256 bytes"})
		}
	}
	data, _ := posted["data"].(map[string]any)
	for _, name := range []string{"at", "receivedAt", "filedAt"} {
		s, _ := data[name].(string)
		if happened, err := parseInstant(s); err == nil && happened.After(now.Add(ahead)) {
			found = append(found, event.Fault{Pointer: at("/data", name),
				Detail: "has happened, and yet lies more than a day ahead of the clock"})
		}
	}
	found = append(found, hiddenCharacters(posted)...)
	found = append(found, sameSubjects(data)...)
	return append(found, persons(data, t)...)
}

// sameSubjects finds the subjects of a request whose id stood in the list before.
func sameSubjects(data map[string]any) []event.Fault {
	var found []event.Fault
	subjects, _ := data["subjects"].([]any)
	seen := map[string]bool{}
	for i, s := range subjects {
		subject, _ := s.(map[string]any)
		id, ok := subject["id"].(string)
		if ok && seen[id] {
			found = append(found, event.Fault{Pointer: at(at("/data/subjects", strconv.Itoa(i)), "id"),
				Detail: "stands in this list already"})
		}
		seen[id] = true
	}
	return found
}

// approvals finds an approvedBy that is missing, or names fewer than the two persons an act needs. An earlier
// untilOverride needs two persons as well, but only intake knows the computed end to compare with.
func approvals(data map[string]any, t event.Type) []event.Fault {
	var named, two bool
	switch t {
	case event.OrderEnded, event.NoticeReleased, event.NoticeCancelled:
		named, two = true, true
	case event.OrderAssessed:
		named, two = true, data["verdict"] == string(matter.VerdictVoid) || data["verdict"] == string(matter.VerdictPlea)
	case event.ExceptionApproved, event.ExceptionRenewed:
		named = true
	case event.DisclosureMade:
		two = data["basis"] == "emergency"
		named = two
	}
	posted, present := data["approvedBy"]
	if named && !present && data != nil {
		return []event.Fault{{Pointer: "/data/approvedBy", Detail: "is missing"}}
	}
	entries, ok := posted.([]any)
	if !two || !ok { // the schema reports a wrong type
		return nil
	}
	var persons []string
	for _, entry := range entries {
		if s, ok := entry.(string); ok {
			persons = append(persons, s)
		}
	}
	if Persons(persons) >= 2 {
		return nil
	}
	return []event.Fault{{Pointer: "/data/approvedBy", Detail: "two different persons have to approve"}}
}
