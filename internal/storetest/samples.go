package storetest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

const sampleMatter = "mat-2026-0001"

// at returns the instant n seconds after the samples' beginning.
func at(n int) time.Time { return time.Date(2026, 3, 1, 10, 0, n, 0, time.UTC) }

func newHead(id, keys string) matter.Head {
	return matter.Head{Matter: id, State: matter.AwaitingRequest, Rules: "r1", Policy: "p1", TZ: "2026f",
		PublicKeyset: []byte("public " + keys), WrappedKeyset: []byte("wrapped " + keys),
		Salt: []byte("salt " + keys)}
}

// opened opens the matter and returns its head.
func opened(t *testing.T, s store.Store, id string) matter.Head {
	h, err := s.Open(t.Context(), newHead(id, "k1"))
	require.NoError(t, err)
	return h
}

// next returns the smallest change that takes the head one version forward.
func next(t require.TestingT, h matter.Head, posted string) store.Change {
	h.Version++
	e := ledger.Entry{Matter: h.Matter, Seq: h.Version, Type: event.OrderReceived, Source: "legal.example",
		EventID: posted,
		Digest:  "digest of " + posted, Door: event.DoorHTTP, At: at(h.Version), Rules: "r1", Policy: "p1", TZ: "2026f",
		Holidays: "0.1",
		Data:     json.RawMessage(`{"orderId":"` + posted + `"}`), Prev: h.LastHash}
	require.NoError(t, e.Chain())
	h.LastHash = e.Hash
	return store.Change{Head: h, Entry: e, Receipt: ledger.Receipt{Key: ledger.ReceiptKey("legal.example", posted),
		Digest: e.Digest,
		Matter: h.Matter, Version: h.Version, Answer: ledger.Answer{Matter: h.Matter, Version: h.Version}, At: at(h.Version)}}
}

// committed makes the change and returns its head.
func committed(t *testing.T, s store.Store, c store.Change) matter.Head {
	require.NoError(t, s.Commit(t.Context(), c))
	return c.Head
}

// subjectIDs returns n different ids of subjects.
func subjectIDs(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s-%04d", prefix, i)
	}
	return ids
}

func sampleAnswer() ledger.Answer {
	until, zone, total := at(5000), "Europe/Berlin", 1000
	return ledger.Answer{Matter: sampleMatter, Version: 3, Replayed: true, Findings: []matter.Finding{sampleFinding()},
		Order:     &ledger.OrderAnswer{ID: "ord-1", State: matter.OrderInForce, Until: &until, Zone: &zone},
		Exception: &ledger.ExceptionAnswer{ID: "ex-1", State: matter.ExceptionActive, ReviewAt: until, Until: until},
		Notices: []ledger.NoticeBrief{{ID: "mat-2026-0001.abc", Disclosure: "d1", Subject: "u1", Recipient: matter.User,
			State: notice.Scheduled, Due: &until, Kind: notice.Advance}},
		InFlight:        []ledger.InFlight{{Notice: "mat-2026-0001.abc", Outcome: ledger.InDoubt}},
		DisclosableFrom: ledger.DisclosableFrom(until),
		NoticesTotal:    &total, Warnings: []ledger.Warning{{Code: "drain", Message: "notices cannot drain in a day"}}}
}

func sampleFinding() matter.Finding {
	return matter.Finding{Check: "K04", Status: matter.Fail, Severity: matter.Deficient, Citation: "18 U.S.C. 2705(b)",
		Message: "no end date", Evidence: map[string]any{"kind": "none", "days": 90.0, "signed": true,
			"list": []any{"a", nil}}}
}

func sampleEnd() matter.End {
	return matter.End{Kind: matter.EndPeriod, Date: matter.Date{Year: 2026, Month: 8, Day: 31}, Wording: "through",
		N: 90, Unit: "days", From: "signed", At: at(7000), Text: "until indictment",
		Of: matter.EndParts{sampleEndPart(), sampleEndPart()}}
}

func sampleEndPart() matter.EndPart {
	return matter.EndPart{Kind: matter.EndPeriod, Date: matter.Date{Year: 2026, Month: 8, Day: 31}, Wording: "through",
		N: 30, Unit: "days", From: "served", At: at(7001), Text: "until arrest"}
}

