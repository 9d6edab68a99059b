// Package config makes a function's service from its environment, and says everything that is missing at once. The
// variables are listed at Variables; AWS' own (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, credentials) are read by the SDK.
package config

import (
	"fmt"
	"slices"
	"strings"

	"lapse/internal/dispatch"
	"lapse/internal/letter"
	"lapse/internal/matter"
)

// Variable is one environment variable of a function.
type Variable struct {
	Name, Meaning string
	// Optional variables may be empty.
	Optional bool
}

// Variables lists every variable that Lapse reads, in alphabetical order.
func Variables() []Variable {
	return []Variable{
		{Name: "BUS", Meaning: "name or ARN of the bus that Lapse's own events go out on"},
		{Name: "CONFIGURATION_SET", Meaning: "SES configuration set whose events come back to the delivery function"},
		{Name: "DEAD_LETTERS", Meaning: "URL of the queue for events that will never be taken"},
		{Name: "HELP_URL", Meaning: "page where somebody told finds help", Optional: true},
		{Name: "KEYSET_KEY", Meaning: "ARN of the KMS key that wraps the keysets; without it LAPSE_FILE_KEY is needed"},
		{Name: "LAPSE_FILE_KEY", Meaning: "file with the wrapping key, for runs without KMS; made if missing, ignored where KEYSET_KEY is set", Optional: true},
		{Name: "POLICY_RULES", Optional: true, Meaning: `numbers and names of the notice policy, JSON: {"maxDays","chainAlarmDays","languages","entities","channels",` +
			`"exceptions":{"child":{"reviewDays","renewals","endDays"}}}; what is left out has its default`},
		{Name: "POLICY_URL", Meaning: "page of the policy on telling users"},
		{Name: "POLICY_VERSION", Meaning: "version of that policy, recorded with every matter"},
		{Name: "REPLY_TO", Meaning: "staffed address that answers to notices go to"},
		{Name: "SENDER", Meaning: "address that notices come from"},
		{Name: "SENDER_NAME", Meaning: "the service as its users know it"},
		{Name: "SENDING_ENABLED", Meaning: `"true" or "false"; false plans everything and sends nothing`},
		{Name: "TABLE", Meaning: "name of the DynamoDB table"},
		{Name: "UNKNOWN_POLICY", Meaning: `what follows an attempt of unknown outcome: "must_arrive" (default) or "at_most_once"`, Optional: true},
	}
}

// reader reads variables and keeps what is wrong with them.
type reader struct {
	getenv func(string) string
	wrong  []string
}

// need reads a variable that may not be empty.
func (r *reader) need(name string) string {
	v := r.getenv(name)
	if v == "" {
		r.note(name + " is missing")
	}
	return v
}

// one reads a variable that may only have the values given.
func (r *reader) one(name string, allowed ...string) string {
	v := r.getenv(name)
	if !slices.Contains(allowed, v) {
		r.note(fmt.Sprintf("%s is not one of %q", name, allowed))
	}
	return v
}

// address reads one bare address; what is said of a bad one does not repeat it.
func (r *reader) address(name string) matter.Address {
	v := r.need(name)
	a, err := matter.ParseAddress(v)
	if err != nil && v != "" {
		r.note(fmt.Sprintf("%s: %v", name, err))
	}
	return a
}

// key reads where the key that wraps keysets is: KMS, or else a file.
func (r *reader) key() key {
	k := key{kms: r.getenv("KEYSET_KEY"), file: r.getenv("LAPSE_FILE_KEY")}
	if k == (key{}) {
		r.note("KEYSET_KEY is missing")
	}
	return k
}

// sender reads who writes the letters.
func (r *reader) sender() letter.Sender {
	r.address("SENDER")
	r.address("REPLY_TO")
	return letter.Sender{
		From: r.getenv("SENDER"), Name: r.need("SENDER_NAME"), ReplyTo: r.getenv("REPLY_TO"),
		PolicyURL: r.need("POLICY_URL"), HelpURL: r.getenv("HELP_URL"),
	}
}

// settings reads what an operator decides about sending.
func (r *reader) settings() dispatch.Settings {
	return dispatch.Settings{
		SendingEnabled: r.one("SENDING_ENABLED", "true", "false") == "true",
		Policy:         dispatch.Policy(r.one("UNKNOWN_POLICY", "", string(dispatch.MustArrive), string(dispatch.AtMostOnce))),
		Sender:         r.sender(),
	}
}

func (r *reader) note(what string) { r.wrong = append(r.wrong, what) }

// err names everything that is wrong, or is nil.
func (r *reader) err() error {
	if len(r.wrong) == 0 {
		return nil
	}
	slices.Sort(r.wrong)
	return fmt.Errorf("read the environment: %s", strings.Join(r.wrong, "; "))
}
