package letter

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"lapse/internal/matter"
)

// firstView is what a wording of version 1 may show: every text in it is cleaned, every code turned into words. For
// reference and account their marks stand, so that a wording can show them, and not decide by them.
type firstView struct {
	Reference, Account                       string
	User, Guardian                           bool   // neither: somebody of the organisation
	Signed, Received, Disclosed, Due, Now    string // "" where not known
	Authority, Role, AuthorityReference      string
	Country, Instrument, LegalBasis, Offence string
	Emergency, Consent                       bool // neither: compelled
	Sought                                   []firstSought
	HandedOver                               []string
	Content                                  bool
	NotProduced                              []firstNotProduced
	Delays                                   []firstDelay
	Unnamed, NotDelayed                      bool // telling was late for a reason not in Delays; for none at all
	Courts                                   []string
	Repetition                               bool
	Sender, ReplyTo, Language                string
	Policy, PolicyURL, HelpURL               string
}

type firstSought struct {
	Category string
	From, To string
}

type firstNotProduced struct{ Category, Why string }

type firstDelay struct {
	Unsettled, Statute, Certification, Plea bool // none: an order
	Issuer, Country, LegalBasis             string
	Dated                                   bool // whether a date of the paper is to be spoken of
	Signed, From, Until                     string
}

// view checks the facts and turns them into words.
func (t *first) view(f Facts) (*firstView, error) {
	v := &firstView{
		Reference: markReference, Account: markAccount, Repetition: f.Repetition,
		Signed: t.words.day(f.Request.SignedOn), Received: t.words.moment(f.Request.ReceivedAt, zone(f.Zone)),
		Disclosed: t.words.moment(f.Disclosure.At, zone(f.Zone)), Due: t.words.moment(f.Due,
			zone(f.Zone)), Now: t.words.moment(f.Now, zone(f.Zone)),
		Authority: clean(f.Request.Issuer.Name), Role: clean(word(t.words.Roles, f.Request.Issuer.Role)),
		AuthorityReference: clean(f.Request.Reference), Country: t.words.country(f.Request.Issuer.Country),
		Instrument: word(t.words.Instruments, string(f.Request.Instrument)),
		LegalBasis: clean(f.Request.LegalBasis), Offence: clean(f.Request.Offence),
		User: f.Recipient == matter.User, Guardian: f.Recipient == matter.Guardian,
		Emergency: f.Disclosure.Basis == matter.BasisEmergency, Consent: f.Disclosure.Basis == matter.BasisConsent,
		Content: f.Disclosure.Content,
		Sender:  clean(f.SenderName), Language: t.words.Self, Policy: clean(f.Request.Policy),
	}
	if err := v.check(f); err != nil {
		return nil, err
	}
	for _, s := range f.Request.DataSought {
		v.Sought = append(v.Sought, firstSought{word(t.words.Categories, s.Category), t.words.day(s.From), t.words.day(s.To)})
	}
	for _, c := range f.Disclosure.Categories {
		v.HandedOver = append(v.HandedOver, word(t.words.Categories, c))
	}
	for _, n := range f.Disclosure.NotProduced {
		v.NotProduced = append(v.NotProduced,
			firstNotProduced{word(t.words.Categories, n.Category), word(t.words.NotProduced, n.Why)})
	}
	v.court(f.Request.Issuer)
	for _, d := range f.Delays {
		v.Delays = append(v.Delays, t.delay(d, zone(f.Zone)))
		if !d.Unsettled {
			v.court(d.Issuer)
		}
	}
	v.timeliness(f)
	return v, nil
}

// check refuses facts without which the letter would be wrong, and reads the reply address and the links.
func (v *firstView) check(f Facts) error {
	switch {
	case f.Kind != Disclosure && f.Kind != "":
		return errors.New("version 1 has no letter of this kind")
	case !slices.Contains([]matter.Role{matter.User, matter.Guardian, matter.Admin, matter.LegalContact}, f.Recipient):
		return errors.New("the recipient's role is not known")
	case v.Disclosed == "" || v.Now == "":
		return errors.New("the date of the disclosure or of the mail is missing")
	case !v.Emergency && !v.Consent && f.Disclosure.Basis != matter.BasisCompelled:
		return errors.New("the basis of the disclosure is not known")
	}
	if err := CheckName(f.SenderName); err != nil {
		return err
	}
	var err error
	if v.ReplyTo, err = shownReply(f.ReplyTo); err != nil {
		return err
	}
	if err := checkLinks(f); err != nil {
		return err
	}
	v.PolicyURL, v.HelpURL = f.PolicyURL, f.HelpURL
	return nil
}

// shownReply is the service's own published reply address, no recipient's.
func shownReply(address string) (string, error) {
	reply, err := matter.ParseAddress(address)
	if err != nil {
		return "", fmt.Errorf("read the reply address: %w", err)
	}
	return reply.Reveal(), nil
}

// checkLinks refuses links that no letter may show. The policy's is needed.
func checkLinks(f Facts) error {
	if err := CheckLink(f.PolicyURL); err != nil {
		return fmt.Errorf("read the address of the policy: %w", err)
	}
	if f.HelpURL == "" {
		return nil
	}
	if err := CheckLink(f.HelpURL); err != nil {
		return fmt.Errorf("read the address of the help page: %w", err)
	}
	return nil
}

// timeliness compares the due with the disclosure and the delays that are named.
func (v *firstView) timeliness(f Facts) {
	if f.Due.IsZero() {
		return
	}
	explained := matter.Ceil(f.Disclosure.At)
	for _, d := range f.Delays {
		if d.Until.IsZero() {
			return
		}
		if d.Until.After(explained) {
			explained = d.Until
		}
	}
	v.Unnamed = f.Due.After(explained)
	v.NotDelayed = len(f.Delays) == 0 && !v.Unnamed
}

// court notes the issuer's name where it is a court's.
func (v *firstView) court(i matter.Issuer) {
	name := clean(i.Name)
	if name != "" && slices.Contains([]string{"court", "judge", "magistrate"}, i.Role) &&
		!slices.Contains(v.Courts, name) {
		v.Courts = append(v.Courts, name)
	}
}

func (t *first) delay(d Delay, court *time.Location) firstDelay {
	if own := zone(d.Zone); own != nil {
		court = own
	}
	out := firstDelay{
		Unsettled: d.Unsettled, Statute: d.Kind == matter.Statute,
		Certification: d.Kind == matter.Certification, Plea: d.Kind == matter.Plea,
		From: t.words.moment(d.From, court), Until: t.words.moment(d.Until, court),
	}
	if d.Unsettled || d.Issuer.Name != "" || d.Issuer.Country != "" {
		out.Country = t.words.country(d.Issuer.Country)
	}
	if d.Unsettled {
		return out
	}
	out.Issuer, out.LegalBasis = clean(d.Issuer.Name), clean(d.LegalBasis)
	out.Signed = t.words.day(d.SignedOn)
	out.Dated = out.Signed != "" || d.Kind != matter.Statute
	return out
}
