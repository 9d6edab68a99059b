package lambdatest_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/lambdatest"
)

// previewed asks for a letter's preview once the dispatcher has made the keys of letters. The api opens the one secret
// that references are made with.
func (s *stand) previewed(t *testing.T, binaries map[string]string) {
	in := s.world(t)
	api := lambdatest.Start(t, binaries["api"], in.environment(t, "api")...)
	var answer string
	for _, sample := range []string{"api-request-received", "api-request-decided", "api-disclosure"} {
		answer = string(invoke(t, api, sample))
		require.Contains(t, answer, `"statusCode":201`, sample)
	}
	dispatch := lambdatest.Start(t, binaries["dispatch"], in.environment(t, "dispatch")...)
	invoke(t, dispatch, "dispatch-tick")
	id := regexp.MustCompile(matterID + `\.[a-z2-7]{20,}`).FindString(answer)
	require.NotEmpty(t, id, answer)
	event := strings.ReplaceAll(string(readSample(t, "api-get-matter")), "/v1/matters/"+matterID,
		"/v1/notices/"+id+"/preview")
	out, err := api.Invoke([]byte(event), timeout)
	require.NoError(t, err)
	require.Nil(t, out.Error, api.Log())
	var got struct {
		StatusCode int
		Body       string
	}
	require.NoError(t, json.Unmarshal(out.Payload, &got))
	require.Equal(t, 200, got.StatusCode, got.Body)
	require.Regexp(t, `[0-9A-Z]{4}(-[0-9A-Z]{4}){3}`, got.Body)
	require.Contains(t, in.values["VERIFY_URL"], "check.lapse.example")
	require.Contains(t, got.Body, in.values["VERIFY_URL"])
}
