package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"lapse/internal/config"
	"lapse/internal/dispatch"
	"lapse/internal/matter"
)

// onTable is the table that an operator's command works on, found as the functions find it: by the SDK's variables.
type onTable struct {
	Table string `required:"" env:"TABLE" help:"Name of the DynamoDB table. Region, credentials and endpoint are AWS' own variables (AWS_REGION, ...)."`
}

func (o onTable) restorer() (*dispatch.Restorer, error) {
	cfg, err := config.Process{Getenv: os.Getenv}.Reader().Connect()
	if err != nil {
		return nil, err
	}
	store := config.Store(cfg, o.Table)
	return &dispatch.Restorer{Matters: store, Notices: store, Agenda: store, Control: store, Table: store}, nil
}

// restoreCommand is "lapse restore": marks in a restored table what the log says was sent (docs/runbook.md).
type restoreCommand struct {
	onTable
	Sent string `required:"" type:"existingfile" help:"The lines \"notice sent\", one a line, as CloudWatch gives them."`
}

// Run prints what came of the lines; an error means that not all are recorded.
func (c *restoreCommand) Run(ctx context.Context) error {
	r, err := c.restorer()
	if err != nil {
		return err
	}
	f, err := os.Open(c.Sent)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer f.Close()
	return markAll(ctx, f, os.Stdout, r.Mark)
}

// longestLine is more than CloudWatch takes as one event, wrapped.
const longestLine = 4 << 20

// markAll marks every line. What cannot be marked is named with its line and does not stop the others; trouble with the
// table does. All of it can be repeated.
func markAll(ctx context.Context, lines io.Reader, out io.Writer, mark func(context.Context, matter.Trace) (bool, error)) error {
	var marked, known, others, missing, unreadable int
	scan := bufio.NewScanner(lines)
	scan.Buffer(nil, longestLine)
	for n := 1; scan.Scan(); n++ {
		line := bytes.TrimSpace(scan.Bytes())
		if len(line) == 0 {
			continue
		}
		a, err := matter.ReadTrace(line)
		if errors.Is(err, matter.ErrOtherLine) {
			others++
			continue
		}
		if err != nil {
			unreadable++
			fmt.Fprintf(out, "line %d: unreadable: %v\n", n, err)
			continue
		}
		fresh, err := mark(ctx, a)
		switch {
		case errors.Is(err, matter.ErrNotFound):
			missing++
			fmt.Fprintf(out, "line %d: no notice %s here: its disclosure has to be posted again\n", n, a.Notice)
		case errors.Is(err, matter.ErrConflict):
			unreadable++
			fmt.Fprintf(out, "line %d: %v\n", n, err)
		case err != nil:
			return fmt.Errorf("restore, line %d (those before it are done; run it again): %w", n, err)
		case fresh:
			marked++
		default:
			known++
		}
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("restore: read the lines: %w", err)
	}
	fmt.Fprintf(out, "%d marked as sent, %d known already, %d without a notice, %d not applicable, %d lines about something else\n",
		marked, known, missing, unreadable, others)
	if missing+unreadable > 0 {
		return fmt.Errorf("restore: %d lines are not recorded", missing+unreadable)
	}
	return nil
}

// resumeCommand is "lapse resume": ends a pause, and lets a restored table send.
type resumeCommand struct{ onTable }

// Run prints what stood in the way.
func (c *resumeCommand) Run(ctx context.Context) error {
	r, err := c.restorer()
	if err != nil {
		return err
	}
	was, err := r.Resume(ctx)
	if err != nil {
		return err
	}
	switch was.Named {
	case was.Table:
	case "":
		fmt.Printf("table %s was never swept\n", was.Table)
	default:
		fmt.Printf("table %s was a copy of %s\n", was.Table, was.Named)
	}
	if was.Pause != (matter.Pause{}) {
		fmt.Printf("paused since %s: %s\n", was.Pause.Since.Format(time.RFC3339), was.Pause.Reason)
	}
	fmt.Println("the next sweep sends from here")
	return nil
}
