package letter

import (
	"time"

	"lapse/internal/matter"
)

// pacific is a court's zone in goldens; all their dates lie in its daylight saving time.
const pacific = "America/Los_Angeles"

func court() matter.Issuer {
	return matter.Issuer{Name: "Example District Court", Role: "court", Country: "US", Zone: pacific}
}

func on(year int, month time.Month, d int) matter.Date {
	return matter.Date{Year: year, Month: month, Day: d}
}

// order is a delayed-notice order over the whole time from the disclosure until 31 August 2026 in the court's zone.
func order() Delay {
	return Delay{
		Issuer: court(), LegalBasis: "18 U.S.C. 2705(b)", Kind: matter.CourtOrder, SignedOn: on(2026, time.April, 2),
		Stated: matter.End{Kind: matter.EndDate, Date: on(2026, time.August, 31), Wording: "until"},
		Until:  time.Date(2026, time.September, 1, 7, 0, 0, 0, time.UTC), Zone: pacific,
	}
}

// oneOrder is a user told after one order, in the newest English version.
func oneOrder() Facts {
	return Facts{
		Reference: "K3V7-Q2M5-X4C6-B2N5", Account: "acct-7781", Recipient: matter.User,
		Request: matter.Request{
			Reference: "GJ 26-0117", Instrument: matter.SearchWarrant, Issuer: court(),
			ReceivedAt: time.Date(2026, time.April, 3, 16, 30, 0, 0, time.UTC),
			DataSought: []matter.DataSought{
				{Category: "content", From: on(2025, time.May, 1), To: on(2025, time.June, 30)},
				{Category: "non_content", From: on(2025, time.May, 1)},
				{Category: "subscriber"},
			},
			LegalBasis: "18 U.S.C. 2703(a)", SignedOn: on(2026, time.April, 2), Offence: "wire fraud, 18 U.S.C. 1343",
			Policy: "2026-01",
		},
		Disclosure: matter.DisclosureFacts{
			Basis: matter.BasisCompelled, At: time.Date(2026, time.April, 20, 18, 0, 0, 0, time.UTC),
			Categories: []string{"subscriber", "non_content", "content"}, Content: true,
		},
		Delays: []Delay{order()},
		Due:    time.Date(2026, time.September, 1, 7, 0, 0, 0, time.UTC),
		Now:    time.Date(2026, time.September, 1, 7, 0, 5, 0, time.UTC),
		Zone:   pacific, PolicyURL: "https://example.com/legal/notice-policy", HelpURL: "https://example.com/legal/notices",
		ReplyTo: "legal-notices@example.com", SenderName: "Example Service",
	}
}

// noDelay is a user told at once.
func noDelay() Facts {
	f := oneOrder()
	f.Delays, f.Due = nil, f.Disclosure.At
	f.Now = f.Disclosure.At.Add(41 * time.Second)
	return f
}

// aCode is a code with the right check character.
const aCode = "7QH2M-4TVXY"

// checkable are the facts with a verify page and a code.
func checkable(f Facts) Facts {
	f.VerifyURL, f.Code = "https://verify.example.com/verify", aCode
	return f
}

func headers(to string) Headers {
	a, err := matter.ParseAddress(to)
	if err != nil {
		panic(err)
	}
	return Headers{
		To: a, From: "notices@example.com", SenderName: "Example Service", ReplyTo: "legal-notices@example.com",
		MessageID: "0f3c5a.k3v7q2m5@example.com", Date: time.Date(2026, time.September, 1, 7, 0, 5, 0, time.UTC),
	}
}
