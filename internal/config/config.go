// Package config reads a function's environment into plain settings, and makes the AWS configuration that the clients
// start from. Package wire makes services of both.
//
// Each function has a settings struct and a Read function of its own. A Read function names everything that is wrong
// in one error, each time with the variable's name. Variables lists all variables. The SDK reads AWS' own variables
// (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, credentials) itself.
//
// Every function is linked with this package, so it imports no service and neither the letter nor the law. Their checks
// and defaults come in as parameters.
package config

import (
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
		{Name: "ADVANCE_DAYS", Optional: true,
			Meaning: "days that somebody who is told before a disclosure has to object: 1 to 90, 7 by default"},
		{Name: "APPROVALS", Optional: true,
			Meaning: `who are two persons where two have to decide: "principals" (default), two authenticated ones, or ` +
				`"names", two of approvedBy`},
		{Name: "BUS", Meaning: "name or ARN of the bus that Lapse's own events go out on"},
		{Name: "CONFIGURATION_SET", Meaning: "SES configuration set whose events come back to the delivery function"},
		{Name: "DEAD_LETTERS", Meaning: "URL of the queue for events that will never be taken"},
		{Name: "DISPATCHERS", Optional: true,
			Meaning: "how many groups the agenda is shared by, each swept by an invocation of its own: 1 (default) to 16"},
		{Name: "HELP_URL", Meaning: "page where somebody told finds help", Optional: true},
		{Name: "KEYSET_KEY", Meaning: "ARN of the KMS key that wraps the keysets; without it LAPSE_FILE_KEY is needed"},
		{Name: "LAPSE_FILE_KEY", Optional: true,
			Meaning: "file with the wrapping key, for runs without KMS; made if missing, ignored where KEYSET_KEY is set"},
		{Name: "PERSON_ROLES", Optional: true,
			Meaning: "IAM roles whose session is named after one person for sure, separated by commas; " +
				"any other role counts as one person"},
		{Name: "POLICY_DIR", Optional: true,
			Meaning: "folder with the texts of the policy for the report, VERSION.LANGUAGE.md; without it the report has an " +
				"example"},
		{Name: "POLICY_RULES", Optional: true,
			Meaning: `numbers and names of the notice policy, JSON: {"maxDays","chainAlarmDays","pleaDays","reviewDays",` +
				`"languages","entities","channels","userTenants","exceptions":{"child":{"reviewDays","renewals","endDays"}}}; ` +
				`what is left out has its default`},
		{Name: "POLICY_URL", Meaning: "page of the policy on telling users"},
		{Name: "POLICY_VERSION", Meaning: "version of that policy, recorded with every matter"},
		{Name: "REPLY_TO", Meaning: "staffed address that answers to notices go to"},
		{Name: "REPORT_BUCKET", Meaning: "S3 bucket of the transparency report"},
		{Name: "REPORT_CONTACT", Optional: true,
			Meaning: "where authorities send requests, as the report's guide shows it"},
		{Name: "REPORT_URL", Meaning: "address at which everybody reads the report; it ends with a slash"},
		{Name: "SECURITY_STRUCTURE", Optional: true,
			Meaning: "structure of the bands of national security, 1 to 4 of 50 U.S.C. 1874(a); 2 by default"},
		{Name: "SECURITY_WINDOW", Optional: true,
			Meaning: `what those bands are about: "calendar_half" (default) or "strict_180", the 180 days before`},
		{Name: "SENDER", Meaning: "address that notices come from"},
		{Name: "SENDER_NAME", Meaning: "the service as its users know it"},
		{Name: "SENDING_ENABLED", Meaning: `"true" or "false"; false plans everything and sends nothing`},
		{Name: "SENDING_SHARE", Optional: true,
			Meaning: "part of the account's SES quota that Lapse uses: above 0, at most 1, 0.95 by default"},
		{Name: "STAGE", Meaning: "name of the installation, the dimension of its metrics"},
		{Name: "TABLE", Meaning: "name of the DynamoDB table"},
		{Name: "TICKS", Optional: true,
			Meaning: "URL of the queue of ticks; needed where DISPATCHERS is above 1"},
		{Name: "UNKNOWN_POLICY", Optional: true,
			Meaning: `what follows an attempt of unknown outcome: "must_arrive" (default) or "at_most_once"`},
		{Name: "VERIFY_URL", Optional: true,
			Meaning: "page that checks a letter's reference and code; without it letters have neither code nor signature"},
		{Name: "WORKERS", Optional: true, Meaning: "how many notices a sweep works on at once: 1 to 64, 32 by default"},
	}
}

