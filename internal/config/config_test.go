package config_test

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/config"
	"lapse/internal/law"
	"lapse/internal/letter"
	"lapse/internal/matter"
)

// whole is an environment in which nothing is wrong.
func whole() map[string]string {
	return map[string]string{
		"TABLE": "t", "BUS": "b", "CONFIGURATION_SET": "s", "DEAD_LETTERS": "https://queue.example/d",
		"LAPSE_FILE_KEY": "/keys/key", "POLICY_URL": "https://lapse.example/policy", "POLICY_VERSION": "2026-01",
		"REPLY_TO": "legal@lapse.example", "SENDER": "notices@lapse.example", "SENDER_NAME": "Example",
		"SENDING_ENABLED": "false", "STAGE": "dev", "REPORT_BUCKET": "b",
		"REPORT_URL": "https://transparency.example/",
	}
}

func getenv(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

func checks() config.SenderChecks {
	return config.SenderChecks{From: letter.CheckFrom, Name: letter.CheckName, Link: letter.CheckLink}
}

func defaults() config.Rules { return config.Rules(law.DefaultPolicy()) }

func readAPI(env map[string]string) (config.API, error) {
	return config.ReadAPI(getenv(env), defaults(), checks())
}

func readIntake(env map[string]string) (config.Intake, error) {
	return config.ReadIntake(getenv(env), defaults())
}

func readDispatch(env map[string]string) (config.Dispatch, error) {
	return config.ReadDispatch(getenv(env), []string{"must_arrive", "at_most_once"}, 16, checks())
}

// TestEveryVariableReachesItsSetting: a variable that goes into the wrong setting would send from a wrong address, or
// record under a wrong policy.
func TestEveryVariableReachesItsSetting(t *testing.T) {
	env := whole()
	maps.Copy(env, map[string]string{
		"KEYSET_KEY": "arn:aws:kms:eu-central-1:123456789012:key/k", "HELP_URL": "https://lapse.example/help",
		"VERIFY_URL":      "https://lapse.example/verify",
		"SENDING_ENABLED": "true", "UNKNOWN_POLICY": "at_most_once",
		"WORKERS": "48", "SENDING_SHARE": "0.5", "DISPATCHERS": "4", "TICKS": "https://queue.example/t.fifo",
		"REPORT_BUCKET": "r", "REPORT_URL": "https://transparency.example/", "REPORT_CONTACT": "Requests, Example Street 1",
		"POLICY_DIR": "/opt/policy", "SECURITY_STRUCTURE": "3", "SECURITY_WINDOW": "strict_180",
		"ADVANCE_DAYS": "14", "APPROVALS": "names", "PERSON_ROLES": "Counsel, AWSReservedSSO_Counsel_1,",
		"POLICY_RULES": `{"maxDays":1,"chainAlarmDays":2,"pleaDays":3,"reviewDays":4,"languages":["de"],` +
			`"entities":["E"],"channels":["portal"],"userTenants":["acme"],` +
			`"exceptions":{"child":{"reviewDays":5,"renewals":6,"endDays":7}}}`,
	})
	from, err := matter.ParseAddress("notices@lapse.example")
	require.NoError(t, err)
	key := config.Key{KMS: "arn:aws:kms:eu-central-1:123456789012:key/k", File: "/keys/key"}
	sender := config.Sender{
		From: "notices@lapse.example", Name: "Example", ReplyTo: "legal@lapse.example",
		PolicyURL: "https://lapse.example/policy", HelpURL: "https://lapse.example/help",
		VerifyURL: "https://lapse.example/verify",
	}
	terms := matter.DefaultTerms()
	terms["child"] = matter.Terms{Review: 5 * 24 * time.Hour, Renewals: 6, End: 7 * 24 * time.Hour}
	door := config.Door{
		Stage: "dev", Table: "t", Key: key, PolicyVersion: "2026-01", Terms: terms, AdvanceDays: 14, Rules: config.Rules{
			MaxDays: 1, ChainAlarmDays: 2, PleaDays: 3, ReviewDays: 4,
			Languages: []string{"de"}, Entities: []string{"E"}, Channels: []string{"portal"}, UserTenants: []string{"acme"},
		},
	}
	api, err := readAPI(env)
	require.NoError(t, err)
	people := []string{"Counsel", "AWSReservedSSO_Counsel_1"}
	require.Equal(t, config.API{Door: door, Sender: sender, PersonRoles: people}, api)
	intake, err := readIntake(env)
	require.NoError(t, err)
	require.Equal(t, config.Intake{Door: door, DeadLetters: "https://queue.example/d"}, intake)
	dispatch, err := readDispatch(env)
	require.NoError(t, err)
	require.Equal(t, config.Dispatch{
		Stage: "dev", Table: "t", Bus: "b", ConfigurationSet: "s", Key: key, From: from, Sender: sender,
		SendingEnabled: true, UnknownPolicy: "at_most_once", Load: config.Load{Workers: 48, Share: 0.5, Dispatchers: 4},
		Ticks: "https://queue.example/t.fifo",
	}, dispatch)
	verify, err := config.ReadVerify(getenv(env))
	require.NoError(t, err)
	require.Equal(t, config.Verify{Stage: "dev", Table: "t", Sender: "Example"}, verify)
	report, err := config.ReadReport(getenv(env), defaults(), []string{"strict_180"})
	require.NoError(t, err)
	require.Equal(t, config.Report{
		Stage: "dev", Table: "t", Bucket: "r", URL: "https://transparency.example/", Publisher: "Example",
		Contact: "Requests, Example Street 1", PolicyVersion: "2026-01", PolicyDir: "/opt/policy", Terms: terms, Structure: 3,
		Window: "strict_180", AdvanceDays: 14,
	}, report)
	delivery, err := config.ReadDelivery(getenv(env))
	require.NoError(t, err)
	require.Equal(t, config.Delivery{Stage: "dev", Table: "t", Bus: "b", DeadLetters: "https://queue.example/d"}, delivery)
}

func TestWhatMayBeEmptyHasItsDefault(t *testing.T) {
	api, err := readAPI(whole())
	require.NoError(t, err)
	require.Equal(t, defaults(), api.Rules)
	require.Equal(t, matter.DefaultTerms(), api.Terms)
	require.Zero(t, api.AdvanceDays, "matter.AdvanceDays")
	dispatch, err := readDispatch(whole())
	require.NoError(t, err)
	require.False(t, dispatch.SendingEnabled)
	require.Empty(t, dispatch.UnknownPolicy)
	require.Zero(t, dispatch.Load)
	require.Empty(t, dispatch.Ticks)
}

func TestEverythingMissingIsSaidAtOnce(t *testing.T) {
	_, err := readDispatch(nil)
	require.EqualError(t, err, `read the environment: BUS is missing; CONFIGURATION_SET is missing; `+
		`KEYSET_KEY is missing; POLICY_URL is missing; REPLY_TO is missing; SENDER is missing; SENDER_NAME is missing; `+
		`SENDING_ENABLED is not one of ["true" "false"]; STAGE is missing; TABLE is missing`)
	_, err = config.ReadDelivery(getenv(nil))
	require.EqualError(t, err,
		`read the environment: BUS is missing; DEAD_LETTERS is missing; STAGE is missing; TABLE is missing`)
	_, err = readIntake(nil)
	require.EqualError(t, err, `read the environment: DEAD_LETTERS is missing; KEYSET_KEY is missing; `+
		`POLICY_VERSION is missing; STAGE is missing; TABLE is missing`)
	_, err = readAPI(nil)
	require.EqualError(t, err, `read the environment: KEYSET_KEY is missing; POLICY_URL is missing; `+
		`POLICY_VERSION is missing; REPLY_TO is missing; SENDER is missing; SENDER_NAME is missing; `+
		`STAGE is missing; TABLE is missing`)
}

func TestAWrongValueIsNoValue(t *testing.T) {
	for variable, value := range map[string]string{
		"SENDING_ENABLED": "yes", "UNKNOWN_POLICY": "never", "SENDER": "Lapse <notices@lapse.example>", "REPLY_TO": "nobody",
	} {
		env := whole()
		env[variable] = value
		_, err := readDispatch(env)
		require.ErrorContains(t, err, variable)
		require.NotContains(t, err.Error(), value, "a log line may not hold an address")
	}
}

// TestALoadThatNoSweepCouldBearIsRefused: more workers than connections wait for each other, and a group beyond the
// partitions has nothing to work.
func TestALoadThatNoSweepCouldBearIsRefused(t *testing.T) {
	for variable, c := range map[string]struct {
		taken, refused []string
		says           string
	}{
		"WORKERS": {[]string{"1", "64"}, []string{"0", "65", "-1", "ten", "1.5", " 1"}, "is no whole number from 1 to 64"},
		"DISPATCHERS": {[]string{"1", "16"}, []string{"0", "17", "two"},
			"is no whole number from 1 to 16"},
		"SENDING_SHARE": {[]string{"0.01", "1", "0.95"}, []string{"0", "-0.5", "1.01", "95 %", "NaN", "Inf"},
			"is no number above 0 and at most 1"},
	} {
		env := whole()
		env["TICKS"] = "https://queue.example/t.fifo"
		for _, env[variable] = range c.taken {
			_, err := readDispatch(env)
			require.NoError(t, err, "%s %q", variable, env[variable])
		}
		for _, env[variable] = range c.refused {
			_, err := readDispatch(env)
			require.EqualError(t, err, "read the environment: "+variable+" "+c.says, env[variable])
		}
	}
}

func TestTheDaysToObjectAreOneToNinety(t *testing.T) {
	for _, value := range []string{"0", "91", "-7", "7.5", "a week"} {
		env := whole()
		env["ADVANCE_DAYS"] = value
		_, err := readIntake(env)
		require.ErrorContains(t, err, "ADVANCE_DAYS is no whole number from 1 to 90", value)
	}
}

// TestTwoPersonsAreTwoPrincipalsUnlessSaidOtherwise: a forgotten setting never lets one credential name two persons.
func TestTwoPersonsAreTwoPrincipalsUnlessSaidOtherwise(t *testing.T) {
	for approvals, principals := range map[string]bool{"": true, "principals": true, "names": false} {
		env := whole()
		env["APPROVALS"] = approvals
		api, err := readAPI(env)
		require.NoError(t, err)
		require.Equal(t, principals, api.Principals, approvals)
	}
	for variable, value := range map[string]string{"APPROVALS": "Names", "PERSON_ROLES": "role/Counsel"} {
		env := whole()
		env[variable] = value
		_, err := readAPI(env)
		require.ErrorContains(t, err, "read the environment: "+variable+" ")
	}
}

// TestSeveralDispatchersNeedTheQueue that their ticks are put on; one needs none.
func TestSeveralDispatchersNeedTheQueue(t *testing.T) {
	env := whole()
	env["DISPATCHERS"] = "1"
	_, err := readDispatch(env)
	require.NoError(t, err)
	env["DISPATCHERS"] = "2"
	_, err = readDispatch(env)
	require.EqualError(t, err, "read the environment: TICKS is missing, and DISPATCHERS is above 1")
}

// TestVariablesAreThoseThatAreRead: a variable is read only if it is documented, and documented only if a function
// reads it.
func TestVariablesAreThoseThatAreRead(t *testing.T) {
	read := map[string]bool{}
	env := func(name string) string { read[name] = true; return whole()[name] }
	_, err := config.ReadAPI(env, defaults(), checks())
	require.NoError(t, err)
	_, err = config.ReadIntake(env, defaults())
	require.NoError(t, err)
	_, err = config.ReadDispatch(env, nil, 16, checks())
	require.NoError(t, err)
	_, err = config.ReadDelivery(env)
	require.NoError(t, err)
	_, err = config.ReadReport(env, defaults(), nil)
	require.NoError(t, err)
	var last string
	for _, v := range config.Variables() {
		require.True(t, read[v.Name], "nothing reads %s", v.Name)
		require.Less(t, last, v.Name, "in alphabetical order")
		last = v.Name
		delete(read, v.Name)
	}
	require.Empty(t, read, "not in Variables()")
}

// The report's pages lead to each other from this address, and readers must come by HTTPS.
func TestTheReportHasAnAddressThatItsPagesCanBuildOn(t *testing.T) {
	for _, address := range []string{"http://transparency.example/", "https://transparency.example"} {
		env := whole()
		env["REPORT_URL"] = address
		_, err := config.ReadReport(getenv(env), defaults(), nil)
		require.EqualError(t, err, "read the environment: REPORT_URL does not begin with https:// and end with a slash")
	}
}
