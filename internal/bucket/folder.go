// Package bucket keeps the transparency report: in a folder on a laptop, in an S3 bucket in the cloud.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"lapse/internal/transparency"
)

// Folder keeps files below Dir, an absolute path.
type Folder struct{ Dir string }

func (f Folder) at(path string) (string, error) {
	if !fs.ValidPath(path) {
		return "", fmt.Errorf("%q is no path of a report", path)
	}
	return filepath.Join(f.Dir, filepath.FromSlash(path)), nil
}

// Get implements publish.Folder.
func (f Folder) Get(_ context.Context, path string) ([]byte, error) {
	name, err := f.at(path)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// PutNew implements publish.Folder.
func (f Folder) PutNew(_ context.Context, file transparency.File) error {
	return f.write(file, func(next, name string) error {
		return errors.Join(os.Link(next, name), os.Remove(next))
	})
}

// Put implements publish.Folder.
func (f Folder) Put(_ context.Context, file transparency.File) error { return f.write(file, os.Rename) }

// write writes the file beside its place, and lets place bring it there.
func (f Folder) write(file transparency.File, place func(next, name string) error) error {
	name, err := f.at(file.Path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("put %s: %w", file.Path, err)
	}
	next, err := os.CreateTemp(f.Dir, ".next-*")
	if err != nil {
		return fmt.Errorf("put %s: %w", file.Path, err)
	}
	_, err = next.Write(file.Body)
	err = errors.Join(err, next.Chmod(0o644), next.Close())
	if err == nil {
		err = place(next.Name(), name)
	} else {
		err = errors.Join(err, os.Remove(next.Name()))
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", file.Path, err)
	}
	return nil
}

// List implements publish.Folder.
func (f Folder) List(_ context.Context, prefix string) ([]string, error) {
	root, err := f.at(filepath.ToSlash(filepath.Clean(prefix)))
	if err != nil {
		return nil, err
	}
	var paths []string
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !d.IsDir() {
			rel, bad := filepath.Rel(f.Dir, p)
			paths, err = append(paths, filepath.ToSlash(rel)), bad
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	return paths, nil
}
