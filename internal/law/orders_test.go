package law

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

func day(t *testing.T, s string) matter.Date {
	d, err := matter.ParseDate(s)
	require.NoError(t, err)
	return d
}

// filed is a paper as recorded on 24 November 2026, with the calendar's reading.
func filed(t *testing.T, o matter.PostedOrder) Paper {
	b := book(t)
	clean, notes := calendar.Clean(o, today(), b.Rolls(o.Issuer.Country))
	r := calendar.Read(clean, today())
	return Paper{Order: o, Time: clean, Endless: r.Until.IsZero(), Notes: append(notes, r.Notes...), ExtendsKnown: true, Book: b, Policy: DefaultPolicy(), Now: today()}
}

// american is an order under 18 U.S.C. 2705(b) with which nothing is wrong.
func american(t *testing.T) matter.PostedOrder {
	return matter.PostedOrder{
		OrderID: "o", Kind: matter.CourtOrder, Signed: new(true), SignedOn: day(t, "2026-11-02"), ServedOn: day(t, "2026-11-03"),
		Issuer: matter.Issuer{Name: "N.D. Cal.", Role: "magistrate", Country: "US", Zone: "America/Los_Angeles", Contact: "clerk"},
		Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}}, End: matter.End{Kind: matter.EndPeriod, N: 90, Unit: "days", From: "signed"},
		LegalBasis: "18 U.S.C. 2705(b)", Docket: "26-mj-1", Silence: "except_counsel", Grounds: []string{"destruction of evidence"},
		CourtFindings: "The account holder deleted messages after an earlier search.", NamesProcess: new(true), Document: "abc",
	}
}

func until(t *testing.T, s string) matter.End {
	return matter.End{Kind: matter.EndDate, Date: day(t, s), Wording: "until"}
}

func finding(t *testing.T, p Paper, check string) matter.Finding {
	for _, f := range Check(p) {
		if f.Check == check {
			return f
		}
	}
	require.Fail(t, "no finding", check)
	return matter.Finding{}
}

func TestASoundOrderPassesWhatAMachineCanJudge(t *testing.T) {
	p := filed(t, american(t))
	p.Request = &matter.Request{SignedOn: day(t, "2026-11-02")}
	for _, f := range Check(p) {
		switch f.Check {
		case "K10", "K18", "K20":
			require.Equal(t, matter.NeedsPerson, f.Status, f.Check)
		case "K05", "K11", "K16", "K17":
			require.Equal(t, matter.NotApplicable, f.Status, f.Check)
		default:
			require.Equal(t, matter.Pass, f.Status, "%s: %s", f.Check, f.Message)
		}
	}
}

// An optional field that is absent never makes a check fail.
func TestWhatIsMissingIsUnknownAndNeverFails(t *testing.T) {
	bare := matter.PostedOrder{
		OrderID: "o", Kind: matter.CourtOrder, Signed: new(true), Issuer: matter.Issuer{Name: "n", Role: "court", Country: "US"},
		Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}}, End: until(t, "2027-03-01"),
	}
	for name, p := range map[string]Paper{"with the law": filed(t, bare), "with nothing beside the order": {Order: bare}} {
		for _, f := range Check(p) {
			if f.Severity != matter.Advice {
				require.NotEqual(t, matter.Fail, f.Status, "%s: %s %s", name, f.Check, f.Message)
			}
		}
	}
}

