package worldtest

import (
	"encoding/json"
	"time"

	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// Disclosed is a disclosure of the subjects' data, as the store keeps it: of Matter, at the instant, recorded then.
func Disclosed(id string, at time.Time, subjects ...string) matter.Disclosure {
	return matter.Disclosure{
		Matter: Matter, ID: id, Part: 1, Recorded: at, Targets: subjects,
		Facts: matter.DisclosureFacts{Basis: matter.BasisCompelled, At: at, Categories: []string{"subscriber"}},
	}
}

// Notice is the notice that the disclosure owes to its first target, in English.
func Notice(d matter.Disclosure) notice.Notice {
	return notice.New(&d, Salt(), d.Targets[0], "en", "en-1")
}

// Known is a consumer whose contact is sealed, as the store keeps a subject.
func Known(id string, contacts ...matter.SealedContact) matter.Subject {
	return matter.Subject{
		Matter: Matter, ID: id, Known: true, Class: matter.Consumer, Language: "en", Contacts: contacts,
	}
}

// CourtOrder is a court order as the matter's head keeps it, recorded at Start in the head's first version. It ends at
// the instant; the zero time is no end. It covers the subjects, everybody if there are none.
func CourtOrder(id string, end time.Time, subjects ...string) matter.Restraint {
	r := matter.Restraint{
		ID: id, Kind: matter.CourtOrder, Revision: 1, All: len(subjects) == 0, Subjects: subjects, Recorded: Start(),
		Until: end, Paper: matter.Paper{End: matter.End{Kind: matter.EndNone}, Country: "US", Zone: "America/New_York"},
	}
	if !end.IsZero() {
		r.Paper.End = matter.End{Kind: matter.EndInstant, At: end}
	}
	return r
}

// Claim is the act that begins the attempt with this token, under the head's first version.
func Claim(token string, at time.Time) notice.Act {
	a := notice.Attempt{
		Token: token, Claimed: at, Head: 1, Rules: "rules-1", Due: at, Recipient: matter.Recipient{Role: matter.User},
	}
	return notice.Claim(a, "", at.Add(notice.LeaseTime), 0)
}

// Complete is the act that records SES' acceptance of the attempt's mail.
func Complete(token string, at time.Time) notice.Act {
	return notice.Complete(token, MessageID(token), at)
}

// Report is what SES reports of the attempt's mail.
func Report(op notice.Op, token string, reason notice.Reason, at time.Time) notice.Act {
	return notice.Reported(op, token, MessageID(token), reason, at)
}

// Change is the smallest change that carries the head one version forward, by the event with this id.
func Change(h matter.Head, posted string) store.Change {
	h.Version++
	at := Start().Add(time.Duration(h.Version) * time.Second)
	return store.Change{
		Head: h,
		Entry: ledger.Entry{
			Matter: h.Matter, Seq: h.Version, Type: event.OrderReceived, EventID: posted, At: at,
			Data: json.RawMessage(`{}`),
		},
		Receipt: ledger.Receipt{
			Key: ledger.ReceiptKey("legal.example", posted), Matter: h.Matter, Version: h.Version, At: at,
		},
	}
}
