package events

import (
	"strconv"
	"time"

	"lapse/internal/event"
	"lapse/internal/matter"
)

// ahead is how far after the clock a thing that has happened may be dated: the sender's zone may be wrong, its year
// not.
const ahead = 24 * time.Hour

// maxKey is the most bytes of source and of id.
const maxKey = 256

// rules finds what a schema cannot say. Every rule bears values of any type: what has the wrong one is the schema's.
func rules(posted map[string]any, t event.Type, now time.Time) []event.Fault {
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
	return append(found, approvals(data, t)...)
}

// sameSubjects finds subjects of a request that have an id which stood in the list before.
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

// approvals finds an approvedBy that names fewer than the two persons an act needs. An earlier untilOverride needs two
// as well, which only somebody who knows the computed end can tell.
func approvals(data map[string]any, t event.Type) []event.Fault {
	var two bool
	switch t {
	case event.OrderEnded, event.NoticeReleased, event.NoticeCancelled:
		two = true
	case event.OrderAssessed:
		two = data["verdict"] == string(matter.VerdictVoid) || data["verdict"] == string(matter.VerdictPlea)
	case event.DisclosureMade:
		two = data["basis"] == "emergency"
	}
	entries, ok := data["approvedBy"].([]any)
	if !two || !ok { // where it is missing, the schema says so
		return nil
	}
	var named []string
	for _, entry := range entries {
		if s, ok := entry.(string); ok {
			named = append(named, s)
		}
	}
	if Persons(named) >= 2 {
		return nil
	}
	return []event.Fault{{Pointer: "/data/approvedBy", Detail: "two different persons have to approve"}}
}
