package wire_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoFunctionIsLinkedWithWhatItDoesNotDo: what is not in a binary can neither be misused there nor slow its start.
func TestNoFunctionIsLinkedWithWhatItDoesNotDo(t *testing.T) {
	const (
		ses    = "github.com/aws/aws-sdk-go-v2/service/ses"
		kms    = "github.com/aws/aws-sdk-go-v2/service/kms"
		letter = "lapse/internal/letter"
		seal   = "lapse/internal/seal"
		intake = "lapse/internal/intake"
		sweep  = "lapse/internal/dispatch"
	)
	for function, without := range map[string][]string{
		"api":      {ses, sweep},
		"intake":   {ses, sweep, "lapse/internal/httpapi", "lapse/internal/inquire"},
		"dispatch": {intake, "lapse/internal/httpapi", "lapse/internal/law"},
		"verify": {ses, kms, seal, intake, sweep, "lapse/internal/httpapi", "lapse/internal/inquire", "lapse/internal/law",
			"lapse/internal/keyring"},
		"report":   {ses, kms, seal, intake, sweep, letter, "lapse/internal/httpapi", "lapse/internal/inquire"},
		"delivery": {ses, kms, letter, seal, intake, sweep, "text/template", "lapse/internal/calendar"},
	} {
		main := "../../functions/" + function
		// go test keeps a result while the files that the test itself opened stay as they are.
		_, err := os.ReadFile(main + "/main.go")
		require.NoError(t, err)
		out, err := exec.Command("go", "list", "-deps", "-tags", "lambda.norpc", main).Output()
		require.NoError(t, err)
		linked := strings.Fields(string(out))
		for _, p := range without {
			require.False(t, slices.Contains(linked, p), "%s is linked with %s", function, p)
		}
	}
}
