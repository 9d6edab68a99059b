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

// The kinds of rule. The first three keep somebody silent, or let an authority be silent. A demand is a power to ask
// for data. Policy, case law and contract bind only some. NoticeOwed is a duty of the provider to tell somebody in
// spite of an order.
const (
	ByCourtOrder    Kind = "court_order"
	ByCertification Kind = "certification"
	ByStatute       Kind = "statute"
	Demand          Kind = "demand"
	OfPolicy        Kind = "policy"
	CaseLaw         Kind = "case_law"
	Contract        Kind = "contract"
	NoticeOwed      Kind = "notice_owed"
)

// Whom a rule binds.
const (
	BindsProvider  = "provider"
	BindsAuthority = "authority"
	BindsBoth      = "both"
	BindsNobody    = "nobody"
)

// The roles of an issuer, as events name them.
const (
	RoleCourt      = "court"
	RoleJudge      = "judge"
	RoleMagistrate = "magistrate"
	RoleProsecutor = "prosecutor"
	RolePolice     = "police"
	RoleAgency     = "agency"
	RoleDesignee   = "fbi_director_designee"
	RoleMinister   = "minister"
	RoleOther      = "other"
)

// Towards whom a silence is kept, as events name it.
const (
	SilenceSubject       = "subject"
	SilenceAnyPerson     = "any_person"
	SilenceExceptCounsel = "except_counsel"
)

// The units of a length. Hours stand only in the time for an urgent answer.
const (
	Days   = "days"
	Weeks  = "weeks"
	Months = "months"
	Years  = "years"
	Hours  = "hours"
)

// Length is a length of time in calendar units.
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

// The statuses of a rule. Only verified rules decide; counsel decides in place of any other.
const (
	Verified   = "verified"
	Unverified = "unverified"
	Disabled   = "disabled"
)

// Whether a rule asks for an end.
const (
	// EndRequired: an order under it names its end. EndOpen: the silence stands without one. EndCourtSets: the court sets
	// how long it runs, and the law asks for no date.
	EndRequired  = "required"
	EndOpen      = "open"
	EndCourtSets = "court_sets"
)

// StandingRule is a silence that stands without any order, for requests of these instruments.
type StandingRule struct {
	// ID is the standing restraint's id; it begins with "law-".
	ID          string              `json:"id,omitempty"`
	Instruments []matter.Instrument `json:"instruments,omitempty"`
	// Categories narrows it to requests that ask for data of one of these, and to those that do not say what they ask for.
	Categories []string `json:"categories,omitempty"`
	// Flag narrows it to requests that carry this flag, such as "financial_institution".
	Flag string `json:"flag,omitempty"`
}

// reaches reports whether it stands for the request.
func (s StandingRule) reaches(req *matter.Request) bool {
	sought := func(d matter.DataSought) bool { return slices.Contains(s.Categories, d.Category) }
	flagged := func(flag string) bool { return strings.EqualFold(strings.TrimSpace(flag), s.Flag) }
	return slices.Contains(s.Instruments, req.Instrument) &&
		(len(s.Categories) == 0 || len(req.DataSought) == 0 || slices.ContainsFunc(req.DataSought, sought)) &&
		(s.Flag == "" || slices.ContainsFunc(req.Flags, flagged))
}

