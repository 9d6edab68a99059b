package transparency

import (
	"time"

	"lapse/internal/facts"
)

// The facts that a count is made of, and what they are sorted by; package facts has their words.
type (
	Half           = facts.Half
	Row            = facts.Row
	MatterFact     = facts.MatterFact
	AccountFact    = facts.AccountFact
	OrderFact      = facts.OrderFact
	NoticeFact     = facts.NoticeFact
	ChallengeFact  = facts.ChallengeFact
	SecurityFact   = facts.SecurityFact
	Answered       = facts.Answered
	DecisionFact   = facts.DecisionFact
	DisclosureFact = facts.DisclosureFact
	Outcome        = facts.Outcome
	Reason         = facts.Reason
	Span           = facts.Span
	Closing        = facts.Closing
)

// The outcomes of requests.
const (
	Content                 = facts.Content
	NonContent              = facts.NonContent
	GeneralInformation      = facts.GeneralInformation
	Partial                 = facts.Partial
	RejectedInvalid         = facts.RejectedInvalid
	RejectedService         = facts.RejectedService
	NoResponsiveData        = facts.NoResponsiveData
	InsufficientInformation = facts.InsufficientInformation
	Withdrawn               = facts.Withdrawn
	Quashed                 = facts.Quashed
	RedirectedToCustomer    = facts.RedirectedToCustomer
	PreservedOnly           = facts.PreservedOnly
	AccessWithheld          = facts.AccessWithheld
)

// The classes of account, the ground that counts every challenge once, and the unknown country.
const (
	Consumer       = facts.Consumer
	Enterprise     = facts.Enterprise
	PublicSector   = facts.PublicSector
	Mixed          = facts.Mixed
	NoClass        = facts.NoClass
	AnyGround      = facts.AnyGround
	UnknownCountry = facts.UnknownCountry
)

// What stood in the way of telling, and how a unit stopped being owed.
const (
	Undeliverable = facts.Undeliverable
	ByOrder       = facts.ByOrder
	ByStatute     = facts.ByStatute
	ByException   = facts.ByException
	ByPerson      = facts.ByPerson
	StillOwed     = facts.StillOwed
	Told          = facts.Told
	ToldOtherwise = facts.ToldOtherwise
	Cancelled     = facts.Cancelled
)

// ParseHalf reads "2026-H1".
func ParseHalf(s string) (Half, error) { return facts.ParseHalf(s) }

// HalfOf is the half-year that the instant lies in.
func HalfOf(t time.Time) Half { return facts.HalfOf(t) }

// Outcomes lists every outcome, in the order of the files.
func Outcomes() []Outcome { return facts.Outcomes() }

// RequestTypes lists the instruments that the ordinary tables know.
func RequestTypes() []string { return facts.RequestTypes() }

// AccountClasses lists the classes that an account can have.
func AccountClasses() []string { return facts.AccountClasses() }

// ChallengeClasses lists the classes that a challenge can have.
func ChallengeClasses() []string { return facts.ChallengeClasses() }

// OrderKinds lists what a paper can be, as assessed.
func OrderKinds() []string { return facts.OrderKinds() }

// Grounds lists the codes of grounds.
func Grounds() []string { return facts.Grounds() }

// GroundOf reads a ground, also in its older codes; what is unknown is "other".
func GroundOf(code string) string { return facts.GroundOf(code) }
