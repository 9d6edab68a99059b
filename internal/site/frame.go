package site

import (
	"net/http"
	"time"

	"lapse/internal/matter"
)

// past is how far a button pushes the clock beyond the next thing. At the thing's very instant nothing is sent yet,
// because no restraint may cover any instant within matter.Margin. Two more seconds let the mail be reported delivered.
const past = matter.Margin + 2*time.Second

// frame is a page with its surroundings.
type frame struct {
	Title string
	// Here is the entry of the navigation that the page belongs to.
	Here  string
	Inbox int
	Clock stamp
	// Next is the clock's last button, nil if nothing more will happen.
	Next *push
	Data any
}

// push is a button that moves the clock to an instant.
type push struct{ To, Label string }

func (s *Site) frame(r *http.Request, c content) frame {
	now := s.Now()
	f := frame{Title: c.title + " · Lapse", Here: "docket", Inbox: len(s.Mails()), Clock: minute(now), Data: c.data}
	if c.template == "inbox" || c.template == "mail" {
		f.Here = "inbox"
	}
	if c.template == "approvals" {
		f.Here = "approvals"
	}
	if at, ok := s.Next(r.Context()); ok {
		f.Next = &push{matter.Ceil(at.Add(past)).Format(time.RFC3339), soon(at, now)}
	}
	return f
}

// soon writes a future instant as briefly as is clear: its time if it is today, its date if it is this year.
func soon(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	switch {
	case matter.DateOf(at) == matter.DateOf(now):
		return at.Format("15:04:05")
	case at.Year() == now.Year():
		return at.Format("2 Jan")
	}
	return at.Format("2 Jan 2006")
}
