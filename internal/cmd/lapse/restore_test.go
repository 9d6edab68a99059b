package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
	"lapse/internal/dynamo"
	"lapse/internal/event"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/worldtest"
)

func clientOf(endpoint string) *dynamodb.Client {
	cfg := local()
	cfg.BaseEndpoint = &endpoint
	return dynamo.NewClient(cfg, 4)
}

// operate runs an operator's command of the real binary against the table.
func operate(t *testing.T, endpoint string, args ...string) (string, error) {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "TABLE="+tableName, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local",
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_ENDPOINT_URL_DYNAMODB="+endpoint)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (r *running) sweep() (report dispatch.Report) {
	r.t.Helper()
	status, body := r.do("POST", "/local/sweep", "", "")
	require.Equal(r.t, 200, status, body)
	require.NoError(r.t, json.Unmarshal([]byte(body), &report))
	return report
}

// restoredFrom is an engine that has the items in a table of another id.
func restoredFrom(t *testing.T, items []map[string]types.AttributeValue) (endpoint string) {
	t.Helper()
	endpoint = anEngine(t)
	client := clientOf(endpoint)
	template, err := os.ReadFile("../../../template.yaml")
	require.NoError(t, err)
	require.NoError(t, dynamo.CreateTable(t.Context(), client, template, tableName))
	for _, item := range items {
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(tableName), Item: item})
		require.NoError(t, err)
	}
	return endpoint
}

// unheard lets SES take the next mail, and neither answer nor report that.
func (r *running) unheard() {
	r.t.Helper()
	for path, silence := range map[string]string{"/local/ses": `{"fault":"drop_after_accept"}`,
		"/local/ses/events": `{"auto":false}`} {
		status, body := r.do("POST", path, "application/json", silence)
		require.Less(r.t, status, 300, body)
	}
}

// saysRepetition reports whether the mail says that it may be one.
func (r *running) saysRepetition(mail arrived) bool {
	r.t.Helper()
	status, text := r.do("GET", fmt.Sprintf("/local/inbox/%d.eml", mail.N), "", "")
	require.Equal(r.t, 200, status, text)
	return strings.Contains(strings.ReplaceAll(text, "=\r\n", ""), "repetition")
}

// goesOn lets the mail to a first contact come back, and requires that the next contact is told.
func (r *running) goesOn(first arrived) {
	r.t.Helper()
	status, body := r.do("POST", "/local/ses/events", "application/json",
		fmt.Sprintf(`{"messageId":%q,"event":"Bounce"}`, first.MessageID))
	require.Equal(r.t, 200, status, body)
	r.push(`{"advance":"PT1M"}`)
	mails := r.inbox()
	next := mails[len(mails)-1]
	require.Equal(r.t, []string{worldtest.Address("second"), worldtest.Address("further")}, []string{first.To, next.To})
	require.Equal(r.t, first.Tags["notice"], next.Tags["notice"])
}

