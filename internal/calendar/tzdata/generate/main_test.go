package main

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// wheel is the smallest release that has everything: a zone, an old name, and an old name of the old name.
func wheel() fstest.MapFS {
	const dir = "tzdata/zoneinfo/"
	berlin := &fstest.MapFile{Data: []byte("TZif-berlin")}
	return fstest.MapFS{
		dir + "tzdata.zi": {Data: []byte("# version 2030a\n# other\nZ Europe/Berlin 1 - CET\n" +
			"L Europe/Berlin Old\nL Old Older\n")},
		dir + "zone.tab":        {Data: []byte("# comment\nDE\t+5230+01322\tEurope/Berlin\tmost\n")},
		dir + "Europe/Berlin":   berlin,
		dir + "Old":             berlin,
		dir + "Older":           berlin,
		dir + "Europe/__init__": {Data: []byte("not a zone")},
	}
}

func TestReleaseIsTheSameBytesEachTime(t *testing.T) {
	first, err := release(wheel())
	require.NoError(t, err)
	second, err := release(wheel())
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Equal(t, "2030a\n", string(first["VERSION"]))
	require.Equal(t, "Old\tEurope/Berlin\nOlder\tEurope/Berlin\n", string(first["links.txt"]), "links are led to zones")
	require.Contains(t, string(first["zones.zip"]), "TZif-berlin", "stored, not compressed")
	require.NotContains(t, string(first["zones.zip"]), "not a zone")
}

func TestReleaseRefusesADamagedWheel(t *testing.T) {
	const dir = "tzdata/zoneinfo/"
	rules := func(text string) func(fstest.MapFS) {
		return func(w fstest.MapFS) { w[dir+"tzdata.zi"].Data = []byte(text) }
	}
	for name, damage := range map[string]func(fstest.MapFS){
		"no version":                 rules("Z Europe/Berlin\nL Europe/Berlin Old\n"),
		"a link to nowhere":          rules("# version x\nZ A\nL B Old\n"),
		"a ring of links":            rules("# version x\nZ A\nL B C\nL C B\n"),
		"a zone without its file":    func(w fstest.MapFS) { delete(w, dir+"Europe/Berlin") },
		"an old name that differs":   func(w fstest.MapFS) { w[dir+"Old"] = &fstest.MapFile{Data: []byte("TZif-other")} },
		"a zone that is not TZif":    func(w fstest.MapFS) { w[dir+"Europe/Berlin"].Data = []byte("text") },
		"a country without its zone": func(w fstest.MapFS) { w[dir+"zone.tab"].Data = []byte("FR\t+0+0\tEurope/Paris\n") },
		"no zone.tab":                func(w fstest.MapFS) { delete(w, dir+"zone.tab") },
	} {
		t.Run(name, func(t *testing.T) {
			w := wheel()
			damage(w)
			_, err := release(w)
			require.Error(t, err)
		})
	}
}

func TestRunReadsItsOwnArchiveForm(t *testing.T) {
	files := make(map[string][]byte)
	for name, f := range wheel() {
		files[name] = f.Data
	}
	packed, err := pack(files)
	require.NoError(t, err)
	dir := t.TempDir()
	path := filepath.Join(dir, "tzdata.whl")
	require.NoError(t, os.WriteFile(path, packed, 0o600))
	require.NoError(t, run(path, dir))
	for _, name := range []string{"VERSION", "links.txt", "zone.tab", "zones.zip"} {
		require.FileExists(t, filepath.Join(dir, name))
	}
	require.ErrorContains(t, run(filepath.Join(dir, "none.whl"), dir), "open wheel")
}
