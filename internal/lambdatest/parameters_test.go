package lambdatest_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// parameter is what the template takes for one of its parameters.
type parameter struct {
	Type           string  `yaml:"Type"`
	Default        string  `yaml:"Default"`
	AllowedPattern string  `yaml:"AllowedPattern"`
	Min            float64 `yaml:"MinValue"`
	Max            float64 `yaml:"MaxValue"`
}

func readParameters(t *testing.T) map[string]parameter {
	t.Helper()
	var template struct {
		Parameters map[string]parameter `yaml:"Parameters"`
	}
	require.NoError(t, yaml.Unmarshal(readTemplate(t), &template))
	return template.Parameters
}

// TestTheTemplateRefusesWhatTheFunctionsCouldNotUse: a deployment that fails is seen at once. The role compares the
// sender letter by letter with what is sent, which has its domain in lower-case ASCII.
func TestTheTemplateRefusesWhatTheFunctionsCouldNotUse(t *testing.T) {
	parameters := readParameters(t)
	for parameter, values := range map[string]struct{ taken, refused []string }{
		"Sender": {
			taken: []string{"notices@lapse.example", "Legal.Notices+1@xn--mnchen-3ya.example"},
			refused: []string{"", "notices", "notices@münchen.example", "notices@Lapse.example", "a@b@lapse.example",
				"no tices@lapse.example"},
		},
		"PolicyUrl": {
			taken:   []string{"https://example.com/pol%C3%ADtica"},
			refused: []string{"", "https://", "http://example.com/", "https://example.com/política", "https://example.com/a b"},
		},
		"HelpUrl": {
			taken:   []string{"", "https://example.com/help?a=b#c"},
			refused: []string{"https://", "http://example.com/", "https://münchen.example/", "https://example.com/a b"},
		},
	} {
		// CloudFormation matches the whole value
		pattern, err := regexp.Compile("^(?:" + parameters[parameter].AllowedPattern + ")$")
		require.NoError(t, err)
		for _, value := range values.taken {
			require.Regexp(t, pattern, value, parameter)
		}
		for _, value := range values.refused {
			require.NotRegexp(t, pattern, value, parameter)
		}
	}
}
