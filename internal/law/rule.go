package law

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/matter"
)

// Kind says what a rule is.
type Kind string

// The kinds of rule. The first three keep somebody silent, or let an authority be silent; a demand is a power to ask
// for data; policy, case law and contract bind only some.
const (
	ByCourtOrder    Kind = "court_order"
	ByCertification Kind = "certification"
	ByStatute       Kind = "statute"
	Demand          Kind = "demand"
	OfPolicy        Kind = "policy"
	CaseLaw         Kind = "case_law"
	Contract        Kind = "contract"
)

// Length is a length of time in calendar units: "days", "weeks", "months" or "years".
type Length struct {
	N    int    `json:"n"`
	Unit string `json:"unit"`
}

// String writes it as a lawyer would: "6 months".
func (l Length) String() string {
	if l.N == 1 {
		return "1 " + strings.TrimSuffix(l.Unit, "s")
	}
	return fmt.Sprintf("%d %s", l.N, l.Unit)
}

// The statuses of a rule. Only verified rules are used; what one that is not would decide goes to counsel.
const (
	Verified   = "verified"
	Unverified = "unverified"
	Disabled   = "disabled"
)

// Whether a rule asks for an end.
const (
	// EndRequired: an order under it names its end. EndOpen: the silence stands without one.
	EndRequired = "required"
	EndOpen     = "open"
)

// StandingRule is a silence that stands without any order, for requests of these instruments.
type StandingRule struct {
	// ID is the standing restraint's id; it begins with "law-".
	ID          string              `json:"id,omitempty"`
	Instruments []matter.Instrument `json:"instruments,omitempty"`
}

// Rule is one provision, with where it is written and when somebody last looked. What is empty is not said by it.
type Rule struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Citation string `json:"citation"`
	// Cites are the ways a paper names it: each a list of words that all have to stand in the paper's legal basis.
	Cites []string `json:"cites"`
	Kind  Kind     `json:"kind"`
	// Binds is "provider", "authority", "both" or "nobody".
	Binds string `json:"binds"`
	// Text is what it says, for people.
	Text string `json:"text"`
	// Region narrows it to a part of the jurisdiction, ISO 3166-2.
	Region string `json:"region,omitempty"`
	// Issuers are the roles that may sign under it; DataIssuers those for content and traffic data where they are fewer.
	Issuers     []string `json:"issuers,omitempty"`
	DataIssuers []string `json:"dataIssuers,omitempty"`
	// Demands are the requests made under it; Open those about which it leaves the provider free to tell.
	Demands  []matter.Instrument `json:"demands,omitempty"`
	Open     []matter.Instrument `json:"open,omitempty"`
	Standing StandingRule        `json:"standing,omitzero"`
	// End is EndRequired or EndOpen; First and Renewal are the longest an order and an extension may run.
	End             string   `json:"end,omitempty"`
	First           *Length  `json:"first,omitempty"`
	Renewal         *Length  `json:"renewal,omitempty"`
	Standard        string   `json:"standard,omitempty"`
	Grounds         []string `json:"grounds,omitempty"`
	Silence         string   `json:"silence,omitempty"`
	CounselExcepted bool     `json:"counselExcepted,omitempty"`
	// ServeWithin counts from the signing; ServedBy are words of who may serve. ConfirmWithin is the time in which an
	// urgent order without a court asks for its confirmation, PaperWithin that in which an oral demand is put in writing.
	ServeWithin   *Length  `json:"serveWithin,omitempty"`
	ServedBy      []string `json:"servedBy,omitempty"`
	ConfirmWithin *Length  `json:"confirmWithin,omitempty"`
	PaperWithin   *Length  `json:"paperWithin,omitempty"`
	// Notifies is who tells the person, and when; Remedy what the person can do; Challenge what the provider can; Clock
	// runs on ClockOn once it does.
	Notifies  string  `json:"notifies,omitempty"`
	Remedy    string  `json:"remedy,omitempty"`
	Challenge string  `json:"challenge,omitempty"`
	Clock     *Length `json:"clock,omitempty"`
	ClockOn   string  `json:"clockOn,omitempty"`
	// From and To bound when it is law, To exclusive; a zero one bounds nothing.
	From      matter.Date `json:"validFrom,omitzero"`
	To        matter.Date `json:"validTo,omitzero"`
	Notes     string      `json:"notes,omitempty"`
	Status    string      `json:"status"`
	Sources   []string    `json:"sources"`
	CheckedOn matter.Date `json:"checkedOn"`
}

