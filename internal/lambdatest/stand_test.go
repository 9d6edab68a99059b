package lambdatest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
	"lapse/internal/dynamo/engine"
)

// stand is what all samples share: the engine, and the table's definition.
type stand struct {
	client   *dynamodb.Client
	template []byte
	stack    stack
	// guards are endpoints of the engine by function, each allowing what that function's role allows.
	guards map[string]string
	// calls are all that the functions asked of AWS.
	calls *recorder
}

func newStand(t *testing.T) *stand {
	t.Helper()
	dir, err := engine.CacheDir()
	require.NoError(t, err)
	binary, err := engine.Ensure(t.Context(), dir)
	require.NoError(t, err)
	e, err := engine.Start(t.Context(), engine.Options{Binary: binary})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Stop()) })
	template := readTemplate(t)
	stack := readStack(t, template)
	cfg := aws.Config{Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint: &e.URL}
	calls := &recorder{seen: map[string]bool{}, written: map[string]bool{}}
	return &stand{client: dynamo.NewClient(cfg, 8), template: template, stack: stack,
		guards: guards(t, e.URL, stack, calls), calls: calls}
}

func readTemplate(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	require.NoError(t, err)
	return text
}

// requirePart requires that everything in want stands in got: the fields of objects, all elements of arrays. A string
// in got that holds JSON is read where want has an object.
func requirePart(t *testing.T, want, got json.RawMessage) {
	t.Helper()
	var w, g any
	require.NoError(t, json.Unmarshal(want, &w), "%s", want)
	require.NoError(t, json.Unmarshal(got, &g), "%s", got)
	part(t, "", w, g, string(got))
}

func part(t *testing.T, at string, want, got any, whole string) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		if s, ok := got.(string); ok {
			require.NoError(t, json.Unmarshal([]byte(s), &got), "%s is no JSON in %s", at, whole)
		}
		g, ok := got.(map[string]any)
		require.True(t, ok, "%s is no object in %s", at, whole)
		for k, v := range w {
			require.Contains(t, g, k, "%s in %s", at, whole)
			part(t, at+"/"+k, v, g[k], whole)
		}
	case []any:
		g, ok := got.([]any)
		require.True(t, ok, "%s is no array in %s", at, whole)
		require.Len(t, g, len(w), "%s in %s", at, whole)
		for i := range w {
			part(t, fmt.Sprintf("%s/%d", at, i), w[i], g[i], whole)
		}
	default:
		require.Equal(t, want, got, "%s in %s", at, whole)
	}
}
