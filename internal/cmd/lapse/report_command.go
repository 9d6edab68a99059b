package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"lapse/internal/config"
	"lapse/internal/dynamo"
	"lapse/internal/publish"
	"lapse/internal/reckon"
	"lapse/internal/transparency"
)

// reportCommand holds the commands about the transparency report.
type reportCommand struct {
	Recount recountCommand `cmd:"" help:"Compare what the report counts of a half-year with the records."`
	Check   checkCommand   `cmd:"" help:"Check a published folder offline: hashes, schema, sums, revisions."`
	Tenant  tenantCommand  `cmd:"" help:"Print what a customer may know of requests about its accounts."`
}

// recounter reads the operator's table.
func (o onTable) recounter() (*publish.Recounter, error) {
	cfg, err := config.AWS()
	if err != nil {
		return nil, err
	}
	s := dynamo.New(dynamo.NewClient(cfg, config.Conns), o.Table)
	return &publish.Recounter{Now: time.Now, Store: s, List: s.Matters}, nil
}

// recountCommand is "lapse report recount HALF". It reads the whole table, and writes nothing.
type recountCommand struct {
	onTable
	Half transparency.Half `arg:"" help:"The half-year, as 2026-H1."`
}

// Run prints what differs. The error says that some of it is on no agenda to be counted again.
func (c *recountCommand) Run(ctx context.Context) error {
	r, err := c.recounter()
	if err != nil {
		return err
	}
	found, err := r.Recount(ctx, c.Half)
	if err != nil {
		return err
	}
	return printRecount(os.Stdout, c.Half, found)
}

func printRecount(out io.Writer, h transparency.Half, found publish.Recount) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if len(found.Differences) > 0 {
		fmt.Fprintln(table, "MATTER\tDIFFERS IN\tROW\tRECORDS\tNEXT")
	}
	for _, d := range found.Differences {
		next := "nothing counts it again"
		if d.Waits {
			next = "a sweep counts it again"
		}
		row := "none"
		if d.Row > 0 {
			row = "version " + strconv.Itoa(d.Row)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\tversion %d\t%s\n", d.Matter, strings.Join(d.What, ", "), row, d.Records, next)
	}
	if len(found.Cells) > 0 {
		fmt.Fprintln(table, "FILE\tROW\tCOLUMN\tROWS SAY\tRECORDS SAY")
	}
	for _, c := range found.Cells {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.File, keyed(c), c.Column, cell(c.Old), cell(c.New))
	}
	fmt.Fprintf(table, "%s: %d matters, %d differ, %d of them for good\n", h, found.Matters, len(found.Differences),
		found.Lost())
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the recount: %w", err)
	}
	if n := found.Lost(); n > 0 {
		return fmt.Errorf("recount %s: the rows of %d matters are wrong, and no sweep will count them again", h, n)
	}
	return nil
}

// keyed writes a row's key in the order of its columns.
func keyed(c transparency.Change) string {
	var words []string
	for _, s := range transparency.Schemas() {
		if s.Name+".csv" != c.File {
			continue
		}
		for _, column := range s.Columns[:s.Keys] {
			words = append(words, c.Key[column.Name])
		}
	}
	return strings.Join(words, " ")
}

func cell(v *string) string {
	switch {
	case v == nil:
		return "no row"
	case *v == "":
		return "empty"
	}
	return *v
}

// checkCommand is "lapse report check DIR". It needs no network.
type checkCommand struct {
	Dir string `arg:"" type:"existingdir" help:"The published folder: that with the first index.html."`
}

// Run prints every fault. The error says that there are some.
func (c *checkCommand) Run() error { return c.check(os.Stdout) }

func (c *checkCommand) check(out io.Writer) error {
	faults, err := transparency.CheckFolder(os.DirFS(c.Dir))
	if err != nil {
		return err
	}
	for _, f := range faults {
		fmt.Fprintln(out, f)
	}
	if n := len(faults); n > 0 {
		return fmt.Errorf("check the report in %s: %d faults", c.Dir, n)
	}
	fmt.Fprintln(out, "sound: hashes, columns, sums and revisions of every half-year agree")
	return nil
}

// tenantCommand is "lapse report tenant ID". It reads the whole table, and writes nothing.
type tenantCommand struct {
	onTable
	ID   string `arg:"" help:"The customer's id, as in the subjects' member tenant."`
	JSON bool   `help:"Print JSON."`
}

// Run prints the customer's report.
func (c *tenantCommand) Run(ctx context.Context) error {
	r, err := c.recounter()
	if err != nil {
		return err
	}
	list, err := r.Customer(ctx, c.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(os.Stdout, map[string]any{"tenant": c.ID, "asOf": r.Now().UTC().Format(time.DateOnly),
			"requests": list})
	}
	return printCustomer(os.Stdout, c.ID, list)
}

func printJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return nil
}

func printCustomer(out io.Writer, tenant string, list []reckon.CustomerRequest) error {
	fmt.Fprintf(out, "Requests of authorities about accounts of %s\n\n", tenant)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join([]string{"RECEIVED", "AUTHORITY", "COUNTRY", "REQUEST", "DATA ASKED FOR", "ACCOUNTS",
		"WITH DATA", "CHALLENGED", "OUTCOME", "TOLD"}, "\t"))
	for _, r := range list {
		outcomes := make([]string, len(r.Challenges))
		for i, c := range r.Challenges {
			outcomes[i] = string(c)
		}
		challenged := cmp.Or(strings.Join(outcomes, ", "), "no")
		told := r.Told
		if told == "" {
			told = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", r.Received, r.Authority, r.Country, r.Type,
			strings.Join(r.Data, ", "), r.Accounts, r.WithData, challenged, r.Outcome, told)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	_, err := fmt.Fprintf(out, "\n%d requests. The list has the answered requests of which the law lets the customer "+
		"know today.\nIt does not say whether there are others.\n", len(list))
	if err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return nil
}
