package letter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

func TestReferenceNamesOneNoticeAndHidesTheMatter(t *testing.T) {
	ref := letter.Reference(notice.ID("operation-secret", "d1", "u1", matter.User))
	require.Regexp(t, `^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$`, ref)
	require.NotEqual(t, ref, letter.Reference(notice.ID("operation-other", "d1", "u1", matter.User)), "another matter about the same person")
	require.NotEqual(t, ref, letter.Reference(notice.ID("operation-secret", "d2", "u1", matter.User)))
	require.Empty(t, letter.Reference("no notice id"))
}
