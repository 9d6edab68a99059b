package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"lapse/internal/letter"
)

// verifyMailCommand is "lapse verify-mail": it says whether the text of a saved mail was signed by the service. It
// needs no network.
type verifyMailCommand struct {
	Mail string `arg:"" help:"The mail as a file (.eml), with all its headers; - reads it from standard input."`
	Keys string `required:"" help:"File with the published keys, fetched before from /.well-known/lapse-keys.json."`

	// in and out are the process' own unless a test sets them.
	in  io.Reader
	out io.Writer
}

// Run prints what it found. The error says why the mail is not verified.
func (c *verifyMailCommand) Run() error {
	if c.in == nil {
		c.in, c.out = os.Stdin, os.Stdout
	}
	keys, err := os.ReadFile(c.Keys)
	if err != nil {
		return fmt.Errorf("read the published keys: %w", err)
	}
	var raw []byte
	if c.Mail == "-" {
		raw, err = io.ReadAll(c.in)
	} else {
		raw, err = os.ReadFile(c.Mail)
	}
	if err != nil {
		return fmt.Errorf("read the mail: %w", err)
	}
	v, err := letter.VerifyMail(raw, keys)
	if err != nil {
		return fmt.Errorf("verify the mail: %w", err)
	}
	fmt.Fprintf(c.out, "genuine: the plain text was signed with key %s\nreference %s, code %s, dated %s\n",
		v.KeyID, v.Reference, v.Code, v.Date.Format(time.RFC3339))
	fmt.Fprintln(c.out, "This says nothing of the HTML part, the subject, the sender or the recipient.")
	return nil
}
