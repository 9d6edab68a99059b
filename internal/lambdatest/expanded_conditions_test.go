//go:build expanded

package lambdatest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fulfilled evaluates one condition as the IAM user guide says ("IAM JSON policy elements: Condition operators", "Set
// operators for multivalued context keys"). A key that the request lacks fulfils a negated operator and ForAllValues,
// and nothing else. An operator that is not used here is never fulfilled.
func fulfilled(operator string, values []string, seen map[string]string, key string) bool {
	got, present := seen[key]
	if operator == "Null" {
		return present == (values[0] == "false")
	}
	set, base, isSet := strings.Cut(operator, ":")
	if !isSet {
		set, base = "", operator
	}
	one, negated := strings.CutSuffix(base, "NotEquals")
	if !slices.Contains([]string{"StringEquals", "StringLike", "ArnEquals", "StringNotEquals", "ArnNotEquals"}, base) {
		return false
	}
	holds := func(got string) bool {
		return negated != slices.ContainsFunc(values, func(v string) bool {
			if one == "StringLike" || one == "ArnEquals" || base == "ArnNotEquals" {
				return iamLike(v, got)
			}
			return v == got
		})
	}
	switch set {
	case "ForAllValues":
		return !present || !slices.ContainsFunc(strings.Split(got, ","), func(v string) bool { return !holds(v) })
	case "ForAnyValue":
		return present && slices.ContainsFunc(strings.Split(got, ","), holds)
	case "":
		return present && holds(got) || !present && negated
	}
	return false
}

// TestExpandedConditionsAreIAMs: the tests of the template rest on these readings of a condition.
func TestExpandedConditionsAreIAMs(t *testing.T) {
	const key = "events:detail-type"
	for _, c := range []struct {
		point, operator, values, got string
		want                         bool
	}{
		{"one of the values", "StringEquals", "a,b", "b", true},
		{"none of the values", "StringEquals", "a,b", "c", false},
		{"a missing key is equal to nothing", "StringEquals", "a", "-", false},
		{"a missing key is unlike everything", "StringNotEquals", "a", "-", true},
		{"an ARN of the list", "ArnNotEquals", "a,b", "b", false},
		{"an ARN not of the list", "ArnNotEquals", "a,b", "c", true},
		{"all entries are of the list", "ForAllValues:StringEquals", "a,b", "a,b", true},
		{"one entry is not of the list", "ForAllValues:StringEquals", "a,b", "a,c", false},
		{"no entry at all", "ForAllValues:StringEquals", "a", "-", true},
		{"one entry is another", "ForAnyValue:StringNotEquals", "a,b", "a,c", true},
		{"no entry is another", "ForAnyValue:StringNotEquals", "a,b", "a,b", false},
		{"no entry can be another", "ForAnyValue:StringNotEquals", "a", "-", false},
		{"one entry is the one", "ForAnyValue:StringEquals", "a", "b,a", true},
		{"none of those that called is the one", "ForAllValues:StringNotEquals", "a", "b", true},
		{"one of those that called is the one", "ForAllValues:StringNotEquals", "a", "b,a", false},
		{"the key is there", "Null", "false", "a", true},
		{"the key is missing", "Null", "true", "-", true},
		{"an operator that nobody uses here", "NumericEquals", "1", "1", false},
	} {
		seen := map[string]string{key: c.got}
		if c.got == "-" {
			seen = nil
		}
		require.Equal(t, c.want, fulfilled(c.operator, strings.Split(c.values, ","), seen, key), c.point)
	}
}
