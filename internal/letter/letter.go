// Package letter writes the e-mail that tells a person that a government got their data. It is pure: the same facts and
// the same template version give the same bytes, so that a preview, the mail and a later proof agree.
//
// A template version, for example "en-1", is two files under templates/: the wording (text/template, with its grammar
// said in its first comment) and the words for codes and dates (JSON), which also names the page around the HTML (html/template). The
// wording is executed once; plain text and HTML are two layouts of its result, so they cannot differ in content.
// Another language is two more files; the completeness test holds every version to the same set of words and fields.
//
// Texts that come from an authority are untrusted: control and invisible characters are taken out, long ones are cut,
// and they stand only where they cannot pass for our own words. The clock, the sender and all facts are given.
package letter

import (
	"time"

	"lapse/internal/matter"
)

// Facts is everything a letter may say. Render shows nothing else, and of Request and Disclosure never the flags, the
// decision and its reasons, notes, approvers, findings, answers, nor a contact of the authority.
type Facts struct {
	// Template is the version frozen when the notice was made; "" is the current English one.
	Template string
	// Reference is the notice's reference, Account the subject's opaque id, which is shown masked.
	Reference, Account string
	// Recipient decides whose account the letter speaks of.
	Recipient matter.Role
	// Request is the request as it stands after all amendments; its Policy is the revision named beside the policy link.
	Request    matter.Request
	Disclosure matter.DisclosureFacts
	// Delays are what delayed telling this recipient and may be named, in the order to be shown.
	Delays []Delay
	// Repetition says that an earlier mail under this reference may have arrived (law 6).
	Repetition bool
	// Due is the instant from which telling was allowed; zero where none is known (the preview of a held notice). Where
	// it lies after the disclosure and after every delay in Delays, the letter says that a reason is not named.
	Due time.Time
	// Now is the date of the mail.
	Now time.Time
	// Zone is the zone in which instants are written beside UTC, usually that of the authority; nil is UTC alone.
	Zone *time.Location
	// PolicyURL is the page of the notice policy; HelpURL may be empty. Both are http or https addresses.
	PolicyURL, HelpURL string
	// ReplyTo is the staffed address shown in the letter, SenderName the service that sends it.
	ReplyTo, SenderName string
}

// Delay is one thing that delayed the notice.
type Delay struct {
	Issuer     matter.Issuer
	LegalBasis string
	Kind       matter.OrderKind
	// Unsettled marks a hold that rested on no paper and no verified law: it had to be established first whether the
	// law forbids telling. Of the issuer only the country is shown then, and no provision.
	Unsettled bool
	// SignedOn is the date on the paper, absent if it states none.
	SignedOn matter.Date
	// From zero is the beginning, Until zero no known end.
	From, Until time.Time
	// Zone is that of the court; nil is Facts.Zone.
	Zone *time.Location
}

// Letter is a rendered notice, without the headers of its mail.
type Letter struct {
	// Subject is one line of at most 200 characters.
	Subject string
	// Text is the whole letter in lines of at most 72 characters (an address may be longer), each ended by "\n".
	Text string
	// HTML is a whole page with the same content, without style, script, image or anything fetched from elsewhere.
	HTML string
	// Language is the BCP 47 tag of Template, the version it was rendered with.
	Language, Template string
}

// Render writes the letter. It fails where a fact is missing without which the letter would be wrong or could not be
// checked, or the template version is not known; the error holds no personal data.
func Render(f Facts) (Letter, error) {
	d, err := Prepare(f)
	if err != nil {
		return Letter{}, err
	}
	return d.For(f.Reference, f.Account)
}
