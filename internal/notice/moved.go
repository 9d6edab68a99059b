package notice

import (
	"slices"
	"strconv"
	"time"

	"lapse/internal/matter"
)

// Kind says what a mail tells.
type Kind string

// The kinds. A security message tells a former address that mail for the account goes elsewhere. It says nothing of a
// notice or a request. Its record is that of a notice: one state machine, one final check and one pace hold for both.
const (
	// Told is a notice: data was disclosed.
	Told Kind = ""
	// Moved is the security message to a former address.
	Moved Kind = "moved"
	// Advance: the mail tells ahead of a disclosure. Notice.Disclosure is then the announcement's id.
	Advance Kind = "advance"
)

// NewMoved makes the security message to the former contact f of a subject, after its notice n went to the contact that
// took its place. It is deterministic but for the instant at which it is made: one message a replacement. The message
// is checked as the notice was: for the same subject and disclosure, as a recipient of the former contact's role and
// mailbox.
func NewMoved(salt []byte, n *Notice, f *matter.Former, language, template string, at time.Time) Notice {
	return Notice{
		ID: MovedID(salt, n.Matter, n.Subject, f.Version), Kind: Moved, Former: f.Version, ReplacedAt: f.Replaced,
		Matter: n.Matter, Disclosure: n.Disclosure, Part: n.Part, Subject: n.Subject, Revision: 1, State: Scheduled,
		Base: n.Base, Created: at, Language: language, Template: template, Actor: ActorLapse,
	}
}

// MovedID is the id of the security message to the contact of the subject that the matter's version replaced, under the
// salt of the matter.
func MovedID(salt []byte, matterID, subject string, version int) string {
	return JoinID(matterID, hashed(salt, subject+"\x00"+strconv.Itoa(version)+"\x00moved"))
}

// After lists the attempts of the notice whose mail went, or may have gone, to what took the place of f, at most
// matter.FormerTime after f was replaced. It also reports whether such an attempt still runs. A disclosure that came
// after the change of the address leads to no message.
func (n *Notice) After(f *matter.Former) (went []*Attempt, running bool) {
	if n.Kind != Told || !n.Base.Before(f.Replaced) {
		return nil, false
	}
	for i := range n.Attempts {
		a := &n.Attempts[i]
		if a.Head < f.Version || a.Claimed.After(f.Until()) {
			continue
		}
		switch a.Outcome {
		case OutcomeAccepted, OutcomeUnknown:
			went = append(went, a)
		case "":
			running = true
		}
	}
	return went, running
}

// Refused reports whether a mail of the notice to the contact with the name came back for good: a security message to
// that contact would go in vain.
func (n *Notice) Refused(name string) bool {
	return slices.ContainsFunc(n.Attempts, func(a Attempt) bool { return a.Dead && a.Contact == name })
}

// formerContact is the former contact that a security message goes to. ok is false where it is gone, or takes no mail.
func (n *Notice) formerContact(s *matter.Subject) (c matter.SealedContact, name string, ok bool) {
	i := slices.IndexFunc(s.Former, func(f matter.Former) bool { return f.Version == n.Former })
	if i < 0 || slices.ContainsFunc(n.Attempts, func(a Attempt) bool { return a.Dead || a.Outcome == OutcomeRejected }) {
		return c, "", false
	}
	return s.Former[i].Contact(), s.Former[i].Name, true
}
