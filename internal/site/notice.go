package site

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"

	"lapse/internal/inquire"
	"lapse/internal/ledger"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// noticeView is the page of one notice.
type noticeView struct {
	ID, Matter, Subject, Tell, Disclosure, Reference string
	State                                            chip
	Why                                              string
	Happened, Told                                   string
	// Text is the answer to "why not yet?" in sentences.
	Text       string
	Picture    template.HTML
	Caption    string
	Restraints []restraintRow
	History    []historyLine
	Unknowns   int
	// Late is an order that was recorded after the mail went.
	Late   string
	Mails  []mailLine
	Letter string
	// Written says that the letter is the one that was sent, or may have been.
	Written  bool
	Language string
}

type historyLine struct {
	At     stamp
	State  chip
	Reason string
}

func (s *Site) notice(r *http.Request) (content, error) {
	ctx, id, now := r.Context(), r.PathValue("id"), s.Now()
	n, err := s.Inquire.Notice(ctx, id)
	if err != nil {
		return content{}, err
	}
	v, err := s.Inquire.Matter(ctx, n.Matter, "", 1)
	if err != nil {
		return content{}, err
	}
	why, err := s.Inquire.Why(ctx, n.Matter, n.Subject, n.Recipient)
	if err != nil {
		return content{}, err
	}
	reference, err := s.Inquire.Reference(ctx, n)
	if err != nil {
		return content{}, err
	}
	c := courseOf(n.NoticeView, v, why, now)
	place := courtOf(zoneOf(v))
	p := noticeView{
		ID: id, Matter: n.Matter, Subject: n.Subject, Tell: spaced(n.Recipient), Disclosure: n.Disclosure,
		Reference: reference,
		State:     standing(n.NoticeView), Text: why.Text, Picture: timeline(c), Caption: caption(c), Unknowns: n.Unknowns,
		Happened: fmt.Sprintf("Data handed over on %s.", place.sentence(c.base)), Told: tellingSentence(n, place),
	}
	if n.Kind == notice.Advance {
		p.Happened = fmt.Sprintf("Counsel decided on %s to tell ahead of a disclosure.", place.sentence(c.base))
	}
	if n.Reason != nil {
		p.Why = reason(*n.Reason)
	}
	for _, b := range c.bars {
		p.Restraints = append(p.Restraints, rowOf(b, v.Orders, place))
	}
	p.history(n.History)
	for _, m := range mailsOf(s.Mails(), id) {
		p.Mails = append(p.Mails, mailLineOf(m))
	}
	preview, err := s.Inquire.Preview(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return content{}, err
	}
	p.Letter, p.Language, p.Written = preview.Text, preview.Language, len(n.SHA256) > 0
	title := "Notice to "
	if n.Kind == notice.Moved {
		title = "Security message to a former address of "
	}
	return content{"notice", title + n.Subject, p}, nil
}

// tellingSentence says in one sentence how far telling has come.
func tellingSentence(n inquire.NoticeDetail, c court) string {
	switch {
	case n.State == notice.Failed || n.State == notice.Bounced:
		return "The notice could not be delivered and is still owed."
	case n.State == notice.Unknown:
		return "Nobody knows whether the mail went out."
	case n.State == notice.Cancelled || n.State == notice.Withheld:
		return "The notice will not be sent."
	case n.State == notice.ToldOtherwise:
		return "Told by another way than mail."
	case n.State == notice.Retry && n.SentAt != nil:
		return "The mail has not arrived, and is tried again."
	case n.DeliveredAt != nil:
		return "Told, and the mail was delivered, on " + c.sentence(*n.DeliveredAt) + "."
	case n.SentAt != nil:
		return "The mail was handed to SES on " + c.sentence(*n.SentAt) + "."
	case n.Due == nil:
		return "Nobody can say when the notice may be sent."
	}
	return "The notice is due on " + c.sentence(*n.Due) + "."
}

func (p *noticeView) history(events []inquire.Event) {
	for _, e := range events {
		// A past step has no end to wait for, so it is shown as if its due were known.
		line := historyLine{At: second(e.At), State: noticeChip(ledger.NoticeBrief{State: notice.State(e.State), Due: &e.At}),
			Reason: reason(notice.Reason(e.Reason))}
		if order := e.LateOrder; order != "" {
			p.Late, line.State, line.Reason = order, chip{"alarm", "late order"}, order
		}
		p.History = append(p.History, line)
	}
}
