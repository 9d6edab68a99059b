package layering

import (
	"go/ast"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheGlossaryHasEveryWord: every event type, kind of agenda row and state of a notice has a line, so do the words
// that Lapse invented, and the package of every line is there.
func TestTheGlossaryHasEveryWord(t *testing.T) {
	rows := glossary(t)
	for _, of := range [][2]string{{"event", "Type"}, {"agenda", "Kind"}, {"notice", "State"}} {
		values := constants(t, of[0], of[1])
		require.NotEmpty(t, values, "%s.%s", of[0], of[1])
		for _, value := range values {
			require.Equal(t, "internal/"+of[0], rows["`"+value+"`"], "docs/glossary.md explains %s.%s %q", of[0], of[1], value)
		}
	}
	for _, word := range []string{
		"restraint", "base", "due", "standing restraint", "re-plan", "make-notices row", "superset rule", "final check",
	} {
		require.Contains(t, rows, word+"*", "an invented word")
	}
	for word, name := range rows {
		require.Contains(t, floors(), name, "where %s lives", word)
	}
}

// glossary reads the package of each word. A line has the word, a meaning and a package.
func glossary(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/glossary.md")
	require.NoError(t, err)
	row := regexp.MustCompile("^\\| ([^|]+) \\| [A-Za-z][^|]+\\. \\| `([a-z/]+)` \\|$")
	rows := map[string]string{}
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasSuffix(line, "| package |") {
			continue
		}
		m := row.FindStringSubmatch(line)
		require.NotNil(t, m, "word, meaning and package are wanted: %s", line)
		require.NotContains(t, rows, m[1], "one word has one meaning")
		rows[m[1]] = m[2]
	}
	return rows
}

// constants lists the values of every constant of the type in the package.
func constants(t *testing.T, in, of string) (values []string) {
	t.Helper()
	for _, s := range sources(t) {
		if s.test || s.pkg.name() != "internal/"+in {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, named := v.Type.(*ast.Ident); named && id.Name == of {
				for _, value := range v.Values {
					text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
					require.NoError(t, err)
					values = append(values, text)
				}
			}
			return true
		})
	}
	return values
}
