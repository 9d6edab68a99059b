// Package matter holds the words of Lapse as plain records: one government request and what follows from it. These are
// restraints, orders, exceptions, disclosures and subjects. The package imports no other package of Lapse and does no
// I/O.
//
// All instants are UTC and whole seconds unless a comment says otherwise. A zero time.Time means "absent". Each field
// says what absence means there: from the beginning, no known end, not yet.
package matter

import (
	"time"
)

// State is where a matter stands; it follows from the events recorded so far.
type State string

// The states of a matter.
const (
	// AwaitingRequest: an order or a contact arrived first; nothing is known of the request. Orders block all the same.
	AwaitingRequest State = "awaiting_request"
	// Received: the request is recorded and waits for counsel's decision.
	Received State = "received"
	// Approved: counsel decided to comply, wholly or in part.
	Approved State = "approved"
	// Challenged, Rejected, Redirected, Withdrawn: counsel's other decisions.
	Challenged State = "challenged"
	Rejected   State = "rejected"
	Redirected State = "redirected"
	Withdrawn  State = "withdrawn"
	// Disclosed: data of at least one subject was handed over.
	Disclosed State = "disclosed"
)

// Head is the record of the matter that every change replaces. It holds the version, which the change carries forward,
// and all restraints, so that the check before a mail is one consistent read.
type Head struct {
	// Matter is the matter's id: 1-64 characters of A-Z a-z 0-9 - _, chosen by the sender.
	Matter string
	// Version counts the recorded events; 0 is an opened matter whose first event is not recorded yet.
	Version int
	State   State
	// Instrument and Country are those of the request, empty while it is awaited.
	Instrument Instrument
	Country    string
	// Rules, Policy and TZ are the revisions that the last change rested on.
	Rules, Policy, TZ string
	// Restraints is the whole set of what forbids telling.
	Restraints []Restraint
	// PublicKeyset seals contacts; WrappedKeyset opens them once a key service has unwrapped it. Deleting the wrapped
	// one erases every sealed field of the matter.
	PublicKeyset, WrappedKeyset []byte
	// Salt is random and the matter's own. The ids of the matter's notices are made under it, so nobody can compute one
	// from names that he guesses.
	Salt []byte
	// LastHash is the hash of the last ledger entry, empty before the first.
	LastHash string
	// Subjects, Notices and Disclosures are counts, for the forecast.
	Subjects, Notices, Disclosures int
	// Announced says that people of the matter are told ahead.
	Announced bool
	// Pending is the version of the amendment whose subjects are recorded and not written yet, 0 for none. While it is set
	// nobody may be told: the contacts that stand are not those of the record.
	Pending int
	// Renewed is the last subject whose contacts a transaction replaced, and RenewedAt the version of that transaction.
	Renewed   string
	RenewedAt int
	// LastDisclosed is the latest instant of a disclosure, zero before any: orders may count from it.
	LastDisclosed time.Time
}

// Restraint returns the restraint with the given id and whether the head has one.
func (h *Head) Restraint(id string) (*Restraint, bool) {
	for i := range h.Restraints {
		if h.Restraints[i].ID == id {
			return &h.Restraints[i], true
		}
	}
	return nil, false
}

// Agrees reports whether the subject, read after the head, is as it stands under the head's version. The items of a
// transaction become visible one by one, and an amendment's subjects are written after it. What is read of a subject
// that does not agree may be older or newer than the restraints: somebody has to look again.
func (h *Head) Agrees(s *Subject) bool {
	unseen := h.Renewed == s.ID && s.Revision < h.RenewedAt
	return h.Pending == 0 && s.Revision <= h.Version && !unseen
}

// Restraint is one thing that forbids telling, as the head keeps it. The interval it covers is computed when asked
// (package restraint), from the paper, never only from Until.
type Restraint struct {
	// ID is the order's or the exception's id. Package law makes the id of a standing restraint, and intake that of an
	// emergency disclosure that waits for approval.
	ID string
	// Origin is why the restraint stands.
	Origin Origin
	// Standing is the ID of the first standing restraint of this kind in the matter. Later ones repeat it. It is empty for
	// papers and exceptions.
	Standing string
	// Kind is the paper's kind, replaced by the last assessment's verdict.
	Kind OrderKind
	// Revision is the matter version that last changed this restraint.
	Revision int
	// Linked is the matter version that last added a tenant to Tenants without a new Revision, 0 for none. Whom the
	// restraint covers has grown since then as well.
	Linked int
	// All covers every subject of the matter, now and later; else Subjects lists the covered ids.
	All      bool
	Subjects []string
	// Unknown lists those of Subjects that the matter did not know when recorded. While it is not empty the restraint
	// covers everybody in the matter, because each of them may be the person it names.
	Unknown []string
	// Tenants are those of Subjects, AnyTenant where they are many. An admin's mailbox can serve several users of a
	// tenant. If the restraint covers one of them, the admin is not told about the others either, because the same person
	// reads all the mail.
	Tenants []string
	// Mailboxes are the keyed hashes of the addresses that those of Subjects had at any time since the restraint was
	// recorded (SealedContact). A recipient who shares one is not told either, because the same person reads all the mail.
	Mailboxes []string
	// Spread is the matter version since which the restraint covers everybody, because Mailboxes had no room for all of
	// them; 0 for never.
	Spread int
	// Disclosure narrows the restraint to the notices of one disclosure; empty means those of every one.
	Disclosure string
	// Recipients narrows whom the restraint covers; empty means every role.
	Recipients []Role
	// Paper is what the document says about time.
	Paper Paper
	// From and Until were computed when the restraint was recorded: From zero is the beginning of time, Until zero is
	// no known end. A check recomputes both from Paper and keeps the longer hold.
	From, Until time.Time
	// Recorded is when Lapse recorded the order; a plea's grace counts from it.
	Recorded time.Time
	// Grace is how long the restraint holds after Recorded if it is a plea. Review is the time between two reviews while
	// it has no known end. Both are the policy's numbers when it was recorded. They stand here and not in a function's
	// configuration, so that another number never shortens a hold by itself (law 3). Every function and every replay
	// computes the same from the records alone (law 5). Zero is PleaGrace and OpenEndedReview.
	Grace, Review time.Duration
	// Ended is the instant from which a court or the authority ended it; zero while it stands.
	Ended time.Time
	// Assessed is set once a person has read the paper and said what it is. Until then dates that look mistyped shorten
	// nothing (package restraint).
	Assessed bool
	// Void is set by two persons who declared the paper no order at all.
	Void bool
	// Torn means that the covered subjects could not be read at this revision: it covers everybody until they can.
	Torn bool
}

// Changed is the matter version that last changed the restraint, or whom it covers.
func (r *Restraint) Changed() int { return max(r.Revision, r.Linked, r.Spread) }

// AnyTenant stands in Restraint.Tenants for more tenants than are kept there; it is no id of a tenant.
const AnyTenant = "*"

// Paper holds what an order says about time, as cleaned when recorded: dates that lay ahead of the clock or contradict
// each other are missing. It is comparable, so that results can be kept by it.
type Paper struct {
	End                          End
	SignedOn, ServedOn, StartsOn Date
	Country, Zone                string
	// Rolls says whether a computed period that ends on a weekend or a holiday ends on the next working day under the
	// regime. Holidays names the region whose holidays count (ISO 3166-2), "" for all that the country keeps anywhere.
	Rolls    bool
	Holidays string
}