// Key says where the key that wraps keysets is: the ARN of a KMS key, or else a file.
type Key struct{ KMS, File string }

// Sender is who writes the letters. Its fields are those of letter.Sender, but for the keys. From and ReplyTo are bare
// addresses in ASCII; HelpURL may be empty.
type Sender struct {
	From, Name, ReplyTo string
	PolicyURL, HelpURL  string
	// VerifyURL is the page that checks letters, "" where there is none.
	VerifyURL string
}

// SenderChecks are the letter's own checks of a sender's parts. A sender that they refuse could write no letter, so it
// is refused at the start instead of holding up every notice later.
type SenderChecks struct{ From, Name, Link func(string) error }

// Door is the settings of a function that takes events in.
type Door struct {
	Stage, Table string
	Key          Key
	// PolicyVersion is recorded with every matter.
	PolicyVersion string
	Rules         Rules
	// Terms bound the exceptions of each kind.
	Terms map[matter.ExceptionKind]matter.Terms
	// Principals says that two persons are two authenticated principals. Else approvedBy names them.
	Principals bool
	// AdvanceDays is how many days before a disclosure a person is told, 0 for the default.
	AdvanceDays int
}

// API is the settings of the api function.
type API struct {
	Door
	Sender Sender
	// PersonRoles are the IAM roles whose session is named after one person for sure.
	PersonRoles []string
}

// Intake is the settings of the intake function. DeadLetters is a queue's URL.
type Intake struct {
	Door
	DeadLetters string
}

// Dispatch is the settings of the dispatch function.
type Dispatch struct {
	Stage, Table, Bus, ConfigurationSet string
	Key                                 Key
	// From is Sender.From, as the address that SES is given.
	From           matter.Address
	Sender         Sender
	SendingEnabled bool
	// UnknownPolicy is one of dispatch.Policy, empty for its default.
	UnknownPolicy string
	Load          Load
	// Ticks is the URL of the queue of ticks, empty where nothing is to be put there.
	Ticks string
}

// Load says how much a sweep does at once. A field that is 0 has the default of its service.
type Load struct {
	// Workers is how many notices are worked on at once.
	Workers int
	// Share is the part of SES' quota that all dispatchers use together.
	Share float64
	// Dispatchers is how many groups share the agenda.
	Dispatchers int
}

// Delivery is the settings of the delivery function. DeadLetters is a queue's URL.
type Delivery struct{ Stage, Table, Bus, DeadLetters string }

// Verify is the settings of the verify function. Sender is the service as its users know it.
type Verify struct{ Stage, Table, Sender string }

// Report is the settings of the report function.
type Report struct {
	Stage, Table string
	// Bucket is where the report stands, URL its address for readers, with a slash at the end.
	Bucket, URL string
	// Publisher is the service as its users know it. Contact is where authorities send requests, "" where nobody says.
	Publisher, Contact string
	// PolicyVersion is the version in force, PolicyDir the folder of the texts, "" for the example.
	PolicyVersion, PolicyDir string
	Terms                    map[matter.ExceptionKind]matter.Terms
	// AdvanceDays is how many days before a disclosure a person is told, 0 for the default.
	AdvanceDays int
	// Structure and Window are those of transparency.SecurityRules.
	Structure int
	Window    string
}

