package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPolicyRulesAreReadStrictly(t *testing.T) {
	for value, wrong := range map[string][]string{
		`{}`: nil,
		`{"maxDays":180,"channels":["portal"],"entities":["Example Inc."],` +
			`"exceptions":{"child":{"reviewDays":90,"renewals":1,"endDays":180}}}`: nil,
		`{"chainAlarmDays":1,"pleaDays":1,"reviewDays":1}`:                       nil,
		`{"maxDays":36500,"chainAlarmDays":36500,"pleaDays":90,"reviewDays":90}`: nil,
		`{"channel":["portal"]}`: {"POLICY_RULES cannot be read",
			`"channel"`},
		`{"pleaDays":"10"}`: {"POLICY_RULES cannot be read", "pleaDays"},
		`{"pleaDays":2.5}`:  {"POLICY_RULES cannot be read", "pleaDays"},
		`{} {}`: {"POLICY_RULES cannot be read",
			"text after the object"},
		`{"exceptions":{"whim":{}}}`: {`exceptions: there is no kind "whim"`},
		`{"exceptions":{"child":{"reviewDays":90,"renewals":1,"endDays":30}}}`: {
			"exceptions.child.reviewDays is 90, and has to be 1 to 30",
		},
		`{"exceptions":{"child":{"reviewDays":0,"renewals":-1,"endDays":3661}}}`: {
			"child.reviewDays is 0", "child.renewals is -1", "child.endDays is 3661",
		},
		`{"maxDays":0,"chainAlarmDays":36501,"pleaDays":91,"reviewDays":91}`: {
			"maxDays is 0", "chainAlarmDays is 36501", "pleaDays is 91", "reviewDays is 91",
		},
		`{"pleaDays":0,"reviewDays":-1,"exceptions":{"emergency":{"reviewDays":1,"endDays":9000000}}}`: {
			"pleaDays is 0", "reviewDays is -1", "emergency.endDays is 9000000",
		},
	} {
		env := whole()
		env["POLICY_RULES"] = value
		_, err := readIntake(env)
		if wrong == nil {
			require.NoError(t, err, value)
			continue
		}
		for _, w := range wrong {
			require.ErrorContains(t, err, w, value)
		}
	}
}
