package inquire

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lapse/internal/event"
	"lapse/internal/letter"
	"lapse/internal/matter"
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

// Reference is how the notice is called in its letter.
func (s *Service) Reference(ctx context.Context, id string) (string, error) {
	from, err := s.sender(ctx)
	if err != nil {
		return "", fmt.Errorf("name notice %s: %w", id, err)
	}
	return from.Proof.Reference(id), nil
}

// Preview is the letter of a notice as it would be sent now. The recipient is masked, so a preview needs no key.
type Preview struct {
	// Text is the plain text. Message is the whole MIME message.
	Text     string
	Message  []byte
	Language string
}

// Preview writes the letter of a notice as it would read now, in the notice's own language.
func (s *Service) Preview(ctx context.Context, id string) (Preview, error) {
	return s.PreviewIn(ctx, id, "")
}

// PreviewIn is Preview in one of letter.Languages; "" is the notice's own. Any other language is a *event.Faults.
func (s *Service) PreviewIn(ctx context.Context, id, lang string) (Preview, error) {
	n, l, err := s.noticeOf(ctx, id)
	if err != nil {
		return Preview{}, err
	}
	if lang != "" {
		if n.Template, err = letter.In(lang); err != nil {
			return Preview{}, &event.Faults{List: []event.Fault{{
				Pointer: "/lang", Detail: "one of " + strings.Join(letter.Languages(), ", "),
			}}}
		}
	}
	req, err := s.Store.Request(ctx, n.Matter)
	if err != nil {
		return Preview{}, fmt.Errorf("read the request of %s: %w", n.Matter, err)
	}
	parts, err := s.Store.Disclosures(ctx, n.Matter, n.Disclosure)
	if err != nil || len(parts) == 0 {
		return Preview{}, fmt.Errorf("read disclosure %s of %s: %w", n.Disclosure, n.Matter, orNotFound(err))
	}
	subjects, err := s.Store.Subjects(ctx, n.Matter, []string{n.Subject})
	if err != nil {
		return Preview{}, fmt.Errorf("read subject %s of %s: %w", n.Subject, n.Matter, err)
	}
	due, _ := l.eval.NoticeDue(&n, &l.head, l.now)
	// The letter of a notice that may not go yet shows the date on which it could go.
	date := latest(matter.Floor(l.now), due)
	from, err := s.sender(ctx)
	if err != nil {
		return Preview{}, fmt.Errorf("preview notice %s: %w", id, err)
	}
	facts := from.Facts(l.eval, letter.Sources{
		Notice: &n, Head: &l.head, Orders: l.orders, Request: req, Disclosure: parts[0].Facts,
		Country: subjects[n.Subject].Country,
	}, due, date)
	prepared, err := letter.Prepare(facts)
	if err != nil {
		return Preview{}, fmt.Errorf("preview notice %s: %w", id, err)
	}
	written, err := prepared.Form(facts.Personal())
	if err != nil {
		return Preview{}, fmt.Errorf("preview notice %s: %w", id, err)
	}
	message, err := written.Preview(letter.Headers{
		From: s.Letter.From, SenderName: s.Letter.Name, ReplyTo: s.Letter.ReplyTo, MessageID: "preview@lapse.invalid",
		Date: facts.Now,
	})
	if err != nil {
		return Preview{}, fmt.Errorf("compose the preview of notice %s: %w", id, err)
	}
	return Preview{Text: written.Subject + "\n\n" + written.Text, Message: message, Language: written.Language}, nil
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