func TestChecksOfOrders(t *testing.T) {
	type change func(*Paper)
	order := func(f func(*matter.PostedOrder)) func(*testing.T) Paper {
		return func(t *testing.T) Paper {
			o := american(t)
			f(&o)
			return filed(t, o)
		}
	}
	german := func(basis, role string, end matter.End) func(*testing.T) Paper {
		return order(func(o *matter.PostedOrder) {
			o.Issuer = matter.Issuer{Name: "AG", Role: role, Country: "DE", Zone: "Europe/Berlin"}
			o.LegalBasis, o.End, o.Grounds = basis, end, []string{"Gefährdung des Untersuchungszwecks"}
		})
	}
	months := func(n int) matter.End {
		return matter.End{Kind: matter.EndPeriod, N: n, Unit: "months", From: "signed"}
	}
	opo := func(served string) func(*testing.T) Paper {
		return order(func(o *matter.PostedOrder) {
			o.Issuer, o.LegalBasis = matter.Issuer{Name: "Crown Court", Role: "judge", Country: "GB"}, "Crime (Overseas Production Orders) Act 2019"
			o.SignedOn, o.ServedOn = day(t, "2026-05-31"), matter.Date{}
			if served != "" {
				o.ServedOn = day(t, served)
			}
		})
	}
	for _, c := range []struct {
		name   string
		paper  func(*testing.T) Paper
		change change
		check  string
		status matter.Status
		rule   string
	}{
		{"K01 a prosecutor under 2705(b)", order(func(o *matter.PostedOrder) { o.Issuer.Role = "prosecutor" }), nil, "K01", matter.Fail, "US-2705b"},
		{"K01 a prosecutor under no stated law", order(func(o *matter.PostedOrder) { o.Issuer.Role, o.LegalBasis = "prosecutor", "" }), nil, "K01", matter.Pass, ""},
		{"K01 the police in urgency under StPO 95a(6)", german("§ 95a Abs. 6 StPO", "police", months(3)), nil, "K01", matter.Pass, "DE-95a6"},
		{"K01 the police under StPO 95a", german("§ 95a StPO", "police", months(3)), nil, "K01", matter.Fail, "DE-95a"},
		{"K01 an NSL of no designee", order(func(o *matter.PostedOrder) {
			o.Kind, o.LegalBasis, o.Issuer.Role, o.End = matter.Certification, "18 U.S.C. 2709(c)", "agency", matter.End{Kind: matter.EndNone}
		}), nil, "K01", matter.Fail, "US-NSL"},
		{"K02 a law that delays only the Government's notice", order(func(o *matter.PostedOrder) { o.LegalBasis = "18 U.S.C. 2705(a)" }), nil, "K02", matter.Pass, "US-2705a-court"},
		{"K03 names neither process nor person", order(func(o *matter.PostedOrder) { o.NamesProcess = new(false) }), nil, "K03", matter.Fail, "US-SEALED-2025"},
		{"K03 names the persons", order(func(o *matter.PostedOrder) {
			o.NamesProcess, o.Covers.Subjects = new(false), matter.CoveredSubjects{IDs: []string{"u1"}}
		}), nil, "K03", matter.Pass, "US-SEALED-2025"},
		{"K03 nobody says", order(func(o *matter.PostedOrder) { o.NamesProcess = nil }), nil, "K03", matter.Unknown, "US-SEALED-2025"},
		{"E11 no end of a court's order", order(func(o *matter.PostedOrder) { o.End = matter.End{Kind: matter.EndNone} }), nil, "K04", matter.Fail, "US-2705b"},
		{"E12 no end of a pen register", order(func(o *matter.PostedOrder) {
			o.End, o.LegalBasis = matter.End{Kind: matter.EndNone}, "18 U.S.C. 3123(d)"
		}), nil, "K04", matter.NotApplicable, "US-PEN"},
		{"E13 until further order of the court", order(func(o *matter.PostedOrder) {
			o.End = matter.End{Kind: matter.EndEvent, Text: "until further order"}
		}), nil, "K04", matter.Fail, "US-2705b"},
		{"E14 until indictment", order(func(o *matter.PostedOrder) {
			o.End = matter.End{Kind: matter.EndEvent, Text: "until indictment"}
		}), nil, "K04", matter.Fail, "US-2705b"},
		{"E23 a period from a service nobody dated", order(func(o *matter.PostedOrder) { o.End.From, o.ServedOn = "served", matter.Date{} }), nil, "K04", matter.Fail, "US-2705b"},
		{"K05 90 days under a law of 90", order(func(o *matter.PostedOrder) { o.LegalBasis = "18 U.S.C. 3486" }), nil, "K05", matter.Pass, "US-3486"},
		{"K05 91 days under a law of 90", order(func(o *matter.PostedOrder) { o.LegalBasis, o.End.N = "18 U.S.C. 3486", 91 }), nil, "K05", matter.Fail, "US-3486"},
		{"K05 a date within 90 days", order(func(o *matter.PostedOrder) { o.LegalBasis, o.End = "18 U.S.C. 3486", until(t, "2027-01-31") }), nil, "K05", matter.Pass, "US-3486"},
		{"K05 a date a day later", order(func(o *matter.PostedOrder) { o.LegalBasis, o.End = "18 U.S.C. 3486", until(t, "2027-02-01") }), nil, "K05", matter.Fail, "US-3486"},
		{"K05 counted from a later start", order(func(o *matter.PostedOrder) {
			o.LegalBasis, o.End, o.StartsOn = "18 U.S.C. 3486", until(t, "2027-02-01"), day(t, "2026-11-10")
		}), nil, "K05", matter.Pass, "US-3486"},
		{"K05 a date and no signing", order(func(o *matter.PostedOrder) {
			o.LegalBasis, o.End, o.SignedOn = "18 U.S.C. 3486", until(t, "2027-02-01"), matter.Date{}
		}), nil, "K05", matter.Unknown, "US-3486"},
		{"K05 a period from a disclosure", order(func(o *matter.PostedOrder) {
			o.LegalBasis, o.End.N, o.End.From = "18 U.S.C. 3486", 91, "disclosed"
		}), nil, "K05", matter.Fail, "US-3486"},
		{"E24 180 days under a law of six months", german("§ 95a StPO", "court", matter.End{Kind: matter.EndPeriod, N: 180, Unit: "days", From: "signed"}), nil, "K05", matter.Pass, "DE-95a"},
		{"E28 twelve months under a law of six", german("§ 95a StPO", "court", months(12)), nil, "K05", matter.Fail, "DE-95a"},
		{"K05 an extension of four months under a law of three", german("§ 95a StPO", "court", months(4)), func(p *Paper) { p.Order.Extends = "first" }, "K05", matter.Fail, "DE-95a"},
		{"E26 a year", order(func(o *matter.PostedOrder) { o.End.N, o.End.Unit = 1, "years" }), nil, "K06", matter.Pass, "US-DOJ-2017"},
		{"E26 two years", order(func(o *matter.PostedOrder) { o.End.N, o.End.Unit = 2, "years" }), nil, "K06", matter.Fail, "US-DOJ-2017"},
		{"E26 two years in Germany: the provider's own policy", german("", "court", months(24)), nil, "K06", matter.Fail, ""},
		{"K07 in the law's words", order(func(o *matter.PostedOrder) {
			o.Grounds = []string{"otherwise seriously jeopardizing an investigation"}
		}), nil, "K07", matter.Pass, "US-2705b"},
		{"K07 the catch-all under a law without one", order(func(o *matter.PostedOrder) {
			o.LegalBasis, o.Grounds = "18 U.S.C. 3486", []string{"otherwise seriously jeopardizing an investigation"}
		}), nil, "K07", matter.Fail, "US-3486"},
		{"K07 words nobody knows", order(func(o *matter.PostedOrder) { o.Grounds = []string{"good cause shown"} }), nil, "K07", matter.NeedsPerson, "US-2705b"},
		{"K07 no grounds", order(func(o *matter.PostedOrder) { o.Grounds = nil }), nil, "K07", matter.Unknown, "US-2705b"},
		{"K07 in German", german("§ 95a StPO", "court", months(6)), nil, "K07", matter.Pass, "DE-95a"},
		{"K08 none stated", order(func(o *matter.PostedOrder) { o.CourtFindings = " " }), nil, "K08", matter.Unknown, "US-SEALED-2025"},
		{"K08 the statute's own words", order(func(o *matter.PostedOrder) {
			o.CourtFindings = "Notice would seriously jeopardize an investigation or unduly delay a trial."
		}), nil, "K08", matter.NeedsPerson, "US-EDNY-2017"},
		{"E25 signed before the process", order(func(*matter.PostedOrder) {}), func(p *Paper) {
			p.Request, p.Order.CourtFindings = &matter.Request{SignedOn: day(t, "2026-11-20")}, ""
		}, "K09", matter.Fail, "US-SEALED-2025"},
		{"E25 signed before, named and found", order(func(*matter.PostedOrder) {}), func(p *Paper) { p.Request = &matter.Request{SignedOn: day(t, "2026-11-20")} }, "K09", matter.Pass, "US-SEALED-2025"},
		{"K09 signed the same day", order(func(*matter.PostedOrder) {}), func(p *Paper) {
			p.Request, p.Order.NamesProcess = &matter.Request{SignedOn: day(t, "2026-11-02")}, nil
		}, "K09", matter.Pass, "US-SEALED-2025"},
		{"K09 the request is awaited", order(func(*matter.PostedOrder) {}), nil, "K09", matter.Unknown, "US-SEALED-2025"},
		{"K10 an entity of ours", order(func(*matter.PostedOrder) {}), func(p *Paper) {
			p.Policy.Entities, p.Request = []string{"Example  Inc."}, &matter.Request{Addressee: "example inc."}
		}, "K10", matter.Pass, ""},
		{"K10 another entity", order(func(*matter.PostedOrder) {}), func(p *Paper) {
			p.Policy.Entities, p.Request = []string{"Example Inc."}, &matter.Request{Addressee: "Other Ltd"}
		}, "K10", matter.NeedsPerson, ""},
		{"K11 an overseas production order on the last day of three months", opo("2026-08-31"), nil, "K11", matter.Pass, "UK-OPO-8"},
		{"K11 an overseas production order a day later", opo("2026-09-01"), nil, "K11", matter.Fail, "UK-OPO-8"},
		{"K11 an overseas production order, service not dated", opo(""), nil, "K11", matter.Unknown, "UK-OPO-8"},
		{"K11 an overseas production order, served by the police", opo("2026-06-30"), func(p *Paper) { p.Request = &matter.Request{ServedVia: "post from the Met"} }, "K11", matter.Fail, "UK-OPO-8"},
		{"K11 an overseas production order, served by the Secretary of State", opo("2026-06-30"), func(p *Paper) {
			p.Request = &matter.Request{ServedVia: "UK Secretary of State, portal"}
		}, "K11", matter.Pass, "UK-OPO-8"},
		{"K11 an urgent order of a prosecutor asks for its confirmation", german("§ 95a Abs. 6 StPO", "prosecutor", months(3)), nil, "K11", matter.NeedsPerson, "DE-95a6"},
		{"K12 no docket", order(func(o *matter.PostedOrder) { o.Docket = "" }), nil, "K12", matter.Unknown, ""},
		{"K13 German papers, English lawyers", german("§ 95a StPO", "court", months(3)), nil, "K13", matter.NeedsPerson, ""},
		{"K13 German papers, German lawyers", german("§ 95a StPO", "court", months(3)), func(p *Paper) { p.Policy.Languages = []string{"de"} }, "K13", matter.Pass, ""},
		{"K13 a country without a file", order(func(o *matter.PostedOrder) { o.Issuer.Country = "PE" }), nil, "K13", matter.Unknown, ""},
		{"K19 any person", order(func(o *matter.PostedOrder) { o.Silence = "any_person" }), nil, "K19", matter.Fail, "US-2705b"},
		{"K19 any person, and the law excepts counsel", order(func(o *matter.PostedOrder) { o.Silence, o.LegalBasis = "any_person", "18 U.S.C. 3486" }), nil, "K19", matter.Pass, "US-3486"},
		{"K19 nobody says", order(func(o *matter.PostedOrder) { o.Silence = "" }), nil, "K19", matter.Unknown, "US-2705b"},
		{"K20 no contact", order(func(o *matter.PostedOrder) { o.Issuer.Contact = "" }), nil, "K20", matter.Unknown, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := c.paper(t)
			if c.change != nil {
				c.change(&p)
			}
			f := finding(t, p, c.check)
			require.Equal(t, c.status, f.Status, f.Message)
			require.NotEmpty(t, f.Message)
			if c.rule != "" {
				require.Equal(t, c.rule, f.Evidence["rule"])
				require.NotEmpty(t, f.Citation)
			} else {
				require.NotContains(t, f.Evidence, "rule")
			}
		})
	}
}