// Rule is one provision, its sources, and the day somebody last read them. An empty field says nothing.
type Rule struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Citation string `json:"citation"`
	// Cites are the ways a paper names it: each a list of words that all have to stand in the paper's legal basis.
	Cites []string `json:"cites"`
	Kind  Kind     `json:"kind"`
	// Binds is one of BindsProvider, BindsAuthority, BindsBoth and BindsNobody.
	Binds string `json:"binds"`
	// Text is what it says, for people.
	Text string `json:"text"`
	// Region narrows it to a part of the jurisdiction, ISO 3166-2.
	Region string `json:"region,omitempty"`
	// Issuers are the roles that may sign under it; DataIssuers those for content and traffic data where they are fewer.
	Issuers     []string `json:"issuers,omitempty"`
	DataIssuers []string `json:"dataIssuers,omitempty"`
	// Validated says that any other authority may issue under it where one of those roles has validated the paper.
	Validated bool `json:"validated,omitempty"`
	// Demands are the requests made under it. Open are the requests that, where they rest on it, the provider is free to
	// tell about. Reaches are the requests that an order under it can silence about; empty is any.
	Demands  []matter.Instrument `json:"demands,omitempty"`
	Reaches  []matter.Instrument `json:"reaches,omitempty"`
	Open     []matter.Instrument `json:"open,omitempty"`
	Standing StandingRule        `json:"standing,omitzero"`
	// Conditions are what the paper has to carry before it silences anybody.
	Conditions []string `json:"conditions,omitempty"`
	// End is EndRequired, EndOpen or EndCourtSets. First and Renewal are the longest an order and an extension may run;
	// Exception says when they may run longer or without an end, which only a person can tell.
	End             string   `json:"end,omitempty"`
	First           *Length  `json:"first,omitempty"`
	Renewal         *Length  `json:"renewal,omitempty"`
	Exception       string   `json:"exception,omitempty"`
	Standard        string   `json:"standard,omitempty"`
	Grounds         []string `json:"grounds,omitempty"`
	Silence         string   `json:"silence,omitempty"`
	CounselExcepted bool     `json:"counselExcepted,omitempty"`
	// AnswerWithin is the time in which the provider answers a request under it, AnswerUrgent that in an emergency.
	AnswerWithin *Length `json:"answerWithin,omitempty"`
	AnswerUrgent *Length `json:"answerUrgent,omitempty"`
	// ServeWithin counts from the signing; ServeFromThatDay says that the day of the signing is its first day. ServedBy
	// are words of who may serve. ConfirmWithin is the time in which an urgent order without a court asks for its
	// confirmation, PaperWithin that in which an oral demand is put in writing.
	ServeFromThatDay bool     `json:"serveFromThatDay,omitempty"`
	ServeWithin      *Length  `json:"serveWithin,omitempty"`
	ServedBy         []string `json:"servedBy,omitempty"`
	ConfirmWithin    *Length  `json:"confirmWithin,omitempty"`
	PaperWithin      *Length  `json:"paperWithin,omitempty"`
	// Notifies is who tells the person, and when. Remedy is what the person can do, Challenge what the provider can.
	// Clock then runs on ClockOn.
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

// silent reports whether the rule by itself keeps the provider silent, for as long as nobody ends it. A request under
// it is secret without any order.
func (r Rule) silent() bool {
	return r.Standing.ID != "" || r.secrecy() && r.End == EndOpen && (r.Binds == BindsProvider || r.Binds == BindsBoth)
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
		{"kind", []string{string(r.Kind)}, kinds()},
		{"word for whom it binds", []string{r.Binds}, []string{BindsProvider, BindsAuthority, BindsBoth, BindsNobody}},
		{"status", []string{r.Status}, []string{Verified, Unverified, Disabled}},
		{"word about the end", []string{r.End}, []string{"", EndRequired, EndOpen, EndCourtSets}},
		{"silence", []string{r.Silence}, []string{"", SilenceSubject, SilenceAnyPerson, SilenceExceptCounsel}},
		{"role", slices.Concat(r.Issuers, r.DataIssuers), roles()},
		{"ground", r.Grounds, groundCodes()},
		{"instrument", words(r.Demands, r.Open, r.Reaches, r.Standing.Instruments), words(instruments())},
		{"category", r.Standing.Categories, categories()},
	}
	for _, l := range lists {
		for _, word := range l.have {
			if !slices.Contains(l.allowed, word) {
				return fmt.Errorf("%q is no %s", word, l.what)
			}
		}
	}
	for _, l := range []*Length{
		r.First, r.Renewal, r.AnswerWithin, r.ServeWithin, r.ConfirmWithin, r.PaperWithin, r.Clock,
	} {
		if l != nil && (l.N < 1 || !slices.Contains([]string{Days, Weeks, Months, Years}, l.Unit)) {
			return fmt.Errorf("%q is no length", l)
		}
	}
	if l := r.AnswerUrgent; l != nil && (l.N < 1 || !slices.Contains([]string{Hours, Days}, l.Unit)) {
		return fmt.Errorf("%q is no length of an urgent answer", l)
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

func kinds() []string {
	var out []string
	for _, k := range []Kind{
		ByCourtOrder, ByCertification, ByStatute, Demand, OfPolicy, CaseLaw, Contract, NoticeOwed,
	} {
		out = append(out, string(k))
	}
	return out
}

// roles are the roles that an issuer may have.
func roles() []string {
	return []string{
		RoleCourt, RoleJudge, RoleMagistrate, RoleProsecutor, RolePolice, RoleAgency, RoleDesignee, RoleMinister, RoleOther,
	}
}

// categories are the categories of data that a request may ask for.
func categories() []string { return []string{"content", "non_content", "subscriber", "preservation"} }

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
