package law_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/calendar"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/restraint"
)

// "make docs" runs these tests with -update, which writes the documents instead of comparing them.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write docs/law.md and docs/ten-orders.md")
	os.Exit(m.Run())
}

func inStep(t *testing.T, name, want string) {
	t.Helper()
	path := "../../docs/" + name
	if update() {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	have, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(have), "run: make docs")
}

func TestTheLawsDocumentIsInStepWithTheRules(t *testing.T) {
	b, err := law.Load()
	require.NoError(t, err)
	doc := b.Document()
	inStep(t, "law.md", doc)
	for _, j := range b.Jurisdictions() {
		for _, r := range j.Rules {
			require.Equal(t, 1, strings.Count(doc, "\n### "+r.ID+": "), "one section a rule")
			require.Contains(t, doc, r.Text)
			require.Contains(t, doc, r.Citation)
		}
	}
	for _, k := range law.Checks() {
		require.Contains(t, doc, "| "+k.ID+" | ")
	}
}

// told is an order as it comes, in words, with what it says and what the matter knows.
type told struct {
	title, story string
	order        matter.PostedOrder
	request      *matter.Request
	want         matter.OrderState
	fails        []string
}

func on(s string) matter.Date {
	d, err := matter.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func until(s string) matter.End {
	return matter.End{Kind: matter.EndDate, Date: on(s), Wording: "until"}
}

func period(n int, unit string) matter.End {
	return matter.End{Kind: matter.EndPeriod, N: n, Unit: unit, From: "signed"}
}

func paper(id string, kind matter.OrderKind, issuer matter.Issuer, basis string, end matter.End) matter.PostedOrder {
	return matter.PostedOrder{
		OrderID: id, Kind: kind, Issuer: issuer, LegalBasis: basis, End: end, Signed: new(true), SignedOn: on("2026-11-02"), Docket: "26-101",
		Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}}, NamesProcess: new(true), Silence: "except_counsel",
	}
}

func californian() matter.Issuer {
	return matter.Issuer{Name: "N.D. Cal.", Role: "magistrate", Country: "US", Region: "US-CA", Zone: "America/Los_Angeles"}
}

func americanOrders() []told {
	sound := paper("us-1", matter.CourtOrder, californian(), "18 U.S.C. 2705(b)", period(90, "days"))
	sound.Grounds, sound.CourtFindings = []string{"destruction of evidence"}, "The account holder deleted messages after an earlier search."
	endless := paper("us-2", matter.CourtOrder, californian(), "18 U.S.C. 2705(b)", matter.End{Kind: matter.EndEvent, Text: "until further order of the court"})
	omnibus := paper("us-3", matter.CourtOrder, californian(), "18 U.S.C. 2705(b)", period(1, "years"))
	omnibus.NamesProcess, omnibus.SignedOn = new(false), on("2026-03-02")
	letter := paper("us-4", matter.Certification, matter.Issuer{Name: "FBI", Role: "fbi_director_designee", Country: "US", Zone: "America/New_York"}, "18 U.S.C. 2709(c)", matter.End{Kind: matter.EndNone})
	letter.Grounds = []string{"danger to the national security"}
	plea := paper("us-5", matter.Plea, matter.Issuer{Name: "County police", Role: "police", Country: "US", Zone: "America/Chicago"}, "18 U.S.C. 2703(f)", matter.End{Kind: matter.EndNone})
	return []told{
		{"California, a magistrate: ninety days under 2705(b)", "Names its process, states a ground and a finding, excepts counsel.", sound, &matter.Request{SignedOn: on("2026-11-02")}, matter.OrderInForce, nil},
		{"California, a magistrate: until further order of the court", "No date, an event only.", endless, nil, matter.OrderInForceDeficient, []string{"K04"}},
		{"California, a magistrate: an omnibus order for a year", "Signed in March, attached to a subpoena of November that it does not name.", omnibus, &matter.Request{SignedOn: on("2026-11-16")}, matter.OrderInForceDeficient, []string{"K03", "K09"}},
		{"The FBI: a national security letter", "Certified by a designee, without an end.", letter, nil, matter.OrderOpenEnded, nil},
		{"A county's police: a preservation letter that asks for silence", "A cover letter; 2703(f) holds no power to silence anybody.", plea, nil, matter.OrderPlea, []string{"K02"}},
	}
}

