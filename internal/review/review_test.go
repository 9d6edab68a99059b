package review

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/event"
	"lapse/internal/law"
	"lapse/internal/matter"
)

func now() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func day(t *testing.T, s string) matter.Date {
	d, err := matter.ParseDate(s)
	require.NoError(t, err)
	return d
}

// sound is a request in which no machine finds a ground.
func sound(t *testing.T) Input {
	b, err := law.Load()
	require.NoError(t, err)
	fields, err := LoadFields()
	require.NoError(t, err)
	return Input{
		Request: matter.Request{
			Reference: "r-1", Instrument: matter.SearchWarrant, Issuer: matter.Issuer{Name: "S.D.N.Y.", Role: "magistrate", Country: "US", Contact: "clerk"},
			ReceivedAt: now(), DataSought: []matter.DataSought{{Category: "content", From: day(t, "2026-01-01"), To: day(t, "2026-03-31")}},
			LegalBasis: "18 U.S.C. 2703(a)", Signed: new(true), SignedOn: day(t, "2026-11-20"), Addressee: "Example Inc.", ServedVia: "portal", Offence: "wire fraud",
		},
		Subjects: []Subject{{"u1", "US", matter.Enterprise}, {"u2", "us", matter.Consumer}},
		Fields:   fields, Book: b, Now: now(),
		Policy: law.Policy{Channels: []string{"portal"}, Entities: []string{"Example Inc."}},
	}
}

func finding(t *testing.T, in Input, check string) matter.Finding {
	for _, f := range Request(in) {
		if f.Check == check {
			return f
		}
	}
	require.Fail(t, "no finding", check)
	return matter.Finding{}
}

