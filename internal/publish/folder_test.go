package publish_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing/fstest"

	"lapse/internal/publish"
	"lapse/internal/transparency"
)

// folder keeps files in a map. fault, if set, may make a put fail before or after it happened.
type folder struct {
	mu    sync.Mutex
	files map[string][]byte
	// puts lists the paths in the order of their puts.
	puts  []string
	fault func(put int) (before, after bool)
}

func newFolder() *folder { return &folder{files: map[string][]byte{}} }

func (f *folder) Get(_ context.Context, path string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, ok := f.files[path]
	if !ok {
		return nil, fmt.Errorf("get %s: %w", path, fs.ErrNotExist)
	}
	return slices.Clone(body), nil
}

func (f *folder) PutNew(_ context.Context, file transparency.File) error { return f.put(file, true) }

func (f *folder) Put(_ context.Context, file transparency.File) error { return f.put(file, false) }

func (f *folder) put(file transparency.File, first bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	before, after := false, false
	if f.fault != nil {
		before, after = f.fault(len(f.puts))
	}
	if before {
		return errCrash
	}
	if _, ok := f.files[file.Path]; ok && first {
		return fmt.Errorf("put %s: %w", file.Path, fs.ErrExist)
	}
	f.files[file.Path] = slices.Clone(file.Body)
	f.puts = append(f.puts, file.Path)
	if after {
		return errCrash
	}
	return nil
}

func (f *folder) List(_ context.Context, prefix string) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for path := range f.files {
		if strings.HasPrefix(path, prefix) {
			out = append(out, path)
		}
	}
	return out, nil
}

// public is what everybody reads, as a file system.
func (f *folder) public() fstest.MapFS {
	dir := fstest.MapFS{}
	for path, body := range f.files {
		if rest, ok := strings.CutPrefix(path, publish.Public); ok {
			dir[rest] = &fstest.MapFile{Data: body}
		}
	}
	return dir
}

// same compares two folders byte by byte.
func (f *folder) same(o *folder) bool {
	return maps.EqualFunc(f.files, o.files, func(a, b []byte) bool { return string(a) == string(b) })
}