func TestE27AChainOfMoreThanAYearIsAnAlarm(t *testing.T) {
	at := func(s string) time.Time { return noon(day(t, s)) }
	o := american(t)
	o.Extends = "first"
	for _, c := range []struct {
		name   string
		chain  []Interval
		status matter.Status
	}{
		{"nine months before it", []Interval{{"first", at("2026-02-02"), at("2026-11-02")}}, matter.Pass},
		{"a year before it", []Interval{{"first", at("2025-11-02"), at("2026-11-02")}}, matter.Fail},
		{"a year in two pieces, overlapping", []Interval{{"first", at("2025-11-02"), at("2026-06-02")}, {"second", at("2026-05-02"), at("2026-11-02")}}, matter.Fail},
		{"overlaps count once", []Interval{{"first", at("2026-04-02"), at("2026-11-02")}, {"second", at("2026-05-02"), at("2026-11-02")}}, matter.Pass},
		{"gaps count not at all", []Interval{{"first", at("2024-01-01"), at("2024-09-01")}}, matter.Pass},
		{"one without end", []Interval{{"first", at("2026-04-02"), time.Time{}}}, matter.Unknown},
		{"one not recorded", nil, matter.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := filed(t, o)
			p.Chain = c.chain
			require.Equal(t, c.status, finding(t, p, "K17").Status)
		})
	}
}