// TestRestoreDrillOnTheEngine is the drill of docs/runbook.md: a mail is sent after the backup, the backup is restored
// to another table, and nobody is told twice, nor early, nor not at all; but where nobody knows whether a mail went, a
// second one goes that says so, and a mail that comes back goes on to the next contact.
func TestRestoreDrillOnTheEngine(t *testing.T) {
	old := anEngine(t)
	data := t.TempDir()
	r := start(t, data, "AWS_ENDPOINT_URL_DYNAMODB="+old, "LAPSE_LOG=info")
	r.sweep()
	r.tellStory()
	r.post("e7", worldtest.ContactChange("u2", "second", "further"))
	backup, err := clientOf(old).Scan(t.Context(),
		&dynamodb.ScanInput{TableName: aws.String(tableName), ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	require.Equal(t, 1, r.sweep().Sent)
	r.post("e5", bothDisclosed("d2"))
	require.Equal(t, 1, r.sweep().Sent)
	r.post("e6", bothDisclosed("d3"))
	r.unheard()
	require.Equal(t, 1, r.sweep().Unknown)
	r.end(os.Interrupt)

	restored := restoredFrom(t, backup.Items)
	sent := filepath.Join(t.TempDir(), "sent.jsonl")
	require.NoError(t, os.WriteFile(sent, r.out.Bytes(), 0o600))
	r = start(t, data, "AWS_ENDPOINT_URL_DYNAMODB="+restored)
	require.Equal(t, "restored_table", r.sweep().Paused)
	require.Len(t, r.inbox(), 3)

	out, err := operate(t, restored, "restore", "--sent", sent)
	require.Error(t, err, "a disclosure is missing: %s", out)
	require.Contains(t, out, "1 marked as sent, 0 as unknown, 0 known already, 2 without a notice, 0 not applicable")
	r.post("e5", bothDisclosed("d2"))
	r.post("e6", bothDisclosed("d3"))
	require.Equal(t, "restored_table", r.sweep().Paused)
	out, err = operate(t, restored, "restore", "--sent", sent)
	require.NoError(t, err, out)
	require.Contains(t, out, "1 marked as sent, 1 as unknown, 1 known already, 0 without a notice, 0 not applicable")
	out, err = operate(t, restored, "restore", "--sent", sent)
	require.NoError(t, err, out)
	require.Contains(t, out, "0 marked as sent, 0 as unknown, 3 known already, 0 without a notice, 0 not applicable")

	out, err = operate(t, restored, "resume")
	require.NoError(t, err, out)
	require.Contains(t, out, "was a copy of")
	require.Empty(t, r.sweep().Paused)
	require.Len(t, r.inbox(), 3, "nobody twice")
	r.push(`{"advance":"PT15M"}`)
	mails := r.inbox()
	require.Len(t, mails, 4, "but who may not have been told")
	for i, mail := range mails {
		require.Equal(t, i == 3, r.saysRepetition(mail))
	}
	r.goesOn(mails[0])
	r.push(`{"to":"2026-09-01T07:00:05Z"}`)
	require.Len(t, r.inbox(), 8, "the three that the order held")
}

func TestRestoreNamesEveryLineThatIsNotRecorded(t *testing.T) {
	line := func(subject string) string {
		return fmt.Sprintf(`{"msg":"notice sent","notice":%q,"attempt":"%032x","messageId":"m",`+
			`"at":"2026-03-01T10:00:00Z","due":"2026-03-01T10:00:00Z"}`,
			notice.ID(worldtest.Salt(), "mat-1", "d1", subject), 1)
	}
	unknown := func(subject string) string {
		return strings.NewReplacer("notice sent", "notice unknown", `"messageId":"m",`, "").Replace(line(subject))
	}
	var marked []bool
	results := map[string]error{"fresh": nil, "missing": store.ErrNotFound, "other": event.ErrConflict}
	mark := func(_ context.Context, a notice.Trace) (bool, error) {
		marked = append(marked, a.Unknown())
		for subject, err := range results {
			if a.Notice == notice.ID(worldtest.Salt(), "mat-1", "d1", subject) {
				return err == nil, err
			}
		}
		return false, nil
	}
	var out bytes.Buffer
	file := strings.Join([]string{line("fresh"), "", `{"msg":"sweep finished"}`, line("known"), line("missing"),
		`{"msg":"notice sent"}`, "START", line("other"), unknown("fresh"), unknown("known"), unknown("missing")}, "\n")
	err := markAll(t.Context(), strings.NewReader(file), &out, mark)
	require.EqualError(t, err, "restore: 5 lines are not recorded")
	require.Equal(t, []bool{true, true, true, false, false, false, false}, marked, "doubts first, wherever they stand")
	text := out.String()
	require.Contains(t, text,
		"1 marked as sent, 1 as unknown, 2 known already, 2 without a notice, 3 not applicable, 1 lines about something else")
	for _, n := range []int{5, 6, 7, 8, 11} {
		require.Contains(t, text, fmt.Sprintf("line %d:", n))
	}
	require.NoError(t, markAll(t.Context(), strings.NewReader(line("fresh")), &out, mark))

	results["fresh"] = errors.New("the table does not answer")
	err = markAll(t.Context(), strings.NewReader(file), &out, mark)
	require.ErrorContains(t, err, "line 9 ", "trouble with the table is no fault of a line")
}
