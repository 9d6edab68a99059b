package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/config/intake"
)

func TestPolicyRulesAreReadStrictly(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	for value, good := range map[string]bool{
		`{}`: true,
		`{"maxDays":180,"channels":["portal"],"entities":["Example Inc."],"exceptions":{"child":{"reviewDays":90,"renewals":1,"endDays":180}}}`: true,
		`{"maxDays":0}`:              false,
		`{"channel":["portal"]}`:     false,
		`{} {}`:                      false,
		`{"exceptions":{"whim":{}}}`: false,
		`{"exceptions":{"child":{"reviewDays":90,"renewals":1,"endDays":30}}}`: false,
		`{"exceptions":{"child":{"reviewDays":0,"renewals":1,"endDays":30}}}`:  false,
	} {
		env := whole(t)
		env["POLICY_RULES"] = value
		_, err := intake.Make(process(env))
		if good {
			require.NoError(t, err, value)
			continue
		}
		require.ErrorContains(t, err, "POLICY_RULES", value)
	}
}
