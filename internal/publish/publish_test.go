package publish_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/facts"
	"lapse/internal/memory"
	"lapse/internal/publish"
	"lapse/internal/store"
	"lapse/internal/transparency"
)

var errCrash = errors.New("the machine stopped")

var (
	half   = facts.Half{Year: 2026, Part: 1}
	frozen = half.FreezeAt()
)

// world is a publisher over rows in memory.
type world struct {
	*publish.Service
	t      *testing.T
	rows   *memory.Store
	folder *folder
	now    time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, rows: &memory.Store{}, folder: newFolder(), now: frozen}
	w.Service = &publish.Service{
		Now: func() time.Time { return w.now }, Rows: w.rows, Folder: w.folder,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Settings: publish.Settings{
			Publisher: transparency.Publisher{Name: "Example", Base: "https://transparency.example/"},
			Policies:  []transparency.PolicyText{{Version: "v1", Text: map[string][]byte{"en": []byte("# Policy\n")}}},
		},
	}
	return w
}

// matters puts rows of the sample, as the sweep does: into every half that each belongs to.
func (w *world) matters(n int) *world {
	first := facts.Half{Year: 2025, Part: 2}
	for row := range transparency.Sample(5, first, 2, n) {
		w.put(row, first, half)
	}
	return w
}

func (w *world) put(row facts.Row, halves ...facts.Half) {
	body, err := json.Marshal(row)
	require.NoError(w.t, err)
	for _, h := range halves {
		require.NoError(w.t, w.rows.PutReport(w.t.Context(), store.ReportRow{Half: h.String(), Matter: row.Matter, Parts: 1,
			Version: 1, Counted: frozen, Opened: halves[0].Start(), Secret: !row.SecretSince.IsZero(), Facts: body}))
	}
}

// request is a row of one rejected request of the half.
func request(id, country string) facts.Row {
	at := half.Start().AddDate(0, 1, 0)
	return facts.Row{Matter: id, Country: country, RequestType: "subpoena", Known: true, Request: &facts.MatterFact{
		ReceivedAt: at, ProcessedAt: at, Outcome: facts.RejectedInvalid, Specified: 1}}
}

func (w *world) freeze(reason string) publish.Result {
	w.t.Helper()
	r, err := w.Freeze(w.t.Context(), half, reason)
	require.NoError(w.t, err)
	return r
}

// sound wants a folder in which the offline check finds nothing.
func (w *world) sound() {
	w.t.Helper()
	faults, err := transparency.CheckFolder(w.folder.public())
	require.NoError(w.t, err)
	require.Empty(w.t, faults)
}

func TestAReportIsPublishedWholeAndItsFirstPageLast(t *testing.T) {
	w := newWorld(t).matters(200)
	r := w.freeze("")
	require.True(t, r.New)
	require.Equal(t, 1, r.Revision)
	require.Contains(t, r.Files, "user_notices.csv")
	w.sound()
	puts := w.folder.puts
	earlier := facts.Half{Year: 2025, Part: 2}.String()
	require.Equal(t, "private/"+earlier+"/r1.json", puts[0], "the half before comes first, its snapshot before its files")
	require.Equal(t, []string{"public/index.html", "public/index.de.html", "private/2026-H1/r1.published"},
		puts[len(puts)-3:])
}

func TestTheSameRowsMakeTheSameRevision(t *testing.T) {
	w := newWorld(t).matters(100)
	first := w.freeze("")
	files := len(w.folder.files)
	w.now = w.now.AddDate(0, 0, 3)
	again := w.freeze("")
	require.False(t, again.New)
	require.Equal(t, first.SHA256, again.SHA256)
	require.Len(t, w.folder.files, files)
}

func TestAFurtherRevisionNeedsAReasonAndListsItsChanges(t *testing.T) {
	w := newWorld(t).matters(100)
	w.freeze("")
	w.put(request("late", "FR"), half)
	_, err := w.Freeze(t.Context(), half, "")
	require.ErrorIs(t, err, transparency.ErrNoReason)
	r := w.freeze("a request was found")
	require.True(t, r.New)
	require.Equal(t, 2, r.Revision)
	w.sound()
	list := string(w.folder.files["public/2026-H1/changes.json"])
	require.Contains(t, list, "a request was found")
	require.Equal(t, list, string(w.folder.files["public/2026-H1/r2/changes.json"]))
	require.NotEqual(t, list, string(w.folder.files["public/2026-H1/r1/changes.json"]), "the first one stays")
}

// A run that is cut off at any put, before it happened or after, is repeated to the same bytes.
func TestACrashAnywhereIsRepeatedToTheSameBytes(t *testing.T) {
	whole := newWorld(t).matters(20)
	whole.freeze("")
	for cut := 0; cut < len(whole.folder.puts); cut += 29 {
		for _, happened := range []bool{false, true} {
			w := newWorld(t).matters(20)
			w.folder.fault = func(put int) (bool, bool) { return put == cut && !happened, put == cut && happened }
			_, err := w.Freeze(t.Context(), half, "")
			require.ErrorIs(t, err, errCrash)
			w.folder.fault = nil
			w.freeze("")
			require.True(t, w.folder.same(whole.folder), "cut at put %d", cut)
		}
	}
}

