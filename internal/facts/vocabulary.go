package facts

import "lapse/internal/matter"

// Outcome is what became of a request.
type Outcome string

// The outcomes, in the order in which the files list them.
const (
	Content                 Outcome = "content"
	NonContent              Outcome = "non_content"
	GeneralInformation      Outcome = "general_information"
	Partial                 Outcome = "partial"
	RejectedInvalid         Outcome = "rejected_invalid"
	RejectedService         Outcome = "rejected_service"
	NoResponsiveData        Outcome = "no_responsive_data"
	InsufficientInformation Outcome = "insufficient_information"
	Withdrawn               Outcome = "withdrawn"
	Quashed                 Outcome = "quashed"
	RedirectedToCustomer    Outcome = "redirected_to_customer"
	PreservedOnly           Outcome = "preserved_only"
	AccessWithheld          Outcome = "access_withheld"
)

// Outcomes lists every outcome.
func Outcomes() []Outcome {
	return []Outcome{
		Content, NonContent, GeneralInformation, Partial, RejectedInvalid, RejectedService, NoResponsiveData,
		InsufficientInformation, Withdrawn, Quashed, RedirectedToCustomer, PreservedOnly, AccessWithheld,
	}
}

// RequestTypes lists the instruments that the ordinary tables know. National-security letters (nsl) and orders under
// FISA (fisa) are not among them: they stand in bands only.
func RequestTypes() []string {
	return []string{
		"subpoena", "court_order", "search_warrant", "emergency", "preservation", "mlat", "cloud_act",
		"letters_rogatory", "epoc", "epoc_pr", "pen_register", "wiretap", "production_order",
		"administrative_demand", "withhold_access", "other",
	}
}

// The classes of account. Mixed is a challenge's where the matter's subjects have several classes; NoClass is a
// challenge's where the matter has no subject.
const (
	Consumer     = "consumer"
	Enterprise   = "enterprise"
	PublicSector = "public_sector"
	Mixed        = "mixed"
	NoClass      = "none"
)

// AccountClasses lists the classes that an account can have.
func AccountClasses() []string { return []string{Consumer, Enterprise, PublicSector} }

// ChallengeClasses lists the classes that a challenge can have.
func ChallengeClasses() []string { return []string{Consumer, Enterprise, PublicSector, Mixed, NoClass} }

// OrderKinds lists what a paper can be, as assessed.
func OrderKinds() []string { return []string{"certification", "court_order", "plea", "statute"} }

// AnyGround is the ground of the row that counts each challenge once, whatever its grounds are.
const AnyGround = "any"

// Grounds lists the codes of grounds.
func Grounds() []string { return matter.Grounds() }

// GroundOf reads a ground: one of Grounds, or one of the older codes O8 to O14, which mean the first seven of them in
// their order. Anything else is "other".
func GroundOf(code string) string { return matter.Ground(code) }

// UnknownCountry stands for a country that nobody recorded (ISO 3166-1 leaves ZZ to users).
const UnknownCountry = "ZZ"

// CountryOf reads a country code; what is not two capital letters is unknown.
func CountryOf(code string) string {
	if len(code) != 2 || code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z' {
		return UnknownCountry
	}
	return code
}