func TestEveryCheckIsDescribedAndSeverityIsFixed(t *testing.T) {
	binding := map[string]bool{"K01": true, "K02": true, "K10": true, "K14": true, "K18": true}
	for _, k := range Checks() {
		require.NotEmpty(t, k.Asks, k.ID)
		require.NotEmpty(t, k.Fails, k.ID)
		require.NotEmpty(t, k.Rests, k.ID)
		require.Equal(t, binding[k.ID], k.Severity == matter.Binding, k.ID)
	}
	require.Len(t, Checks(), 20)
}

// Whatever the paper is and whatever is missing, each finding says what it rests on: a law, or the provider's policy.
func TestNoCheckAnswersWithoutACitation(t *testing.T) {
	for _, kind := range []matter.OrderKind{matter.CourtOrder, matter.Certification, matter.Statute, matter.Plea} {
		for _, country := range []string{"US", "DE", "GB", "ZZ"} {
			for _, basis := range []string{"", "18 U.S.C. 2705(b)", "18 U.S.C. 2709(c)", "§ 95a Abs. 6 StPO", "no such law"} {
				o := american(t)
				o.Kind, o.Issuer.Country, o.Issuer.Zone, o.LegalBasis = kind, country, "Mars/Olympus", basis
				bare := matter.PostedOrder{OrderID: "o", Kind: kind, Issuer: matter.Issuer{Country: country}, LegalBasis: basis, Extends: "first", Silence: "any_person"}
				for _, paper := range []Paper{filed(t, o), filed(t, bare), {Order: bare, Endless: true}} {
					for _, f := range Check(paper) {
						require.NotEmpty(t, f.Citation, "%s of a %s of %s under %q", f.Check, kind, country, basis)
					}
				}
			}
		}
		for _, endless := range []bool{false, true} {
			require.NotEmpty(t, Ends(kind, matter.End{}, endless).Citation)
		}
	}
}

// K10 and K18 need a person and never change an order's state.
func TestWhatNeedsAPersonNeverFails(t *testing.T) {
	for _, kind := range []matter.OrderKind{matter.CourtOrder, matter.Certification, matter.Statute, matter.Plea} {
		o := american(t)
		o.Kind = kind
		for _, check := range []string{"K10", "K18"} {
			require.NotContains(t, []matter.Status{matter.Fail, matter.Unknown}, finding(t, filed(t, o), check).Status)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	book, err := Load()
	require.NoError(b, err)
	o := matter.PostedOrder{Kind: matter.CourtOrder, LegalBasis: "18 U.S.C. 2705(b)", Issuer: matter.Issuer{Country: "US", Role: "court"}}
	for b.Loop() {
		Check(Paper{Order: o, Book: book})
	}
}
