package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/store"
)

func subjectLaws() []law {
	return []law{
		{"subjects: every field comes back, absent ones are left out, ids may repeat", subjectFields},
		{"subjects: put if none exists, by the same event or over a lower revision, else skipped and named", subjectRules},
		{"subjects: 260 are put and read at once, the skipped ones named", subjectsMany},
		{"subjects: of racing revisions the highest stands", subjectsRace},
		{"subjects: a change's subject is put as given", subjectOfChange},
		{"subjects: erasing drops the contacts, twice too, and the event that wrote them cannot bring them back",
			subjectErase},
		{"subjects: contacts that are to be erased give way to none that another event brings", subjectErasing},
		{"subjects: former contacts are kept until they are dropped, and no change brings back those that were erased",
			subjectFormer},
		{"subjects: no caller can change what is stored", subjectCopies},
	}
}

// subject reads one subject, which must exist.
func subject(t *testing.T, s store.Store, id string) matter.Subject {
	got, err := s.Subjects(t.Context(), sampleMatter, []string{id})
	require.NoError(t, err)
	require.Contains(t, got, id)
	return got[id]
}

func subjectFields(t *testing.T, s store.Store) {
	full, bare := sampleSubject("u1", "ev1", 2), matter.Subject{Matter: sampleMatter, ID: "u.2", Event: "ev1", Revision: 2}
	full.Erased, full.Erasing, full.Former = true, 1, sampleFormer()
	filled(t, full)
	foreign := sampleSubject("u3", "ev1", 2)
	foreign.Matter = sampleMatter + "0"
	skipped, err := s.PutSubjects(t.Context(), []matter.Subject{full, bare, foreign})
	require.NoError(t, err)
	require.Empty(t, skipped)
	got, err := s.Subjects(t.Context(), sampleMatter, []string{"u.2", "u1", "u3", "u1", "none"})
	require.NoError(t, err)
	same(t, map[string]matter.Subject{"u1": full, "u.2": bare}, got)
	got, err = s.Subjects(t.Context(), sampleMatter, nil)
	require.NoError(t, err)
	require.Empty(t, got)
	of := func(m, id string) store.SubjectKey { return store.SubjectKey{Matter: m, ID: id} }
	both, err := s.SubjectsOf(t.Context(), []store.SubjectKey{of(sampleMatter, "u1"), of(foreign.Matter, "u3"),
		of(sampleMatter, "u1"), of(sampleMatter, "u3"), of("none", "u1")})
	require.NoError(t, err)
	same(t, map[store.SubjectKey]matter.Subject{of(sampleMatter, "u1"): full, of(foreign.Matter, "u3"): foreign}, both)
}

func subjectRules(t *testing.T, s store.Store) {
	for name, row := range map[string]struct {
		event    string
		revision int
		put      bool
	}{
		"same event and revision":            {"ev1", 5, true},
		"same event, lower revision":         {"ev1", 4, true},
		"another event, higher revision":     {"ev2", 6, true},
		"another event, the same revision":   {"ev2", 5, false},
		"another event, a lower revision":    {"ev2", 4, false},
		"another event, far higher revision": {"ev2", 100, true},
	} {
		id := fmt.Sprint("u-", row.event, "-", row.revision)
		stands := sampleSubject(id, "ev1", 5)
		_, err := s.PutSubjects(t.Context(), []matter.Subject{stands})
		require.NoError(t, err, name)

		later := sampleSubject(id, row.event, row.revision)
		later.Language, later.Contacts = "fr", nil
		skipped, err := s.PutSubjects(t.Context(), []matter.Subject{later})
		require.NoError(t, err, name)
		if row.put {
			require.Empty(t, skipped, name)
			same(t, later, subject(t, s, id), name)
			continue
		}
		require.Equal(t, []string{id}, skipped, name)
		same(t, stands, subject(t, s, id), name)
	}
}

func subjectsMany(t *testing.T, s store.Store) {
	ids := subjectIDs("u", 260)
	var early, late []matter.Subject
	for i, id := range ids {
		late = append(late, sampleSubject(id, "late", 2))
		if i%100 == 7 {
			early = append(early, sampleSubject(id, "earlier event, later revision", 3))
		}
	}
	_, err := s.PutSubjects(t.Context(), early)
	require.NoError(t, err)
	skipped, err := s.PutSubjects(t.Context(), late)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{ids[7], ids[107], ids[207]}, skipped)
	got, err := s.Subjects(t.Context(), sampleMatter, ids)
	require.NoError(t, err)
	require.Len(t, got, 260)
	for i, id := range ids {
		want := late[i]
		if i%100 == 7 {
			want = early[i/100]
		}
		same(t, want, got[id])
	}
}

func subjectsRace(t *testing.T, s store.Store) {
	errs := inParallel(t.Context(), 8, func(ctx context.Context, i int) error {
		_, err := s.PutSubjects(ctx, []matter.Subject{sampleSubject("u1", fmt.Sprint("ev", i), i+1)})
		return err
	})
	for _, err := range errs {
		require.NoError(t, err)
	}
	same(t, sampleSubject("u1", "ev7", 8), subject(t, s, "u1"))
}

func subjectOfChange(t *testing.T, s store.Store) {
	_, err := s.PutSubjects(t.Context(), []matter.Subject{sampleSubject("u1", "ev1", 9)})
	require.NoError(t, err)
	c := next(t, opened(t, s, sampleMatter), "e1")
	lower := sampleSubject("u1", "ev2", 1)
	c.Subject = &lower
	committed(t, s, c)
	same(t, lower, subject(t, s, "u1"))
}

