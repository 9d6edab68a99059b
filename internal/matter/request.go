package matter

import (
	"encoding/json"
	"time"
)

// Instrument is the legal form of a request.
type Instrument string

// The instruments.
const (
	Subpoena             Instrument = "subpoena"
	CourtOrderInstrument Instrument = "court_order"
	SearchWarrant        Instrument = "search_warrant"
	Emergency            Instrument = "emergency"
	Preservation         Instrument = "preservation"
	MLAT                 Instrument = "mlat"
	CloudAct             Instrument = "cloud_act"
	LettersRogatory      Instrument = "letters_rogatory"
	EPOC                 Instrument = "epoc"
	EPOCPR               Instrument = "epoc_pr"
	NSL                  Instrument = "nsl"
	FISA                 Instrument = "fisa"
	PenRegister          Instrument = "pen_register"
	Wiretap              Instrument = "wiretap"
	ProductionOrder      Instrument = "production_order"
	AdministrativeDemand Instrument = "administrative_demand"
	WithholdAccess       Instrument = "withhold_access"
	OtherInstrument      Instrument = "other"
)

// DataSought is one kind of data the authority asks for, with its period.
type DataSought struct {
	Category string `json:"category"`
	From     Date   `json:"from,omitzero"`
	To       Date   `json:"to,omitzero"`
}

// Decision is counsel's answer to a request.
type Decision string

// The decisions.
const (
	Comply       Decision = "comply"
	ComplyInPart Decision = "comply_in_part"
	Challenge    Decision = "challenge"
	Reject       Decision = "reject"
	Redirect     Decision = "redirect"
	Withdraw     Decision = "withdrawn"
)

// Complies reports whether the decision lets a compelled disclosure follow.
func (d Decision) Complies() bool { return d == Comply || d == ComplyInPart }

// Request is what the authority sent, as it stands after all amendments, without the subjects.
type Request struct {
	Matter      string       `json:"-"`
	Reference   string       `json:"reference"`
	Instrument  Instrument   `json:"instrument"`
	Issuer      Issuer       `json:"issuer"`
	ReceivedAt  time.Time    `json:"receivedAt"`
	DataSought  []DataSought `json:"dataSought"`
	LegalBasis  string       `json:"legalBasis,omitempty"`
	Signed      *bool        `json:"signed,omitempty"`
	SignedOn    Date         `json:"signedOn,omitzero"`
	ResponseDue time.Time    `json:"responseDue,omitzero"`
	Addressee   string       `json:"addressee,omitempty"`
	ServedVia   string       `json:"servedVia,omitempty"`
	Offence     string       `json:"offence,omitempty"`
	Flags       []string     `json:"flags,omitempty"`
	// Unmatched counts the request's identifiers that match no account. Selectors counts all of them, for the report's
	// bands; nil where nobody has said.
	Unmatched int  `json:"unmatched,omitempty"`
	Selectors *int `json:"selectors,omitempty"`
	// ValidatedBy is who validated the request of an issuer who may not ask alone (Regulation (EU) 2023/1543 art. 4).
	ValidatedBy *Issuer `json:"validatedBy,omitempty"`
	// FisaTitle is I, III, IV, V or VII. FisaCallRecords and FirstOfProduct are nil where nobody has said.
	FisaTitle       string `json:"fisaTitle,omitempty"`
	FisaCallRecords *bool  `json:"fisaCallRecords,omitempty"`
	FirstOfProduct  *bool  `json:"firstOfProduct,omitempty"`
	// Decision is the last decision. Earlier are those before it, oldest first.
	Decision *Decided          `json:"decision,omitempty"`
	Earlier  []EarlierDecision `json:"earlierDecisions,omitempty"`
	// GoodFaith is a person's answer whether the request serves to detect or prevent crime, nil while there is none.
	GoodFaith *GoodFaith `json:"goodFaith,omitempty"`
	// Challenges are those of the request, in the order of their first events.
	Challenges []RequestChallenge `json:"challenges,omitempty"`
	// Advance is the window that notices in advance opened, nil where nobody was to be told ahead. Objections are those
	// to these notices that stand.
	Advance    *Advance    `json:"advance,omitempty"`
	Objections []Objection `json:"objections,omitempty"`
	// Closing is nil while the request is open.
	Closing *Closing `json:"closing,omitempty"`
	// Digest identifies the content of the received request, so that a second one is refused.
	Digest   string    `json:"-"`
	Findings []Finding `json:"-"`
	// Classes are those of the subjects so far, each once; Challenged says that counsel decided a challenge before.
	Classes    []AccountClass `json:"-"`
	Challenged bool           `json:"-"`
	// DecidedIn is the matter version of the last decision, 0 before any.
	DecidedIn int `json:"-"`
	// Policy is the revision of the notice policy the matter is decided under.
	Policy string `json:"policy,omitempty"`
	// Version is the matter version of the last change.
	Version int `json:"-"`
	// Receipt is the key of the receipt that holds the answer given when it was received.
	Receipt string `json:"-"`
}

