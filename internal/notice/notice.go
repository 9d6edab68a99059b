// Package notice holds the promise to tell one recipient about one subject's data in one disclosure: its record, its
// states, and the acts that move it between them. The package is plain data and pure functions.
package notice

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"lapse/internal/matter"
)

// Reason says why a notice is in its state: one of those below, the name of an error of SES, or the words of the person
// who decided it.
type Reason string

// The reasons of a notice's state that other code relies on.
const (
	ReasonNoContact  Reason = "no_contact"  // no verified contact; still owed
	ReasonAttempts   Reason = "attempts"    // MaxAttempts attempts may have reached SES
	ReasonRejected   Reason = "rejected"    // SES refused this message for good; still owed
	ReasonHardBounce Reason = "hard_bounce" // the address does not exist; still owed
	ReasonSoftBounce Reason = "soft_bounce" // the mail came back after SES' retries and ours; still owed
	ReasonContent    Reason = "content"     // the receiving server refuses the mail's content or size; still owed
	ReasonSuppressed Reason = "suppressed"  // the address is on a suppression list, so SES did not try; still owed
	ReasonDelivered  Reason = "delivery"    // the receiving server took the mail
	ReasonComplained Reason = "complaint"   // the recipient marked the mail as unwanted; it counts as delivered
	ReasonNoSign     Reason = "no_sign"     // SES reported nothing within ConfirmWindow
	// ReasonRestored: the log tells that SES took the mail, or may have. The table was restored to an instant before.
	ReasonRestored Reason = "restored"
	// ReasonCovered: a restraint covered the recipient of a notice in advance when it was to go. ReasonOvertaken: there is
	// no decision to comply any more, or data was handed over already.
	ReasonCovered   Reason = "covered"
	ReasonOvertaken Reason = "overtaken"
)

const (
	// MaxAttempts is how many attempts may have reached SES before a notice fails. Attempts whose mail came back do not
	// count.
	MaxAttempts = 8
	// LeaseTime is how long an attempt owns its notice.
	LeaseTime = 60 * time.Second
	// ReconcileWindow is how long an unknown attempt waits for the Send event of SES.
	ReconcileWindow = 15 * time.Minute
	// ConfirmWindow is how long a sent notice waits for a report of SES before it is unconfirmed.
	ConfirmWindow = 7 * 24 * time.Hour
	// SignWindow is how long SES may still report about a mail that it took. SES and the servers behind it try for days,
	// EventBridge tries for a day, and somebody has to empty a dead-letter queue.
	SignWindow = 30 * 24 * time.Hour
)

// Notice is one promise to tell one recipient about one subject's data in one disclosure. The record is the authority;
// agenda rows only point to it. It holds no address. It holds no due, because the due is computed on each question.
type Notice struct {
	ID string
	// Kind says what the mail tells, ReplacedAt when the address was replaced that a security message goes to. Former is
	// the matter version that replaced it. Both are zero of a notice.
	Kind       Kind
	Former     int
	ReplacedAt time.Time
	// Revision counts the writes of the record, from 1 when the notice is made. 0 means that the notice was not read.
	Revision   int
	Matter     string
	Disclosure string
	Part       int
	Subject    string
	State      State
	// Reason explains a state that does not explain itself, for example ReasonNoContact for failed.
	Reason Reason
	// Base is the disclosure's instant, rounded up. Nobody is told before it.
	Base    time.Time
	Created time.Time
	// Next is the earliest instant of the next attempt: after a backoff, or at the end of the reconcile window.
	Next time.Time
	// Lease is when the running attempt's lease ends. It is zero unless the state is sending.
	Lease time.Time
	// Token is the last attempt's token: 32 hex digits. It is empty once that attempt was released or the notice reopened.
	// Attempts holds every attempt that was not released.
	Token    string
	Attempts []Attempt
	// Language and Template are frozen when the notice is made.
	Language, Template string
	// MessageID is SES' id of the accepted mail.
	MessageID           string
	SentAt, DeliveredAt time.Time
	// LastSign is the last report of SES; the next field is its instant.
	LastSign   Op
	LastSignAt time.Time
	// LateOrder is an order that covers the notice and was recorded after SES took the mail. LateAt is when Lapse saw
	// that.
	LateOrder string
	LateAt    time.Time
	// Actor caused the state: ActorLapse, ActorSES, ActorOperator, or the person of the last decision. Changed is when; it
	// is zero since Created.
	Actor   string
	Changed time.Time
	// Decision is the matter version of the last recorded decision to hold or cancel this notice, 0 for none. CarriedOut
	// is the version of the last decision carried out. While Decision is ahead, no attempt begins.
	Decision, CarriedOut int
	// Holding is set from a hold until two persons end it. Meanwhile a report of SES may move the notice out of Held. If
	// the notice then would go on, it is held again.
	Holding bool
}

