package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lapse/internal/matter"
)

// reader reads variables and keeps what is wrong with them.
type reader struct {
	getenv func(string) string
	faults []string
}

// need reads a variable that may not be empty.
func (r *reader) need(name string) string {
	v := r.getenv(name)
	if v == "" {
		r.fault(name + " is missing")
	}
	return v
}

// one reads a variable that may only have the values given.
func (r *reader) one(name string, allowed ...string) string {
	v := r.getenv(name)
	if !slices.Contains(allowed, v) {
		r.fault(fmt.Sprintf("%s is not one of %q", name, allowed))
	}
	return v
}

// count reads a whole number from 1 to most; it is 0 where the variable is empty.
func (r *reader) count(name string, most int) int {
	v := r.getenv(name)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > most {
		r.fault(fmt.Sprintf("%s is no whole number from 1 to %d", name, most))
	}
	return n
}

// roles reads names of IAM roles, separated by commas. A name with a comma, which IAM allows, cannot be given.
func (r *reader) roles(name string) []string {
	var roles []string
	for role := range strings.SplitSeq(r.getenv(name), ",") {
		role = strings.TrimSpace(role)
		if strings.Trim(role, roleCharacters) != "" || len(role) > maxRole {
			r.fault(name + " has something that is no name of a role")
		}
		if role != "" {
			roles = append(roles, role)
		}
	}
	return roles
}

// What IAM allows in the name of a role.
const (
	roleCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=.@-"
	maxRole        = 64
)

// share reads a number above 0 and at most 1; it is 0 where the variable is empty.
func (r *reader) share(name string) float64 {
	v := r.getenv(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !(n > 0 && n <= 1) {
		r.fault(name + " is no number above 0 and at most 1")
	}
	return n
}

// address reads one bare address. The fault of a bad address does not repeat it.
func (r *reader) address(name string) matter.Address {
	v := r.need(name)
	a, err := matter.ParseAddress(v)
	if err != nil && v != "" {
		r.fault(fmt.Sprintf("%s: %v", name, err))
	}
	return a
}

// check passes the value on, and keeps what is wrong with it. An empty value is not checked: need judges it.
func (r *reader) check(name, value string, check func(string) error) string {
	if value == "" {
		return value
	}
	if err := check(value); err != nil {
		r.fault(fmt.Sprintf("%s: %v", name, err))
	}
	return value
}

// key reads where the key that wraps keysets is.
func (r *reader) key() Key {
	k := Key{KMS: r.getenv("KEYSET_KEY"), File: r.getenv("LAPSE_FILE_KEY")}
	if k == (Key{}) {
		r.fault("KEYSET_KEY is missing")
	}
	return k
}

// sender reads who writes the letters. The addresses revealed are the service's own, which it publishes.
func (r *reader) sender(checks SenderChecks) (matter.Address, Sender) {
	from := r.address("SENDER")
	return from, Sender{
		From:      r.check("SENDER", from.Reveal(), checks.From),
		Name:      r.check("SENDER_NAME", r.need("SENDER_NAME"), checks.Name),
		ReplyTo:   r.address("REPLY_TO").Reveal(),
		PolicyURL: r.check("POLICY_URL", r.need("POLICY_URL"), checks.Link),
		HelpURL:   r.check("HELP_URL", r.getenv("HELP_URL"), checks.Link),
		VerifyURL: r.check("VERIFY_URL", r.getenv("VERIFY_URL"), checks.Link),
	}
}

// door reads what every function needs that takes events in.
func (r *reader) door(defaults Rules) Door {
	rules, terms := r.policyRules(defaults)
	return Door{
		Stage: r.need("STAGE"), Table: r.need("TABLE"), Key: r.key(),
		PolicyVersion: r.need("POLICY_VERSION"), Rules: rules, Terms: terms,
		Principals:  r.one("APPROVALS", "", "principals", "names") != "names",
		AdvanceDays: r.advanceDays(),
	}
}

// advanceDays reads how many days before a disclosure a person is told, 0 where nobody says.
func (r *reader) advanceDays() int { return r.count("ADVANCE_DAYS", 90) }

// fault keeps something that is wrong with a variable. The text begins with the variable's name.
func (r *reader) fault(text string) { r.faults = append(r.faults, text) }

// err names all faults, or is nil.
func (r *reader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	slices.Sort(r.faults)
	return fmt.Errorf("read the environment: %s", strings.Join(r.faults, "; "))
}