// Decided is the recorded decision.
type Decided struct {
	Decision   Decision  `json:"decision"`
	Reason     string    `json:"reason"`
	Outcome    string    `json:"outcome,omitempty"`
	Grounds    []string  `json:"grounds,omitempty"`
	Advance    bool      `json:"advanceNotice,omitempty"`
	Until      time.Time `json:"advanceUntil,omitzero"`
	ApprovedBy []string  `json:"approvedBy,omitempty"`
	At         time.Time `json:"at"`
	Actor      string    `json:"actor,omitempty"`
}

// EarlierDecision is the record of a decision before the last one. Its reason stands on the ledger.
type EarlierDecision struct {
	Decision Decision  `json:"decision"`
	Outcome  string    `json:"outcome,omitempty"`
	Grounds  []string  `json:"grounds,omitempty"`
	At       time.Time `json:"at"`
	Actor    string    `json:"actor,omitempty"`
}

// Kept is what the decision leaves on the matter once there is a later one.
func (d Decided) Kept() EarlierDecision {
	return EarlierDecision{Decision: d.Decision, Outcome: d.Outcome, Grounds: d.Grounds, At: d.At, Actor: d.Actor}
}

// GoodFaith is a person's answer whether a request serves to detect or prevent crime in good faith.
type GoodFaith struct {
	// Serves is the answer. Its JSON says it as the event did, yes or no.
	Serves bool
	Note   string
	By     string
	At     time.Time
}

// The verdicts of GoodFaith.
const (
	Yes = "yes"
	No  = "no"
)

type goodFaithJSON struct {
	Verdict string    `json:"verdict"`
	Note    string    `json:"note"`
	By      string    `json:"by,omitempty"`
	At      time.Time `json:"at"`
}

// MarshalJSON writes the verdict as a word.
func (g GoodFaith) MarshalJSON() ([]byte, error) {
	verdict := No
	if g.Serves {
		verdict = Yes
	}
	return JSON(goodFaithJSON{verdict, g.Note, g.By, g.At})
}

// UnmarshalJSON reads the form of MarshalJSON.
func (g *GoodFaith) UnmarshalJSON(b []byte) error {
	var j goodFaithJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*g = GoodFaith{j.Verdict == Yes, j.Note, j.By, j.At}
	return nil
}

// Closing is what became of a request, and when.
type Closing struct {
	Outcome string    `json:"outcome"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason,omitempty"`
	Actor   string    `json:"actor,omitempty"`
}

// Role is whom a notice is addressed to.
type Role string

// The recipient roles.
const (
	User         Role = "user"
	Guardian     Role = "guardian"
	Admin        Role = "admin"
	LegalContact Role = "legal_contact"
)

// AccountClass says what kind of customer a subject is.
type AccountClass string

