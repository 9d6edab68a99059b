package law

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// sound is a paper that passes every check.
func sound() Paper {
	return Paper{Order: matter.PostedOrder{
		OrderID: "o", Kind: matter.CourtOrder, Signed: new(true), Document: "abc", Extends: "first",
		Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{IDs: []string{"u1"}}},
		End:    matter.End{Kind: matter.EndInstant},
	}, ExtendsKnown: true}
}

func TestTheStructuralChecksOfAnOrder(t *testing.T) {
	for name, row := range map[string]struct {
		change   func(*Paper)
		check    string
		status   matter.Status
		severity matter.Severity
	}{
		"K01 signed":                           {func(*Paper) {}, "K01", matter.Pass, matter.Binding},
		"K01 nobody says whether it is signed": {func(p *Paper) { p.Order.Signed = nil }, "K01", matter.Unknown, matter.Binding},
		"K01 not signed":                       {func(p *Paper) { p.Order.Signed = new(false) }, "K01", matter.Fail, matter.Binding},
		"K02 a court's order":                  {func(*Paper) {}, "K02", matter.Pass, matter.Binding},
		"K02 a certification":                  {func(p *Paper) { p.Order.Kind = matter.Certification }, "K02", matter.Pass, matter.Binding},
		"K02 a statute":                        {func(p *Paper) { p.Order.Kind = matter.Statute }, "K02", matter.NotApplicable, matter.Binding},
		"K02 a plea":                           {func(p *Paper) { p.Order.Kind = matter.Plea }, "K02", matter.Fail, matter.Binding},
		"K04 an end":                           {func(*Paper) {}, "K04", matter.Pass, matter.Deficient},
		"K04 no end of a court's order":        {func(p *Paper) { p.Endless = true }, "K04", matter.Fail, matter.Deficient},
		"K04 no end of a certification":        {func(p *Paper) { p.Endless, p.Order.Kind = true, matter.Certification }, "K04", matter.NotApplicable, matter.Deficient},
		"K04 no end of a statute":              {func(p *Paper) { p.Endless, p.Order.Kind = true, matter.Statute }, "K04", matter.NotApplicable, matter.Deficient},
		"K04 no end of a plea":                 {func(p *Paper) { p.Endless, p.Order.Kind = true, matter.Plea }, "K04", matter.NotApplicable, matter.Deficient},
		"K14 a new document":                   {func(*Paper) {}, "K14", matter.Pass, matter.Binding},
		"K14 the same document":                {func(p *Paper) { p.SameDocument = "other" }, "K14", matter.Fail, matter.Binding},
		"K14 no digest":                        {func(p *Paper) { p.Order.Document = "" }, "K14", matter.NotApplicable, matter.Binding},
		"K15 everybody is known":               {func(*Paper) {}, "K15", matter.Pass, matter.Deficient},
		"K15 all":                              {func(p *Paper) { p.Order.Covers.Subjects = matter.CoveredSubjects{All: true} }, "K15", matter.Pass, matter.Deficient},
		"K15 somebody is not":                  {func(p *Paper) { p.Unknown = []string{"u1"} }, "K15", matter.Unknown, matter.Deficient},
		"K16 extends a known order":            {func(*Paper) {}, "K16", matter.Pass, matter.Deficient},
		"K16 extends one not seen":             {func(p *Paper) { p.ExtendsKnown = false }, "K16", matter.Unknown, matter.Deficient},
		"K16 extends none":                     {func(p *Paper) { p.Order.Extends, p.ExtendsKnown = "", false }, "K16", matter.NotApplicable, matter.Deficient},
		"what the calendar noted is advice":    {func(p *Paper) { p.Notes = []calendar.Note{{Code: "no_zone", Message: "m"}} }, "no_zone", matter.Fail, matter.Advice},
	} {
		t.Run(name, func(t *testing.T) {
			p := sound()
			row.change(&p)
			findings := Check(p)
			require.Len(t, findings, 20+len(p.Notes), "one finding a check")
			for _, f := range findings {
				require.NotEmpty(t, f.Message, f.Check)
				if f.Check == row.check {
					require.Equal(t, row.status, f.Status)
					require.Equal(t, row.severity, f.Severity)
					return
				}
				if p.Order.Kind == matter.Plea && f.Check == "K02" {
					continue
				}
				require.NotEqual(t, matter.Fail, f.Status, "only one check fails: %s", f.Check)
			}
			require.Fail(t, "no finding of the check")
		})
	}
}

func TestALongListOfUnknownNamesIsCutInTheSentenceAndWholeInTheEvidence(t *testing.T) {
	p := sound()
	p.Unknown = []string{"a1", "a2", "a3", "a4", "a5", "a6"}
	f := Check(p)[14]
	require.Equal(t, "K15", f.Check)
	require.Contains(t, f.Message, "a5, ...")
	require.NotContains(t, f.Message, "a6")
	require.Equal(t, p.Unknown, f.Evidence["unknown"])
}
