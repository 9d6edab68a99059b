package matter

import (
	"slices"
	"strconv"
	"time"
)

const (
	// FormerTime is how long after an address was replaced a notice to the address that took its place still leads to a
	// security message to the former one.
	FormerTime = 30 * 24 * time.Hour
	// MaxFormer is how many former contacts a subject keeps at most. The oldest stay: whoever changes an address again and
	// again does not push out the one that stood before.
	MaxFormer = 8
)

// Former is a contact that was written to until another took its place. It is kept until it is clear whether a security
// message is owed to it, and until that message is over.
type Former struct {
	Role Role
	// Sealed is the address as the contact had it, bound to the same place, Mailbox its keyed hash.
	Sealed  []byte
	Mailbox string
	// Name is the name that the contact had in attempts (ContactName).
	Name string
	// Version is the matter version of the event that replaced the contact, Replaced when that event was recorded.
	Version  int
	Replaced time.Time
}

// Until is the last instant at which a notice to the new address leads to a security message to the former one.
func (f *Former) Until() time.Time { return f.Replaced.Add(FormerTime) }

// Contact is the former contact as one that is written to.
func (f *Former) Contact() SealedContact {
	return SealedContact{Role: f.Role, Verified: true, Sealed: f.Sealed, Mailbox: f.Mailbox}
}

// ContactName names a contact of a subject in attempts: by the subject's revision, and the contact's place from 1 on.
func ContactName(revision, place int) string {
	return strconv.Itoa(revision) + "." + strconv.Itoa(place)
}

// FirstContact is the contact that a notice about the subject goes to first, and its name. ok is false where there is
// nobody to write to. Of a subject that only a contact is known of, it is the first verified contact.
func (s *Subject) FirstContact() (c SealedContact, name string, ok bool) {
	role := s.RecipientRole()
	for i, c := range s.Contacts {
		if c.Verified && (c.Role == role || !s.Known) {
			return c, ContactName(s.Revision, i+1), true
		}
	}
	return SealedContact{}, "", false
}

// Succeed makes s the subject's record after was, at the matter version whose event was recorded at the instant. It
// keeps the former contacts of was, and adds the contact that was written to until now. Nobody can see of two sealed
// addresses whether they are the same; the sweep finds that out.
func (s *Subject) Succeed(was *Subject, version int, at time.Time) {
	s.Former = slices.Clone(was.Former)
	c, name, ok := was.FirstContact()
	if !ok || len(s.Former) >= MaxFormer {
		return
	}
	s.Former = append(s.Former, Former{
		Role: c.Role, Sealed: c.Sealed, Mailbox: c.Mailbox, Name: name, Version: version, Replaced: at,
	})
}