// Attempt is one try to hand a notice's mail to SES, with the evaluation it rested on.
type Attempt struct {
	Token   string
	Claimed time.Time
	// Head, Rules and Due are the head version, rules revision and due of the evaluation.
	Head  int
	Rules string
	Due   time.Time
	// Outcome is empty while the attempt runs, then OutcomeAccepted, OutcomeUnknown or OutcomeRejected. At is since when.
	Outcome Outcome
	At      time.Time
	// Bounced is when SES reported that the mail came back. Later reports about this attempt change nothing. Dead means
	// that the address is not tried again.
	Bounced time.Time
	Dead    bool
	// Contact names the contact that the mail went to, by the subject's revision and the contact's place: "7.1". It is
	// empty if not known. Spare means that another contact was left to try.
	Contact string
	Spare   bool
	// Recipient is whom the mail reaches. Its Role is empty if not known.
	Recipient matter.Recipient
	// WasUnknown stays set after a later report decided an unknown attempt.
	WasUnknown bool
	MessageID  string
	// Letter is the digest of the facts that the mail's letter was written from (store.Letters), Form the SHA-256 of the
	// letter with placeholders for what is one mail's own. Both are in hex, and empty if not known.
	Letter, Form string
}

// Attempt returns the attempt with the token, or nil.
func (n *Notice) Attempt(token string) *Attempt {
	for i := range n.Attempts {
		if n.Attempts[i].Token == token {
			return &n.Attempts[i]
		}
	}
	return nil
}

// Opens is the instant from which the notice may go if nothing forbids it: the Base. If the Base lies after Created,
// another clock set it. Then the margin for two clocks is added.
func (n *Notice) Opens() time.Time {
	if n.Base.After(n.Created) {
		return n.Base.Add(matter.Margin)
	}
	return n.Base
}

// Written returns the attempt whose letter the recipient has, or may have: that of the mail that counts, else the last
// one. It is nil while no letter was written.
func (n *Notice) Written() *Attempt {
	var last *Attempt
	for i := range n.Attempts {
		a := &n.Attempts[i]
		if a.Letter == "" {
			continue
		}
		if last = a; n.MessageID != "" && a.MessageID == n.MessageID {
			return a
		}
	}
	return last
}

// MayBeKnown reports whether the recipient was told, or may have been.
func (n *Notice) MayBeKnown() bool {
	return n.State.Accepted() || n.State == Sending || n.State == ToldOtherwise || !n.SentAt.IsZero()
}

// Waits reports whether a person's recorded decision is still to be carried out.
func (n *Notice) Waits() bool { return n.Decision > n.CarriedOut }

// RefusedAt returns when SES refused the message of the last attempt, if the notice waits because of that. Else it is
// zero.
func (n *Notice) RefusedAt() time.Time {
	if n.State == Retry && n.Reason == ReasonRejected {
		return n.Changed
	}
	return time.Time{}
}

// Unknowns counts the attempts that were ever unknown. The accepted mails exceed this count by at most one (law 6).
func (n *Notice) Unknowns() int {
	c := 0
	for _, a := range n.Attempts {
		if a.WasUnknown {
			c++
		}
	}
	return c
}

// Owed reports whether the notice is over and yet still owed: there was no contact, SES refused the mail, or the mail
// came back from every contact. A new contact reopens such a notice. owed.Of says what is left to do about it.
func (n *Notice) Owed() bool {
	if n.Kind != Told {
		return false
	}
	return n.State == Failed && (n.Reason == ReasonNoContact || n.Reason == ReasonRejected) || n.State == Bounced
}

