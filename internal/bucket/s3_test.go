package bucket_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"lapse/internal/bucket"
	"lapse/internal/facts"
	"lapse/internal/memory"
	"lapse/internal/publish"
	"lapse/internal/store"
	"lapse/internal/transparency"
)

// s3Folder is a bucket of a stand-in for S3. Requests go through the handler that around makes of the stand-in's.
func s3Folder(t *testing.T, around func(http.Handler) http.Handler) bucket.Bucket {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("report"))
	server := httptest.NewServer(around(gofakes3.New(backend).Server()))
	t.Cleanup(server.Close)
	client := bucket.NewClient(aws.Config{Region: "eu-central-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}, 4)
	return bucket.Bucket{Client: client, Name: "report"}
}

func plain(h http.Handler) http.Handler { return h }

func file(path, body string) transparency.File {
	return transparency.File{Path: path, Body: []byte(body)}
}

// folders are both places of a report.
func folders(t *testing.T) map[string]publish.Folder {
	return map[string]publish.Folder{"a folder": bucket.Folder{Dir: t.TempDir()}, "a bucket": s3Folder(t, plain)}
}

func TestAFileIsPutOnceOrReplaced(t *testing.T) {
	for name, f := range folders(t) {
		t.Run(name, func(t *testing.T) {
			_, err := f.Get(t.Context(), "private/a")
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.NoError(t, f.PutNew(t.Context(), file("private/a", "1")))
			require.ErrorIs(t, f.PutNew(t.Context(), file("private/a", "2")), fs.ErrExist)
			body, err := f.Get(t.Context(), "private/a")
			require.NoError(t, err)
			require.Equal(t, "1", string(body), "the first one stands")
			require.NoError(t, f.Put(t.Context(), file("private/a", "3")))
			body, err = f.Get(t.Context(), "private/a")
			require.NoError(t, err)
			require.Equal(t, "3", string(body))
		})
	}
}

func TestAListHasWhatStandsBelowThePrefix(t *testing.T) {
	for name, f := range folders(t) {
		t.Run(name, func(t *testing.T) {
			empty, err := f.List(t.Context(), "private/")
			require.NoError(t, err)
			require.Empty(t, empty)
			for _, path := range []string{"private/2026-H1/r1.json", "private/2026-H1/r2.json", "public/index.html"} {
				require.NoError(t, f.Put(t.Context(), file(path, "x")))
			}
			list, err := f.List(t.Context(), "private/")
			require.NoError(t, err)
			slices.Sort(list)
			require.Equal(t, []string{"private/2026-H1/r1.json", "private/2026-H1/r2.json"}, list)
		})
	}
}

func TestOfManyPutsAtOnceOneIsFirst(t *testing.T) {
	for name, f := range folders(t) {
		t.Run(name, func(t *testing.T) {
			var g sync.WaitGroup
			var first atomic.Int32
			for i := range 8 {
				g.Go(func() {
					err := f.PutNew(t.Context(), file("private/a", strings.Repeat("x", i)))
					if err == nil {
						first.Add(1)
					} else if !errors.Is(err, fs.ErrExist) {
						first.Add(100)
					}
				})
			}
			g.Wait()
			require.EqualValues(t, 1, first.Load())
		})
	}
}

// headers keeps what a put says of its file.
type headers struct {
	bucket.API
	put *s3.PutObjectInput
}

func (h *headers) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput,
	error) {
	h.put = in
	return &s3.PutObjectOutput{}, nil
}

func TestOnlyARevisionsFilesAreKeptForEver(t *testing.T) {
	for path, want := range map[string]string{
		"public/2026-H1/r2/requests.csv": "public, max-age=31536000, immutable",
		"public/2026-H1/requests.csv":    "public, max-age=300",
		"public/index.html":              "public, max-age=300",
	} {
		h := &headers{}
		require.NoError(t, bucket.Bucket{Client: h, Name: "report"}.Put(t.Context(), file(path, "x")))
		require.Equal(t, want, *h.put.CacheControl, path)
		require.Equal(t, file(path, "").ContentType(), *h.put.ContentType)
		require.Nil(t, h.put.IfNoneMatch)
	}
}

// busy answers the first n puts as S3 does where two puts of a key meet.
func busy(n int32) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && atomic.AddInt32(&n, -1) >= 0 {
				w.WriteHeader(http.StatusConflict)
				_, _ = io.WriteString(w, "<Error><Code>ConditionalRequestConflict</Code></Error>")
				return
			}
			h.ServeHTTP(w, r)
		})
	}
}

func TestAPutThatMetAnotherIsTriedAgain(t *testing.T) {
	require.NoError(t, s3Folder(t, busy(2)).PutNew(t.Context(), file("private/a", "1")))
	err := s3Folder(t, busy(100)).PutNew(t.Context(), file("private/a", "1"))
	require.Error(t, err)
	require.NotErrorIs(t, err, fs.ErrExist)
}

// losing loses every eleventh request, if it is a put: in turn before it happened, and the answer after it happened.
func losing(h http.Handler) http.Handler {
	var n atomic.Int32
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := n.Add(1)
		if r.Method != http.MethodPut || i%11 != 0 {
			h.ServeHTTP(w, r)
			return
		}
		if i%2 == 0 {
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		panic(http.ErrAbortHandler)
	})
}

// A put that is lost, or whose answer is, is repeated by the SDK. The second kind finds its own file there.
func TestLostAnswersOfTheBucketMakeNoOtherReport(t *testing.T) {
	half := facts.Half{Year: 2026, Part: 1}
	report := func(f publish.Folder) map[string]string {
		rows := &memory.Store{}
		at := half.Start().AddDate(0, 1, 0)
		body, err := json.Marshal(facts.Row{Matter: "m1", Country: "FR", RequestType: "subpoena", Known: true,
			Request: &facts.MatterFact{ReceivedAt: at, ProcessedAt: at, Outcome: facts.RejectedInvalid, Specified: 1}})
		require.NoError(t, err)
		require.NoError(t, rows.PutReport(t.Context(), store.ReportRow{Half: half.String(), Matter: "m1", Parts: 1,
			Version: 1, Counted: half.FreezeAt(), Opened: half.Start(), Settled: true, Facts: body}))
		s := &publish.Service{Now: half.FreezeAt, Rows: rows, Folder: f, Log: slog.New(slog.DiscardHandler),
			Settings: publish.Settings{Publisher: transparency.Publisher{Name: "Example",
				Base: "https://transparency.example/"}}}
		r, err := s.Freeze(t.Context(), half, "")
		require.NoError(t, err)
		require.Equal(t, 1, r.Revision)
		files := map[string]string{}
		for _, prefix := range []string{publish.Public, publish.Private} {
			paths, err := f.List(t.Context(), prefix)
			require.NoError(t, err)
			for _, p := range paths {
				b, err := f.Get(t.Context(), p)
				require.NoError(t, err)
				files[p] = string(b)
			}
		}
		return files
	}
	want := report(bucket.Folder{Dir: t.TempDir()})
	require.NotEmpty(t, want)
	require.Equal(t, want, report(s3Folder(t, losing)))
}