func TestTheReviewOfARequest(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Input)
		check  string
		status matter.Status
	}{
		{"F01 whole", func(*Input) {}, "F01", matter.Pass},
		{"F01 no law", func(in *Input) { in.Request.LegalBasis = " " }, "F01", matter.Fail},
		{"F01 a preservation letter needs no signature", func(in *Input) { in.Request.Instrument, in.Request.Signed = matter.Preservation, nil }, "F01", matter.Pass},
		{"F01 an emergency needs a contact", func(in *Input) { in.Request.Instrument, in.Request.Issuer.Contact = matter.Emergency, "" }, "F01", matter.Fail},
		{"F01 an emergency needs no law and no signature", func(in *Input) {
			in.Request.Instrument, in.Request.LegalBasis, in.Request.Signed, in.Request.SignedOn = matter.Emergency, "", nil, matter.Date{}
		}, "F01", matter.Pass},
		{"O6 another channel", func(in *Input) { in.Request.ServedVia = "a call" }, "O6", matter.Fail},
		{"O6 the channel, in other letters", func(in *Input) { in.Request.ServedVia = " Portal " }, "O6", matter.Pass},
		{"O6 nobody says", func(in *Input) { in.Request.ServedVia = "" }, "O6", matter.Unknown},
		{"O6 no channels are configured", func(in *Input) { in.Policy.Channels = nil }, "O6", matter.NotApplicable},
		{"O8 bounded", func(*Input) {}, "O8", matter.Pass},
		{"O8 no first day", func(in *Input) { in.Request.DataSought[0].From = matter.Date{} }, "O8", matter.Fail},
		{"O8 no last day", func(in *Input) { in.Request.DataSought[0].To = matter.Date{} }, "O8", matter.Fail},
		{"O8 the last day before the first", func(in *Input) { in.Request.DataSought[0].To = day(t, "2025-01-01") }, "O8", matter.Fail},
		{"O8 a subscriber's record has no period", func(in *Input) { in.Request.DataSought = []matter.DataSought{{Category: "subscriber"}} }, "O8", matter.Pass},
		{"O9 a law of the country", func(*Input) {}, "O9", matter.Pass},
		{"O9 no law", func(in *Input) { in.Request.LegalBasis = "" }, "O9", matter.Unknown},
		{"O9 a law nobody knows is for counsel", func(in *Input) { in.Request.LegalBasis = "Tex. Code Crim. Proc. 18B" }, "O9", matter.NeedsPerson},
		{"O9 a law nobody verified is for counsel", func(in *Input) { in.Request.LegalBasis = "50 U.S.C. 1861" }, "O9", matter.NeedsPerson},
		{"O9 another country's law", func(in *Input) { in.Request.Issuer.Country = "DE" }, "O9", matter.Fail},
		{"O9 a law not in force yet", func(in *Input) { in.Request.Issuer.Country, in.Request.LegalBasis = "JP", "Act 39/2025" }, "O9", matter.NeedsPerson},
		{"O10 good faith is never a machine's to judge", func(*Input) {}, "O10", matter.NeedsPerson},
		{"O11 within the country", func(*Input) {}, "O11", matter.Pass},
		{"O11 one of two outside", func(in *Input) { in.Subjects[1].Country = "FR" }, "O11", matter.Fail},
		{"O11 one of two unknown", func(in *Input) { in.Subjects[1].Country = "" }, "O11", matter.Unknown},
		{"O11 the requesting country is unknown", func(in *Input) { in.Request.Issuer.Country = "ZZ" }, "O11", matter.Unknown},
		{"O12 a magistrate's warrant", func(*Input) {}, "O12", matter.Pass},
		{"O12 a warrant of the police", func(in *Input) { in.Request.Issuer.Role = "police" }, "O12", matter.Fail},
		{"O12 an NSL of no designee", func(in *Input) { in.Request.Instrument = matter.NSL }, "O12", matter.Fail},
		{"O12 a subpoena: no rule says", func(in *Input) { in.Request.Instrument = matter.Subpoena }, "O12", matter.NeedsPerson},
		{"O12 an EPOC of a prosecutor for content", func(in *Input) {
			in.Request.Instrument, in.Request.Issuer.Country, in.Request.Issuer.Role = matter.EPOC, "FR", "prosecutor"
		}, "O12", matter.Fail},
		{"O12 an EPOC of a prosecutor for subscriber data", func(in *Input) {
			in.Request.Instrument, in.Request.Issuer.Country, in.Request.Issuer.Role = matter.EPOC, "FR", "prosecutor"
			in.Request.DataSought = []matter.DataSought{{Category: "subscriber"}}
		}, "O12", matter.Pass},
		{"O12 an EPOC before the Regulation applies", func(in *Input) {
			in.Request.Instrument, in.Request.Issuer.Country = matter.EPOC, "FR"
			in.Now = time.Date(2026, 8, 17, 0, 0, 0, 0, time.UTC)
		}, "O12", matter.NeedsPerson},
		{"O13 no order", func(*Input) {}, "O13", matter.NotApplicable},
		{"O13 an order without end", func(in *Input) {
			in.Orders = []matter.Order{{ID: "o", Findings: []matter.Finding{{Check: "K04", Status: matter.Fail}}}}
		}, "O13", matter.Fail},
		{"O13 an order with an end", func(in *Input) {
			in.Orders = []matter.Order{{ID: "o", Findings: []matter.Finding{{Check: "K04", Status: matter.Pass}}}}
		}, "O13", matter.Pass},
		{"O13 an order without end that two persons found void", func(in *Input) {
			in.Orders = []matter.Order{{ID: "o", Findings: []matter.Finding{{Check: "K04", Status: matter.Fail}}, Assessments: []matter.Assessment{{Verdict: matter.VerdictVoid}}}}
		}, "O13", matter.NotApplicable},
		{"O13 an order without end that they found binding again", func(in *Input) {
			in.Orders = []matter.Order{{ID: "o", Findings: []matter.Finding{{Check: "K04", Status: matter.Fail}}, Assessments: []matter.Assessment{{Verdict: matter.VerdictVoid}, {Verdict: matter.VerdictBinding}}}}
		}, "O13", matter.Fail},
		{"O13 an order without end that the court has lifted", func(in *Input) {
			in.Orders = []matter.Order{{ID: "o", Findings: []matter.Finding{{Check: "K04", Status: matter.Fail}}, Endings: []matter.Ending{{EffectiveAt: in.Now}}}}
		}, "O13", matter.NotApplicable},
		{"O13 an order without end that the court will lift", func(in *Input) {
			in.Orders = []matter.Order{{ID: "o", Findings: []matter.Finding{{Check: "K04", Status: matter.Fail}}, Endings: []matter.Ending{{EffectiveAt: in.Now.Add(time.Second)}}}}
		}, "O13", matter.Fail},
		{"O13 a statute's secrecy is no order", func(in *Input) {
			in.Orders = []matter.Order{{ID: "law-x", Received: matter.PostedOrder{Kind: matter.Statute}}}
		}, "O13", matter.NotApplicable},
		{"O14 well served", func(*Input) {}, "O14", matter.Pass},
		{"O14 not signed", func(in *Input) { in.Request.Signed = new(false) }, "O14", matter.Fail},
		{"O14 nobody says whether it is signed", func(in *Input) { in.Request.Signed = nil }, "O14", matter.Unknown},
		{"O14 another entity", func(in *Input) { in.Request.Addressee = "Example Ltd" }, "O14", matter.Fail},
		{"O14 dated after it came", func(in *Input) { in.Request.SignedOn = day(t, "2026-11-26") }, "O14", matter.Fail},
		{"O14 dated a day ahead, where the day has begun", func(in *Input) { in.Request.SignedOn = day(t, "2026-11-25") }, "O14", matter.Pass},
		{"O14 another channel", func(in *Input) { in.Request.ServedVia = "a call" }, "O14", matter.Fail},
		{"O14 a British order not through the designated authority", func(in *Input) {
			in.Request.Instrument, in.Request.Issuer.Country = matter.CloudAct, "GB"
		}, "O14", matter.Fail},
		{"O14 a British order through it", func(in *Input) {
			in.Request.Instrument, in.Request.Issuer.Country, in.Request.ServedVia = matter.CloudAct, "GB", "Home Office"
			in.Policy.Channels = []string{"Home Office"}
		}, "O14", matter.Pass},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := sound(t)
			c.change(&in)
			f := finding(t, in, c.check)
			require.Equal(t, c.status, f.Status, f.Message)
			require.NotEmpty(t, f.Message)
			_, err := json.Marshal(f)
			require.NoError(t, err)
		})
	}
}

