// Command house measures how easily the code reads: the table that "make house" prints. It compares the working tree
// with the commit that BASE names, so that a change can show what it made of the house.
//
//	go run ./internal/layering/house [-base 2e3e975] [-pairs]
//
// Generated and embedded files do not count, only Go files that git tracks, or does not ignore.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

func main() {
	base := flag.String("base", "2e3e975", "the commit beside which the working tree is shown")
	pairs := flag.Bool("pairs", false, "list the duplicate pairs of the working tree")
	flag.Parse()
	if err := run(os.Stdout, *base, *pairs); err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, base string, pairs bool) error {
	now, err := workingTree()
	if err != nil {
		return err
	}
	was, err := commit(base)
	if err != nil {
		return err
	}
	before, err := measure(was)
	after, err2 := measure(now)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "measure\t%s\tworking tree\n", base)
	for i, row := range before.rows() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", row[0], row[1], after.rows()[i][1])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if pairs {
		for _, p := range append(after.pairs, after.alike...) {
			fmt.Fprintf(out, "%s:%d and %s:%d share %d lines\n", p.a.file, p.a.line, p.b.file, p.b.line, p.length)
		}
	}
	return nil
}
