// Package notice holds the promise to tell one recipient about one subject's data in one disclosure: the record, its
// states, and what may move it from one to the next. It is plain data and pure functions.
package notice

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/matter"
)

// Reasons of a notice's state that other code relies on.
const (
	ReasonNoContact  = "no_contact"  // nobody verified to write to; still owed
	ReasonAttempts   = "attempts"    // MaxAttempts attempts may have reached SES
	ReasonRejected   = "rejected"    // SES refused this message for good
	ReasonHardBounce = "hard_bounce" // the address does not exist; still owed
	ReasonSoftBounce = "soft_bounce" // SES gave up after its own retries, and so did ours
	ReasonContent    = "content"     // the receiving server refuses the mail for what it holds or its size; still owed
	ReasonSuppressed = "suppressed"  // SES did not try: the address is on a suppression list; still owed
	ReasonDelivered  = "delivery"    // the receiving server took the mail
	ReasonComplained = "complaint"   // the recipient marked the mail; it counts as delivered
	ReasonNoSign     = "no_sign"     // SES reported nothing within ConfirmWindow
	// the log tells that SES took the mail, or may have; the table was restored to an instant before
	ReasonRestored = "restored"
)

const (
	// MaxAttempts is how many attempts may have reached SES before a notice fails; those whose mail came back do not
	// count.
	MaxAttempts = 8
	// LeaseTime is how long an attempt owns its notice.
	LeaseTime = 60 * time.Second
	// ReconcileWindow is how long an unknown attempt waits for the Send event of SES.
	ReconcileWindow = 15 * time.Minute
	// ConfirmWindow is how long a sent notice waits for any sign before it is unconfirmed.
	ConfirmWindow = 7 * 24 * time.Hour
)

