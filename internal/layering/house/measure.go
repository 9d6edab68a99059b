package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"unicode/utf8"
)

const (
	// columns is how long a line may be. A tab counts as one column.
	columns = 120
	// longBody is from how many lines on a function counts as long; its first and last line count.
	longBody = 40
)

// figures are what the table shows of one tree.
type figures struct {
	production, tests int
	// largest is the production type with the most methods, and how many they are.
	largest named
	// long counts production functions of more than longBody lines.
	long int
	// longest is the longest production file, and its lines.
	longest named
	// wide and wideTests count lines of more than columns columns.
	wide, wideTests int
	// pairs are the places in production code that share lines, alike those that share them but for names and values.
	pairs, alike []pair
	// copied counts the lines of test files that stand elsewhere too, varied those that do but for names and values.
	copied, varied int
}

// named is a number with the name that it belongs to.
type named struct {
	name string
	n    int
}

func (n named) String() string { return fmt.Sprintf("%d (%s)", n.n, n.name) }

func (f *figures) rows() [][2]string {
	return [][2]string{
		{"lines of production code", strconv.Itoa(f.production)},
		{"lines of tests", strconv.Itoa(f.tests)},
		{"methods of the largest type", f.largest.String()},
		{fmt.Sprintf("functions over %d lines", longBody), strconv.Itoa(f.long)},
		{"duplicate pairs in production code", strconv.Itoa(len(f.pairs))},
		{"duplicate pairs but for names and values", strconv.Itoa(len(f.alike))},
		{"lines of the longest file", f.longest.String()},
		{fmt.Sprintf("lines over %d columns, production", columns), strconv.Itoa(f.wide)},
		{fmt.Sprintf("lines over %d columns, tests", columns), strconv.Itoa(f.wideTests)},
		{"copied lines of tests", strconv.Itoa(f.copied)},
		{"copied lines of tests but for names and values", strconv.Itoa(f.varied)},
	}
}

func measure(tree []file) (*figures, error) {
	f := &figures{}
	methods := map[string]int{}
	var production, tests []file
	for _, one := range tree {
		lines, wide := bytes.Count(one.text, []byte("\n")), wideLines(one.text)
		if one.test() {
			tests = append(tests, one)
			f.tests += lines
			f.wideTests += wide
			continue
		}
		production = append(production, one)
		f.production += lines
		f.wide += wide
		if lines > f.longest.n {
			f.longest = named{one.name, lines}
		}
		if err := f.functions(one, methods); err != nil {
			return nil, err
		}
	}
	f.largest = most(methods)
	f.pairs, f.alike = duplicates(production, equal), duplicates(production, shape)
	f.copied, f.varied = copied(tests, equal), copied(tests, shape)
	return f, nil
}

func wideLines(text []byte) (n int) {
	for line := range bytes.Lines(text) {
		if utf8.RuneCount(bytes.TrimRight(line, "\r\n")) > columns {
			n++
		}
	}
	return n
}

// functions counts the long functions of a file and the methods of its types.
func (f *figures) functions(one file, methods map[string]int) error {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, one.name, one.text, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	for _, d := range tree.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if set.Position(fn.End()).Line-set.Position(fn.Pos()).Line+1 > longBody {
			f.long++
		}
		if fn.Recv != nil {
			methods[path.Base(path.Dir(one.name))+"."+receiver(fn.Recv.List[0].Type)]++
		}
	}
	return nil
}

// receiver is the name of a receiver's type.
func receiver(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return "?"
}

// most is the highest count, the first by name of several.
func most(counts map[string]int) (best named) {
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if cmp.Compare(counts[name], best.n) > 0 {
			best = named{name, counts[name]}
		}
	}
	return best
}
