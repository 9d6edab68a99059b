package lambdatest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"lapse/internal/facts"
	"lapse/internal/lambdatest"
	"lapse/internal/matter"
	"lapse/internal/publish"
	"lapse/internal/store"
	"lapse/internal/transparency"
	"lapse/internal/wire/report"
)

// reportBucket is the parameter ReportBucket here.
const reportBucket = "lapse-dev-report"

// bucket starts S3 with the report's bucket. What is asked of it is recorded.
func (s *stand) bucket(t *testing.T) (*s3mem.Backend, string) {
	t.Helper()
	files := s3mem.New()
	require.NoError(t, files.CreateBucket(reportBucket))
	server := httptest.NewServer(s.calls.keeping(gofakes3.New(files).Server()))
	t.Cleanup(server.Close)
	return files, server.URL
}

// keeping records what a function asks of S3, on the kind of key that the role goes by.
func (r *recorder) keeping(s3 http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		function, path, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
		name, key, _ := strings.Cut(path, "/")
		seen := map[string]string{"aws:ResourceAccount": "123456789012"}
		resource := "arn:aws:s3:::" + name
		action := map[string]string{http.MethodPut: "s3:PutObject", http.MethodGet: "s3:GetObject"}[req.Method]
		if key == "" {
			action, seen["s3:prefix"] = "s3:ListBucket", req.URL.Query().Get("prefix")
		} else {
			folder, _, _ := strings.Cut(key, "/")
			resource += "/" + folder + "/*"
		}
		r.add(function, action, resource, seen)
		http.StripPrefix("/"+function, s3).ServeHTTP(w, req)
	})
}

// file is a file of the report's bucket, "" where there is none.
func (w *world) file(t *testing.T, path string) string {
	t.Helper()
	o, err := w.files.GetObject(reportBucket, path, nil)
	if err != nil {
		return ""
	}
	defer o.Contents.Close()
	body, err := io.ReadAll(o.Contents)
	require.NoError(t, err)
	return string(body)
}

// counted puts the row of a rejected request into the half, as the sweep does.
func (w *world) counted(t *testing.T, h facts.Half, id string) {
	t.Helper()
	at := h.Start().AddDate(0, 1, 0)
	body, err := json.Marshal(facts.Row{Matter: id, Country: "FR", RequestType: "subpoena", Known: true,
		Request: &facts.MatterFact{ReceivedAt: at, ProcessedAt: at, Outcome: facts.RejectedInvalid, Specified: 1}})
	require.NoError(t, err)
	require.NoError(t, w.store.PutReport(t.Context(), store.ReportRow{Half: h.String(), Matter: id, Parts: 1, Version: 1,
		Counted: matter.Floor(time.Now()), Opened: h.Start(), Settled: true, Facts: body}))
}

// published: the schedule publishes what is due, once; a person makes a further revision, and needs a reason for it.
func (s *stand) published(t *testing.T, binaries map[string]string) {
	in, half := s.world(t), publish.Newest(time.Now())
	in.counted(t, half, "m1")
	f := lambdatest.Start(t, binaries["report"], in.environment(t, "report")...)
	ask := func(want string) (made report.Made, failed string) {
		answer, err := f.Invoke([]byte(want), timeout)
		require.NoError(t, err)
		if answer.Error != nil {
			return made, string(answer.Error)
		}
		require.NoError(t, json.Unmarshal(answer.Payload, &made))
		return made, ""
	}
	made, failed := ask(`{"at":"2099-01-15T06:00:00Z"}`)
	require.Empty(t, failed, "%s", f.Log())
	require.Len(t, made.Reports, 1)
	require.True(t, made.Reports[0].New)
	require.Equal(t, half, made.Reports[0].Half)
	received := "public/" + half.String() + "/received.csv"
	require.Contains(t, in.file(t, received), half.String()+",FR,subpoena,1\n")
	require.Contains(t, in.file(t, "public/index.html"), "Example Service")
	require.NotEmpty(t, in.file(t, "private/"+half.String()+"/r1.json"))

	again, failed := ask(`{"at":"2099-01-15T06:00:00Z"}`)
	require.Empty(t, failed)
	require.Empty(t, again.Reports, "nothing is due any more")
	in.counted(t, half, "m2")
	_, failed = ask(`{"half":"` + half.String() + `"}`)
	require.Contains(t, failed, transparency.ErrNoReason.Error())
	made, failed = ask(`{"half":"` + half.String() + `","reason":"a request was found"}`)
	require.Empty(t, failed)
	require.Equal(t, 2, made.Reports[0].Revision)
	require.Contains(t, in.file(t, received), half.String()+",FR,subpoena,2\n")
	require.Contains(t, in.file(t, "public/"+half.String()+"/r1/received.csv"), half.String()+",FR,subpoena,1\n")
}