// Notice is one promise to tell one recipient about one subject's data in one disclosure. It is the authority;
// agenda rows only hint at it. It holds no address and no due: the due is computed when asked.
type Notice struct {
	ID string
	// Revision counts the writes of the record, from 1 when the notice is made. 0 is a notice that was not read.
	Revision   int
	Matter     string
	Disclosure string
	Part       int
	Subject    string
	Recipient  matter.Role
	// Tenant is the Target's.
	Tenant string
	State  State
	// Reason explains the state where it is not plain, for example ReasonNoContact for failed.
	Reason string
	// Base is the disclosure's instant, rounded up: nobody is told before it.
	Base    time.Time
	Created time.Time
	// Next is the earliest instant of the next attempt (a backoff, or the end of the reconcile window).
	Next time.Time
	// Lease ends the running attempt's ownership; zero unless sending.
	Lease time.Time
	// Token is the last attempt's token, 32 hex digits, empty once that was released or the notice reopened; Attempts
	// holds every attempt that was not released.
	Token    string
	Attempts []Attempt
	// Language and Template are frozen when the notice is made.
	Language, Template string
	// MessageID is the id SES gave to the accepted mail.
	MessageID           string
	SentAt, DeliveredAt time.Time
	// LastSign is the last report of SES, with its instant.
	LastSign   Op
	LastSignAt time.Time
	// LateOrder is an order recorded after SES took the mail that would have covered it; LateAt when that was seen.
	LateOrder string
	LateAt    time.Time
	// Actor is who caused the state: ActorLapse, ActorSES, ActorOperator, or the person of the last decision. Changed is
	// when, zero since Created.
	Actor   string
	Changed time.Time
	// Decision is the matter version of the last decision on the ledger to hold or cancel this notice, 0 for none.
	// CarriedOut is that of the last decision carried out. While Decision is ahead, no attempt begins.
	Decision, CarriedOut int
	// Holding is set from a hold until two persons end it. A report of SES may meanwhile lead out of Held. Where the
	// notice would go on after that, it is held again.
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
	// Outcome is empty while it runs, then OutcomeAccepted, OutcomeUnknown or OutcomeRejected. At is since when.
	Outcome Outcome
	At      time.Time
	// Bounced is when SES reported that the mail came back; later signs of this attempt change nothing. Dead is set where
	// the address is not to be tried again.
	Bounced time.Time
	Dead    bool
	// Contact says which of the subject's contacts the mail went to: the subject's revision and the contact's place,
	// "7.1". It is empty where that is not known. Spare says that there was a further one to try after it.
	Contact string
	Spare   bool
	// WasUnknown stays set when an unknown attempt was settled by a later sign.
	WasUnknown bool
	MessageID  string
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

// Waits reports whether a person's decision is on the ledger and still has to be carried out.
func (n *Notice) Waits() bool { return n.Decision > n.CarriedOut }

// Unknowns counts the attempts recorded as unknown; accepted mails never exceed it by more than one (law 6).
func (n *Notice) Unknowns() int {
	c := 0
	for _, a := range n.Attempts {
		if a.WasUnknown {
			c++
		}
	}
	return c
}

// Owed reports whether the notice is over and yet still owed: there was nobody to write to, or the mail came back from
// every address there was. New contacts put it back.
func (n *Notice) Owed() bool {
	return n.State == Failed && n.Reason == ReasonNoContact || n.State == Bounced
}

// Contact is the contact of the subject that the notice is to be mailed to next: the first verified one of its role
// that no mail of it came back from for good. name is what an attempt records of it, spare whether there is a further
// one after it; ok is false where there is none.
func (n *Notice) Contact(s *matter.Subject) (c matter.SealedContact, name string, spare, ok bool) {
	for i, candidate := range s.Contacts {
		this := fmt.Sprintf("%d.%d", s.Revision, i+1)
		dead := slices.ContainsFunc(n.Attempts, func(a Attempt) bool {
			return a.Dead && (a.Contact == this || a.Contact == "" && a.Head >= s.Revision)
		})
		switch {
		case candidate.Role != n.Recipient || !candidate.Verified || dead:
		case ok:
			return c, name, true, true
		default:
			c, name, ok = candidate, this, true
		}
	}
	return c, name, false, ok
}

// Limit is how many attempts the notice may have in all: MaxAttempts beside those whose mail came back.
func (n *Notice) Limit() int {
	limit := MaxAttempts
	for _, a := range n.Attempts {
		if !a.Bounced.IsZero() {
			limit++
		}
	}
	return limit
}

// RetryAfter is how long a mail that came back for the moment (mailbox full, server away) waits until it is tried again
// at the same contact: an hour, six hours, a day, three days, a week. ok is false after the last.
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

// ID is deterministic: the same disclosure posted twice cannot make two notices, a second disclosure about the
// same person makes a second one.
func ID(matterID, disclosure, subject string, role matter.Role) string {
	h := sha256.Sum256([]byte(disclosure + "\x00" + subject + "\x00" + string(role) + "\x00disclosure"))
	return JoinID(matterID, strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h[:15])))
}

// JoinID undoes SplitID.
func JoinID(matterID, hash string) string { return matterID + "." + hash }

// SplitID returns the matter and the hash of a notice id; ok is false where it is none.
func SplitID(id string) (matter, hash string, ok bool) {
	return strings.Cut(id, ".")
}

// New makes the notice that the disclosure owes to the target, in the subject's language. It is deterministic, so
// that whoever makes it makes the same.
func New(d *matter.Disclosure, t matter.Target, language, template string) Notice {
	return Notice{
		ID: ID(d.Matter, d.ID, t.Subject, t.Role), Matter: d.Matter, Disclosure: d.ID, Part: d.Part,
		Subject: t.Subject, Recipient: t.Role, Tenant: t.Tenant, Revision: 1, State: Scheduled, Base: matter.Ceil(d.Facts.At),
		Created:  d.Recorded,
		Language: language, Template: template, Actor: ActorLapse,
	}
}