// ReadReport reads the report function's variables. windows lists the values of SECURITY_WINDOW beside none.
func ReadReport(getenv func(string) string, defaults Rules, windows []string) (Report, error) {
	r := &reader{getenv: getenv}
	_, terms := r.policyRules(defaults)
	s := Report{
		Stage: r.need("STAGE"), Table: r.need("TABLE"), Bucket: r.need("REPORT_BUCKET"),
		URL:       r.need("REPORT_URL"),
		Publisher: r.need("SENDER_NAME"), Contact: r.getenv("REPORT_CONTACT"),
		PolicyVersion: r.need("POLICY_VERSION"), PolicyDir: r.getenv("POLICY_DIR"), Terms: terms,
		Structure:   r.count("SECURITY_STRUCTURE", 4),
		AdvanceDays: r.advanceDays(),
		Window:      r.one("SECURITY_WINDOW", append([]string{""}, windows...)...),
	}
	if s.URL != "" && !(strings.HasPrefix(s.URL, "https://") && strings.HasSuffix(s.URL, "/")) {
		r.fault("REPORT_URL does not begin with https:// and end with a slash")
	}
	return s, r.err()
}

// ReadVerify reads the verify function's variables.
func ReadVerify(getenv func(string) string) (Verify, error) {
	r := &reader{getenv: getenv}
	s := Verify{Stage: r.need("STAGE"), Table: r.need("TABLE"), Sender: r.need("SENDER_NAME")}
	return s, r.err()
}

// ReadAPI reads the api function's variables. What POLICY_RULES leaves out is as in the defaults.
func ReadAPI(getenv func(string) string, defaults Rules, checks SenderChecks) (API, error) {
	r := &reader{getenv: getenv}
	_, sender := r.sender(checks)
	s := API{Door: r.door(defaults), Sender: sender, PersonRoles: r.roles("PERSON_ROLES")}
	return s, r.err()
}

// ReadIntake reads the intake function's variables. What POLICY_RULES leaves out is as in the defaults.
func ReadIntake(getenv func(string) string, defaults Rules) (Intake, error) {
	r := &reader{getenv: getenv}
	s := Intake{Door: r.door(defaults), DeadLetters: r.need("DEAD_LETTERS")}
	return s, r.err()
}

// ReadDispatch reads the dispatch function's variables; unknown lists the values of UNKNOWN_POLICY beside none, groups
// is the most that DISPATCHERS may be.
func ReadDispatch(getenv func(string) string, unknown []string, groups int, checks SenderChecks) (Dispatch, error) {
	r := &reader{getenv: getenv}
	from, sender := r.sender(checks)
	s := Dispatch{
		Stage: r.need("STAGE"), Table: r.need("TABLE"), Bus: r.need("BUS"), ConfigurationSet: r.need("CONFIGURATION_SET"),
		Key: r.key(), From: from, Sender: sender,
		SendingEnabled: r.one("SENDING_ENABLED", "true", "false") == "true",
		UnknownPolicy:  r.one("UNKNOWN_POLICY", append([]string{""}, unknown...)...),
		Load: Load{
			Workers: r.count("WORKERS", Conns), Share: r.share("SENDING_SHARE"), Dispatchers: r.count("DISPATCHERS", groups),
		},
		Ticks: r.getenv("TICKS"),
	}
	if s.Load.Dispatchers > 1 && s.Ticks == "" {
		r.fault("TICKS is missing, and DISPATCHERS is above 1")
	}
	return s, r.err()
}

// ReadDelivery reads the delivery function's variables.
func ReadDelivery(getenv func(string) string) (Delivery, error) {
	r := &reader{getenv: getenv}
	s := Delivery{Stage: r.need("STAGE"), Table: r.need("TABLE"), Bus: r.need("BUS"), DeadLetters: r.need("DEAD_LETTERS")}
	return s, r.err()
}
