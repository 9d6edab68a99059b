// Command mutants asks how much of a broken line the tests notice: what "make mutants" runs. Gremlins changes one
// operator of a package at a time and runs the package's own tests; a change that they notice is killed. Efficacy is
// the share of killed changes among those in lines that the tests reach.
//
//	go run ./internal/layering/mutants [-workers 2] [PACKAGE ...]
//
// It fails where the efficacy of a package is under 0.90, and where the list of survivors (survivors.txt, beside the
// layering test) names one that is killed now. It prints each survivor that the list gives no reason for.
//
// Every change compiles the package anew, so a package takes from minutes (notice) to hours (dispatch).
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// threshold is the efficacy that a package needs.
const threshold = 0.90

// packages are the core, whose broken lines would tell somebody too early or never.
func packages() []string {
	return []string{"notice", "restraint", "calendar", "owed", "intake", "dispatch"}
}

func main() {
	workers := flag.Int("workers", 1, "how many changes are tried at once")
	list := flag.String("survivors", "internal/layering/testdata/survivors.txt", "the list of survivors, with reasons")
	flag.Parse()
	if err := run(flag.Args(), *workers, *list); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(names []string, workers int, list string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	known, err := readSurvivors(string(text))
	if err != nil {
		return fmt.Errorf("read %s: %w", list, err)
	}
	if len(names) == 0 {
		names = packages()
	}
	var failed []error
	for _, name := range names {
		dir := filepath.Join("internal", name)
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			fmt.Printf("%-10s does not exist\n", name)
			continue
		}
		found, err := unleash(dir, workers)
		if err != nil {
			return err
		}
		if err := judge(os.Stdout, name, found, known); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
