package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"

	"lapse/internal/bucket"
	"lapse/internal/httpapi"
	"lapse/internal/matter"
	"lapse/internal/publish"
	"lapse/internal/transparency"
	"lapse/internal/wire"
	"lapse/internal/wire/report"
)

// reporter publishes the report of the local stack, and shows it.
type reporter struct {
	service *publish.Service
	folder  bucket.Folder
	// settle brings the report's rows up to now.
	settle func(ctx context.Context) error
	// looked is the newest half that was due when due last found nothing left to do. Only its successor can be due next.
	looked transparency.Half
}

// reportBase is where the stack shows the report.
const reportBase = "/local/report/"

// openReporter builds the publisher over the data folder.
func openReporter(p wire.Process, s *stack, cfg stackConfig) (*reporter, error) {
	r := &reporter{folder: bucket.Folder{Dir: filepath.Join(cfg.data, "report")}}
	var policies fs.FS
	if cfg.policies != "" {
		policies = os.DirFS(cfg.policies)
	}
	service, err := report.New(p, report.Ports{Rows: s.store, Folder: r.folder}, report.Settings{
		Publisher: transparency.Publisher{Name: "Lapse (local)", Base: reportBase, Sample: cfg.stories},
		Contact:   replyTo, AdvanceDays: cfg.advanceDays, Terms: matter.DefaultTerms(), PolicyVersion: policyVersion,
		Policies: policies,
	})
	r.service = service
	return r, err
}

// due freezes the halves whose instant has come, after what is recorded was counted.
func (r *reporter) due(ctx context.Context) error {
	newest := publish.Newest(r.service.Now())
	if r.looked == newest {
		return nil
	}
	missing, err := r.service.Waiting(ctx)
	if err == nil && missing {
		if err = r.settle(ctx); err == nil {
			_, err = r.service.Due(ctx)
		}
	}
	if err == nil {
		r.looked = newest
	}
	return err
}

// mount adds the report's pages and the endpoint that makes one.
func (r *reporter) mount(mux *http.ServeMux, locked func(func() error) error) {
	mux.HandleFunc("GET "+reportBase+"{path...}", r.get)
	mux.HandleFunc("GET "+reportBase+"draft/{half}/{path...}", func(w http.ResponseWriter, q *http.Request) {
		r.draft(w, q, locked)
	})
	mux.HandleFunc("POST /local/report", func(w http.ResponseWriter, q *http.Request) { r.post(w, q, locked) })
}

func (r *reporter) get(w http.ResponseWriter, q *http.Request) {
	name := q.PathValue("path")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	body, err := r.folder.Get(q.Context(), publish.Public+name)
	switch {
	case err == nil:
		serve(w, transparency.File{Path: name, Body: body})
	case name == "index.html" && errors.Is(err, fs.ErrNotExist):
		index, err := r.service.Empty()
		if err != nil {
			httpapi.WriteProblem(w, httpapi.Problem{Status: http.StatusInternalServerError, Detail: err.Error()})
			return
		}
		serveOne(w, index, name)
	case !strings.Contains(path.Base(name), ".") && r.is(q, name+"/index.html"):
		http.Redirect(w, q, reportBase+name+"/", http.StatusMovedPermanently)
	default:
		// The assets of the first page are needed before anything is published.
		index, err := r.service.Empty()
		if err == nil && serveOne(w, index, name) {
			return
		}
		httpapi.WriteProblem(w, httpapi.Problem{Status: http.StatusNotFound, Detail: "nothing is published here"})
	}
}

func (r *reporter) is(q *http.Request, name string) bool {
	_, err := r.folder.Get(q.Context(), publish.Public+name)
	return err == nil
}

// serveOne answers with the file of the name, if it is one of them.
func serveOne(w http.ResponseWriter, files []transparency.File, name string) bool {
	for _, f := range files {
		if f.Path == name {
			serve(w, f)
			return true
		}
	}
	return false
}

func serve(w http.ResponseWriter, f transparency.File) {
	h := w.Header()
	h.Set("Content-Type", f.ContentType())
	h.Set("Content-Security-Policy", transparency.Policy+"; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	// A failed write means that the client has gone, which is no error.
	_, _ = w.Write(f.Body)
}

// draft prints a half as it would be published now.
func (r *reporter) draft(w http.ResponseWriter, q *http.Request, locked func(func() error) error) {
	half, err := transparency.ParseHalf(q.PathValue("half"))
	if err != nil {
		httpapi.WriteProblem(w, httpapi.Problem{Status: http.StatusNotFound, Detail: err.Error()})
		return
	}
	name := q.PathValue("path")
	if name == "" {
		name = "index.html"
	}
	var files []transparency.File
	err = locked(func() error {
		if err := r.settle(q.Context()); err != nil {
			return err
		}
		files, err = r.service.Draft(q.Context(), half)
		return err
	})
	switch {
	case err != nil:
		httpapi.WriteProblem(w, httpapi.Problem{Status: http.StatusInternalServerError, Detail: err.Error()})
	case !serveOne(w, files, name):
		httpapi.WriteProblem(w, httpapi.Problem{Status: http.StatusNotFound, Detail: "a draft has no such file"})
	}
}

// wanted is the body of a request for a report: JSON, or a form.
type wanted struct {
	Half   *transparency.Half `json:"half"`
	Reason string             `json:"reason"`
}

// errWanted is the error for a request for a report that cannot be read.
var errWanted = errors.New(`say {"half":"2026-H1"} and, for a further revision, a "reason"`)

func readWanted(q *http.Request) (v wanted, err error) {
	raw, err := io.ReadAll(http.MaxBytesReader(nil, q.Body, maxControl))
	if err != nil {
		return v, errWanted
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	if dec.Decode(&v) != nil || v.Half == nil || dec.More() {
		return v, errWanted
	}
	return v, nil
}

// post makes a report: 201 for a new revision, 200 where nothing changed.
func (r *reporter) post(w http.ResponseWriter, q *http.Request, locked func(func() error) error) {
	if media, _, _ := mime.ParseMediaType(q.Header.Get("Content-Type")); media == "multipart/form-data" {
		httpapi.WriteProblem(w, httpapi.Problem{Status: http.StatusUnsupportedMediaType, Detail: errWanted.Error()})
		return
	}
	v, err := readWanted(q)
	var made publish.Result
	if err == nil {
		err = locked(func() error {
			if err := r.settle(q.Context()); err != nil {
				return err
			}
			made, err = r.service.Freeze(q.Context(), *v.Half, strings.TrimSpace(v.Reason))
			return err
		})
	}
	checks, crossed := errors.AsType[transparency.CrossCheckError](err)
	switch {
	case crossed:
		httpapi.WriteProblem(w, httpapi.Problem{Status: http.StatusInternalServerError,
			Detail: fmt.Sprintf("the report does not add up and was not published: %v", checks)})
	case errors.Is(err, errWanted), errors.Is(err, transparency.ErrNotOver), errors.Is(err, transparency.ErrNoReason),
		errors.Is(err, publish.ErrNothing):
		httpapi.WriteProblem(w, httpapi.Problem{Status: http.StatusUnprocessableEntity, Detail: err.Error()})
	case err != nil:
		httpapi.WriteProblem(w, httpapi.Problem{Status: http.StatusInternalServerError, Detail: err.Error()})
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(map[bool]int{true: http.StatusCreated, false: http.StatusOK}[made.New])
		// A failed write means that the client has gone, which is no error.
		_ = json.NewEncoder(w).Encode(made)
	}
}
