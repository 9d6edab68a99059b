// Package letterhead joins the sender's settings and the letter. It stands alone, so that functions without a letter
// are not linked with it.
package letterhead

import (
	"lapse/internal/config"
	"lapse/internal/letter"
)

// Checks are the letter's checks, for package config.
func Checks() config.SenderChecks {
	return config.SenderChecks{From: letter.CheckFrom, Name: letter.CheckName, Link: letter.CheckLink}
}

// Sender is the settings in the letter's own type.
func Sender(s config.Sender) letter.Sender {
	return letter.Sender{
		From: s.From, Name: s.Name, ReplyTo: s.ReplyTo, PolicyURL: s.PolicyURL, HelpURL: s.HelpURL,
		VerifyURL: s.VerifyURL,
	}
}
