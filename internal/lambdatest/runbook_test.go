package lambdatest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lapse/internal/notice"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func readRunbook(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/runbook.md")
	require.NoError(t, err)
	return string(text)
}

// TestTheRunbookHasAnEntryForEveryAlarm of every template, and none for an alarm that cannot come.
func TestTheRunbookHasAnEntryForEveryAlarm(t *testing.T) {
	files, err := filepath.Glob("../../infra/*.yaml")
	require.NoError(t, err)
	var alarms []string
	for _, file := range append(files, "../../template.yaml") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var template struct {
			Resources map[string]struct {
				Type string `yaml:"Type"`
			} `yaml:"Resources"`
		}
		require.NoError(t, yaml.Unmarshal(text, &template))
		for name, r := range template.Resources {
			if r.Type == "AWS::CloudWatch::Alarm" {
				alarms = append(alarms, name)
			}
		}
	}
	require.NotEmpty(t, alarms)
	var entries []string
	for _, m := range regexp.MustCompile(`(?m)^### (\w+)\n\n\S`).FindAllStringSubmatch(readRunbook(t), -1) {
		entries = append(entries, m[1])
	}
	slices.Sort(alarms)
	slices.Sort(entries)
	require.Equal(t, alarms, entries)
}

// TestTheRunbookPointsTheWholeStackToARestoredTable: after its replacements in template.yaml nothing refers to the old
// table.
func TestTheRunbookPointsTheWholeStackToARestoredTable(t *testing.T) {
	var lines []string
	for line := range strings.Lines(string(readTemplate(t))) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	expressions := regexp.MustCompile(`-e 's\|([^|]+)\|'"\$(\w+)"'\|'`).FindAllStringSubmatch(readRunbook(t), -1)
	require.Len(t, expressions, 2)
	for _, e := range expressions {
		was := regexp.MustCompile(e[1])
		replaced := 0
		for i, line := range lines {
			if was.MatchString(line) {
				lines[i], replaced = was.ReplaceAllLiteralString(line, e[2]), replaced+1
			}
		}
		require.Positive(t, replaced, e[1])
	}
	after := strings.Join(lines, "\n")
	require.NotRegexp(t, `!(Ref|GetAtt) Table\b|\$\{Table\b`, after)
	stack := readStack(t, []byte(after))
	for _, function := range []string{"api", "intake", "dispatch", "delivery", "verify", "report"} {
		table := stack.variables(t, function)["TABLE"]
		require.Equal(t, "NEW", table.Value)
	}
	require.Contains(t, stack.Resources, "Table", "it stays in the stack")
}

// TestTheRunbookAsksForTheLinesThatAreWritten by the name that they are written under.
func TestTheRunbookAsksForTheLinesThatAreWritten(t *testing.T) {
	require.Contains(t, readRunbook(t),
		`--filter-pattern '{ ($.msg = "`+notice.SentLine+`") || ($.msg = "`+notice.UnknownLine+`") }'`)
}
