package law_test

import (
	"slices"

	"lapse/internal/law"
	"lapse/internal/matter"
)

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

func paper(id string, kind matter.OrderKind, issuer matter.Issuer, basis string,
	end matter.End) matter.PostedOrder {
	return matter.PostedOrder{
		OrderID: id, Kind: kind, Issuer: issuer, LegalBasis: basis, End: end, Signed: new(true),
		SignedOn: on("2026-11-02"), Docket: "26-101",
		Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}}, NamesProcess: new(true),
		Silence: "except_counsel",
	}
}

func californian() matter.Issuer {
	return matter.Issuer{Name: "N.D. Cal.", Role: "magistrate", Country: "US", Region: "US-CA",
		Zone: "America/Los_Angeles"}
}

func americanOrders() []told {
	sound := paper("us-1", matter.CourtOrder, californian(), "18 U.S.C. 2705(b)", period(90, "days"))
	sound.Grounds, sound.CourtFindings = []string{"destruction of evidence"},
		"The account holder deleted messages after an earlier search."
	endless := paper("us-2", matter.CourtOrder, californian(), "18 U.S.C. 2705(b)", matter.End{Kind: matter.EndEvent,
		Text: "until further order of the court"})
	omnibus := paper("us-3", matter.CourtOrder, californian(), "18 U.S.C. 2705(b)", period(1, "years"))
	omnibus.NamesProcess, omnibus.SignedOn = new(false), on("2026-03-02")
	letter := paper("us-4", matter.Certification, matter.Issuer{Name: "FBI", Role: "fbi_director_designee",
		Country: "US", Zone: "America/New_York"}, "18 U.S.C. 2709(c)", matter.End{Kind: matter.EndNone})
	letter.Grounds = []string{"danger to the national security"}
	plea := paper("us-5", matter.Plea, matter.Issuer{Name: "County police", Role: "police", Country: "US",
		Zone: "America/Chicago"}, "18 U.S.C. 2703(f)", matter.End{Kind: matter.EndNone})
	return []told{
		{"California, a magistrate: ninety days under 2705(b)",
			"Names its process, states a ground and a finding, excepts counsel.", sound,
			&matter.Request{SignedOn: on("2026-11-02")}, matter.OrderInForce, nil},
		{"California, a magistrate: until further order of the court", "No date, an event only.", endless, nil,
			matter.OrderInForceDeficient, []string{"K04"}},
		{"California, a magistrate: an omnibus order for a year",
			"Signed in March, attached to a subpoena of November that it does not name.", omnibus,
			&matter.Request{SignedOn: on("2026-11-16")}, matter.OrderInForceDeficient, []string{"K03", "K09"}},
		{"The FBI: a national security letter", "Certified by a designee, without an end.", letter, nil,
			matter.OrderOpenEnded, nil},
		{"A county's police: a preservation letter that asks for silence",
			"A cover letter; 2703(f) holds no power to silence anybody.", plea, nil, matter.OrderPlea, []string{"K02"}},
	}
}

func otherOrders() []told {
	german := paper("de-1", matter.CourtOrder, matter.Issuer{Name: "AG München", Role: "judge", Country: "DE",
		Region: "DE-BY", Zone: "Europe/Berlin"}, "§ 95a Abs. 6 StPO", period(12, "months"))
	german.SignedOn, german.Grounds, german.Silence = on("2025-12-25"),
		[]string{"Gefährdung des Untersuchungszwecks"}, "any_person"
	british := paper("gb-1", matter.CourtOrder, matter.Issuer{Name: "Crown Court", Role: "judge", Country: "GB",
		Zone: "Europe/London"}, "Crime (Overseas Production Orders) Act 2019 s.8", until("2027-05-31"))
	british.SignedOn, british.ServedOn = on("2026-07-01"), on("2026-10-20")
	dutch := paper("nl-1", matter.Statute, matter.Issuer{Name: "Officier van justitie", Role: "prosecutor",
		Country: "NL", Zone: "Europe/Amsterdam"}, "artikel 126nd Sv", matter.End{Kind: matter.EndNone})
	swiss := paper("ch-1", matter.CourtOrder, matter.Issuer{Name: "Staatsanwaltschaft Zürich", Role: "prosecutor",
		Country: "CH", Region: "CH-ZH", Zone: "Europe/Zurich"}, "Art. 73 Abs. 2 StPO", matter.End{Kind: matter.EndNone})
	canadian := paper("ca-1", matter.CourtOrder, matter.Issuer{Name: "Ontario Court of Justice", Role: "judge",
		Country: "CA", Zone: "America/Toronto"}, "Criminal Code s. 487.0191", until("2027-04-30"))
	canadian.Grounds = []string{"would jeopardise the conduct of the investigation"}
	return []told{
		{"Munich, a judge: an Offenbarungsverbot of twelve months",
			"The law allows six. Its last day, 25 December, is a holiday and a Friday.", german, nil,
			matter.OrderInForceDeficient, []string{"K05", "K19"}},
		{"England, the Crown Court: an overseas production order served late",
			"Signed on 1 July, served on 20 October; the Act gives three months.", british, nil,
			matter.OrderInForceDeficient, []string{"K11"}},
		{"The Netherlands, a prosecutor: a demand under article 126nd",
			"Article 126bb is said to silence by itself; its text was not read again, so counsel answers.", dutch, nil,
			matter.OrderOpenEnded, nil},
		{"Zurich, a prosecutor: a duty of silence without an end",
			"The Code is said to ask that such a duty is limited in time; its text was not read again.",
			swiss, nil, matter.OrderInForceDeficient, []string{"K04"}},
		{"Ontario, a judge: a prohibition of disclosure to a date",
			"The period is set out in the order, as the Code asks.", canadian, nil, matter.OrderInForce, nil},
	}
}

