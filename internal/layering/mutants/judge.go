package main

import (
	"fmt"
	"io"
	"strings"
)

// survivor is a change that no test can notice, or none has to; reason says why. It is known by the text of its line,
// for line numbers move.
type survivor struct{ file, kind, source, reason string }

// readSurvivors reads the list: a line each, its four columns separated by " | "; '#' begins a remark.
func readSurvivors(text string) (all []survivor, err error) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(line, " | ")
		if len(c) != 4 || strings.TrimSpace(c[3]) == "" {
			return nil, fmt.Errorf("line %d: file, kind, source and reason are wanted", number)
		}
		all = append(all, survivor{file: strings.TrimSpace(c[0]), kind: strings.TrimSpace(c[1]),
			source: strings.TrimSpace(c[2]), reason: strings.TrimSpace(c[3])})
	}
	return all, nil
}

func (s survivor) is(m mutant) bool {
	// " | " separates the columns, so the list writes it of a line as " ¦ ".
	return s.file == m.file && s.kind == m.kind && s.source == strings.ReplaceAll(m.source, " | ", " ¦ ")
}

// judge prints what became of a package's mutants. The error says that its efficacy is too low, or that the list names
// a survivor that there is not.
func judge(out io.Writer, name string, found []mutant, known []survivor) error {
	count := map[string]int{}
	met := map[survivor]bool{}
	for _, m := range found {
		count[m.status]++
		if m.status != lived {
			continue
		}
		explained := false
		for _, s := range known {
			if s.is(m) {
				explained, met[s] = true, true
			}
		}
		if !explained {
			fmt.Fprintf(out, "%s:%d %s survives: %s\n", m.file, m.line, m.kind, m.source)
		}
	}
	dead := count[killed] + count[timedOut]
	efficacy := float64(dead) / float64(max(1, dead+count[lived]))
	fmt.Fprintf(out, "%-10s efficacy %.3f: %d killed, %d survive (%d with a reason), "+
		"%d in lines its own tests never reach\n",
		name, efficacy, dead, count[lived], explained(found, known), count[notCovered])
	for _, s := range known {
		if strings.HasPrefix(s.file, "internal/"+name+"/") && !met[s] {
			return fmt.Errorf("%s: %s in %q is killed or gone; take it off the list of survivors", s.file, s.kind, s.source)
		}
	}
	if efficacy < threshold {
		return fmt.Errorf("package %s: efficacy %.3f, %.2f is the least", name, efficacy, threshold)
	}
	return nil
}

// explained counts the survivors that the list has a reason for.
func explained(found []mutant, known []survivor) (n int) {
	for _, m := range found {
		for _, s := range known {
			if m.status == lived && s.is(m) {
				n++
				break
			}
		}
	}
	return n
}
