package transparency

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// githubReceived are the requests of GitHub's second half of 2023, with how many led to a disclosure
// (github.com/github/transparency, data/requests_to_disclose_user_information, CC-BY-4.0). Civil subpoenas come from no
// government; they are replayed as "other", so that the disclosures add up to GitHub's.
func githubReceived() []struct {
	name, country, requestType string
	received, disclosed        int
} {
	return []struct {
		name, country, requestType string
		received, disclosed        int
	}{
		{"criminal or government agency subpoena", "US", "subpoena", 194, 183},
		{"criminal court order", "US", "court_order", 49, 38},
		{"criminal search warrant", "US", "search_warrant", 10, 10},
		{"civil subpoena", "US", "other", 7, 5},
		{"cross-border: Austria", "AT", "mlat", 1, 0},
		{"cross-border: Belgium", "BE", "mlat", 1, 0},
		{"cross-border: Brazil", "BR", "mlat", 2, 0},
		{"cross-border: Germany", "DE", "mlat", 1, 0},
		{"cross-border: Spain", "ES", "mlat", 2, 0},
		{"cross-border: France", "FR", "mlat", 6, 0},
		{"cross-border: India", "IN", "mlat", 1, 0},
		{"cross-border: Italy", "IT", "mlat", 2, 0},
		{"cross-border: Korea", "KR", "mlat", 1, 0},
	}
}

// TestGitHubsSecondHalfOf2023 replays a public data set. GitHub told 10 people, 225 disclosures were under an order,
// and 1
// was exigent: together the 236 disclosures. The same facts, counted here, give the same numbers.
func TestGitHubsSecondHalfOf2023(t *testing.T) {
	h := Half{Year: 2023, Part: 2}
	rows := githubRows(h.Start())
	s := freezeAs(t, Counting{Half: h, PublishedOn: h.FreezeAt(), Security: SecurityRules{Structure: 3}}, Freezing{},
		rows...)
	requests := s.table(Requests)
	for _, g := range githubReceived() {
		require.Equal(t, itoa(g.received), row(t, s, Received, g.country, g.requestType)["received"], g.name)
		require.Equal(t, itoa(g.disclosed), row(t, s, Requests, g.country, g.requestType, "non_content")["requests"],
			g.name)
	}
	require.Equal(t, 277, s.Summary.Received)
	require.Equal(t, 17, requests.sum("requests", requests.is("request_type", "mlat")), "cross-border requests")
	require.Equal(t, 236, s.Summary.WithData, "disclosed")
	require.Equal(t, 655, s.Summary.Accounts, "accounts affected")
	require.Equal(t, 236, s.Summary.Disclosed, "one notice a disclosure, as GitHub counts them")
	us := row(t, s, UserNotices, "US")
	require.Equal(t, "10", us["at_disclosure"], "notification")
	require.Equal(t, "225", us["withheld_order"], "gag order")
	require.Equal(t, "1", us["withheld_exception"], "exigent circumstances")
	require.Equal(t, 226, s.Summary.Owed, "what GitHub's data cannot say: when these people are told")
	require.Equal(t, "0–249", s.table(NationalSecurity).Rows[0][3], "GitHub uses 50 U.S.C. 1874(a)(3)")
}

// githubRows makes a matter for every request. One disclosure is one unit, as GitHub counts notices by disclosure.
func githubRows(start time.Time) []Row {
	var rows []Row
	disclosures := 0
	for _, g := range githubReceived() {
		for i := range g.received {
			at := start.AddDate(0, 0, 1+i%150)
			r := Row{Matter: "g", Country: g.country, RequestType: g.requestType, Known: true,
				Request: &MatterFact{ReceivedAt: at, ProcessedAt: at.Add(time.Hour), Outcome: RejectedInvalid,
					Specified: 1}}
			if i < g.disclosed {
				accounts := 3
				if disclosures < 655-236*2 {
					accounts = 3
				} else {
					accounts = 2
				}
				r.Request.Outcome, r.Request.Specified = NonContent, accounts
				r.Request.WithData = []AccountFact{{Class: Consumer, Country: "ZZ", N: accounts}}
				r.Notices = []NoticeFact{githubNotice(disclosures, at.Add(time.Hour))}
				disclosures++
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// githubNotice: the first 10 are told, the next is exigent, all others are under an order.
func githubNotice(n int, at time.Time) NoticeFact {
	f := NoticeFact{DisclosedAt: at}
	switch {
	case n < 10:
		f.Closing, f.ClosedAt, f.Confirmed = Told, at.Add(time.Hour), true
	case n == 10:
		f.Spans = []Span{{Reason: ByException, From: at}}
	default:
		f.Spans = []Span{{Reason: ByOrder}}
	}
	return f
}
