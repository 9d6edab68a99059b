// Package config reads a function's environment, and says everything that is missing at once. The packages below it make
// each function's service from it, one a function, so that none is linked with what only another needs. The variables
// are listed at Variables; AWS' own (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, credentials) are read by the SDK.
package config

import (
	"fmt"
	"slices"
	"strings"

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
		{Name: "POLICY_RULES", Optional: true, Meaning: `numbers and names of the notice policy, JSON: {"maxDays","chainAlarmDays","pleaDays","reviewDays",` +
			`"languages","entities","channels","exceptions":{"child":{"reviewDays","renewals","endDays"}}}; what is left out has its default`},
		{Name: "POLICY_URL", Meaning: "page of the policy on telling users"},
		{Name: "POLICY_VERSION", Meaning: "version of that policy, recorded with every matter"},
		{Name: "REPLY_TO", Meaning: "staffed address that answers to notices go to"},
		{Name: "SENDER", Meaning: "address that notices come from"},
		{Name: "SENDER_NAME", Meaning: "the service as its users know it"},
		{Name: "SENDING_ENABLED", Meaning: `"true" or "false"; false plans everything and sends nothing`},
		{Name: "STAGE", Meaning: "name of the installation, the dimension of its metrics"},
		{Name: "TABLE", Meaning: "name of the DynamoDB table"},
		{Name: "UNKNOWN_POLICY", Meaning: `what follows an attempt of unknown outcome: "must_arrive" (default) or "at_most_once"`, Optional: true},
	}
}

// Reader reads variables and keeps what is wrong with them.
type Reader struct {
	getenv func(string) string
	wrong  []string
}

// Get reads a variable that may be empty.
func (r *Reader) Get(name string) string { return r.getenv(name) }

// Need reads a variable that may not be empty.
func (r *Reader) Need(name string) string {
	v := r.getenv(name)
	if v == "" {
		r.Wrong(name + " is missing")
	}
	return v
}

// One reads a variable that may only have the values given.
func (r *Reader) One(name string, allowed ...string) string {
	v := r.getenv(name)
	if !slices.Contains(allowed, v) {
		r.Wrong(fmt.Sprintf("%s is not one of %q", name, allowed))
	}
	return v
}

// Address reads one bare address; what is said of a bad one does not repeat it.
func (r *Reader) Address(name string) matter.Address {
	v := r.Need(name)
	a, err := matter.ParseAddress(v)
	if err != nil && v != "" {
		r.Wrong(fmt.Sprintf("%s: %v", name, err))
	}
	return a
}

// Key says where the key that wraps keysets is: the ARN of a KMS key, or else a file.
type Key struct{ KMS, File string }

// Key reads where the key is.
func (r *Reader) Key() Key {
	k := Key{KMS: r.getenv("KEYSET_KEY"), File: r.getenv("LAPSE_FILE_KEY")}
	if k == (Key{}) {
		r.Wrong("KEYSET_KEY is missing")
	}
	return k
}

// Wrong keeps something that is wrong with a variable, named in the text.
func (r *Reader) Wrong(what string) { r.wrong = append(r.wrong, what) }

// err names everything that is wrong, or is nil.
func (r *Reader) err() error {
	if len(r.wrong) == 0 {
		return nil
	}
	slices.Sort(r.wrong)
	return fmt.Errorf("read the environment: %s", strings.Join(r.wrong, "; "))
}