// The classes of account.
const (
	Consumer     AccountClass = "consumer"
	Enterprise   AccountClass = "enterprise"
	PublicSector AccountClass = "public_sector"
)

// Contact is one way to reach a subject, as posted. Its address never leaves intake unsealed.
type Contact struct {
	Role     Role    `json:"role"`
	Email    Address `json:"email"`
	Verified bool    `json:"verified"`
}

// PostedSubject is a subject as posted.
type PostedSubject struct {
	ID    string       `json:"id"`
	Class AccountClass `json:"accountClass"`
	// Type is the provider's own word for the kind of account.
	Type    string `json:"accountType,omitempty"`
	Tenant  string `json:"tenant,omitempty"`
	Country string `json:"country,omitempty"`
	// Evidence is what Country rests on: "billing", "registration" or "declared".
	Evidence string    `json:"countryEvidence,omitempty"`
	Language string    `json:"language,omitempty"`
	Contacts []Contact `json:"contacts"`
}

// SealedContact is a contact at rest: the address is sealed under the matter's key.
type SealedContact struct {
	Role     Role
	Verified bool
	Sealed   []byte
	// Mailbox is the keyed hash of the address: contacts of one matter with the same address have the same. It is empty
	// only in contacts that nobody may write to.
	Mailbox string
}

// Recipient is whom a mail reaches, and by what others may read it as well.
type Recipient struct {
	Role Role
	// Tenant is the subject's if the recipient may be others' of the tenant as well, "" where the role is nobody else's.
	Tenant string
	// Mailbox is the keyed hash of the address; "" where there is no address.
	Mailbox string
}

// Subject is an affected person or account at rest.
type Subject struct {
	Matter string
	ID     string
	// Known is false while only a contact is recorded and the request has not named the subject yet.
	Known    bool
	Class    AccountClass
	Tenant   string
	Country  string
	Language string
	Contacts []SealedContact
	// TellUser says that the tenant lets its user be told where it has neither legal contact nor admin.
	TellUser bool
	// Event is the receipt key of the event that wrote it, so that the same event may write it again.
	Event string
	// Revision is the matter version whose event last changed it; a write with a lower one changes nothing.
	Revision int
	// Erasing is the matter version that recorded the wish to erase the contacts, 0 for none. From then on no request and
	// no amendment brings contacts, only contact.changed. Erased is set once they are gone.
	Erasing int
	Erased  bool
	// Former are the contacts that others replaced lately, oldest first.
	Former []Former
}

// RecipientRole is who is told about this subject: a consumer's guardian if given, else the user; for enterprise and
// public sector accounts the legal contact, else the admin, else the user if the tenant's policy says so. Without a
// fitting contact it returns user or legal_contact, and the notice has nobody to write to.
func (s *Subject) RecipientRole() Role {
	told, fallback := []Role{Guardian, User}, User
	if s.Class != Consumer {
		told, fallback = []Role{LegalContact, Admin}, LegalContact
		if s.TellUser {
			told = append(told, User)
		}
	}
	for _, want := range told {
		for _, c := range s.Contacts {
			if c.Role == want {
				return want
			}
		}
	}
	return fallback
}

// Recipient is whom a mail to the contact reaches, as the subject stands. The zero contact is none. Everybody but the
// user may be told for others of the tenant.
func (s *Subject) Recipient(to SealedContact) Recipient {
	r := Recipient{Role: to.Role, Mailbox: to.Mailbox}
	if r.Role == "" {
		r.Role = s.RecipientRole()
	}
	if r.Role != User {
		r.Tenant = s.Tenant
	}
	return r
}

// ContactAttribute names the sealed field of a contact in its associated data.
func ContactAttribute(role Role) string { return "contact." + string(role) }

// AssociatedData binds a sealed field to its place: lapse/v1, partition key, sort key, attribute.
func AssociatedData(matter, subject string, role Role) []byte {
	return []byte("lapse/v1\x00M#" + matter + "\x00S#" + subject + "\x00" + ContactAttribute(role))
}
