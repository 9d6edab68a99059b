package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/event"
	"lapse/internal/wire/api"
)

// TestWhoCountsAsOnePerson: two principals are two persons only where nobody can be both of them.
func TestWhoCountsAsOnePerson(t *testing.T) {
	const arn = "arn:aws:sts::123456789012:"
	roles := []string{"Counsel", "AWSReservedSSO_Counsel_0123456789abcdef"}
	for point, row := range map[string]struct {
		id, arn, person string
	}{
		"a user":               {"AIDAONE", "arn:aws:iam::123456789012:user/legal/ak", "AIDAONE"},
		"a user who is a role": {"AIDATWO", "arn:aws:iam::123456789012:user/assumed-role/Counsel", "AIDATWO"},
		"a role of persons":    {"AROAONE:ak", arn + "assumed-role/Counsel/ak", "AROAONE:ak"},
		"the same person, written otherwise": {"AROAONE:AK", arn + "assumed-role/Counsel/AK",
			"AROAONE:ak"},
		"a role of Identity Center": {"AROATWO:bm@example.com",
			arn + "assumed-role/AWSReservedSSO_Counsel_0123456789abcdef/bm@example.com", "AROATWO:bm@example.com"},
		"any other role": {"AROATHREE:ak", arn + "assumed-role/legal-system/ak", "AROATHREE"},
		"another session of it": {"AROATHREE:bm", arn + "assumed-role/legal-system/bm",
			"AROATHREE"},
		"a role that begins alike": {"AROAFOUR:ak", arn + "assumed-role/CounselToo/ak", "AROAFOUR"},
		"a session named as a role of persons": {"AROAFIVE:Counsel", arn + "assumed-role/legal-system/Counsel",
			"AROAFIVE"},
		"a federated user": {"123456789012:ak", arn + "federated-user/ak", "federated:123456789012"},
		"the account's root": {"123456789012", "arn:aws:iam::123456789012:root",
			"123456789012"},
		"nobody": {"", "", ""},
	} {
		want := event.Caller{Door: "http", Principal: row.arn, Person: row.person}
		require.Equal(t, want, api.IAM{UserID: row.id, UserARN: row.arn}.Caller(roles), point)
	}
}
