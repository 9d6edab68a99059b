package lambdatest_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// properties decodes the properties of a template's resource.
func properties(t *testing.T, template []byte, resource string, into any) {
	t.Helper()
	var all struct {
		Resources map[string]struct {
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	require.NoError(t, yaml.Unmarshal(template, &all))
	found := all.Resources[resource].Properties
	require.NoError(t, found.Decode(into))
}

// TestNobodySeesWhoOpensAMail: SES puts an image into a mail to count openings and rewrites links to count clicks where
// a configuration set asks for either. Ours names every event it wants, and has no domain for such links.
func TestNobodySeesWhoOpensAMail(t *testing.T) {
	var set map[string]any
	properties(t, readTemplate(t), "MailSet", &set)
	require.NotContains(t, set, "TrackingOptions")
	require.NotContains(t, set, "VdmOptions", "its dashboard counts openings as well")
	var events struct {
		EventDestination struct {
			MatchingEventTypes []string `yaml:"MatchingEventTypes"`
		} `yaml:"EventDestination"`
	}
	properties(t, readTemplate(t), "MailEvents", &events)
	require.ElementsMatch(t, []string{"SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY",
		"RENDERING_FAILURE"}, events.EventDestination.MatchingEventTypes, "neither OPEN nor CLICK")
}

// TestAMailAlignsWithItsSender: DKIM signs with the sender's domain, bounces go to a subdomain of it, so that SPF
// aligns as well, and receivers are told what to do with any other (RFC 7489, section 3.1).
func TestAMailAlignsWithItsSender(t *testing.T) {
	raw, err := os.ReadFile("../../infra/mail.yaml")
	require.NoError(t, err)
	var identity struct {
		EmailIdentity  string `yaml:"EmailIdentity"`
		DkimAttributes struct {
			SigningEnabled bool `yaml:"SigningEnabled"`
		} `yaml:"DkimAttributes"`
		MailFrom struct {
			Domain string `yaml:"MailFromDomain"`
		} `yaml:"MailFromAttributes"`
	}
	properties(t, raw, "Identity", &identity)
	require.Equal(t, "Domain", identity.EmailIdentity)
	require.True(t, identity.DkimAttributes.SigningEnabled)
	require.Equal(t, "bounce.${Domain}", identity.MailFrom.Domain)
	require.Contains(t, string(raw), `_dmarc.${Domain} TXT "v=DMARC1; p=${DmarcPolicy};`)
	require.Regexp(t, `(?s)DmarcPolicy:.*?Default: (quarantine|reject)`, string(raw))
}
