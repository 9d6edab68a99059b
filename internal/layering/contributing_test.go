package layering

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// order is that of the floors, from the top of the house down.
func order() []layer {
	return []layer{function, command, wiring, edge, duct, verb, shared, port, pure, words, standIn, nothing}
}

// TestContributingShowsTheFloors: the table of CONTRIBUTING.md begins each line as the rules say.
func TestContributingShowsTheFloors(t *testing.T) {
	page := text(t, "CONTRIBUTING.md")
	for _, floor := range order() {
		var names []string
		for name, f := range floors() {
			if f == floor {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		var may []string
		for _, f := range below()[floor] {
			may = append(may, string(f))
		}
		imports := strings.Join(may, ", ")
		switch {
		case floor == nothing:
			imports = "anything"
		case imports == "":
			imports = "nothing of ours"
		}
		line := "\n| " + string(floor) + " | " + packageList(names) + " | " + imports + " | "
		require.Contains(t, page, line, "CONTRIBUTING.md says something else of the floor %q", floor)
	}
	for _, f := range floors() {
		require.Contains(t, order(), f)
	}
}

// packageList names packages in short: those of one folder share its name.
func packageList(names []string) string {
	var parts []string
	folder := ""
	for _, name := range names {
		dir, base := path.Split(name)
		if len(parts) > 0 && dir == folder {
			parts[len(parts)-1] += " " + base
			continue
		}
		parts, folder = append(parts, name), dir
	}
	return "`" + strings.Join(parts, "`, `") + "`"
}

// TestContributingNamesWhatThereIs: a file or folder that the page names stands in the repository. Words in capitals
// stand for a name of the reader's, and match anything.
func TestContributingNamesWhatThereIs(t *testing.T) {
	paths := regexp.MustCompile("`((?:events|functions|internal|docs|infra|sam)/[^` ]*)`")
	named := paths.FindAllStringSubmatch(text(t, "CONTRIBUTING.md"), -1)
	require.NotEmpty(t, named)
	placeholder := regexp.MustCompile(`[A-Z]{2,}`)
	for _, m := range named {
		pattern := strings.TrimSuffix(placeholder.ReplaceAllString(m[1], "*"), "/")
		require.NotEmpty(t, glob(t, pattern), "CONTRIBUTING.md names %s", m[1])
	}
}