func TestTwoRunsAtOnceMakeOneRevision(t *testing.T) {
	w := newWorld(t).matters(50)
	var g sync.WaitGroup
	made := make([]publish.Result, 4)
	failed := make([]error, len(made))
	for i := range made {
		g.Go(func() { made[i], failed[i] = w.Freeze(t.Context(), half, "") })
	}
	g.Wait()
	for i := range made {
		require.NoError(t, failed[i])
		require.Equal(t, made[0].SHA256, made[i].SHA256)
		require.Equal(t, 1, made[i].Revision)
	}
	w.sound()
}

func TestAHalfIsFrozenOnTheFifteenthAndOnce(t *testing.T) {
	w := newWorld(t).matters(50)
	w.now = frozen.Add(-time.Second)
	made, err := w.Due(t.Context())
	require.NoError(t, err)
	require.Len(t, made, 1, "the half before it is due since January")
	w.now = frozen
	made, err = w.Due(t.Context())
	require.NoError(t, err)
	require.Len(t, made, 1)
	require.Equal(t, half, made[0].Half)
	made, err = w.Due(t.Context())
	require.NoError(t, err)
	require.Empty(t, made)
}

func TestAHalfThatHasNotEndedIsNotFrozen(t *testing.T) {
	w := newWorld(t).matters(10)
	w.now = half.End().Add(-time.Second)
	_, err := w.Freeze(t.Context(), half, "")
	require.ErrorIs(t, err, transparency.ErrNotOver)
	files, err := w.Draft(t.Context(), half)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	require.Empty(t, w.folder.files, "a draft is kept nowhere")
}

func TestNothingIsPublishedBeforeTheFirstEvent(t *testing.T) {
	w := newWorld(t)
	_, err := w.Freeze(t.Context(), half, "")
	require.ErrorIs(t, err, publish.ErrNothing)
	made, err := w.Due(t.Context())
	require.NoError(t, err)
	require.Empty(t, made)
}

// A matter that goes on by itself, and was last counted before the half ended, may have been told since.
func TestNoHalfIsFrozenBeforeItsMattersAreCounted(t *testing.T) {
	w := newWorld(t).matters(10)
	body, err := json.Marshal(request("m-waits", "FR"))
	require.NoError(t, err)
	row := store.ReportRow{Half: half.String(), Matter: "m-waits", Parts: 1, Version: 1,
		Counted: half.End().Add(-time.Second), Opened: half.Start(), Facts: body}
	require.NoError(t, w.rows.PutReport(t.Context(), row))
	_, err = w.Freeze(t.Context(), half, "")
	require.ErrorIs(t, err, publish.ErrUnsettled)
	row.Counted = half.End()
	require.NoError(t, w.rows.PutReport(t.Context(), row))
	w.freeze("")
}

// A part that the matter's first row no longer knows of was left by an earlier reckoning.
func TestAPartLeftBehindIsNotCounted(t *testing.T) {
	w := newWorld(t)
	first, left := request("m1", "FR"), request("m1", "FR")
	w.put(first, half)
	body, err := json.Marshal(left)
	require.NoError(t, err)
	require.NoError(t, w.rows.PutReport(t.Context(), store.ReportRow{Half: half.String(), Matter: "m1", Part: 1, Parts: 2,
		Version: 1, Counted: frozen, Opened: half.Start(), Facts: body}))
	w.freeze("")
	require.Contains(t, string(w.folder.files["public/2026-H1/received.csv"]), "2026-H1,FR,subpoena,1\n")
}

// Nothing of a matter of national security reaches another file than the bands'.
func TestASecretMatterReachesNoOtherFile(t *testing.T) {
	plain, planted := newWorld(t).matters(40), newWorld(t).matters(40)
	since := half.Start().AddDate(0, 2, 0)
	secret := facts.Row{Matter: "secret", Known: true, SecretSince: since, Security: &facts.SecurityFact{Kind: "nsl",
		ReceivedAt: since, Selectors: 3}}
	planted.put(secret, half)
	plain.freeze("")
	planted.freeze("")
	require.True(t, plain.folder.same(planted.folder), "one letter more stays in its band")
	for range 2 {
		for i := range 600 {
			s := secret
			s.Matter = "secret-" + strings.Repeat("x", i%60) + time.Duration(i).String()
			planted.put(s, half)
		}
	}
	r, err := planted.Freeze(t.Context(), half, "more letters")
	require.NoError(t, err)
	require.True(t, r.New)
	for path, body := range planted.folder.files {
		if strings.HasPrefix(path, "public/2026-H1/") && strings.HasSuffix(path, ".csv") &&
			!strings.Contains(path, "national_security") {
			require.Equal(t, string(plain.folder.files[strings.Replace(path, "/r2/", "/r1/", 1)]), string(body), path)
		}
	}
}