func otherOrders() []told {
	german := paper("de-1", matter.CourtOrder, matter.Issuer{Name: "AG München", Role: "judge", Country: "DE", Region: "DE-BY", Zone: "Europe/Berlin"}, "§ 95a Abs. 6 StPO", period(12, "months"))
	german.SignedOn, german.Grounds, german.Silence = on("2025-12-25"), []string{"Gefährdung des Untersuchungszwecks"}, "any_person"
	british := paper("gb-1", matter.CourtOrder, matter.Issuer{Name: "Crown Court", Role: "judge", Country: "GB", Zone: "Europe/London"}, "Crime (Overseas Production Orders) Act 2019 s.8", until("2027-05-31"))
	british.SignedOn, british.ServedOn = on("2026-07-01"), on("2026-10-20")
	dutch := paper("nl-1", matter.Statute, matter.Issuer{Name: "Officier van justitie", Role: "prosecutor", Country: "NL", Zone: "Europe/Amsterdam"}, "artikel 126nd Sv", matter.End{Kind: matter.EndNone})
	swiss := paper("ch-1", matter.CourtOrder, matter.Issuer{Name: "Staatsanwaltschaft Zürich", Role: "prosecutor", Country: "CH", Region: "CH-ZH", Zone: "Europe/Zurich"}, "Art. 73 Abs. 2 StPO", matter.End{Kind: matter.EndNone})
	canadian := paper("ca-1", matter.CourtOrder, matter.Issuer{Name: "Ontario Court of Justice", Role: "judge", Country: "CA", Zone: "America/Toronto"}, "Criminal Code s. 487.0191", until("2027-04-30"))
	canadian.Grounds = []string{"would jeopardise the conduct of the investigation"}
	return []told{
		{"Munich, a judge: an Offenbarungsverbot of twelve months", "The law allows six. Its last day, 25 December, is a holiday and a Friday.", german, nil, matter.OrderInForceDeficient, []string{"K05", "K19"}},
		{"England, the Crown Court: an overseas production order served late", "Signed on 1 July, served on 20 October; the Act gives three months.", british, nil, matter.OrderInForceDeficient, []string{"K11"}},
		{"The Netherlands, a prosecutor: a demand under article 126nd", "No order is needed: article 126bb silences by itself.", dutch, nil, matter.OrderOpenEnded, nil},
		{"Zurich, a prosecutor: a duty of silence without an end", "The Code asks that such a duty is limited in time.", swiss, nil, matter.OrderInForceDeficient, []string{"K04"}},
		{"Ontario, a judge: a prohibition of disclosure to a date", "The period is set out in the order, as the Code asks.", canadian, nil, matter.OrderInForce, nil},
	}
}

// recorded is when Lapse records the ten.
func recorded() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// answer puts an order through the calendar, the checks and the states, as intake does.
func answer(b *law.Book, c told) (matter.OrderState, time.Time, []matter.Finding) {
	now, eval := recorded(), restraint.NewEvaluator()
	clean, notes := calendar.Clean(c.order, now, b.Rolls(c.order.Issuer.Country))
	r := eval.Reading(clean, time.Time{})
	h := &matter.Head{Restraints: []matter.Restraint{{
		ID: c.order.OrderID, Kind: c.order.Kind, All: true, Paper: clean, From: r.From, Until: r.Until, Recorded: now,
	}}}
	findings := law.Check(law.Paper{
		Order: c.order, Time: clean, Endless: eval.Endless(clean), Notes: append(notes, r.Notes...), Request: c.request, Book: b, Policy: law.DefaultPolicy(), Now: now,
	})
	o := &matter.Order{ID: c.order.OrderID, Received: c.order, Findings: findings, Recorded: now}
	return eval.State(o, h, now), eval.Ends(&h.Restraints[0], time.Time{}).Until, findings
}

func TestTenOrdersFromSixJurisdictions(t *testing.T) {
	b, err := law.Load()
	require.NoError(t, err)
	orders := append(americanOrders(), otherOrders()...)
	countries := map[string]bool{}
	var w strings.Builder
	fmt.Fprintf(&w, "# Ten orders, and what Lapse answered\n\nMade by a test from the real checks (`make docs`), as recorded at %s. The orders are invented. Times are UTC.\n", recorded().Format(time.RFC3339))
	for i, c := range orders {
		state, ends, findings := answer(b, c)
		var fails []string
		for _, f := range findings {
			if f.Status == matter.Fail {
				fails = append(fails, f.Check)
			}
		}
		require.Equal(t, c.want, state, c.title)
		require.Equal(t, c.fails, fails, c.title)
		countries[c.order.Issuer.Country] = true
		describe(&w, i+1, c, state, ends, findings)
	}
	require.Len(t, orders, 10)
	require.Len(t, countries, 6)
	inStep(t, "ten-orders.md", w.String())
}

func describe(w *strings.Builder, n int, c told, state matter.OrderState, ends time.Time, findings []matter.Finding) {
	fmt.Fprintf(w, "\n## %d. %s\n\n%s It cites %s.\n\n", n, c.title, c.story, c.order.LegalBasis)
	holds := "It holds until a court or the authority ends it: no end is known."
	if !ends.IsZero() {
		holds = "It holds until " + ends.Format(time.RFC3339) + "."
	}
	fmt.Fprintf(w, "**State `%s`**, because %s. %s\n\n", state, because(state, findings), holds)
	passed := 0
	w.WriteString("| check | outcome | severity | why | citation |\n|---|---|---|---|---|\n")
	for _, f := range findings {
		if f.Status == matter.Pass || f.Status == matter.NotApplicable {
			passed++
			continue
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", f.Check, strings.ReplaceAll(string(f.Status), "_", " "), f.Severity, f.Message, f.Citation)
	}
	fmt.Fprintf(w, "\n%d other checks passed or do not apply.\n", passed)
}

// because is the condition of the first row of the state's table that fits the findings.
func because(state matter.OrderState, findings []matter.Finding) string {
	endless := false
	for _, f := range findings {
		endless = endless || f.Check == "K04" && f.Status != matter.Pass
	}
	for _, rule := range restraint.OrderStates() {
		if rule.State == state && (state != matter.OrderInForceDeficient || endless == strings.HasPrefix(rule.When, "no end")) {
			if rule.When == "none of these" {
				return "no check failed that decides it, its start has come and its end has not"
			}
			return rule.When
		}
	}
	return "no row of the table fits"
}
