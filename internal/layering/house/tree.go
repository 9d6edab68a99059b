package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// file is one Go file of a tree, named by its path from the root.
type file struct {
	name string
	text []byte
}

func (f file) test() bool { return strings.HasSuffix(f.name, "_test.go") }

// goFile reports whether a file counts: Go that people wrote.
func goFile(name string, text []byte) bool {
	head, _, _ := bytes.Cut(text, []byte("\npackage "))
	return strings.HasSuffix(name, ".go") && !bytes.Contains(head, []byte("DO NOT EDIT"))
}

// git runs a git command at the root of the repository that the working directory lies in.
func git(arguments ...string) ([]byte, error) {
	root, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	cmd := exec.Command("git", arguments...)
	cmd.Dir = strings.TrimSpace(string(root))
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(failed.Stderr))
	}
	if err != nil {
		return nil, fmt.Errorf("git %s: %w", strings.Join(arguments, " "), err)
	}
	return out, nil
}

// workingTree reads the Go files that git tracks, or would track.
func workingTree() ([]file, error) {
	root, err := git("rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	list, err := git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.go")
	if err != nil {
		return nil, err
	}
	var all []file
	for name := range strings.SplitSeq(strings.Trim(string(list), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), name))
		if errors.Is(err, os.ErrNotExist) {
			continue // removed, and not yet committed
		}
		if err != nil {
			return nil, fmt.Errorf("read the working tree: %w", err)
		}
		if goFile(name, text) {
			all = append(all, file{name, text})
		}
	}
	return all, nil
}

// commit reads the Go files of a commit.
func commit(revision string) ([]file, error) {
	archive, err := git("archive", "--format=tar", revision)
	if err != nil {
		return nil, err
	}
	var all []file
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read commit %s: %w", revision, err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("read commit %s: %w", revision, err)
		}
		if goFile(h.Name, text) {
			all = append(all, file{h.Name, text})
		}
	}
}
