package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/store"
)

func headLaws() []law {
	return []law{
		{"head: every field of head and restraint comes back", headFields},
		{"head: no caller can change what is stored", headCopies},
		{"head: lists of 49 to 1,000 covered subjects come back, changed and unchanged", headCovers},
		{"head: lists of different matters, restraints and revisions stay apart", headCoversApart},
		{"head: 40 restraints recorded one by one come back", headMany},
		{"head: 40 restraints whose lists pass 32 KB come back", headHeavy},
		{"head: a change made from a torn head is a race", headTorn},
		{"head: those of 130 matters come back together, with the lists that stand apart", headsTogether},
	}
}

func headFields(t *testing.T, s store.Store) {
	h := opened(t, s, sampleMatter)
	c := next(t, h, "e1")
	c.Head.Instrument, c.Head.Country, c.Head.Subjects, c.Head.Notices, c.Head.Disclosures = matter.NSL, "US", 3, 2, 1
	c.Head.LastDisclosed, c.Head.Pending, c.Head.Renewed, c.Head.RenewedAt = at(5), 1, "u1", 2
	c.Head.Announced = true
	full := sampleRestraint()
	full.Revision = 1
	filled(t, full, "All", "Torn")
	bare := matter.Restraint{ID: "law-us-18-3123d", Kind: matter.Statute, Revision: 1, All: true,
		Paper: matter.Paper{End: matter.End{Kind: matter.EndNone}}, Recorded: at(1)}
	c.Head.Restraints = []matter.Restraint{full, bare}
	filled(t, c.Head, "Restraints.All", "Restraints.Torn")
	same(t, c.Head, opened(t, s, committed(t, s, c).Matter))
	got, err := s.Head(t.Context(), sampleMatter)
	require.NoError(t, err)
	require.True(t, got.Restraints[1].From.IsZero() && got.Restraints[1].Until.IsZero() &&
		got.Restraints[1].Ended.IsZero(), "zero times stay zero")
}

func headCopies(t *testing.T, s store.Store) {
	opened(t, s, sampleMatter)
	made := func() store.Change {
		c := next(t, newHead(sampleMatter, "k1"), "e1")
		short := sampleRestraint()
		short.Revision = 1
		c.Head.Restraints = []matter.Restraint{short,
			{ID: "ord-2", Revision: 1, Subjects: subjectIDs("u", 60), Unknown: subjectIDs("u", 60)}}
		return c
	}
	spoil := func(h matter.Head) {
		for i := range h.Restraints {
			h.Restraints[i].Subjects[0], h.Restraints[i].Unknown[0] = "spoiled", "spoiled"
		}
		h.Restraints[0].Recipients[0], h.Restraints[0].ID = "spoiled", "spoiled"
		h.PublicKeyset[0], h.WrappedKeyset[0] = 'X', 'X'
	}
	given := made()
	spoil(committed(t, s, given))
	for range 2 {
		got := opened(t, s, sampleMatter)
		same(t, made().Head, got)
		spoil(got)
		got, err := s.Head(t.Context(), sampleMatter)
		require.NoError(t, err)
		same(t, made().Head, got)
		spoil(got)
	}
}

func headCovers(t *testing.T, s store.Store) {
	h := opened(t, s, sampleMatter)
	for i, n := range []int{49, 50, 51, 60, 1000, 60, 1, 60} {
		c := next(t, h, fmt.Sprint("changed ", n, i))
		c.Head.Restraints = []matter.Restraint{{ID: "ord-1", Revision: c.Head.Version,
			Subjects: subjectIDs(fmt.Sprint("v", i), n),
			Unknown:  subjectIDs(fmt.Sprint("v", i), n)}}
		h = committed(t, s, c)
		same(t, h, opened(t, s, sampleMatter), "%d subjects", n)

		c = next(t, h, fmt.Sprint("unchanged ", n, i))
		h = committed(t, s, c)
		same(t, h, opened(t, s, sampleMatter), "%d subjects, carried forward", n)
	}
}

func headCoversApart(t *testing.T, s store.Store) {
	var heads []matter.Head
	for _, id := range []string{"mat-1", "mat-10"} {
		c := next(t, opened(t, s, id), "e1 of "+id)
		c.Head.Restraints = []matter.Restraint{
			{ID: "o", Revision: 1, Subjects: subjectIDs(id+"-a", 60)},
			{ID: "o.1", Revision: 1, Subjects: subjectIDs(id+"-b", 61)}}
		c = next(t, committed(t, s, c), "e2 of "+id)
		c.Head.Restraints = append(c.Head.Restraints[1:1:1], c.Head.Restraints[1],
			matter.Restraint{ID: "o.10", Revision: 2, Subjects: subjectIDs(id+"-c", 62)})
		heads = append(heads, committed(t, s, c))
	}
	for _, h := range heads {
		same(t, h, opened(t, s, h.Matter))
	}
}

// many records 40 restraints over n subjects each, one restraint an event. It requires the whole head to come back
// after each event.
func many(t *testing.T, s store.Store, n int) {
	h := opened(t, s, sampleMatter)
	for i := range 40 {
		c := next(t, h, fmt.Sprint("e", i))
		r := sampleRestraint()
		r.ID, r.Revision, r.Void, r.Unknown = fmt.Sprint("ord-", i), c.Head.Version, false, nil
		r.Subjects = subjectIDs(fmt.Sprintf("account-%d-of-the-matter", i), n)
		c.Head.Restraints = append(c.Head.Restraints[:i:i], r)
		h = committed(t, s, c)
		same(t, h, opened(t, s, sampleMatter), "%d restraints", i+1)
	}
}

func headMany(t *testing.T, s store.Store)  { many(t, s, 2) }
func headHeavy(t *testing.T, s store.Store) { many(t, s, 45) }

func headTorn(t *testing.T, s store.Store) {
	c := next(t, opened(t, s, sampleMatter), "e1")
	c.Head.Restraints = []matter.Restraint{{ID: "ord-1", Revision: 1, Subjects: subjectIDs("u", 60)}}
	h := committed(t, s, c)
	torn := next(t, h, "e2")
	torn.Head.Restraints = []matter.Restraint{{ID: "ord-1", Revision: 1, Torn: true}}
	require.ErrorIs(t, s.Commit(t.Context(), torn), store.ErrRace)
	same(t, h, opened(t, s, sampleMatter))
}

func headsTogether(t *testing.T, s store.Store) {
	ids := []string{"none", "none"}
	for i := range 130 {
		id := fmt.Sprint(sampleMatter, i)
		c := next(t, opened(t, s, id), fmt.Sprint("e", i))
		r := sampleRestraint()
		r.Revision, r.Subjects = 1, subjectIDs(fmt.Sprint("m", i, "-"), 1+30*(i%3))
		c.Head.Restraints = []matter.Restraint{r}
		committed(t, s, c)
		ids = append(ids, id, id)
	}
	got, err := s.Heads(t.Context(), ids)
	require.NoError(t, err)
	require.Len(t, got, 130)
	for id, h := range got {
		one, err := s.Head(t.Context(), id)
		require.NoError(t, err)
		same(t, one, h)
	}
	got, err = s.Heads(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}