// secrecy reports whether the rule keeps somebody silent.
func (r Rule) secrecy() bool {
	return r.Kind == ByCourtOrder || r.Kind == ByCertification || r.Kind == ByStatute
}

// silent reports whether the provider has to keep silent by the rule itself, for as long as nobody ends it: a request
// made under it is secret without any order.
func (r Rule) silent() bool {
	return r.Standing.ID != "" || r.secrecy() && r.End == EndOpen && (r.Binds == "provider" || r.Binds == "both")
}

// standingID is the id of the restraint by which it stands.
func (r Rule) standingID() string {
	return cmp.Or(r.Standing.ID, "law-"+strings.ToLower(r.ID))
}

// inForce reports whether it is law on the UTC day of the instant.
func (r Rule) inForce(at time.Time) bool {
	d := matter.DateOf(at.UTC())
	return (r.From.IsZero() || !d.Before(r.From)) && (r.To.IsZero() || d.Before(r.To))
}

// holds reports whether it may decide anything: verified and in force.
func (r Rule) holds(at time.Time) bool { return r.Status == Verified && r.inForce(at) }

// valid finds what is wrong with a rule as written.
func (r Rule) valid() error {
	lists := []struct {
		what          string
		have, allowed []string
	}{
		{"kind", []string{string(r.Kind)}, []string{string(ByCourtOrder), string(ByCertification), string(ByStatute),
			string(Demand), string(OfPolicy), string(CaseLaw), string(Contract)}},
		{"word for whom it binds", []string{r.Binds}, []string{"provider", "authority", "both", "nobody"}},
		{"status", []string{r.Status}, []string{Verified, Unverified, Disabled}},
		{"word about the end", []string{r.End}, []string{"", EndRequired, EndOpen}},
		{"silence", []string{r.Silence}, []string{"", "subject", "any_person", "except_counsel"}},
		{"role", slices.Concat(r.Issuers, r.DataIssuers), roles()},
		{"ground", r.Grounds, groundCodes()},
		{"instrument", words(r.Demands, r.Open, r.Standing.Instruments), words(instruments())},
	}
	for _, l := range lists {
		for _, word := range l.have {
			if !slices.Contains(l.allowed, word) {
				return fmt.Errorf("%q is no %s", word, l.what)
			}
		}
	}
	for _, l := range []*Length{r.First, r.Renewal, r.ServeWithin, r.ConfirmWithin, r.PaperWithin, r.Clock} {
		if l != nil && (l.N < 1 || !slices.Contains([]string{"days", "weeks", "months", "years"}, l.Unit)) {
			return fmt.Errorf("%q is no length", l)
		}
	}
	switch {
	case r.ID == "" || r.Title == "" || r.Citation == "" || r.Text == "":
		return errors.New("id, title, citation and text have to be there")
	case len(r.Sources) == 0 || r.CheckedOn.IsZero():
		return errors.New("sources and the day of the check have to be there")
	case (r.Standing.ID == "") != (len(r.Standing.Instruments) == 0):
		return errors.New("a standing restraint needs an id and instruments")
	case r.Standing.ID != "" && !strings.HasPrefix(r.Standing.ID, "law-"):
		return fmt.Errorf("%q is no id of a standing restraint", r.Standing.ID)
	}
	return nil
}

// roles are the roles that an issuer may have.
func roles() []string {
	return []string{"court", "judge", "magistrate", "prosecutor", "police", "agency", "fbi_director_designee",
		"minister", "other"}
}

func words(lists ...[]matter.Instrument) []string {
	var out []string
	for _, instrument := range slices.Concat(lists...) {
		out = append(out, string(instrument))
	}
	return out
}

// instruments are those of events/schema/common.json.
func instruments() []matter.Instrument {
	return []matter.Instrument{
		matter.Subpoena, matter.CourtOrderInstrument, matter.SearchWarrant, matter.Emergency, matter.Preservation,
		matter.MLAT, matter.CloudAct,
		matter.LettersRogatory, matter.EPOC, matter.EPOCPR, matter.NSL, matter.FISA, matter.PenRegister, matter.Wiretap,
		matter.ProductionOrder, matter.AdministrativeDemand, matter.OtherInstrument,
	}
}