// exampleOrders are the orders of docs/example-orders.md.
func exampleOrders() []told {
	return slices.Concat(americanOrders(), otherOrders(), moreAmericanOrders(), moreGermanOrders(), moreOrders())
}

func none() matter.End { return matter.End{Kind: matter.EndNone} }

// court is an issuer; a state's court has a region.
func court(name, role, country, zone string) matter.Issuer {
	return matter.Issuer{Name: name, Role: role, Country: country, Zone: zone}
}

func moreAmericanOrders() []told {
	state := matter.Issuer{Name: "Flathead County District Court", Role: law.RoleJudge, Country: "US",
		Region: "US-MT", Zone: "America/Denver"}
	delay := paper("us-6", matter.Certification, court("U.S. Attorney", law.RoleProsecutor, "US", "America/New_York"),
		"18 U.S.C. 2705(a)(1)(B)", period(90, "days"))
	preserved := paper("us-7", matter.CourtOrder, californian(), "18 U.S.C. 2705(b)", period(90, "days"))
	undated := paper("us-8", matter.CourtOrder, californian(), "18 U.S.C. 2705(b)", period(90, "days"))
	undated.End.From = "served"
	montana := paper("us-9", matter.CourtOrder, state, "Mont. Code Ann. 46-5-605", period(18, "months"))
	bank := paper("us-10", matter.CourtOrder, californian(), "12 U.S.C. 3409", none())
	administrative := paper("us-11", matter.CourtOrder, californian(), "18 U.S.C. 3486(a)(6)", period(120, "days"))
	old := paper("us-12", matter.CourtOrder, californian(), "18 U.S.C. 2705(b)", until("2027-03-01"))
	old.SignedOn = on("2015-03-02")
	capital := paper("us-13", matter.CourtOrder, matter.Issuer{Name: "D.D.C.", Role: law.RoleMagistrate,
		Country: "US", Region: "US-DC", Zone: "America/New_York"}, "18 U.S.C. 2705(b)", period(1, "years"))
	capital.NamesProcess = new(false)
	return []told{
		{"A federal prosecutor: a certification under 2705(a)", "It delays the Government's own notice and silences nobody.",
			delay, nil, matter.OrderReceived, []string{"K02"}},
		{"California, a magistrate: 2705(b) on a preservation letter",
			"The section reaches a warrant, a subpoena or an order.",
			preserved, &matter.Request{Instrument: matter.Preservation}, matter.OrderInForceDeficient, []string{"K03"}},
		{"California, a magistrate: ninety days from a service nobody recorded",
			"The date is missing in the record, not on the paper.",
			undated, nil, matter.OrderInForceDeficient, []string{"K04", "trigger_missing"}},
		{"Montana, a judge: eighteen months", "The Code allows not more than a year.",
			montana, nil, matter.OrderInForceDeficient, []string{"K05", "K06"}},
		{"A federal court: a bank's silence without an end", "The delay may be indefinite in some cases: counsel has to say.",
			bank, nil, matter.OrderInForceDeficient, nil},
		{"A federal court: an administrative subpoena, 120 days", "The section allows up to ninety.",
			administrative, nil, matter.OrderInForceDeficient, []string{"K05"}},
		{"California, an order of 2015 that runs to 2027", "It is judged by the law of 2015: no memorandum, no later " +
			"decision.",
			old, nil, matter.OrderInForce, []string{"K06"}},
		{"The District of Columbia: an omnibus order", "There the decision of 2025 binds the court.",
			capital, nil, matter.OrderInForceDeficient, []string{"K03"}},
	}
}

