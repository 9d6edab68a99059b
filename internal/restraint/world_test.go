package restraint_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// tuesday is when most of the stories below begin.
const tuesday = "2026-03-03T12:00:00Z"

func at(t require.TestingT, s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at.UTC()
}

func day(t require.TestingT, s string) matter.Date {
	d, err := matter.ParseDate(s)
	require.NoError(t, err)
	return d
}

// through is an end that includes the day.
func through(t require.TestingT, s string) matter.End {
	return matter.End{Kind: matter.EndDate, Date: day(t, s), Wording: "through"}
}

func instant(t require.TestingT, s string) matter.End {
	return matter.End{Kind: matter.EndInstant, At: at(t, s)}
}

func none() matter.End { return matter.End{Kind: matter.EndNone} }

// paper is a court's order from New York that covers everybody.
func paper(id string, end matter.End) matter.PostedOrder {
	return matter.PostedOrder{
		OrderID: id, Kind: matter.CourtOrder, End: end,
		Issuer: matter.Issuer{Name: "court", Role: "court", Country: "US", Region: "US-NY", Zone: "America/New_York"},
		Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}},
	}
}

// file records the paper in the head as intake does.
func file(h *matter.Head, o matter.PostedOrder, recorded time.Time) *matter.Restraint {
	p, _ := calendar.Clean(o, recorded, true)
	read := calendar.Read(p, time.Time{})
	h.Version++
	h.Restraints = append(h.Restraints, matter.Restraint{
		ID: o.OrderID, Kind: o.Kind, Revision: h.Version, All: o.Covers.Subjects.All, Subjects: o.Covers.Subjects.IDs,
		Recipients: o.Covers.Recipients, Paper: p, From: read.From, Until: read.Until, Recorded: recorded,
	})
	return &h.Restraints[len(h.Restraints)-1]
}

// story is a head with a clock and a disclosure.
type story struct {
	*testing.T
	head matter.Head
	base time.Time
}

func begin(t *testing.T, base string) *story {
	t.Parallel()
	return &story{T: t, head: matter.Head{Matter: "mat-1"}, base: at(t, base)}
}

func (s *story) file(recorded string, o matter.PostedOrder) *matter.Restraint {
	s.Helper()
	return file(&s.head, o, at(s, recorded))
}

// restraint is the recorded restraint, whose place may have moved since file returned it.
func (s *story) restraint(id string) *matter.Restraint {
	s.Helper()
	r, ok := s.head.Restraint(id)
	require.True(s, ok)
	return r
}

// due wants the due of u1's notice, asked at now; "" is none known. No mail may go a second before it.
func (s *story) due(now, want string) {
	s.Helper()
	s.dueOf("u1", matter.User, now, want)
}

func (s *story) dueOf(subject string, role matter.Role, now, want string) {
	s.Helper()
	covering := restraint.NewEvaluator().Covering(&s.head, restraint.Target{Subject: subject, Role: role,
		Disclosed: s.base})
	got, known := restraint.Due(covering, s.base, at(s, now))
	require.Equal(s, want != "", known, "known at %s", now)
	require.Equal(s, at(s, want), got, "due at %s", now)
	if known && got.After(at(s, now)) {
		require.False(s, restraint.Clear(covering, s.base, got.Add(-time.Second)), "a second early")
	}
}

func (s *story) clear(now string, want bool) {
	s.Helper()
	covering := restraint.NewEvaluator().Covering(&s.head, restraint.Target{Subject: "u1", Role: matter.User,
		Disclosed: s.base})
	require.Equal(s, want, restraint.Clear(covering, s.base, at(s, now)), "clear at %s", now)
}

func (s *story) notice() *notice.Notice {
	return &notice.Notice{ID: "mat-1.n", Matter: "mat-1", Subject: "u1", State: notice.Scheduled, Base: s.base,
		Created: s.base}
}

// u1 is the subject of the notice, whose user is told.
func u1() *matter.Subject {
	return &matter.Subject{
		Matter: "mat-1", ID: "u1", Known: true, Class: matter.Consumer, Contacts: []matter.SealedContact{
			{Role: matter.User, Verified: true, Mailbox: "box-u1"},
		},
	}
}

// order is the recorded order with the findings given.
func (s *story) order(id string, findings ...matter.Finding) *matter.Order {
	s.Helper()
	r := s.restraint(id)
	return &matter.Order{Matter: "mat-1", ID: id, Recorded: r.Recorded, Findings: findings,
		Received: matter.PostedOrder{OrderID: id, LegalBasis: "18 U.S.C. 2705(b)"}}
}

func (s *story) state(o *matter.Order, now string, want matter.OrderState) {
	s.Helper()
	require.Equal(s, want, restraint.NewEvaluator().State(o, &s.head, at(s, now)), "state at %s", now)
}

func shuffled[T any](list []T, by []int) []T {
	out := slices.Clone(list)
	for i, j := range by {
		j %= len(out)
		out[i%len(out)], out[j] = out[j], out[i%len(out)]
	}
	return out
}
