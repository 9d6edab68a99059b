package cases_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/letter"
	"lapse/internal/memory"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// secrets are the keys of letters, the same every time.
type secrets struct{ letter.Secrets }

func (s secrets) Open(context.Context, time.Time) (letter.Secrets, error) { return s.Secrets, nil }

func (s secrets) References(context.Context) (letter.ProofKey, error) { return s.Proof, nil }

// proved is a world whose letters have codes and signatures.
func proved(t *testing.T) *worldtest.World {
	t.Helper()
	w := worldtest.New(t)
	signer, err := letter.NewSigner(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	k := secrets{letter.Secrets{Proof: letter.NewProofKey([]byte("references"), []byte("codes")), Signer: signer}}
	w.Dispatch.Keys, w.Inquire.Names = k, k
	w.Dispatch.Settings.Sender.VerifyURL = "https://example.com/verify"
	w.Inquire.Letter.VerifyURL = "https://example.com/verify"
	return w
}

// germanReader is a subject whose letters are in German.
func germanReader(id string) object {
	return worldtest.With(worldtest.Subject(id), object{"language": "de-AT", "country": "DE"})
}

// whole is a message with its fields and its decoded bodies.
type whole struct {
	fields mail.Header
	bodies []string
}

func read(t *testing.T, raw []byte) whole {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	require.NoError(t, err)
	_, boundary, ok := strings.Cut(m.Header.Get("Content-Type"), "boundary=")
	require.True(t, ok)
	out := whole{fields: m.Header}
	parts := multipart.NewReader(m.Body, boundary)
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return out
		}
		require.NoError(t, err)
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		out.bodies = append(out.bodies, strings.ReplaceAll(string(body), "\r\n", "\n"))
	}
}

