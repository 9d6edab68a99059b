package inquire

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lapse/internal/event"
	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// LetterSettings is the sender that previews show.
type LetterSettings = letter.Sender

// References opens the key that references are made with.
type References interface {
	References(ctx context.Context) (letter.ProofKey, error)
}

// sender is the sender with the key that references are made with.
func (s *Service) sender(ctx context.Context) (letter.Sender, error) {
	from := s.Letter
	if s.Names == nil {
		return from, nil
	}
	var err error
	from.Proof, err = s.Names.References(ctx)
	return from, err
}

// Reference is how the notice, or the security message, is called in its letter.
func (s *Service) Reference(ctx context.Context, n NoticeDetail) (string, error) {
	from, err := s.sender(ctx)
	if err != nil {
		return "", fmt.Errorf("name notice %s: %w", n.ID, err)
	}
	return from.Proof.ReferenceOf(&notice.Notice{ID: n.ID, Kind: n.Kind}), nil
}

// Preview is the letter of a notice. Placeholders stand for the recipient, the account, the date, the message id, the
// code and the signature, so a preview needs no key.
type Preview struct {
	// Text and HTML are the bodies, Message is the whole MIME message.
	Subject, Text, HTML string
	Message             []byte
	// Language is the value of Content-Language.
	Language string
	// Translated means that this is not the notice's own language.
	Translated bool
}

// Preview is PreviewIn in the notice's own language.
func (s *Service) Preview(ctx context.Context, id string) (Preview, error) {
	return s.PreviewIn(ctx, id, "")
}

// PreviewIn shows the letter of a notice in one of letter.Languages; "" is the notice's own. A letter that was written
// is shown from the facts that were kept then, whatever has changed since. In the notice's own language it is what was
// sent, and the SHA-256 of Message is on the notice's record. A letter that was not written yet is shown as it would
// read now. Any other language is a *event.Faults.
func (s *Service) PreviewIn(ctx context.Context, id, lang string) (Preview, error) {
	translation := ""
	if lang != "" {
		var err error
		if translation, err = letter.In(lang); err != nil {
			return Preview{}, &event.Faults{List: []event.Fault{{
				Pointer: "/lang", Detail: "one of " + strings.Join(letter.Languages(), ", "),
			}}}
		}
	}
	n, l, err := s.noticeOf(ctx, id)
	if err != nil {
		return Preview{}, err
	}
	facts, err := s.facts(ctx, &n, l)
	if err != nil {
		return Preview{}, fmt.Errorf("preview notice %s: %w", id, err)
	}
	translated := lang != "" && lang != n.Language
	if translated {
		facts.Template = translation
	}
	v, err := preview(facts)
	if err != nil {
		return Preview{}, fmt.Errorf("preview notice %s: %w", id, err)
	}
	v.Translated = translated
	return v, nil
}

// preview writes the form of a letter.
func preview(facts letter.Facts) (Preview, error) {
	draft, err := letter.Prepare(facts)
	if err != nil {
		return Preview{}, err
	}
	form, err := draft.Form(facts.Personal())
	if err != nil {
		return Preview{}, err
	}
	message, err := form.Preview(letter.Headers{From: facts.From, SenderName: facts.SenderName, ReplyTo: facts.ReplyTo})
	return Preview{
		Subject: form.Subject, Text: form.Text, HTML: form.HTML, Message: message, Language: form.Language,
	}, err
}

// facts are those that the notice's letter was written from, or would be written from now.
func (s *Service) facts(ctx context.Context, n *notice.Notice, l *loadedMatter) (letter.Facts, error) {
	from, err := s.sender(ctx)
	if err != nil {
		return letter.Facts{}, err
	}
	written := n.Written()
	if written == nil {
		return s.factsNow(ctx, from, n, l)
	}
	raw, err := s.Store.Letter(ctx, n.Matter, written.Letter)
	if err != nil {
		return letter.Facts{}, fmt.Errorf("read what its letter said: %w", err)
	}
	facts, err := letter.ReadFacts(raw)
	facts.Reference, facts.Account = from.Proof.ReferenceOf(n), n.Subject
	return facts, err
}

// factsNow are the facts of a letter that was not written yet. One that may not go yet shows the date on which it could
// go.
func (s *Service) factsNow(ctx context.Context, from letter.Sender, n *notice.Notice,
	l *loadedMatter) (letter.Facts, error) {
	about, err := s.subjectOf(ctx, n)
	if err != nil {
		return letter.Facts{}, err
	}
	due, _ := l.eval.NoticeDue(n, about, &l.head, l.now)
	date := latest(matter.Floor(l.now), due)
	if n.Kind == notice.Moved {
		return from.MovedFacts(n, n.Recipient(about).Role, about.Country, date), nil
	}
	req, err := s.Store.Request(ctx, n.Matter)
	if err != nil {
		return letter.Facts{}, fmt.Errorf("read the request of %s: %w", n.Matter, err)
	}
	parts, err := s.Store.Disclosures(ctx, n.Matter, n.Disclosure)
	if err != nil || len(parts) == 0 {
		return letter.Facts{}, fmt.Errorf("read disclosure %s of %s: %w", n.Disclosure, n.Matter, orNotFound(err))
	}
	return from.Facts(l.eval, letter.Sources{
		Notice: n, Recipient: n.Recipient(about), Head: &l.head, Orders: l.orders, Request: req,
		Disclosure: parts[0].Facts, Country: about.Country,
	}, due, date), nil
}

func orNotFound(err error) error {
	if err == nil {
		return store.ErrNotFound
	}
	return err
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
