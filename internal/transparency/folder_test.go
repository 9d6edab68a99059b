package transparency

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// published is a folder with two halves, the second with two revisions.
func published(t testing.TB) fstest.MapFS {
	t.Helper()
	_, rows := sample(t, 80)
	dir := fstest.MapFS{}
	put := func(folder string, files []File) {
		for _, f := range files {
			dir[strings.TrimPrefix(folder+"/"+f.Path, "/")] = &fstest.MapFile{Data: f.Body}
		}
	}
	before := freezeAs(t, Counting{Half: half.Previous(), PublishedOn: half.Previous().FreezeAt()}, Freezing{}, rows...)
	one := freezeAs(t, counting(), Freezing{Before: before}, rows[:70]...)
	later := counting()
	later.FirstFrozen = one.FrozenAt
	two := freezeAs(t, later, Freezing{Before: before, Previous: one, Reason: "Ten matters had been late."}, rows...)
	for _, s := range []*Snapshot{before, one, two} {
		files, err := Files(s)
		require.NoError(t, err)
		put(fmt.Sprintf("%s/r%d", s.Half, s.Revision), files)
		put(s.Half.String(), files)
	}
	index, err := Index(two.Publisher, []*Snapshot{two, before}, nil)
	require.NoError(t, err)
	put("", index)
	return dir
}

func TestAPublishedFolderIsFaultless(t *testing.T) {
	faults, err := CheckFolder(published(t))
	require.NoError(t, err)
	require.Empty(t, faults)
}

// resum writes the hashes of a revision anew, as somebody would who edits a file and covers it up.
func resum(dir fstest.MapFS, folder string) {
	var files []File
	for name, f := range dir {
		if rest, ok := strings.CutPrefix(name, folder+"/"); ok && rest != sums {
			files = append(files, File{rest, f.Data})
		}
	}
	dir[folder+"/"+sums] = &fstest.MapFile{Data: sumsOf(files)}
}

