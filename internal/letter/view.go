package letter

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"lapse/internal/matter"
)

// view is what a wording may show: every text in it is cleaned, every code turned into words. For reference, account
// and code their marks stand, so that a wording can show them, and not decide by them.
type view struct {
	Reference, Account, Code                 string
	Advance, Correction, Moved               bool // none: a letter after a disclosure
	User, Guardian, Admin                    bool // none: the organisation's legal contact
	Repetition                               bool
	Signed, Received, Disclosed, Now         string // "" where not known
	ObjectUntil, MovedAt, Due                string // Due only where no delay says it
	Authority, Role, AuthorityReference      string
	Country, Instrument, LegalBasis, Offence string
	Emergency, Consent                       bool // neither: compelled
	Sought, HandedOver                       []category
	Content, Encrypted                       bool
	NotProduced                              []notProduced
	Delays                                   []delay
	Unnamed, NotDelayed                      bool // telling was late for a reason not in Delays; for none at all
	Challenges                               []challenge
	CorrectedOn                              string
	Points, Courts, Remedies, Help           []string
	NotStated, Sender, ReplyTo, Self         string
	Policy, PolicyURL, HelpURL, VerifyURL    string
}

type category struct{ Name, Span string }

type notProduced struct{ Category, Why string }

type delay struct {
	Unsettled, Statute, Certification, Plea bool // none: an order
	Issuer, Country, LegalBasis             string
	Dated                                   bool // whether a date of the paper is to be spoken of
	Signed, Stated, From, Until             string
	Later, Ended                            string
}

type challenge struct {
	Order                  bool // else of the request
	Filed, Decided, Result string
}

// view checks the facts and turns them into words.
func (t *second) view(f Facts) (*view, error) {
	v := &view{
		Reference: markReference, Account: markAccount, Code: markCode, Repetition: f.Repetition, Self: t.words.Self,
		Advance: f.Kind == Advance, Correction: f.Kind == Correction, Moved: f.Kind == Moved,
		User: f.Recipient == matter.User, Guardian: f.Recipient == matter.Guardian, Admin: f.Recipient == matter.Admin,
		Emergency: f.Disclosure.Basis == matter.BasisEmergency, Consent: f.Disclosure.Basis == matter.BasisConsent,
		NotStated: t.words.NotStated, Sender: clean(f.SenderName), Policy: clean(f.Request.Policy),
		PolicyURL: f.PolicyURL, HelpURL: f.HelpURL, VerifyURL: f.VerifyURL,
	}
	if err := v.check(f); err != nil {
		return nil, err
	}
	loc := readerZone(f.AccountCountry, f.Zone, f.Now)
	v.Now = t.words.day(dateIn(f.Now, loc))
	if v.Moved {
		v.MovedAt = t.words.moment(f.MovedAt, loc)
		return v, nil
	}
	t.showRequest(v, f, loc)
	t.showDisclosure(v, f, loc)
	t.showDelays(v, f, loc)
	for _, c := range f.Challenges {
		v.Challenges = append(v.Challenges, challenge{
			c.Order, t.words.day(c.FiledOn), t.words.day(c.DecidedOn), word(t.words.Outcomes, string(c.Outcome)),
		})
	}
	if v.Correction {
		v.CorrectedOn = t.words.day(f.Corrected.SentOn)
		for _, p := range f.Corrected.Points {
			v.Points = append(v.Points, word(t.words.Points, string(p)))
		}
	}
	texts, err := lawTexts(f.LawTexts)
	if err != nil {
		return nil, err
	}
	v.Remedies, v.Help = texts.remedies(f, t.language), texts.help(f)
	return v, nil
}

// dateIn is the date of an instant in a zone, in UTC where there is none.
func dateIn(at time.Time, loc *time.Location) matter.Date {
	if loc == nil {
		loc = time.UTC
	}
	return matter.DateOf(at.In(loc))
}

func (t *second) showRequest(v *view, f Facts, loc *time.Location) {
	r := &f.Request
	v.Signed, v.Received = t.words.day(r.SignedOn), t.words.moment(r.ReceivedAt, loc)
	v.Authority, v.Role = clean(r.Issuer.Name), clean(word(t.words.Roles, r.Issuer.Role))
	v.AuthorityReference, v.Country = clean(r.Reference), t.words.country(r.Issuer.Country)
	v.Instrument = word(t.words.Instruments, string(r.Instrument))
	v.LegalBasis, v.Offence = clean(r.LegalBasis), clean(r.Offence)
	v.Sought = t.categories(r.DataSought)
	v.court(r.Issuer)
}

