package letter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"lapse/internal/matter"
)

// Encode writes the facts that many recipients can share, for keeping, and their SHA-256 in hex. It leaves out
// reference, account and code, everything that no letter shows, and the time of day of Now. What ReadFacts reads from
// it gives the same letter.
func (f Facts) Encode() (raw []byte, digest string, err error) {
	t, err := find(f.Template)
	if err != nil {
		return nil, "", err
	}
	kept := f.shown()
	kept.Template = t.name()
	if kept.LawTexts == "" {
		kept.LawTexts = newestLawTexts
	}
	if t.showsDay() {
		kept.Now = noon(f)
	}
	raw, err = json.Marshal(kept)
	if err != nil {
		return nil, "", fmt.Errorf("write the facts of a letter: %w", err)
	}
	sum := sha256.Sum256(raw)
	return raw, hex.EncodeToString(sum[:]), nil
}

// ReadFacts reads what Encode wrote.
func ReadFacts(raw []byte) (Facts, error) {
	var f Facts
	if err := json.Unmarshal(raw, &f); err != nil {
		return Facts{}, fmt.Errorf("read the facts of a letter: %w", err)
	}
	return f, nil
}

// shown is the facts without what no letter shows.
func (f Facts) shown() Facts {
	r, d := f.Request, f.Disclosure
	f.Reference, f.Account, f.Code = "", "", ""
	f.Request = matter.Request{
		Reference: r.Reference, Instrument: r.Instrument, Issuer: shownIssuer(r.Issuer), ReceivedAt: r.ReceivedAt.UTC(),
		DataSought: r.DataSought, LegalBasis: r.LegalBasis, SignedOn: r.SignedOn, Offence: r.Offence, Policy: r.Policy,
	}
	f.Disclosure = matter.DisclosureFacts{
		Basis: d.Basis, At: d.At.UTC(), Categories: d.Categories, Content: d.Content, NotProduced: d.NotProduced,
	}
	delays := f.Delays
	f.Delays = nil
	for _, x := range delays {
		x.Issuer, x.From, x.Until = shownIssuer(x.Issuer), x.From.UTC(), x.Until.UTC()
		f.Delays = append(f.Delays, x)
	}
	f.ObjectUntil, f.MovedAt, f.Due, f.Now = f.ObjectUntil.UTC(), f.MovedAt.UTC(), f.Due.UTC(), f.Now.UTC()
	return f
}

func shownIssuer(i matter.Issuer) matter.Issuer {
	return matter.Issuer{Name: i.Name, Role: i.Role, Country: i.Country}
}

// noon is noon of the day of Now in the reader's zone: letters of one day share their facts.
func noon(f Facts) time.Time {
	loc := readerZone(f.AccountCountry, f.Zone, f.Now)
	if loc == nil {
		loc = time.UTC
	}
	y, m, d := f.Now.In(loc).Date()
	return time.Date(y, m, d, 12, 0, 0, 0, loc).UTC()
}