func sampleRestraint() matter.Restraint {
	return matter.Restraint{ID: "ord-1", Origin: matter.OriginUnstated, Standing: "ord", Kind: matter.CourtOrder,
		Revision: 3, Linked: 4, Spread: 5, Subjects: []string{"u1", "u2"},
		Unknown: []string{"u2"}, Tenants: []string{"t1"}, Mailboxes: []string{"m1", "m2"},
		Disclosure: "d1", Recipients: []matter.Role{matter.User, matter.Guardian},
		Paper: matter.Paper{End: sampleEnd(), SignedOn: matter.Date{Year: 2026, Month: 2, Day: 1},
			ServedOn: matter.Date{Year: 2026, Month: 2, Day: 2},
			StartsOn: matter.Date{Year: 2026, Month: 2,
				Day: 3}, Country: "US", Zone: "America/New_York", Rolls: true, Holidays: "US-NY"},
		From: at(10), Until: at(20), Recorded: at(30), Grace: 30 * 24 * time.Hour, Review: 60 * 24 * time.Hour, Ended: at(40),
		Assessed: true, Void: true}
}

func sampleRequest() *matter.Request {
	no := false
	return &matter.Request{Matter: sampleMatter, Reference: "26-mc-1", Instrument: matter.SearchWarrant,
		Issuer: matter.Issuer{Name: "District Court", Role: "court", Country: "US", Region: "US-NY",
			Zone: "America/New_York", Contact: "clerk, room 1"},
		ReceivedAt: at(1), DataSought: []matter.DataSought{{Category: "content",
			From: matter.Date{Year: 2025, Month: 1, Day: 1}, To: matter.Date{Year: 2025, Month: 6, Day: 30}}},
		LegalBasis: "18 U.S.C. 2703(a)", Signed: &no, SignedOn: matter.Date{Year: 2026, Month: 2,
			Day: 1}, ResponseDue: at(900),
		Addressee: "the provider", ServedVia: "portal", Offence: "fraud", Flags: []string{"minor"},
		Decision: &matter.Decided{Decision: matter.Comply, Reason: "in order", Outcome: "full", Grounds: []string{"none"},
			Advance: true, Until: at(90),
			ApprovedBy: []string{"counsel:ak"}, Actor: "counsel:ak", At: at(2)},
		Unmatched: 2, Selectors: new(7), ValidatedBy: &matter.Issuer{Name: "Court",
			Role: "judge", Country: "DE", Region: "DE-BE", Zone: "Europe/Berlin", Contact: "room 2"},
		FisaTitle: "VII", FisaCallRecords: new(false), FirstOfProduct: new(true),
		Earlier: []matter.EarlierDecision{{Decision: matter.Challenge, Outcome: "partial", Grounds: []string{"overbroad"},
			At: at(1), Actor: "counsel:ak"}},
		GoodFaith: &matter.GoodFaith{Serves: true, Note: "fraud", By: "counsel:ak", At: at(2)},
		Challenges: []matter.RequestChallenge{{ID: "ch-1", Grounds: []string{"overbroad"}, Route: "motion", FiledAt: at(3),
			Forum: "District Court", Outcome: matter.ChallengeQuashed, DecidedAt: at(4), Actor: "counsel:ak", At: at(5)}},
		Advance: &matter.Advance{Announcement: matter.AnnouncementID(2), At: at(2), Until: at(90)},
		Objections: []matter.Objection{{Notice: sampleMatter + ".n", Subject: "u1", Reason: "mine", At: at(3),
			Actor: "support"}},
		Closing: &matter.Closing{Outcome: "partial", At: at(6), Reason: "done", Actor: "counsel:ak"},
		Classes: []matter.AccountClass{matter.Consumer, matter.Enterprise}, Challenged: true, DecidedIn: 2,
		Digest: "request digest", Findings: []matter.Finding{sampleFinding()}, Policy: "p1", Version: 3,
		Receipt: "receipt key"}
}