func moreGermanOrders() []told {
	urgent := paper("de-2", matter.CourtOrder, court("Staatsanwaltschaft Köln", law.RoleProsecutor, "DE",
		"Europe/Berlin"), "§ 95a Abs. 6 StPO", period(3, "months"))
	other := paper("de-3", matter.Statute, court("BKA", law.RolePolice, "DE", "Europe/Berlin"), "§ 25 TDDDG", none())
	covert := paper("de-4", matter.CourtOrder, court("LG Berlin", law.RoleJudge, "DE", "Europe/Berlin"), "§ 101 StPO",
		period(18, "months"))
	service := paper("de-5", matter.Statute, court("BfV", law.RoleAgency, "DE", "Europe/Berlin"),
		"§ 8b Abs. 4 BVerfSchG", none())
	return []told{
		{"Cologne, a prosecutor in urgency: three months", "A court has to confirm it; somebody has to ask whether that " +
			"was applied for.",
			urgent, nil, matter.OrderInForce, nil},
		{"The Federal Criminal Police: § 25 TDDDG",
			"The silence of the Act stands in §§ 22 to 24, and not in this section.",
			other, nil, matter.OrderOpenEnded, nil},
		{"Berlin, a regional court: eighteen months under § 101", "The court sets the length; no maximum is broken.",
			covert, nil, matter.OrderInForce, []string{"K06"}},
		{"The domestic intelligence service: silence about its demand", "The addressee must not tell.",
			service, nil, matter.OrderOpenEnded, nil},
	}
}

func moreOrders() []told {
	inTime := paper("gb-2", matter.CourtOrder, court("Crown Court", law.RoleJudge, "GB", "Europe/London"),
		"Crime (Overseas Production Orders) Act 2019 s.8", until("2027-05-31"))
	inTime.SignedOn, inTime.ServedOn = on("2026-07-01"), on("2026-09-30")
	french := paper("fr-1", matter.Statute, court("Tribunal judiciaire", law.RoleJudge, "FR", "Europe/Paris"),
		"Regulation (EU) 2023/1543", none())
	irish := paper("ie-1", matter.Plea, court("Garda Síochána", law.RolePolice, "IE", "Europe/Dublin"),
		"Communications (Retention of Data) Act 2011 s.12G", none())
	australian := paper("au-1", matter.Statute, court("AFP", law.RolePolice, "AU", "Australia/Sydney"),
		"TIA Act 1979 s 181B", none())
	japanese := paper("jp-1", matter.CourtOrder, court("Tokyo District Court", law.RoleJudge, "JP", "Asia/Tokyo"),
		"Act 39/2025", period(1, "years"))
	indian := paper("in-1", matter.CourtOrder, court("Home Secretary", law.RoleMinister, "IN", "Asia/Kolkata"),
		"Interception Rules 2024", until("2026-12-31"))
	brazilian := paper("br-1", matter.CourtOrder, court("Vara Criminal", law.RoleJudge, "BR", "America/Sao_Paulo"),
		"Marco Civil art. 23", until("2027-01-31"))
	peruvian := paper("pe-1", matter.CourtOrder, court("Juzgado Penal", law.RoleJudge, "PE", "America/Lima"),
		"Código Procesal Penal art. 230", matter.End{Kind: matter.EndEvent, Text: "until the inquiry closes"})
	return []told{
		{"England, the Crown Court: an overseas production order served on the last day",
			"Three months that begin with 1 July end with 30 September.",
			inTime, nil, matter.OrderInForce, nil},
		{"Paris, a judge: the silence of an EPOC", "The Regulation keeps the order confidential without any end.",
			french, nil, matter.OrderOpenEnded, nil},
		{"Ireland, the police: a letter that asks for silence",
			"The Act has the agency tell the person; it silences no provider.",
			irish, nil, matter.OrderPlea, []string{"K02"}},
		{"Australia, the federal police: an authorisation for data", "The Act forbids disclosing that it exists.",
			australian, nil, matter.OrderOpenEnded, nil},
		{"Tokyo, a judge: a secrecy order of a year", "The amendment was read in the press only, so it is for counsel.",
			japanese, nil, matter.OrderInForce, nil},
		{"India, the Home Secretary: an interception to a date", "The rule about secrecy was not seen, so it is for counsel.",
			indian, nil, matter.OrderInForce, nil},
		{"Brazil, a judge: secrecy to a date", "The article was not read, so it is for counsel.",
			brazilian, nil, matter.OrderInForce, nil},
		{"Peru, a judge: until the inquiry closes", "A country without a file of rules; an event is no end.",
			peruvian, nil, matter.OrderInForceDeficient, []string{"K04"}},
	}
}
