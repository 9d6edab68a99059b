package lambdatest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheThreatsNameTestsThatExist, alarms that exist, and an answer to each of the four questions for every attacker.
func TestTheThreatsNameTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/threats.md")
	require.NoError(t, err)
	tests := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, root := range []string{"../../internal", "../../events", "../../functions"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, m := range declared.FindAllSubmatch(source, -1) {
				tests[string(m[1])] = true
			}
			return err
		}))
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(text), -1)
	require.Greater(t, len(named), 50)
	for _, m := range named {
		require.True(t, tests[m[1]], "no test is called %s", m[1])
	}
	stack := readStack(t, readTemplate(t))
	for _, m := range regexp.MustCompile("`(\\w+Alarm)`").FindAllStringSubmatch(string(text), -1) {
		require.Contains(t, stack.Resources, m[1])
	}
	sections := strings.Split(string(text), "\n## ")
	require.Len(t, sections, 9, "the introduction, seven attackers, what is not yet there")
	for _, section := range sections[1:8] {
		for _, question := range []string{"early", "misdirected", "learnt", "silenced"} {
			require.Contains(t, section, "\n| "+question+" | ", strings.SplitN(section, "\n", 2)[0])
		}
	}
}