// Counts returns the attempt whose mail SES took and on which the state of a sent or finished notice rests. It is nil
// where there is no such attempt, or where the notice is owed again.
func (n *Notice) Counts() *Attempt {
	if n.State != Sent && !n.State.Terminal() {
		return nil
	}
	if a := n.Attempt(n.Token); a != nil && a.Outcome == OutcomeAccepted {
		return a
	}
	for i := range n.Attempts {
		if n.Attempts[i].Outcome == OutcomeAccepted {
			return &n.Attempts[i]
		}
	}
	return nil
}

// Recipient returns whom the notice tells: whom its mail reached, and until then whom a mail would reach now, as the
// subject stands.
func (n *Notice) Recipient(s *matter.Subject) matter.Recipient {
	if a := n.Counts(); a != nil && a.Recipient.Role != "" {
		return a.Recipient
	}
	c, _, _, _ := n.Contact(s)
	return s.Recipient(c)
}

// Contact returns the subject's contact for the next mail: the first verified one of the subject's role whose mail SES
// has not refused and has not come back for good. name is the contact's name in an attempt. spare reports whether
// another contact follows. ok is false if there is no contact. A security message has the one former contact that it
// is about.
func (n *Notice) Contact(s *matter.Subject) (c matter.SealedContact, name string, spare, ok bool) {
	if n.Kind == Moved {
		c, name, ok = n.formerContact(s)
		return c, name, false, ok
	}
	role := s.RecipientRole()
	for i, candidate := range s.Contacts {
		this := matter.ContactName(s.Revision, i+1)
		dead := slices.ContainsFunc(n.Attempts, func(a Attempt) bool {
			return (a.Dead || a.Outcome == OutcomeRejected) && (a.Contact == this || a.Contact == "" && a.Head >= s.Revision)
		})
		switch {
		case candidate.Role != role || !candidate.Verified || dead:
		case ok:
			return c, name, true, true
		default:
			c, name, ok = candidate, this, true
		}
	}
	return c, name, false, ok
}

// Limit is the most attempts of the notice: MaxAttempts, and one more for each attempt whose mail came back or was
// refused.
func (n *Notice) Limit() int {
	limit := MaxAttempts
	for _, a := range n.Attempts {
		if !a.Bounced.IsZero() || a.Outcome == OutcomeRejected {
			limit++
		}
	}
	return limit
}

// RetryAfter returns the wait before a mail that came back temporarily (mailbox full, server away) is tried again at
// the same contact: an hour, six hours, a day, three days, a week. ok is false after the last.
func (n *Notice) RetryAfter(a *Attempt) (wait time.Duration, ok bool) {
	waits := [...]time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour}
	tried := 0
	for _, earlier := range n.Attempts {
		if !earlier.Bounced.IsZero() && !earlier.Dead && earlier.Contact == a.Contact {
			tried++
		}
	}
	if tried >= len(waits) {
		return 0, false
	}
	return waits[tried], true
}

// ID returns the id of a notice, under the salt of its matter. It is deterministic: a disclosure posted twice makes one
// notice, and a second disclosure about the same person makes a second notice. Nobody can tell without the salt whether
// an id is about a certain person. The ids of two matters have nothing in common.
func ID(salt []byte, matterID, disclosure, subject string) string {
	return JoinID(matterID, hashed(salt, disclosure+"\x00"+subject+"\x00disclosure"))
}

// hashed is the hash part of the id of what the text names.
func hashed(salt []byte, text string) string {
	h := hmac.New(sha256.New, salt)
	h.Write([]byte(text))
	sum := h.Sum(nil)[:15]
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum))
}

// JoinID returns the notice id of a matter and a hash, as SplitID splits it.
func JoinID(matterID, hash string) string { return matterID + "." + hash }

// SplitID returns the matter and the hash of a notice id. ok is false if id is not a notice id.
func SplitID(id string) (matter, hash string, ok bool) {
	return strings.Cut(id, ".")
}

// New makes the notice that the disclosure owes about the subject, in the subject's language. Its id is made under the
// matter's salt. It is deterministic, so two processes make the same notice.
func New(d *matter.Disclosure, salt []byte, subject, language, template string) Notice {
	kind := Told
	if d.Advance {
		kind = Advance
	}
	return Notice{
		ID: ID(salt, d.Matter, d.ID, subject), Kind: kind, Matter: d.Matter, Disclosure: d.ID, Part: d.Part, Subject: subject,
		Revision: 1, State: Scheduled, Base: matter.Ceil(d.Facts.At), Created: d.Recorded, Language: language,
		Template: template, Actor: ActorLapse,
	}
}
