package config_test

import (
	"bytes"
	"maps"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/letter"
	"lapse/internal/matter"
)

// TestASenderThatNoLetterCanHaveIsRefusedAtTheStart: found only in the letter, it would hold up every notice there is.
func TestASenderThatNoLetterCanHaveIsRefusedAtTheStart(t *testing.T) {
	tooLong := "notices@" + strings.Repeat("label.", 36) + "example"
	for point, c := range map[string]struct{ variable, value, says string }{
		"a policy in another script": {"POLICY_URL", "https://example.com/política",
			"not in the ASCII form of a web address"},
		"a policy without scheme":   {"POLICY_URL", "example.com/policy", "not an absolute http or https address"},
		"a policy with a login":     {"POLICY_URL", "https://user:pw@example.com/", "not an absolute http or https address"},
		"help on another host":      {"HELP_URL", "https://münchen.example/help", "not in the ASCII form of a web address"},
		"help in two words":         {"HELP_URL", "https://example.com/a b", "not in the ASCII form of a web address"},
		"help that is a script":     {"HELP_URL", "javascript:alert(1)", "not an absolute http or https address"},
		"a name of nothing to show": {"SENDER_NAME", " \t", "the sender's name is missing"},
		"a domain too long":         {"SENDER", tooLong, "its domain makes no message id"},
	} {
		t.Run(point, func(t *testing.T) {
			env := whole()
			env[c.variable] = c.value
			want := "read the environment: " + c.variable + ": " + c.says
			_, err := readAPI(env)
			require.EqualError(t, err, want)
			_, err = readDispatch(env)
			require.EqualError(t, err, want)
		})
	}
}

func TestEverythingWrongWithASenderIsSaidAtOnce(t *testing.T) {
	env := whole()
	maps.Copy(env, map[string]string{"SENDER": "notices", "SENDER_NAME": " ", "REPLY_TO": "nobody", "POLICY_URL": "policy",
		"HELP_URL": "h i"})
	_, err := readDispatch(env)
	for _, says := range []string{"SENDER: ", "SENDER_NAME: ", "REPLY_TO: ", "POLICY_URL: ", "HELP_URL: "} {
		require.ErrorContains(t, err, says)
	}
}

// TestASenderThatIsTakenCanWrite: whatever the start lets pass, a mail can be composed with.
func TestASenderThatIsTakenCanWrite(t *testing.T) {
	to, err := matter.ParseAddress("person@example.org")
	require.NoError(t, err)
	longest := strings.Repeat("label.", 35) + "example"
	for point, c := range map[string]struct{ sender, from, domain string }{
		"plain":                   {"notices@lapse.example", "notices@lapse.example", "lapse.example"},
		"an international domain": {"notices@münchen.example", "notices@xn--mnchen-3ya.example", "xn--mnchen-3ya.example"},
		"its ASCII form": {"notices@xn--mnchen-3ya.example", "notices@xn--mnchen-3ya.example",
			"xn--mnchen-3ya.example"},
		"the longest domain": {"notices@" + longest, "notices@" + longest, longest},
	} {
		t.Run(point, func(t *testing.T) {
			env := whole()
			env["SENDER"], env["REPLY_TO"] = c.sender, c.sender
			settings, err := readDispatch(env)
			require.NoError(t, err)
			s, token := letter.Sender{From: settings.Sender.From, Name: settings.Sender.Name,
				ReplyTo: settings.Sender.ReplyTo}, strings.Repeat("0f", 16)
			raw, err := letter.Letter{Subject: "s", Language: "en", Text: "t", HTML: "h"}.Compose(letter.Headers{
				To: to, From: s.From, SenderName: s.Name, ReplyTo: s.ReplyTo, MessageID: s.MessageID(token), Date: time.Now(),
			})
			require.NoError(t, err)
			m, err := netmail.ReadMessage(bytes.NewReader(raw))
			require.NoError(t, err)
			from, err := m.Header.AddressList("From")
			require.NoError(t, err)
			require.Equal(t, []*netmail.Address{{Name: "Example", Address: c.from}}, from)
			require.Equal(t, "<"+token+"@"+c.domain+">", m.Header.Get("Message-ID"))
		})
	}
}
