// Package letter writes the e-mail that tells a person that a government got their data. It is pure: the same facts,
// the same template version and the same law texts give the same bytes, so that a preview, the mail and a later proof
// agree.
//
// # Templates
//
// A template version is named by language and number: "de-2". "de+en-2" is the same with the English letter beneath,
// for a reader whose language is a guess. Version 1 was English only. Version 2 stands under templates/v2/, one folder
// a language: letter.tmpl is the wording (text/template), words.json the names of codes and the patterns of dates.
// page.html is the page around the HTML (html/template). A wording is executed once. Plain text and HTML are two
// layouts of its result, so they cannot differ in content. A version that a notice was made with is never changed.
//
// # Law texts
//
// The folder remedies holds what a person can do, by country and legal basis, each with its source and the day somebody
// read it. Only a verified text is shown. A new set of texts is a new file; the facts of a letter name theirs.
//
// # Texts of others
//
// Texts that come from an authority are untrusted. Control and invisible characters are taken out, long texts are cut.
// They stand only in fields and list items, where they cannot pass for our own words.
//
// # Proof
//
// ProofKey makes references and codes, Signer signs the text, VerifyMail checks a saved mail without any network.
package letter

import (
	"reflect"
	"time"

	"lapse/internal/matter"
)

// Kind is what a letter is about.
type Kind string

// The kinds of letter. The zero Kind is Disclosure.
const (
	// Disclosure tells that data was handed over.
	Disclosure Kind = "disclosure"
	// Advance tells that data will be handed over unless somebody objects in time.
	Advance Kind = "advance"
	// Correction tells anew what an earlier letter told wrongly.
	Correction Kind = "correction"
	// Moved is the short security message to a former address. It says nothing of a notice or a request.
	Moved Kind = "moved"
)

// Facts is everything a letter may say. Render shows nothing else, and of Request and Disclosure never the flags, the
// decision and its reasons, notes, approvers, findings, answers, nor a contact of the authority.
type Facts struct {
	// Template is the version frozen when the notice was made; "" is the newest English one.
	Template string `json:"template"`
	// LawTexts is the version of the law texts; "" is the newest.
	LawTexts string `json:"lawTexts"`
	Kind     Kind   `json:"kind,omitempty"`
	// Reference is the notice's reference, Account the subject's opaque id, which is shown masked. Code is that of the
	// attempt. These three are one recipient's own; all other facts may be many recipients'.
	Reference string `json:"-"`
	Account   string `json:"-"`
	Code      string `json:"-"`
	// Recipient decides whose account the letter speaks of.
	Recipient matter.Role `json:"recipient"`
	// AccountCountry is the subject's (ISO 3166-1), "" where not known. It decides the time zone and the helpers.
	AccountCountry string `json:"accountCountry,omitempty"`
	// Request is the request as it stands after all amendments; its Policy is the revision named beside the policy link.
	Request    matter.Request         `json:"request,omitzero"`
	Disclosure matter.DisclosureFacts `json:"disclosure,omitzero"`
	// HandedOver are the categories handed over with their periods, where recorded; else Disclosure.Categories is shown.
	HandedOver []matter.DataSought `json:"handedOver,omitempty"`
	// Delays are what delayed telling this recipient and may be named, in the order to be shown.
	Delays []Delay `json:"delays,omitempty"`
	// Challenges are what we filed against the request or an order that may be named, in the order of filing.
	Challenges []Challenge `json:"challenges,omitempty"`
	// ObjectUntil is the end of the time to object, of an advance letter only.
	ObjectUntil time.Time `json:"objectUntil,omitzero"`
	// Corrected is what a correction corrects.
	Corrected Corrected `json:"corrected,omitzero"`
	// MovedAt is when the account's address was changed, of a security message only.
	MovedAt time.Time `json:"movedAt,omitzero"`
	// Repetition says that an earlier mail under this reference may have arrived (law 6).
	Repetition bool `json:"repetition,omitempty"`
	// Due is the instant from which telling was allowed; zero where none is known (the preview of a held notice). Where
	// it lies after the disclosure and after every delay in Delays, the letter says that a reason is not named.
	Due time.Time `json:"due,omitzero"`
	// Now is when the mail is written. Version 2 shows its day only.
	Now time.Time `json:"now"`
	// Zone is the IANA zone of the authority, "" where none is known. Version 2 uses it where the country of the
	// account has not exactly one zone.
	Zone string `json:"zone,omitempty"`
	// PolicyURL is the page of the notice policy; HelpURL may be empty. VerifyURL is the page that checks a reference
	// and a code; where it is empty, the letter has no code and no signature. All are http or https addresses.
	PolicyURL string `json:"policyUrl,omitempty"`
	HelpURL   string `json:"helpUrl,omitempty"`
	VerifyURL string `json:"verifyUrl,omitempty"`
	// From is the address that the mail comes from, ReplyTo the staffed address shown in the letter, SenderName the
	// service that sends it. The letter itself does not show From.
	From       string `json:"from,omitempty"`
	ReplyTo    string `json:"replyTo"`
	SenderName string `json:"senderName"`
}

