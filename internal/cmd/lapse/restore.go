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
	"lapse/internal/dynamo"
	"lapse/internal/event"
	"lapse/internal/notice"
	"lapse/internal/store"
	"lapse/internal/wire"
	wiredispatch "lapse/internal/wire/dispatch"
)

// onTable is the table of an operator's command. The SDK's variables lead to it, as for the functions.
type onTable struct {
	Table string `required:"" env:"TABLE" help:"Name of the DynamoDB table. AWS' own variables name the rest."`
}

func (o onTable) restorer() (*dispatch.Restorer, error) {
	cfg, err := config.AWS()
	if err != nil {
		return nil, err
	}
	table := dynamo.New(dynamo.NewClient(cfg, config.Conns), o.Table)
	return wiredispatch.Restorer(wire.Process{Now: time.Now}, table), nil
}

// restoreCommand is "lapse restore": it records in a restored table the mails that were sent since, or may have been,
// as the log tells (docs/runbook.md).
type restoreCommand struct {
	onTable
	Sent string `required:"" type:"existingfile" help:"The log's lines \"notice sent\" and \"notice unknown\"."`
}

// Run prints a count of the lines. An error means that some are not recorded.
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

// longestLine is more than one wrapped CloudWatch event can have, in bytes.
const longestLine = 4 << 20

// markAll marks every line. Lines about unknown outcomes come first, so that an attempt with lines of both kinds counts
// as once unknown, as it did in the lost table. A line that cannot be marked is printed and does not stop the others.
// An error of the table stops markAll. All of it can be repeated.
func markAll(ctx context.Context, lines io.ReadSeeker, out io.Writer,
	mark func(context.Context, notice.Trace) (bool, error)) error {
	m := marking{out: out, mark: mark}
	for _, unknown := range []bool{true, false} {
		if _, err := lines.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("restore: read the lines: %w", err)
		}
		scan := bufio.NewScanner(lines)
		scan.Buffer(nil, longestLine)
		for n := 1; scan.Scan(); n++ {
			if err := m.line(ctx, n, bytes.TrimSpace(scan.Bytes()), unknown); err != nil {
				return fmt.Errorf("restore, line %d (run it again: what is done already changes nothing): %w", n, err)
			}
		}
		if err := scan.Err(); err != nil {
			return fmt.Errorf("restore: read the lines: %w", err)
		}
	}
	fmt.Fprintf(out, "%d marked as sent, %d as unknown, %d known already, %d without a notice, %d not applicable, "+
		"%d lines about something else\n",
		m.sent, m.unknown, m.known, m.missing, m.unreadable, m.others)
	if m.missing+m.unreadable > 0 {
		return fmt.Errorf("restore: %d lines are not recorded", m.missing+m.unreadable)
	}
	return nil
}

// marking counts the lines by their result.
type marking struct {
	out                                               io.Writer
	mark                                              func(context.Context, notice.Trace) (bool, error)
	sent, unknown, known, others, missing, unreadable int
}

// line marks line n. If unknown is set, it takes only lines about attempts of unknown outcome, else only the others.
func (m *marking) line(ctx context.Context, n int, line []byte, unknown bool) error {
	t, err := notice.ReadTrace(line)
	if len(line) == 0 || unknown != (err == nil && t.Unknown()) {
		return nil
	}
	if errors.Is(err, notice.ErrOtherLine) {
		m.others++
		return nil
	}
	if err != nil {
		m.unreadable++
		fmt.Fprintf(m.out, "line %d: unreadable: %v\n", n, err)
		return nil
	}
	fresh, err := m.mark(ctx, t)
	switch {
	case errors.Is(err, store.ErrNotFound):
		m.missing++
		fmt.Fprintf(m.out, "line %d: no notice %s here: its disclosure has to be posted again\n", n, t.Notice)
	case errors.Is(err, event.ErrConflict):
		m.unreadable++
		fmt.Fprintf(m.out, "line %d: %v\n", n, err)
	case err != nil:
		return err
	case !fresh:
		m.known++
	case unknown:
		m.unknown++
	default:
		m.sent++
	}
	return nil
}

// resumeCommand is "lapse resume": it ends a pause and lets a restored table send.
type resumeCommand struct{ onTable }

// Run prints the pause that it ended.
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
	if was.Pause != (store.Pause{}) {
		fmt.Printf("paused since %s: %s\n", was.Pause.Since.Format(time.RFC3339), was.Pause.Reason())
	}
	fmt.Println("the next sweep sends from here")
	return nil
}