func TestWhatIsMissingIsAListForTheAuthority(t *testing.T) {
	in := sound(t)
	in.Request.LegalBasis, in.Request.Offence, in.Request.DataSought[0].To = "", "", matter.Date{}
	f := finding(t, in, FieldsCheck)
	var missing []string
	for _, w := range f.Evidence["missing"].([]Wanted) {
		missing = append(missing, w.Field)
		require.Contains(t, f.Message, w.Ask)
	}
	require.Equal(t, []string{"legalBasis", "dates", "offence"}, missing)
}

func TestTopicsAreFlaggedForThePersonWhoJudges(t *testing.T) {
	in := sound(t)
	in.Request.Flags, in.Request.Offence = []string{"Journalism", "press freedom", "abortion care"}, ""
	f := finding(t, in, "O10")
	require.Equal(t, []string{"journalism", "abortion"}, f.Evidence["flags"])
	require.Contains(t, f.Message, "No offence is stated")
}

func TestAFindingNamesAHundredPersonsAndCountsAll(t *testing.T) {
	in := sound(t)
	for range 500 {
		in.Subjects = append(in.Subjects, Subject{ID: "x", Country: "FR"}, Subject{ID: "y"})
	}
	f := finding(t, in, "O11")
	require.Len(t, f.Evidence["outside"], 100)
	require.Len(t, f.Evidence["unknown"], 100)
	require.Equal(t, 500, f.Evidence["outsideCount"])
	require.Equal(t, 500, f.Evidence["unknownCount"])
	require.Equal(t, 2, f.Evidence["inside"])
}

func TestSubjectsOfAnEvent(t *testing.T) {
	require.Equal(t, []Subject{{"u1", "DE", matter.PublicSector}}, SubjectsOf([]matter.PostedSubject{{ID: "u1", Country: "DE", Class: matter.PublicSector}}))
}