func TestTheCheckFindsWhatIsWrong(t *testing.T) {
	const newest = "2026-H1/r2"
	whole := published(t)
	replace := func(dir fstest.MapFS, name, old, new string) {
		text := string(dir[name].Data)
		if !strings.Contains(text, old) {
			panic(name + " does not contain " + old)
		}
		dir[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
	}
	line := func(dir fstest.MapFS, name string, n int) string {
		return strings.Split(string(dir[name].Data), "\n")[n]
	}
	for name, c := range map[string]struct {
		spoil func(fstest.MapFS)
		want  string
	}{
		"a number is edited": {func(d fstest.MapFS) {
			replace(d, newest+"/received.csv", line(d, newest+"/received.csv", 1),
				"2026-H1,BR,administrative_demand,77")
		}, "does not have its hash"},
		"a number is edited and covered up": {func(d fstest.MapFS) {
			replace(d, newest+"/user_notices.csv", line(d, newest+"/user_notices.csv", 1),
				"2026-H1,BR,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,,")
			resum(d, newest)
		}, "accounted for"},
		"a row is gone": {func(d fstest.MapFS) {
			replace(d, newest+"/requests.csv", line(d, newest+"/requests.csv", 1)+"\n", "")
			resum(d, newest)
		}, "requests:"},
		"rows are out of order": {func(d fstest.MapFS) {
			a, b := line(d, newest+"/received.csv", 1), line(d, newest+"/received.csv", 2)
			replace(d, newest+"/received.csv", a+"\n"+b, b+"\n"+a)
		}, "out of order"},
		"a header is changed": {func(d fstest.MapFS) {
			replace(d, newest+"/accounts.csv", "accounts\n",
				"count\n")
		}, "the header is not"},
		"a word is none": {func(d fstest.MapFS) { replace(d, newest+"/requests.csv", "withdrawn", "gone") },
			"is no outcome"},
		"national security is in": {func(d fstest.MapFS) { replace(d, newest+"/received.csv", "cloud_act", "nsl") },
			"is no request_type"},
		"a count is no number": {func(d fstest.MapFS) {
			replace(d, newest+"/requests.csv", ",0,0,0",
				",0,0,few")
		}, "is no accounts_with_data"},
		"another half's row": {func(d fstest.MapFS) {
			replace(d, newest+"/received.csv", "2026-H1",
				"2025-H1")
		}, "is of 2025-H1"},
		"a file is gone": {func(d fstest.MapFS) { delete(d, newest+"/notes.json") }, "is missing"},
		"a file is too many": {func(d fstest.MapFS) { d[newest+"/more.csv"] = &fstest.MapFile{Data: []byte("x")} },
			"is not in SHA256SUMS"},
		"the newest is not on top": {func(d fstest.MapFS) { d["2026-H1/index.html"] = d["2026-H1/r1/index.html"] },
			"is not the file of revision 2"},
		"report.json differs": {func(d fstest.MapFS) {
			replace(d, newest+"/report.json", `"accounts": null`, `"accounts": 3`)
			resum(d, newest)
		}, "is not that of the file"},
		"a change is hidden": {func(d fstest.MapFS) {
			replace(d, newest+"/changes.json", `"requests.csv"`, `"received.csv"`)
			resum(d, newest)
		}, "does not list what differs"},
		"no reason": {func(d fstest.MapFS) {
			replace(d, newest+"/changes.json", "Ten matters had been late.", "")
			resum(d, newest)
		}, "gives no reason"},
		"a revision is missing": {func(d fstest.MapFS) {
			for name := range d {
				if strings.HasPrefix(name, "2026-H1/r1/") {
					delete(d, name)
				}
			}
		}, "has no revision"},
		"the package describes another file": {func(d fstest.MapFS) {
			replace(d, newest+"/datapackage.json", `"name": "received"`, `"name": "gone"`)
			replace(d, newest+"/datapackage.json", `"path": "received.csv"`, `"path": "gone.csv"`)
			resum(d, newest)
		}, "does not describe received.csv"},
		"a half is missing": {func(d fstest.MapFS) {
			for name, f := range d {
				if rest, ok := strings.CutPrefix(name, "2025-H2/"); ok {
					d["2024-H2/"+rest] = f
					delete(d, name)
				}
			}
		}, "the half before, 2025-H2, is missing"},
		"no index":      {func(d fstest.MapFS) { delete(d, "index.html") }, "is missing"},
		"no half":       {func(d fstest.MapFS) { clear(d); d["x"] = &fstest.MapFile{} }, "no half-year"},
		"hashes of old": {func(d fstest.MapFS) { replace(d, newest+"/SHA256SUMS", "  ", " ") }, "is no line of hashes"},
	} {
		dir := maps.Clone(whole)
		c.spoil(dir)
		faults, err := CheckFolder(dir)
		require.NoError(t, err, name)
		require.Contains(t, fmt.Sprint(faults), c.want, name)
	}
}

// TestTheCheckFindsASuppressedCellThatCameBack: the files agree with each other, and all the same a cell is shown that
// the revision before had left empty.
func TestTheCheckFindsASuppressedCellThatCameBack(t *testing.T) {
	one, rows := sample(t, 80)
	later := counting()
	later.FirstFrozen = one.FrozenAt
	two := freezeAs(t, later, Freezing{Previous: one, Reason: "More."}, append(rows,
		requestRow(t, "US", "subpoena", Withdrawn, "2026-02-01", "2026-02-03"))...)
	for i, r := range two.Tables[2].Rows {
		if r[4] == "" {
			two.Tables[2].Rows[i][4] = "3"
			break
		}
	}
	two.Changes = changes(one.Tables, two.Tables)
	dir := fstest.MapFS{}
	for _, s := range []*Snapshot{one, two} {
		files, err := Files(s)
		require.NoError(t, err)
		for _, f := range files {
			dir[fmt.Sprintf("2026-H1/r%d/%s", s.Revision, f.Path)] = &fstest.MapFile{Data: f.Body}
			dir["2026-H1/"+f.Path] = &fstest.MapFile{Data: f.Body}
		}
	}
	faults, err := CheckFolder(dir)
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(faults), "shows a cell of accounts.csv that was suppressed")
}
