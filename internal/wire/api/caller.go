package api

import (
	"slices"
	"strings"

	"lapse/internal/event"
)

// IAM is what API Gateway says of the caller that it authenticated.
type IAM struct {
	// UserID is the unique id of a user, or a role's unique id, a colon and the name of the session.
	UserID string
	// UserARN is the ARN of the user, or of the role's session.
	UserARN string
}

// Caller returns who posts an event. personRoles are the roles whose session names a person.
func (i IAM) Caller(personRoles []string) event.Caller {
	return event.Caller{Door: event.DoorHTTP, Principal: i.UserARN, Person: i.person(personRoles)}
}

// person counts principals who may be one person as one. Whoever may take a role chooses the session's name, so the
// name tells persons apart only where the role's trust policy forces the name. Whoever holds a user's key may make
// federated users of any name, so all of an account's count as one.
func (i IAM) person(personRoles []string) string {
	resource := i.UserARN[strings.LastIndex(i.UserARN, ":")+1:]
	kind, rest, _ := strings.Cut(resource, "/")
	id, session, _ := strings.Cut(i.UserID, ":")
	role, _, _ := strings.Cut(rest, "/")
	switch {
	case kind == "assumed-role" && session != "" && slices.Contains(personRoles, role):
		return id + ":" + strings.ToLower(session)
	case kind == "federated-user":
		return "federated:" + id
	}
	return id
}