func subjectErase(t *testing.T, s store.Store) {
	h := opened(t, s, sampleMatter)
	given := sampleSubject("u1", "ev1", 5)
	_, err := s.PutSubjects(t.Context(), []matter.Subject{given, sampleSubject("u2", "ev1", 5)})
	require.NoError(t, err)
	require.ErrorIs(t, s.Erase(t.Context(), sampleMatter, "u1", 5, h.Version+1), store.ErrRace,
		"the head has another version")
	for range 2 {
		require.ErrorIs(t, s.Erase(t.Context(), sampleMatter, "u1", 4, h.Version), store.ErrRace)
		require.NoError(t, s.Erase(t.Context(), sampleMatter, "u1", 5, h.Version))
		got := subject(t, s, "u1")
		require.Empty(t, got.Contacts)
		require.True(t, got.Erased)
		require.Equal(t, 5, got.Revision)
		require.Equal(t, matter.Consumer, got.Class, "what is no contact stays")

		later := sampleSubject("u1", "ev2", 6)
		for _, x := range []matter.Subject{given, later} {
			skipped, err := s.PutSubjects(t.Context(), []matter.Subject{x})
			require.NoError(t, err)
			require.Equal(t, []string{"u1"}, skipped, "neither the event that wrote them nor a later one brings them back")
		}
		same(t, got, subject(t, s, "u1"))
	}
	same(t, sampleSubject("u2", "ev1", 5), subject(t, s, "u2"), "only the one named is erased")

	amended := matter.Subject{Matter: sampleMatter, ID: "u1", Event: "ev3", Revision: 7, Erased: true, Tenant: "t2"}
	skipped, err := s.PutSubjects(t.Context(), []matter.Subject{amended})
	require.NoError(t, err)
	require.Empty(t, skipped, "what is no contact may change")
	require.ErrorIs(t, s.Erase(t.Context(), sampleMatter, "u1", 5, h.Version), store.ErrRace)
	same(t, amended, subject(t, s, "u1"))
}

func subjectErasing(t *testing.T, s store.Store) {
	marked := sampleSubject("u1", "ev1", 5)
	marked.Erasing = 3
	_, err := s.PutSubjects(t.Context(), []matter.Subject{marked})
	require.NoError(t, err)
	skipped, err := s.PutSubjects(t.Context(), []matter.Subject{sampleSubject("u1", "ev2", 6)})
	require.NoError(t, err)
	require.Equal(t, []string{"u1"}, skipped)
	same(t, marked, subject(t, s, "u1"))
	amended := sampleSubject("u1", "ev2", 6)
	amended.Erasing = 3
	skipped, err = s.PutSubjects(t.Context(), []matter.Subject{amended})
	require.NoError(t, err)
	require.Empty(t, skipped)
	same(t, amended, subject(t, s, "u1"))
}

// sampleFormer returns two former contacts.
func sampleFormer() []matter.Former {
	return []matter.Former{
		{Mailbox: "former box", Role: matter.User, Sealed: []byte{1, 0, 255}, Name: "1.1", Version: 3, Replaced: at(20)},
		{Mailbox: "former box", Role: matter.Guardian, Sealed: []byte{2}, Name: "2.1", Version: 4, Replaced: at(30)},
	}
}

func subjectFormer(t *testing.T, s store.Store) {
	h := opened(t, s, sampleMatter)
	given := sampleSubject("u1", "ev1", 5)
	given.Former = sampleFormer()
	_, err := s.PutSubjects(t.Context(), []matter.Subject{given})
	require.NoError(t, err)
	left := matter.Subject{Matter: sampleMatter, ID: "u1", Revision: 5, Former: sampleFormer()[1:]}
	other := left
	other.Revision = 4
	require.ErrorIs(t, s.KeepFormer(t.Context(), other), store.ErrRace, "a later event wrote the subject")
	other.Revision, other.ID = 5, "none"
	require.ErrorIs(t, s.KeepFormer(t.Context(), other), store.ErrNotFound)
	for _, want := range [][]matter.Former{sampleFormer()[1:], nil} {
		left.Former = want
		for range 2 {
			require.NoError(t, s.KeepFormer(t.Context(), left))
			kept := given
			kept.Former = want
			same(t, kept, subject(t, s, "u1"))
		}
	}
	left.Former = sampleFormer()
	require.NoError(t, s.KeepFormer(t.Context(), left))
	require.NoError(t, s.Erase(t.Context(), sampleMatter, "u1", 5, h.Version))
	require.Empty(t, subject(t, s, "u1").Former, "erased with the contacts")
	require.ErrorIs(t, s.KeepFormer(t.Context(), left), store.ErrRace)
	c := next(t, h, "e1")
	c.Subject = &given
	require.ErrorIs(t, s.Commit(t.Context(), c), store.ErrRace, "what the planner read was erased meanwhile")
	given.Former = nil
	c.Subject = &given
	committed(t, s, c)
	same(t, given, subject(t, s, "u1"))
}

func subjectCopies(t *testing.T, s store.Store) {
	given := sampleSubject("u1", "ev1", 5)
	_, err := s.PutSubjects(t.Context(), []matter.Subject{given})
	require.NoError(t, err)
	spoil := func(x matter.Subject) {
		x.Contacts[0].Sealed[0] = 'X'
		x.Contacts[0] = matter.SealedContact{}
	}
	want := slices.Clone(given.Contacts[0].Sealed)
	spoil(given)
	got := subject(t, s, "u1")
	require.Equal(t, want, got.Contacts[0].Sealed)
	spoil(got)
	require.Equal(t, want, subject(t, s, "u1").Contacts[0].Sealed)
}
