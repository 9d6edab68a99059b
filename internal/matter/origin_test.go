package matter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

func TestAnOriginSaysWhoseAnswerEndsTheRestraint(t *testing.T) {
	for origin, want := range map[matter.Origin]struct{ standing, fromRequest, asksCounsel bool }{
		"": {}, matter.OriginOrder: {}, matter.OriginException: {},
		matter.OriginStatute:    {standing: true, fromRequest: true},
		matter.OriginUnverified: {true, true, true},
		matter.OriginUnstated:   {true, true, true},
		matter.OriginUnreadable: {standing: true, asksCounsel: true},
	} {
		require.Equal(t, want.standing, origin.Standing(), string(origin))
		require.Equal(t, want.fromRequest, origin.FromRequest(), string(origin))
		require.Equal(t, want.asksCounsel, origin.AsksCounsel(), string(origin))
	}
}

func TestTheKindOfAnExceptionsRestraintNamesTheException(t *testing.T) {
	for _, kind := range matter.ExceptionKinds() {
		got, ok := kind.Restraint().Exception()
		require.True(t, ok)
		require.Equal(t, kind, got)
		require.Contains(t, matter.DefaultTerms(), kind)
	}
	for _, kind := range []matter.OrderKind{matter.CourtOrder, "exception_", "exception_other", "child"} {
		_, ok := kind.Exception()
		require.False(t, ok, string(kind))
	}
}

func TestJSONIsWrittenWithoutHTMLEscapes(t *testing.T) {
	finding := matter.Finding{Message: "a<b & c>d", Evidence: matter.Evidence{"says": "<&>"}}
	b, err := matter.JSON(finding)
	require.NoError(t, err)
	require.Contains(t, string(b), "a<b & c>d")
	require.Contains(t, string(b), `{"says":"<&>"}`)
	require.NotContains(t, string(b), "\n")
	_, err = matter.JSON(func() {})
	require.Error(t, err)
}
