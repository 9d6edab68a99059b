package mailbox_test

import (
	"encoding/base64"
	"encoding/xml"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func encoded(s string) []string { return []string{base64.StdEncoding.EncodeToString([]byte(s))} }

func recipients(n int) url.Values {
	out := url.Values{}
	for i := 1; i <= n; i++ {
		out.Set("Destinations.member."+strconv.Itoa(i), "user@example.org")
	}
	return out
}

func tag(name, value string) url.Values {
	return url.Values{"Tags.member.1.Name": {name}, "Tags.member.1.Value": {value}}
}

func TestLimitsOfSES(t *testing.T) {
	const invalid = "InvalidParameterValue"
	for _, row := range []struct {
		name    string
		changes url.Values
		code    string // empty: accepted
	}{
		{"as it should be", nil, ""},
		{"sender from the header", url.Values{"Source": nil}, ""},
		{"sender of a subdomain", url.Values{"Source": {"legal@mail.example.com"}}, ""},
		{"sender with a name", url.Values{"Source": {"Legal <legal@example.com>"}}, ""},
		{"recipients from the header", url.Values{"Destinations.member.1": nil}, ""},
		{"50 recipients", recipients(50), ""},
		{"10 MB", url.Values{"RawMessage.Data": encoded(raw + strings.Repeat("x", 10<<20-len(raw)))}, ""},
		{"tag of 256 characters", tag("notice", strings.Repeat("aZ9_", 64)), ""},
		{"known configuration set", url.Values{"ConfigurationSetName": {"lapse"}}, ""},

		{"51 recipients", recipients(51), invalid},
		{"more than 10 MB", url.Values{"RawMessage.Data": encoded(raw + strings.Repeat("x", 10<<20-len(raw)+1))}, invalid},
		{"no message", url.Values{"RawMessage.Data": nil}, invalid},
		{"message not in base64", url.Values{"RawMessage.Data": {"%%%"}}, invalid},
		{"message without a header", url.Values{"RawMessage.Data": encoded("just text")}, invalid},
		{"message without From", url.Values{"RawMessage.Data": encoded("Subject: x\r\n\r\nx")}, invalid},
		{"source that is none", url.Values{"Source": {"legal"}}, invalid},
		{"source not verified", url.Values{"Source": {"legal@example.net"}}, "MessageRejected"},
		{"source of a domain that only ends alike", url.Values{"Source": {"legal@notexample.com"}}, "MessageRejected"},
		{"From not verified", url.Values{"RawMessage.Data": encoded(strings.Replace(raw, "example.com", "example.net", 1))},
			"MessageRejected"},
		{"no recipient at all", url.Values{"Destinations.member.1": nil,
			"RawMessage.Data": encoded("From: legal@example.com\r\n\r\nx")}, invalid},
		{"recipients in a header that cannot be read",
			url.Values{"Destinations.member.1": nil, "RawMessage.Data": encoded("From: legal@example.com\r\nTo: @@\r\n\r\nx")},
			invalid},
		{"recipient without a domain", url.Values{"Destinations.member.1": {"user"}}, invalid},
		{"recipient without a top-level domain", url.Values{"Destinations.member.1": {"user@localhost"}}, invalid},
		{"recipient with a local part beyond 7 bits", url.Values{"Destinations.member.1": {"übel@example.org"}}, invalid},
		{"recipient with a domain beyond 7 bits", url.Values{"Destinations.member.1": {"user@bücher.example"}}, invalid},
		{"two recipients in one", url.Values{"Destinations.member.1": {"a@example.org, b@example.org"}}, invalid},
		{"recipient with a line break", url.Values{"Destinations.member.1": {"user@example.org\r\nBcc: b@example.org"}},
			invalid},
		{"unknown configuration set", url.Values{"ConfigurationSetName": {"other"}}, "ConfigurationSetDoesNotExist"},
		{"tag with a dot", tag("notice", "mat-1.abc"), invalid},
		{"tag without a value", tag("notice", ""), invalid},
		{"tag of 257 characters", tag("notice", strings.Repeat("a", 257)), invalid},
		{"tag's name with a space", tag("not ice", "a"), invalid},
		{"another action", url.Values{"Action": {"VerifyDomainIdentity"}}, "InvalidAction"},
		{"no action", url.Values{"Action": nil}, "MissingAction"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := open(t, "", newClock())
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, form(row.changes))
			if row.code == "" {
				require.Equal(t, 200, answer.Code, answer.Body.String())
				require.Len(t, s.Mails(), 1)
				return
			}
			var no struct {
				Type string `xml:"Error>Type"`
				Code string `xml:"Error>Code"`
			}
			require.NoError(t, xml.Unmarshal(answer.Body.Bytes(), &no))
			require.Equal(t, 400, answer.Code)
			require.Equal(t, "Sender", no.Type)
			require.Equal(t, row.code, no.Code)
			require.Empty(t, s.Mails())
		})
	}
}

func TestRequestBeyondAllBounds(t *testing.T) {
	answer := httptest.NewRecorder()
	open(t, "", newClock()).ServeHTTP(answer, form(url.Values{"RawMessage.Data": {strings.Repeat("A", 65<<20)}}))
	require.Equal(t, 413, answer.Code)
	require.Contains(t, answer.Body.String(), "<Code>RequestEntityTooLarge</Code>")
}