func TestTheGuardOfEnterpriseAndPublicData(t *testing.T) {
	failed := []matter.Finding{{Check: "O8", Status: matter.Fail}, {Check: "O11", Status: matter.Fail}, {Check: "O10", Status: matter.NeedsPerson}, {Check: "F01", Status: matter.Fail}, {Check: "O6", Status: matter.Fail}}
	for _, c := range []struct {
		name       string
		decided    event.RequestDecidedData
		findings   []matter.Finding
		classes    []matter.AccountClass
		challenged bool
		faults     int
	}{
		{"an enterprise's data with two grounds", event.RequestDecidedData{Decision: matter.Comply, Reason: "r"}, failed, []matter.AccountClass{matter.Consumer, matter.Enterprise}, false, 1},
		{"a public body's, in part", event.RequestDecidedData{Decision: matter.ComplyInPart, Reason: "r"}, failed, []matter.AccountClass{matter.PublicSector}, false, 1},
		{"a challenge was decided", event.RequestDecidedData{Decision: matter.Comply, Reason: "r"}, failed, []matter.AccountClass{matter.Enterprise}, true, 0},
		{"its refusal is reasoned, ground by ground", event.RequestDecidedData{Decision: matter.Comply, Reason: "r", Grounds: []string{"o8", " OUTSIDE_JURISDICTION"}}, failed, []matter.AccountClass{matter.Enterprise}, false, 0},
		{"for one of two grounds only", event.RequestDecidedData{Decision: matter.Comply, Reason: "r", Grounds: []string{"O8"}}, failed, []matter.AccountClass{matter.Enterprise}, false, 1},
		{"without a reason", event.RequestDecidedData{Decision: matter.Comply, Reason: " ", Grounds: []string{"O8", "O11"}}, failed, []matter.AccountClass{matter.Enterprise}, false, 1},
		{"no ground", event.RequestDecidedData{Decision: matter.Comply, Reason: "r"}, failed[2:], []matter.AccountClass{matter.Enterprise}, false, 0},
		{"consumers", event.RequestDecidedData{Decision: matter.Comply, Reason: "r"}, failed, []matter.AccountClass{matter.Consumer}, false, 0},
		{"a challenge itself", event.RequestDecidedData{Decision: matter.Challenge, Reason: "r"}, failed, []matter.AccountClass{matter.Enterprise}, false, 0},
		{"a rejection", event.RequestDecidedData{Decision: matter.Reject, Reason: "r"}, failed, []matter.AccountClass{matter.Enterprise}, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			faults := Guard(c.decided, c.findings, c.classes, c.challenged)
			require.Len(t, faults, c.faults)
			for _, f := range faults {
				require.Equal(t, "/data/grounds", f.Pointer)
				require.True(t, strings.Contains(f.Detail, "O11"))
				require.NotContains(t, f.Detail, "O10")
			}
		})
	}
}

func TestRequiredFieldsAreReadStrictly(t *testing.T) {
	for name, raw := range map[string]string{
		"an unknown field": `{"ever":[]}`, "a name that stands for nothing": `{"every":[{"field":"mood","ask":"a"}]}`,
		"no words": `{"instruments":{"nsl":[{"field":"signed"}]}}`, "text after the object": `{} {}`, "no JSON": `{`,
	} {
		_, err := decodeFields([]byte(raw))
		require.Error(t, err, name)
	}
}

// Whatever a request says, the review answers every check once, never panics, and leaves good faith to a person.
func TestAReviewAnswersEveryCheckOnce(t *testing.T) {
	base := sound(t)
	rapid.Check(t, func(t *rapid.T) {
		in := base
		word := rapid.SampledFrom([]string{"", "US", "DE", "ZZ", "18 U.S.C. 2703", "§ 95a Abs. 6 StPO", "((", "portal", "other", "\x00é"})
		in.Request = matter.Request{
			Instrument: matter.Instrument(rapid.SampledFrom([]string{"nsl", "epoc", "subpoena", "emergency", "cloud_act", "nothing", ""}).Draw(t, "instrument")),
			Issuer:     matter.Issuer{Country: word.Draw(t, "country"), Role: word.Draw(t, "role"), Region: word.Draw(t, "region")},
			LegalBasis: word.Draw(t, "basis"), Addressee: word.Draw(t, "addressee"), ServedVia: word.Draw(t, "via"), Flags: []string{word.Draw(t, "flag")},
			DataSought: []matter.DataSought{{Category: word.Draw(t, "category"), From: matter.Date{Year: rapid.IntRange(-5, 9999).Draw(t, "year"), Month: 2, Day: 31}}},
		}
		in.Subjects = []Subject{{ID: "u", Country: word.Draw(t, "home")}}
		if rapid.Bool().Draw(t, "without a book") {
			in.Book, in.Fields = nil, Fields{}
		}
		seen := map[string]int{}
		for _, f := range Request(in) {
			seen[f.Check]++
			if f.Check == "O10" {
				require.Equal(t, matter.NeedsPerson, f.Status)
			}
		}
		require.Equal(t, map[string]int{"F01": 1, "O6": 1, "O8": 1, "O9": 1, "O10": 1, "O11": 1, "O12": 1, "O13": 1, "O14": 1}, seen)
	})
}

func TestNoFindingOfAReviewIsWithoutACitation(t *testing.T) {
	whole, bare := sound(t), sound(t)
	bare.Request = matter.Request{Instrument: matter.OtherInstrument, Issuer: matter.Issuer{Country: "ZZ"}, ServedVia: "fax"}
	for _, in := range []Input{whole, bare, {}} {
		for _, f := range Request(in) {
			require.NotEmpty(t, f.Citation, f.Check)
		}
	}
}
