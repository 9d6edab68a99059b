// Package sender reads who writes the letters, for the functions that write or show them; it is apart from package config
// so that no other function is linked with the letter.
package sender

import (
	"fmt"

	"lapse/internal/config"
	"lapse/internal/letter"
)

// Read reads who writes the letters, and keeps in r what no letter could be written with: found only when the first
// notice is due, it would hold up every one.
func Read(r *config.Reader) letter.Sender {
	// The service's own published addresses, no recipient's. In ASCII, since that is how they stand in a mail.
	return letter.Sender{
		From: checked(r, "SENDER", r.Address("SENDER").Reveal(), letter.CheckFrom), ReplyTo: r.Address("REPLY_TO").Reveal(),
		Name:      checked(r, "SENDER_NAME", r.Need("SENDER_NAME"), letter.CheckName),
		PolicyURL: checked(r, "POLICY_URL", r.Need("POLICY_URL"), letter.CheckLink),
		HelpURL:   checked(r, "HELP_URL", r.Get("HELP_URL"), letter.CheckLink),
	}
}

// checked keeps in r what is wrong with a variable's value; one that is empty is missing, or may be.
func checked(r *config.Reader, name, value string, check func(string) error) string {
	if err := check(value); err != nil && value != "" {
		r.Wrong(fmt.Sprintf("%s: %v", name, err))
	}
	return value
}
