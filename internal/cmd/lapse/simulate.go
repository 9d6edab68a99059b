package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"lapse/internal/inquire"
)

// simulateCommand is "lapse simulate": it asks a running stack which notices would move under new rules or at a later
// date.
type simulateCommand struct {
	URL   string   `default:"http://127.0.0.1:8080" help:"Address of the running stack."`
	At    string   `help:"The later instant (RFC 3339); now if empty."`
	Rules []string `type:"existingfile" help:"Rules files in place of those of internal/law/data."`
}

// Run prints the moves and marks those that need sign-off.
func (c *simulateCommand) Run(ctx context.Context) error { return c.simulate(ctx, os.Stdout) }

func (c *simulateCommand) simulate(ctx context.Context, out io.Writer) error {
	ask := map[string]any{}
	if c.At != "" {
		if _, err := time.Parse(time.RFC3339, c.At); err != nil {
			return fmt.Errorf("simulate at %q: --at has to be an instant in RFC 3339 form, such as 2027-01-01T00:00:00Z: %w",
				c.At, err)
		}
		ask["at"] = c.At
	}
	var rules []json.RawMessage
	for _, name := range c.Rules {
		raw, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read rules: %w", err)
		}
		rules = append(rules, raw)
	}
	if rules != nil {
		ask["rules"] = rules
	}
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "NOTICE\tSUBJECT\tBEFORE\tAFTER\tMOVE\tBECAUSE")
	seen, signOff := map[string]bool{}, 0
	for {
		page, err := c.page(ctx, ask)
		if err != nil {
			return err
		}
		for _, m := range page.Moves {
			if seen[m.Notice] {
				continue
			}
			seen[m.Notice] = true
			move := m.Change
			if m.SignOff {
				move, signOff = move+", needs sign-off", signOff+1
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", m.Notice, m.Subject, written(m.Before), written(m.After), move,
				strings.Join(m.Because, " "))
		}
		if ask["cursor"] = page.Next; page.Next == "" {
			fmt.Fprintf(table, "%d would move, %d of them need sign-off (rules %s, tried %s)\n", len(seen), signOff, page.Rules,
				page.NewRules)
			return table.Flush()
		}
	}
}

func written(t *time.Time) string {
	if t == nil {
		return "nobody can say"
	}
	return t.Format(time.RFC3339)
}

// page asks for one page.
func (c *simulateCommand) page(ctx context.Context, ask map[string]any) (inquire.SimulationView, error) {
	var page inquire.SimulationView
	body, err := json.Marshal(ask)
	if err != nil {
		return page, fmt.Errorf("write the question: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+"/v1/simulate",
		bytes.NewReader(body))
	if err != nil {
		return page, fmt.Errorf("ask %s: %w", c.URL, err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return page, fmt.Errorf("simulate (is a stack running there?): %w", err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return page, fmt.Errorf("read the answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return page, fmt.Errorf("simulate: %s: %s", answer.Status, bytes.TrimSpace(raw))
	}
	if err := json.Unmarshal(raw, &page); err != nil {
		return page, fmt.Errorf("read the answer: %w", err)
	}
	return page, nil
}
