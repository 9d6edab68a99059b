// Package statemachine writes docs/state-machine.md from the tables in the code: the transitions of notices
// (notice.Transitions), the states of orders (restraint.OrderStates) and the states of matters. It is pure. The command
// line prints the document, and a test compares it with the file.
package statemachine

import (
	"fmt"
	"slices"
	"strings"

	"lapse/internal/notice"
	"lapse/internal/restraint"
)

// Document returns docs/state-machine.md, in Markdown with Mermaid diagrams.
func Document() string {
	var b strings.Builder
	b.WriteString("<!-- Written by `lapse state-machine` from the tables in the code. Change those, not this. -->\n\n")
	b.WriteString("# State machine\n\n")
	b.WriteString("An order's state and a notice's due depend on the time. So they are computed on each question and " +
		"never stored.\n\n")
	notices(&b)
	orders(&b)
	matters(&b)
	return b.String()
}

func notices(b *strings.Builder) {
	b.WriteString("## Notices\n\nA notice is one promise to tell one recipient about one subject's data in one " +
		"disclosure. ")
	b.WriteString("The picture shows the usual way of a notice and its most frequent detours. ")
	b.WriteString("The first table has every act, and `notice.Apply` states the other conditions.\n\n")
	picture(b)
	acts(b)
	b.WriteString("\n| state | what it means for the notice |\n|---|---|\n")
	for _, s := range notice.States() {
		fmt.Fprintf(b, "| `%s` | %s |\n", s, about(s, reached(notice.Transitions())))
	}
	b.WriteString("\n")
}

// picture draws the moves of the main path.
func picture(b *strings.Builder) {
	b.WriteString("```mermaid\nstateDiagram-v2\n    direction LR\n    [*] --> scheduled\n")
	for _, m := range MainPath() {
		ops := make([]string, len(m.Ops))
		for i, op := range m.Ops {
			ops[i] = string(op)
		}
		fmt.Fprintf(b, "    %s --> %s : %s\n", m.From, m.To, strings.Join(ops, ", "))
	}
	b.WriteString("    delivered --> [*]\n```\n\n")
}

// acts writes the table of acts: their states before and after, and their meanings.
func acts(b *strings.Builder) {
	b.WriteString("| act | from | to | meaning |\n|---|---|---|---|\n")
	for _, t := range notice.Transitions() {
		to := "unchanged"
		if len(t.To) > 0 {
			to = quoted(t.To)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", t.Op, quoted(t.From), to, meanings()[t.Op])
	}
}

// quoted lists states as code.
func quoted(states []notice.State) string {
	list := make([]string, len(states))
	for i, s := range states {
		list[i] = "`" + string(s) + "`"
	}
	return strings.Join(list, ", ")
}

// reached lists the states that the table leads notices to.
func reached(table []notice.Transition) []notice.State {
	return slices.DeleteFunc(notice.States(), func(s notice.State) bool {
		return s != notice.Scheduled && !slices.ContainsFunc(table,
			func(t notice.Transition) bool { return slices.Contains(t.To, s) })
	})
}

// about says whether a state is terminal, whether the mail may be out, and whether an act leads to the state.
func about(s notice.State, reached []notice.State) string {
	var said []string
	if !slices.Contains(reached, s) {
		said = append(said, "no act leads here yet")
	}
	switch {
	case s == notice.Bounced || s == notice.Failed:
		said = append(said, "terminal, and still owed where a new contact puts it back: has a slow agenda row then")
	case s == notice.Unconfirmed:
		said = append(said, "terminal: has a slow agenda row until no sign can come any more")
	case s.Terminal():
		said = append(said, "terminal: nothing more happens by itself")
	default:
		said = append(said, "open: has an agenda row")
	}
	if s.Accepted() {
		said = append(said, "SES took the mail, or may have")
	}
	return strings.Join(said, "; ")
}

func orders(b *strings.Builder) {
	b.WriteString("## Orders\n\nAn order's state follows from its findings, its ends, persons' verdicts on it, and the " +
		"clock. ")
	b.WriteString("The first row whose condition holds counts. ")
	b.WriteString("An order whose restraint is not in the matter's head (yet) counts as `received`. ")
	b.WriteString("`extended` is a flag beside the state. A deficient order holds as well as a good one.\n\n")
	b.WriteString("| | state | when | forbids telling now | remark |\n|---|---|---|---|---|\n")
	for i, r := range restraint.OrderStates() {
		blocks := "no"
		if r.Blocks {
			blocks = "yes"
		}
		fmt.Fprintf(b, "| %d | `%s` | %s | %s | %s |\n", i+1, r.State, r.When, blocks, r.Remark)
	}
	b.WriteString("\n")
}

func matters(b *strings.Builder) {
	b.WriteString("## Matters\n\n```mermaid\nstateDiagram-v2\n")
	b.WriteString("    [*] --> awaiting_request : order.received, contact.changed\n")
	b.WriteString("    [*] --> received : request.received\n    awaiting_request --> received : request.received\n")
	for _, s := range matterStates() {
		if s.decision != "" {
			fmt.Fprintf(b, "    received --> %s : request.decided (%s)\n", s.state, s.decision)
		}
	}
	b.WriteString("    approved --> disclosed : disclosure.made\n")
	b.WriteString("    received --> disclosed : disclosure.made (emergency, consent)\n```\n\n")
	b.WriteString("Counsel may decide again: a later decision moves the matter from any decided state to another, ")
	b.WriteString("but not out of `disclosed`. A disclosure on the basis `emergency` or `consent` needs no decision ")
	b.WriteString("and leads to `disclosed` from every state but `awaiting_request`.\n\n")
	b.WriteString("| state | meaning |\n|---|---|\n")
	for _, s := range matterStates() {
		fmt.Fprintf(b, "| `%s` | %s |\n", s.state, s.meaning)
	}
}
