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
	for _, name := range []string{"at", "receivedAt", "filedAt", "decidedAt"} {
		found = append(found, notAhead(data, "/data", name, now)...)
	}
	verified, _ := data["verified"].(map[string]any)
	found = append(found, notAhead(verified, "/data/verified", "at", now)...)
	found = append(found, decided(data)...)
	found = append(found, noData(data)...)
	found = append(found, hiddenCharacters(posted)...)
	found = append(found, sameSubjects(data)...)
	return append(found, persons(data, t)...)
}

// notAhead finds an instant of something that has happened, and yet lies ahead of the clock.
func notAhead(of map[string]any, pointer, name string, now time.Time) []event.Fault {
	s, _ := of[name].(string)
	if happened, err := parseInstant(s); err != nil || !happened.After(now.Add(ahead)) {
		return nil
	}
	return []event.Fault{{Pointer: at(pointer, name),
		Detail: "has happened, and yet lies more than a day ahead of the clock"}}
}

// decided finds a challenge that was decided before it was filed.
func decided(data map[string]any) []event.Fault {
	from, _ := data["filedAt"].(string)
	to, _ := data["decidedAt"].(string)
	filed, err := parseInstant(from)
	if decision, e := parseInstant(to); err != nil || e != nil || !decision.Before(filed) {
		return nil
	}
	return []event.Fault{{Pointer: "/data/decidedAt", Detail: "lies before the filing"}}
}

// noData finds the ids of noData that are not among the subjects.
func noData(data map[string]any) []event.Fault {
	var found []event.Fault
	ids, _ := data["noData"].([]any)
	subjects, _ := data["subjects"].([]any)
	known := map[string]bool{}
	for _, s := range subjects {
		id, _ := s.(string)
		known[id] = true
	}
	for i, x := range ids {
		if id, ok := x.(string); ok && !known[id] {
			found = append(found, event.Fault{Pointer: at("/data/noData", strconv.Itoa(i)),
				Detail: "is none of the subjects"})
		}
	}
	return found
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
	case event.NoticeTold:
		_, documented := data["documentSha256"]
		named, two = !documented, !documented
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