func (t *second) showDisclosure(v *view, f Facts, loc *time.Location) {
	if v.Advance {
		v.ObjectUntil = t.words.moment(f.ObjectUntil, loc)
		return
	}
	d := &f.Disclosure
	v.Disclosed, v.Content = t.words.moment(d.At, loc), d.Content
	v.HandedOver = t.categories(f.HandedOver)
	if len(f.HandedOver) == 0 {
		for _, c := range d.Categories {
			v.HandedOver = append(v.HandedOver, category{Name: word(t.words.Categories, c)})
		}
	}
	for _, n := range d.NotProduced {
		held := notProduced{word(t.words.Categories, n.Category), word(t.words.NotProduced, n.Why)}
		v.NotProduced = append(v.NotProduced, held)
		v.Encrypted = v.Encrypted || n.Why == "e2ee"
	}
}

func (t *second) categories(of []matter.DataSought) []category {
	var out []category
	for _, s := range of {
		out = append(out, category{word(t.words.Categories, s.Category), t.words.span(s.From, s.To)})
	}
	return out
}

// showDelays writes what delayed the letter, and compares the due with the disclosure and the delays that are named.
func (t *second) showDelays(v *view, f Facts, loc *time.Location) {
	explained, endless := matter.Ceil(f.Disclosure.At), false
	for _, d := range f.Delays {
		v.Delays = append(v.Delays, t.delay(d, f, loc))
		if !d.Unsettled {
			v.court(d.Issuer)
		}
		endless = endless || d.Until.IsZero()
		if d.Until.After(explained) {
			explained = d.Until
		}
	}
	if f.Due.IsZero() || endless || v.Advance {
		return
	}
	if v.Unnamed = f.Due.After(explained); v.Unnamed {
		v.Due = t.words.moment(f.Due, loc)
	}
	v.NotDelayed = len(f.Delays) == 0 && !v.Unnamed
}

func (t *second) delay(d Delay, f Facts, loc *time.Location) delay {
	// A reader without a zone of the own country reads a paper's instants in the zone of its court.
	if own := zone(d.Zone); own != nil && readerZone(f.AccountCountry, "", f.Now) == nil {
		loc = own
	}
	out := delay{
		Unsettled: d.Unsettled, Statute: d.Kind == matter.Statute,
		Certification: d.Kind == matter.Certification, Plea: d.Kind == matter.Plea,
		Until: t.words.moment(d.Until, loc),
	}
	// What covered the disclosure already, held us from the beginning.
	if d.From.After(f.Disclosure.At) {
		out.From = t.words.moment(d.From, loc)
	}
	if d.Unsettled || d.Issuer.Name != "" || d.Issuer.Country != "" {
		out.Country = t.words.country(d.Issuer.Country)
	}
	if d.Unsettled {
		return out
	}
	out.Issuer, out.LegalBasis = clean(d.Issuer.Name), clean(d.LegalBasis)
	out.Signed, out.Stated = t.words.day(d.SignedOn), t.words.end(d.Stated, loc)
	out.Dated = out.Signed != "" || d.Kind != matter.Statute
	out.Later, out.Ended = word(t.words.Later, string(d.Later)), word(t.words.Ended, d.Ended)
	return out
}

// court notes the issuer's name where it is a court's.
func (v *view) court(i matter.Issuer) {
	name := clean(i.Name)
	isCourt := slices.Contains([]string{"court", "judge", "magistrate"}, i.Role)
	if name != "" && isCourt && !slices.Contains(v.Courts, name) {
		v.Courts = append(v.Courts, name)
	}
}

// check refuses facts without which the letter would be wrong, and reads the reply address and the links.
func (v *view) check(f Facts) error {
	if err := CheckName(f.SenderName); err != nil {
		return err
	}
	var err error
	if v.ReplyTo, err = shownReply(f.ReplyTo); err != nil {
		return err
	}
	if f.VerifyURL != "" {
		if err := CheckLink(f.VerifyURL); err != nil {
			return fmt.Errorf("read the address of the verify page: %w", err)
		}
	}
	if f.Now.IsZero() {
		return errors.New("the date of the mail is missing")
	}
	if f.Kind == Moved {
		if f.MovedAt.IsZero() {
			return errors.New("the date on which the address was changed is missing")
		}
		return nil
	}
	if !slices.Contains([]matter.Role{matter.User, matter.Guardian, matter.Admin, matter.LegalContact}, f.Recipient) {
		return errors.New("the recipient's role is not known")
	}
	if err := v.checkKind(f); err != nil {
		return err
	}
	return checkLinks(f)
}

func (v *view) checkKind(f Facts) error {
	switch f.Kind {
	case Advance:
		if f.ObjectUntil.IsZero() {
			return errors.New("the end of the time to object is missing")
		}
		return nil
	case Correction:
		if f.Corrected.SentOn.IsZero() || len(f.Corrected.Points) == 0 {
			return errors.New("the day of the earlier letter or what was wrong in it is missing")
		}
	case Disclosure, "":
	default:
		return errors.New("there is no letter of this kind")
	}
	switch {
	case f.Disclosure.At.IsZero():
		return errors.New("the date of the disclosure is missing")
	case !v.Emergency && !v.Consent && f.Disclosure.Basis != matter.BasisCompelled:
		return errors.New("the basis of the disclosure is not known")
	}
	return nil
}
