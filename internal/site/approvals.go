package site

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/inquire"
)

// Approval is what a form of the page says: another principal approves what waits.
type Approval struct{ Matter, ID, Principal, Reason string }

// approvalLine is one approval that waits.
type approvalLine struct {
	ID, Matter, What, By string
	At, Expires          stamp
	Distance             string
	Needs                int
	Data                 string
}

// approvalsView is the page of what waits for another person.
type approvalsView struct {
	Lines []approvalLine
	More  bool
}

// shown is how many approvals the page lists.
const shown = 100

func (s *Site) approvals(r *http.Request) (content, error) {
	page, err := s.Inquire.Approvals(r.Context(), "", shown)
	if err != nil {
		return content{}, err
	}
	v := approvalsView{More: page.Next != ""}
	for _, a := range page.Items {
		l := approvalLine{
			ID: a.ID, Matter: a.Matter, What: events.Name(a.Type), By: asker(a), At: minute(a.At), Needs: a.Needs,
			Data: indented(a.Data),
		}
		if a.Expires != nil {
			l.Expires, l.Distance = minute(*a.Expires), distance(*a.Expires, s.Now())
		}
		v.Lines = append(v.Lines, l)
	}
	return content{"approvals", "Approvals", v}, nil
}

// asker names who asked: the principal, and the actor that it claimed to act for.
func asker(a inquire.ApprovalView) string {
	switch {
	case a.By == "":
		return a.Actor
	case a.Actor == "":
		return a.By
	}
	return a.By + ", for " + a.Actor
}

// indented writes JSON for people. Text that is no JSON stays as it is.
func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

// maxForm bounds the form of an approval, in bytes.
const maxForm = 64 << 10

// give takes the form of an approval and leads back to the page.
func (s *Site) give(w http.ResponseWriter, r *http.Request) (content, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return content{}, &event.Faults{List: []event.Fault{{Detail: "the form cannot be read"}}}
	}
	return content{}, s.Give(r.Context(), Approval{
		Matter: r.PostForm.Get("matter"), ID: r.PostForm.Get("approval"), Principal: r.PostForm.Get("principal"),
		Reason: r.PostForm.Get("reason"),
	})
}

// approvalNeeds lists what of a matter waits for another person.
func (s *Site) approvalNeeds(r *http.Request, matterID string) ([]need, error) {
	waiting, err := s.Inquire.ApprovalsOf(r.Context(), matterID)
	if err != nil {
		return nil, err
	}
	var out []need
	for _, a := range waiting {
		ends := "It never lapses: it has happened, and its notices wait."
		if a.Expires != nil {
			ends = "It changes nothing before, and lapses on " + a.Expires.UTC().Format(longDay) + "."
		}
		out = append(out, need{
			Matter: matterID, Chip: chip{"alarm", "to be approved"}, Href: "/approvals",
			Tail: fmt.Sprintf("%s by %s waits for another person. %s", events.Name(a.Type), asker(a), ends),
		})
	}
	return out, nil
}

// refusal returns the page for an approval that was refused, and whether the error is a refusal.
func refusal(err error) (failed, bool) {
	faults, bad := errors.AsType[*event.Faults](err)
	switch {
	case bad:
		f := failed{http.StatusUnprocessableEntity, "Not approved", "The approval was not taken."}
		for _, one := range faults.List {
			f.Detail += " " + one.Pointer + ": " + one.Detail + "."
		}
		return f, true
	case errors.Is(err, event.ErrConflict), errors.Is(err, event.ErrPredecessor):
		return failed{http.StatusConflict, "Not approved", capital(err.Error()) + "."}, true
	}
	return failed{}, false
}
