package site

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"lapse/internal/store"
)

// mailLine is one mail in a list, with its notice and matter, "" if its tags name none.
type mailLine struct {
	Mail
	At             stamp
	Notice, Matter string
}

func mailLineOf(m Mail) mailLine {
	l := mailLine{Mail: m, At: second(m.ReceivedAt)}
	if of, hash := m.Tags["matter"], m.Tags["notice"]; of != "" && hash != "" {
		l.Notice, l.Matter = of+"."+hash, of
	}
	return l
}

func (s *Site) inbox(*http.Request) (content, error) {
	var lines []mailLine
	for _, m := range s.Mails() {
		lines = append(lines, mailLineOf(m))
	}
	slices.Reverse(lines)
	return content{"inbox", "Inbox", lines}, nil
}

// mailView is one mail to read. Before and After are its neighbours, 0 if there is none.
type mailView struct {
	mailLine
	Text string
	// Readable says that it has a plain text, Laid that it has HTML.
	Readable, Laid bool
	Before, After  int
}

func (s *Site) mail(r *http.Request) (content, error) {
	n, err := strconv.Atoi(r.PathValue("n"))
	mails := s.Mails()
	at := slices.IndexFunc(mails, func(m Mail) bool { return m.N == n })
	if err != nil || at < 0 {
		return content{}, fmt.Errorf("read mail %q: %w", r.PathValue("n"), store.ErrNotFound)
	}
	v := mailView{mailLine: mailLineOf(mails[at])}
	v.Text, v.Readable = s.Text(n)
	_, v.Laid = s.HTML(n)
	if at > 0 {
		v.Before = mails[at-1].N
	}
	if at < len(mails)-1 {
		v.After = mails[at+1].N
	}
	return content{"mail", "Mail " + strconv.Itoa(n), v}, nil
}

// mailHTML serves the HTML of a mail as it came, for the frame on the mail's page.
func (s *Site) mailHTML(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	page, ok := s.HTML(n)
	if err != nil || !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", mailPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	// A failed write means that the reader has gone, which is no error.
	_, _ = w.Write([]byte(page))
}
