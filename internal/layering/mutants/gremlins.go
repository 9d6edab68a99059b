package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// tool is gremlins. It is run by its version instead of a tool line in go.mod, which would bring some twenty modules
// into the list of what Lapse depends on.
const tool = "github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0"

// patience is how many times longer than all tests of the package a single change may take.
const patience = 20

// mutant is one changed line.
type mutant struct {
	// file is the path from the root, kind the change ("CONDITIONALS_BOUNDARY"), line where it stands and source the
	// line's text.
	file, kind string
	line       int
	source     string
	status     string
}

// The states of a mutant that count.
const (
	killed     = "KILLED"
	lived      = "LIVED"
	timedOut   = "TIMED OUT"
	notCovered = "NOT COVERED"
)

// report is what gremlins writes.
type report struct {
	Files []struct {
		Name      string `json:"file_name"`
		Mutations []struct {
			Type   string `json:"type"`
			Status string `json:"status"`
			Line   int    `json:"line"`
		} `json:"mutations"`
	} `json:"files"`
}

// unleash runs gremlins on the package in the folder.
func unleash(dir string, workers int) ([]mutant, error) {
	temporary, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temporary)
	out := filepath.Join(temporary, "report.json")
	cmd := exec.Command("go", "run", tool, "unleash", "--workers", strconv.Itoa(workers),
		"--timeout-coefficient", strconv.Itoa(patience), "--output", out, "./"+dir)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	// "make vet" is its own check. Leaving it out halves what a change costs.
	cmd.Env = append(os.Environ(), "GOFLAGS=-vet=off")
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run gremlins on %s: %w", dir, err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read what gremlins wrote of %s: %w", dir, err)
	}
	return r.mutants(dir)
}

func (r report) mutants(dir string) (all []mutant, err error) {
	for _, f := range r.Files {
		file := filepath.Join(dir, f.Name)
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		lines := strings.Split(string(text), "\n")
		for _, m := range f.Mutations {
			if m.Line < 1 || m.Line > len(lines) {
				return nil, fmt.Errorf("%s has no line %d", file, m.Line)
			}
			source := strings.TrimSpace(lines[m.Line-1])
			all = append(all, mutant{filepath.ToSlash(file), m.Type, m.Line, source, m.Status})
		}
	}
	return all, nil
}
