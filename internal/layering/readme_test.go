package layering

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheReadmeShowsWhatSamTestRuns: a command to be typed with SAM is one that make sam-test runs, word for word.
func TestTheReadmeShowsWhatSamTestRuns(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		require.NoError(t, err)
		return string(text)
	}
	_, section, found := strings.Cut(read("README.md"), "\n## With SAM, locally\n")
	require.True(t, found)
	_, block, found := strings.Cut(section, "```sh\n")
	require.True(t, found)
	block, _, found = strings.Cut(block, "```")
	require.True(t, found)
	script, commands := read("sam/test.sh"), 0
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "export ") || strings.HasPrefix(line, "function=") {
			continue // only gives the script's variables their values
		}
		require.Contains(t, script, line)
		commands++
	}
	require.NotZero(t, commands)
}
