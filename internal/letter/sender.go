package letter

import (
	"errors"
	"net/url"
	"strings"
)

// Sender is who writes the letters, as an operator configures it.
type Sender struct {
	// From and ReplyTo are bare addresses in ASCII, the second one staffed; Name is the service as its users know it.
	From, Name, ReplyTo string
	// PolicyURL is where the policy on telling users stands; HelpURL, where somebody told finds help, may be empty.
	PolicyURL, HelpURL string
	// VerifyURL is the page that checks a reference and a code; "" while there is none, and no letter then has a code.
	VerifyURL string
	// Proof makes references and codes.
	Proof ProofKey
}

// MessageID is the id of the mail of the attempt that has the token.
func (s Sender) MessageID(token string) string {
	_, domain, _ := strings.Cut(s.From, "@")
	return token + "@" + domain
}

// tokenLength is that of the tokens that attempts have.
const tokenLength = 32

// CheckFrom returns an error where no mail can be composed that comes from the bare address. The error does not repeat
// it. CheckName and CheckLink are the same for the other parts of a sender; they stand here, beside what composes, so
// that a configuration is refused by the rule that would refuse every letter later.
func CheckFrom(address string) error {
	if !validMessageID(Sender{From: address}.MessageID(strings.Repeat("0", tokenLength))) {
		return errors.New("its domain makes no message id")
	}
	return nil
}

// CheckName returns an error where nothing of the sender's name can be shown.
func CheckName(s string) error {
	if clean(s) == "" {
		return errors.New("the sender's name is missing")
	}
	return nil
}

// CheckLink returns an error where s is no absolute web address without credentials, or not in its ASCII form, which is
// one word in a mail. The error does not repeat it.
func CheckLink(s string) error {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || strings.IndexByte("<>\"|\\^`{}", s[i]) >= 0 {
			return errors.New("not in the ASCII form of a web address")
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("not an absolute http or https address")
	}
	return nil
}