// Delay is one thing that delayed the notice.
type Delay struct {
	Issuer     matter.Issuer    `json:"issuer,omitzero"`
	LegalBasis string           `json:"legalBasis,omitempty"`
	Kind       matter.OrderKind `json:"kind"`
	// Unsettled marks a hold that rested on no paper and no verified law: it had to be established first whether the
	// law forbids telling. Of the issuer only the country is shown then, and no provision.
	Unsettled bool `json:"unsettled,omitempty"`
	// SignedOn is the date on the paper, absent if it states none.
	SignedOn matter.Date `json:"signedOn,omitzero"`
	// Stated is the end as the paper states it; the zero End where no paper states one.
	Stated matter.End `json:"stated,omitzero"`
	// Later is why Until lies later than a reader of the paper would expect; "" where it does not.
	Later Later `json:"later,omitempty"`
	// Ended is how it was ended before its stated end ("lifted", "vacated", "permitted"); "" where it ran out.
	Ended string `json:"ended,omitempty"`
	// From zero is the beginning, Until zero no known end.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Zone is the IANA zone of the court, "" where none is known.
	Zone string `json:"zone,omitempty"`
}

// Equal reports whether two delays are the same.
func (d Delay) Equal(e Delay) bool { return reflect.DeepEqual(d, e) }

// Later is a reason why we waited longer than the wording of a paper shows.
type Later string

// The reasons.
const (
	// LaterRolled: the last day of a period was no working day.
	LaterRolled Later = "rolled"
	// LaterPlace: the paper does not say clearly in which time zone its dates count.
	LaterPlace Later = "place"
	// LaterUnclear: the wording can be read in several ways.
	LaterUnclear Later = "unclear"
)

// Challenge is something we filed against the request or an order.
type Challenge struct {
	// Order says that it was filed against an order of silence, else it was filed against the request.
	Order     bool        `json:"order,omitempty"`
	FiledOn   matter.Date `json:"filedOn"`
	DecidedOn matter.Date `json:"decidedOn,omitzero"`
	// Outcome is what became of it. "upheld" means that the paper stands.
	Outcome matter.ChallengeOutcome `json:"outcome"`
}

// Corrected names an earlier letter and what it told wrongly.
type Corrected struct {
	// SentOn is the day of the earlier letter, in the zone of this one.
	SentOn matter.Date `json:"sentOn"`
	Points []Point     `json:"points"`
}

// Point is a part of an earlier letter that was wrong or missing.
type Point string

// The points that a correction can name.
const (
	PointAuthority  Point = "authority"
	PointBasis      Point = "basis"
	PointDates      Point = "dates"
	PointCategories Point = "categories"
	PointPeriods    Point = "periods"
	PointDelay      Point = "delay"
	PointAccount    Point = "account"
)

// Personal are the facts of a letter that are one recipient's own.
type Personal struct{ Reference, Account, Code string }

// Personal returns the facts that are one recipient's own.
func (f Facts) Personal() Personal { return Personal{f.Reference, f.Account, f.Code} }

// Letter is a rendered notice, without the headers of its mail.
type Letter struct {
	// Subject is one line of at most 200 characters.
	Subject string
	// Text is the whole letter in lines of at most 72 columns (an address may be longer), each ended by "\n".
	Text string
	// HTML is a whole page with the same content, without script, image or anything fetched from elsewhere.
	HTML string
	// Language is the value of Content-Language: one BCP 47 tag, or two for a letter with English beneath.
	Language string
	// Template is the version it was rendered with.
	Template string

	proof proof
}

// proof is what the headers and the form of a letter need beside its texts.
type proof struct {
	reference, code string
	// signed says that the mail carries a signature, form that placeholders stand for the recipient's own values.
	signed, form bool
	// boundary parts the bodies; "" is made from the text.
	boundary string
}

// Render writes the letter. It fails where a fact is missing without which the letter would be wrong or could not be
// checked, or the template version is not known; the error holds no personal data.
func Render(f Facts) (Letter, error) {
	d, err := Prepare(f)
	if err != nil {
		return Letter{}, err
	}
	return d.For(f.Personal())
}
