package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/publish"
	"lapse/internal/reckon"
	"lapse/internal/transparency"
	"lapse/internal/worldtest"
)

// TestAnOperatorCountsTheReportAgain: a half-year is told, published, counted again, checked offline, and reported to a
// customer, all with the real binary on one engine.
func TestAnOperatorCountsTheReportAgain(t *testing.T) {
	engine, data := anEngine(t), t.TempDir()
	r := start(t, data, "AWS_ENDPOINT_URL_DYNAMODB="+engine)
	customer := worldtest.Subject("u1")
	customer["accountClass"], customer["tenant"] = "enterprise", "acme"
	customer["contacts"] = []worldtest.Object{worldtest.Contact("legal_contact", "u1")}
	r.post("e1", worldtest.RequestAbout(customer))
	r.post("e2", worldtest.Comply())
	r.post("e3", worldtest.Disclosure("d1", "u1").At("2026-03-01T09:00:00Z"))
	r.push(`{"to":"2026-07-16T00:00:00Z"}`)

	out, err := operate(t, engine, "report", "recount", "2026-H1")
	require.NoError(t, err, out)
	require.Equal(t, "2026-H1: 1 matters, 0 differ, 0 of them for good\n", out)

	out, err = operate(t, engine, "report", "tenant", "acme", "--json")
	require.NoError(t, err, out)
	var told struct{ Requests []reckon.CustomerRequest }
	require.NoError(t, json.Unmarshal([]byte(out), &told))
	require.Len(t, told.Requests, 1)
	require.Equal(t, 1, told.Requests[0].WithData)
	out, err = operate(t, engine, "report", "tenant", "acme")
	require.NoError(t, err, out)
	require.Contains(t, out, "\n1 requests.")
	require.Contains(t, out, "2026-03-01")
	require.NotContains(t, out, worldtest.Canary, "no address stands there")

	public := filepath.Join(data, "report", "public")
	out, err = operate(t, engine, "report", "check", public)
	require.NoError(t, err, out)
	require.Contains(t, out, "sound")
	table := filepath.Join(public, "2026-H1", "r1", "received.csv")
	body, err := os.ReadFile(table)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(table, []byte(strings.Replace(string(body), ",1\n", ",2\n", 1)), 0o600))
	out, err = operate(t, engine, "report", "check", public)
	require.Error(t, err)
	require.Contains(t, out, "2026-H1/r1/received.csv: does not have its hash")
}

func TestARecountPrintsWhatDiffersAndFailsForWhatNoSweepMends(t *testing.T) {
	half, err := transparency.ParseHalf("2026-H1")
	require.NoError(t, err)
	old, now := "7", "1"
	found := publish.Recount{Matters: 3, Differences: []publish.Difference{
		{Matter: "m1", What: []string{"request", "notices"}, Row: 2, Records: 3, Waits: true},
		{Matter: "m2", What: []string{"row"}, Records: 1},
	}, Cells: []transparency.Change{{File: "received.csv", Column: "received", Old: &old, New: &now,
		Key: map[string]string{"period": "2026-H1", "country": "US", "request_type": "subpoena"}}}}
	var out strings.Builder
	require.ErrorContains(t, printRecount(&out, half, found), "the rows of 1 matters are wrong")
	require.Regexp(t, `(?m)^m1 +request, notices +version 2 +version 3 +a sweep counts it again$`, out.String())
	require.Regexp(t, `(?m)^m2 +row +none +version 1 +nothing counts it again$`, out.String())
	require.Regexp(t, `(?m)^received.csv +2026-H1 US subpoena +received +7 +1$`, out.String())
	require.Contains(t, out.String(), "2026-H1: 3 matters, 2 differ, 1 of them for good")
	found.Differences = found.Differences[:1]
	require.NoError(t, printRecount(&out, half, found))
}