var code = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b`)

// form puts the placeholders where a sent mail has what is its own. shown is the masked account.
func (w whole) form(shown string) whole {
	for i, body := range w.bodies {
		w.bodies[i] = strings.ReplaceAll(code.ReplaceAllString(body, "*****-*****"), shown, "***")
	}
	for name, placeholder := range map[string]string{
		"To": `"recipient hidden" <hidden@recipient.invalid>`, "Date": "Thu, 01 Jan 1970 00:00:00 +0000",
		"Message-Id": "<form@lapse.invalid>", "Lapse-Signature": "v=1; kid=*; sig=*",
	} {
		w.fields[name] = []string{placeholder}
	}
	return w
}

// TestThePreviewOfASentNoticeIsWhatWasSent, also after facts, contacts, sender and language have changed or are gone.
func TestThePreviewOfASentNoticeIsWhatWasSent(t *testing.T) {
	w := proved(t)
	w.Post(worldtest.RequestAbout(germanReader("user-one"), germanReader("user-two")))
	w.Post(worldtest.Comply())
	w.Post(worldtest.Order("o1"))
	w.Post(worldtest.Disclosure("d1", "user-one", "user-two"))
	id := worldtest.NoticeID("d1", "user-one")
	before, err := w.Inquire.Preview(t.Context(), id)
	require.NoError(t, err)
	w.Set(worldtest.AugustEnds().Add(time.Minute))
	require.Equal(t, 2, w.Sweep().Sent)
	sent := read(t, w.SES.Of(id)[0].Raw).form("us***e")

	check := func(point string) {
		t.Helper()
		p, err := w.Inquire.Preview(t.Context(), id)
		require.NoError(t, err, point)
		got := read(t, p.Message)
		require.Equal(t, sent.fields, got.fields, point)
		require.Equal(t, sent.bodies, got.bodies, point)
		require.Equal(t, p.Text, got.bodies[0], point)
		require.Equal(t, p.HTML, got.bodies[1], point)
		require.Equal(t, "de", p.Language, point)
		sum := sha256.Sum256(p.Message)
		n, err := w.Inquire.Notice(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, []string{hex.EncodeToString(sum[:])}, n.SHA256, point)
		require.NotContains(t, string(p.Message), worldtest.Canary, point)
	}
	check("at once")
	require.Contains(t, before.Text, "1. September 2026", "written ahead, it had the same day")
	w.Set(w.Now().Add(48 * time.Hour))
	check("two days later")
	w.Post(worldtest.Amendment(object{"reference": "24-sw-other", "offence": "another one"}))
	w.Post(worldtest.Order("o2").Through("2026-12-31"))
	check("after the request was amended and an order came")
	w.Post(worldtest.ContactChange("user-one", "another").With(object{"language": "fr"}))
	w.Post(erasure("user-one"))
	w.Sweep()
	check("after contacts changed and were erased")
	w.Inquire.Letter.From, w.Inquire.Letter.Name = "other@example.com", "Other"
	w.Inquire.Letter.PolicyURL, w.Inquire.Letter.VerifyURL = "https://example.com/other", ""
	check("after the sender changed")

	french, err := w.Inquire.PreviewIn(t.Context(), id, "fr")
	require.NoError(t, err)
	require.True(t, french.Translated)
	require.Equal(t, "fr", french.Language)
	require.Contains(t, french.Text, "24-sw-1", "the same facts")
	own, err := w.Inquire.PreviewIn(t.Context(), id, "de")
	require.NoError(t, err)
	require.False(t, own.Translated)
}

// TestTheFactsOfOneLetterAreKeptOnce: a thousand recipients of the same letter cost one item more.
func TestTheFactsOfOneLetterAreKeptOnce(t *testing.T) {
	w := proved(t)
	ids := worldtest.IDs("u", 0, 40)
	w.Post(worldtest.Request(ids...))
	w.Post(worldtest.Comply())
	puts, claimed := map[string]int{}, false
	w.Store.Fault = func(op, key string) memory.Effect {
		switch {
		case op == "PutLetter":
			require.False(t, claimed && puts[key] == 0, "kept before the claim that names it")
			puts[key]++
		case op == "Apply claim":
			claimed = true
		}
		return memory.None
	}
	w.Dispatch.Settings.Workers = 1
	w.Post(worldtest.Disclosure("d1", ids...))
	require.Equal(t, 40, w.Sweep().Sent)
	require.Len(t, puts, 1)
	for _, n := range puts {
		require.Equal(t, 1, n)
	}
	n, err := w.Store.Notice(t.Context(), worldtest.NoticeID("d1", "u7"))
	require.NoError(t, err)
	facts, err := w.Store.Letter(t.Context(), n.Matter, n.Attempts[0].Letter)
	require.NoError(t, err)
	require.NotContains(t, string(facts), worldtest.Canary)
	for _, id := range ids {
		require.NotContains(t, string(facts), `"`+id+`"`, "nobody's id")
	}
}

// TestEachAttemptKeepsWhatItsLetterSaid: the repetition says that it may be one, so it is another letter.
func TestEachAttemptKeepsWhatItsLetterSaid(t *testing.T) {
	w := proved(t)
	w.Approved("u1")
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.SES.Refuse(notice.OutcomeUnknown)
	w.Sweep()
	w.SES.Answer = nil
	w.Set(w.Now().Add(notice.ReconcileWindow + time.Minute))
	w.Sweep()
	id := worldtest.NoticeID("d1", "u1")
	n, err := w.Inquire.Notice(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, n.SHA256, 2)
	require.NotEqual(t, n.SHA256[0], n.SHA256[1])
	p, err := w.Inquire.Preview(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, n.SHA256[1], letter.FormDigest(p.Message), "the one that SES took")
	require.Contains(t, p.Text, "may be a repetition")
}

// TestALetterWhoseFactsCannotBeKeptDoesNotGo: a mail that nobody could show later waits for the store. No attempt is
// spent.
func TestALetterWhoseFactsCannotBeKeptDoesNotGo(t *testing.T) {
	w := proved(t)
	w.Approved("u1")
	w.Post(worldtest.Disclosure("d1", "u1"))
	w.Store.Fault = func(op, _ string) memory.Effect {
		if op == "PutLetter" {
			return memory.FailBefore
		}
		return memory.None
	}
	r, err := w.Dispatch.Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, r.Errors)
	require.Empty(t, w.SES.Mails())
	n, err := w.Store.Notice(t.Context(), worldtest.NoticeID("d1", "u1"))
	require.NoError(t, err)
	require.Equal(t, notice.Scheduled, n.State)
	require.Empty(t, n.Attempts)
	w.Store.Fault = nil
	w.Set(w.Now().Add(time.Minute))
	require.Equal(t, 1, w.Sweep().Sent)
}