func sampleOrder(id string) matter.Order {
	yes, end := true, sampleEnd()
	return matter.Order{Matter: sampleMatter, ID: id, Digest: "order digest", Recorded: at(3), Version: 3, Revision: 5,
		Received: matter.PostedOrder{OrderID: id, Kind: matter.CourtOrder, Issuer: sampleRequest().Issuer,
			Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{IDs: []string{"u1", "u2"}},
				Recipients: []matter.Role{matter.User}},
			End: end, LegalBasis: "18 U.S.C. 2705(b)", Docket: "26-mc-2", Signed: &yes, SignedOn: matter.Date{Year: 2026,
				Month: 2, Day: 1},
			ServedOn: matter.Date{Year: 2026, Month: 2, Day: 2}, StartsOn: matter.Date{Year: 2026, Month: 2,
				Day: 3}, Silence: "any_person",
			Grounds: []string{"flight"}, CourtFindings: "found", NamesProcess: &yes, Extends: "ord-0", Document: "0123"},
		Findings: []matter.Finding{sampleFinding()}, Extended: true,
		Assessments: []matter.Assessment{{Verdict: matter.VerdictBinding, Reason: "read",
			ApprovedBy: []string{"counsel:ak", "counsel:bz"},
			Override:   &end, Verified: &matter.Verified{By: "counsel:ak", Method: "callback", At: at(4)},
			Actor: "counsel:ak", At: at(4), Version: 3}},
		Endings: []matter.Ending{{How: "vacated", EffectiveAt: at(5), Digest: "4567", By: "court",
			ApprovedBy: []string{"counsel:ak"},
			At:         at(6)}},
		Challenges: []matter.OrderChallenge{{Route: "reciprocal notice", FiledAt: at(5), ClockDays: 30, Clock: at(9000),
			Grounds: []string{"no_end_date"}, Forum: "District Court", DecidedAt: at(7),
			Outcome: matter.ChallengePending,
			Actor:   "counsel:ak", At: at(6)}},
		Receipt: "receipt key"}
}

func sampleException(id string) *matter.Exception {
	act := matter.ExceptionAct{At: at(5), Actor: "counsel:ak", ApprovedBy: []string{"counsel:bz"}, ReviewAt: at(5000),
		Reason: "danger is over"}
	return &matter.Exception{Matter: sampleMatter, ID: id, Digest: "exception digest", RequestedBy: "counsel:ak",
		RequestedPerson: "AIDAONE", Recorded: at(3), Version: 3, Revision: 5,
		Requested: matter.PostedException{ExceptionID: id, Kind: matter.ExceptionChild, Facts: "facts", ReviewAt: at(5000),
			Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{IDs: []string{"u1", "u2"}},
				Recipients: []matter.Role{matter.User}}},
		ReviewAt: at(5000), Approval: &act, Renewals: []matter.ExceptionAct{act}, Ending: &act, Receipt: "receipt key"}
}

func sampleDisclosure(id string, part, targets int) *matter.Disclosure {
	d := &matter.Disclosure{Matter: sampleMatter, ID: id, Part: part,
		Advance: true, Digest: "facts digest", Recorded: at(7), Version: 3,
		Receipt: "receipt key", NoData: []string{"u9"},
		Facts: matter.DisclosureFacts{Basis: matter.BasisCompelled, At: at(8), Categories: []string{"content"}, Content: true,
			Note:       "by portal",
			ApprovedBy: []string{"counsel:ak"}, NotProduced: []matter.NotProduced{{Category: "content", Why: "e2ee"}}}}
	d.Targets = subjectIDs(fmt.Sprintf("%s-%d", id, part), targets)
	return d
}

func sampleSubject(id, posted string, revision int) matter.Subject {
	return matter.Subject{Matter: sampleMatter, ID: id, Known: true, Class: matter.Consumer,
		Tenant: "t1", TellUser: true, Country: "DE",
		Language: "de",
		Contacts: []matter.SealedContact{{Role: matter.User, Verified: true,
			Sealed: []byte{1, 0, 255, byte(revision)}, Mailbox: "mailbox"}}, Event: posted, Revision: revision}
}

// sampleNotice returns a new notice of the matter.
func sampleNotice(matterID, subject string) notice.Notice {
	return notice.Notice{ID: notice.ID(nil, matterID, "d1", subject), Revision: 1, Matter: matterID,
		Disclosure: "d1", Part: 1,
		Subject: subject, State: notice.Scheduled, Base: at(0), Created: at(1),
		Language: "en", Template: "v1", Actor: "lapse"}
}

func rowOf(n notice.Notice, when time.Time) agenda.Row {
	return agenda.ForNotice(n.Matter, n.ID, when, 1)
}
