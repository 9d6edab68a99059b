package verify_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/letter"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/store"
	"lapse/internal/verify"
)

const (
	noticeID = "mat-1.0123456789abcdef0123456789abcdef"
	alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// counting counts the questions to the store.
type counting struct {
	*memory.Store

	asked []string
	fail  error
}

func (c *counting) Issued(ctx context.Context, pair string) (store.Issued, error) {
	c.asked = append(c.asked, pair)
	if c.fail != nil {
		return store.Issued{}, c.fail
	}
	return c.Store.Issued(ctx, pair)
}

// world has one letter issued on 1 September 2026 to user@example.com.
type world struct {
	t               *testing.T
	store           *counting
	page            *verify.Page
	handler         http.Handler
	reference, code string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, store: &counting{Store: &memory.Store{}}}
	to, err := matter.ParseAddress("user@example.com")
	require.NoError(t, err)
	key := letter.NewProofKey([]byte("references"), []byte("codes"))
	w.reference = key.Reference(noticeID)
	w.code = key.Code(w.reference, "attempt", to)
	pair, _ := letter.VerifyDigest(w.reference, w.code)
	address, _ := letter.VerifyAddressDigest(w.reference, w.code, to)
	require.NoError(t, w.store.PutIssued(t.Context(), store.Issued{Pair: pair, Address: address, On: "2026-09-01"}))
	w.page, err = verify.New(w.store, "Example Service", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	w.handler = w.page.Handler()
	return w
}

func (w *world) do(r *http.Request, headers ...string) *httptest.ResponseRecorder {
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, r)
	return out
}

func (w *world) get(ref, code string, headers ...string) *httptest.ResponseRecorder {
	q := url.Values{"ref": {ref}, "code": {code}}
	return w.do(httptest.NewRequest(http.MethodGet, "/verify?"+q.Encode(), nil), headers...)
}

func (w *world) post(ref, code, address string, headers ...string) *httptest.ResponseRecorder {
	form := url.Values{"ref": {ref}, "code": {code}, "address": {address}}
	r := httptest.NewRequest(http.MethodPost, "/verify", strings.NewReader(form.Encode()))
	return w.do(r, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

const asJSON = "application/json"

func TestTheAnswerInJSON(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ point, ref, code, address, want string }{
		{"as it stands in the letter", w.reference, w.code, "", `{"issued":true,"on":"2026-09-01"}`},
		{"as people type it", strings.ToLower(strings.ReplaceAll(w.reference, "-", " ")),
			strings.ReplaceAll(w.code, "-", ""), "", `{"issued":true,"on":"2026-09-01"}`},
		{"another code", w.reference, "00000-00000", "", `{"issued":false}`},
		{"a wrong check character", w.reference, w.code[:10] + other(w.code[10]), "", `{"issued":false}`},
		{"no code", w.reference, "", "", `{"issued":false}`},
		{"no reference", "", w.code, "", `{"issued":false}`},
		{"nothing like it", "hello", "world", "", `{"issued":false}`},
		{"the address it went to", w.reference, w.code, "user@example.com",
			`{"issued":true,"on":"2026-09-01","forAddress":true}`},
		{"with blanks around it", w.reference, w.code, " user@example.com ",
			`{"issued":true,"on":"2026-09-01","forAddress":true}`},
		{"another address", w.reference, w.code, "other@example.com",
			`{"issued":true,"on":"2026-09-01","forAddress":false}`},
		{"no address at all", w.reference, w.code, "user",
			`{"issued":true,"on":"2026-09-01","forAddress":false}`},
		{"the address, and another code", w.reference, "00000-00000", "user@example.com",
			`{"issued":false,"forAddress":false}`},
	} {
		out := w.post(c.ref, c.code, c.address, "Accept", asJSON)
		require.Equal(t, http.StatusOK, out.Code, c.point)
		require.Equal(t, c.want, out.Body.String(), c.point)
		if c.address == "" {
			out = w.get(c.ref, c.code, "Accept", asJSON)
			require.Equal(t, http.StatusOK, out.Code, c.point)
			require.Equal(t, c.want, out.Body.String(), c.point)
		}
		require.Equal(t, "no-store", out.Header().Get("Cache-Control"))
		require.Equal(t, "no-referrer", out.Header().Get("Referrer-Policy"))
		require.Empty(t, out.Header().Get("Set-Cookie"))
	}
}

// other is another character of the alphabet.
func other(c byte) string {
	if c == '0' {
		return "1"
	}
	return "0"
}

// TestAnAddressInAURLIsNotLookedAt: a URL is kept by browsers and servers.
func TestAnAddressInAURLIsNotLookedAt(t *testing.T) {
	w := newWorld(t)
	q := url.Values{"ref": {w.reference}, "code": {w.code}, "address": {"user@example.com"}}
	out := w.do(httptest.NewRequest(http.MethodGet, "/verify?"+q.Encode(), nil), "Accept", asJSON)
	require.JSONEq(t, `{"issued":true,"on":"2026-09-01"}`, out.Body.String())
	r := httptest.NewRequest(http.MethodPost, "/verify?"+q.Encode(), strings.NewReader("ref=x"))
	out = w.do(r, "Accept", asJSON, "Content-Type", "application/x-www-form-urlencoded")
	require.JSONEq(t, `{"issued":false}`, out.Body.String(), "only the form counts in a POST")
}

// TestWrongGuessesAreAllFalse: 100,000 of them, near the truth and far from it.
func TestWrongGuessesAreAllFalse(t *testing.T) {
	w := newWorld(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		ref, code := w.reference, w.code
		switch random.IntN(3) {
		case 0:
			ref = guess(random, 16)
		case 1:
			code = guess(random, 10)
		default:
			b := []byte(w.code)
			b[random.IntN(5)] = alphabet[random.IntN(32)]
			b[10] = alphabet[random.IntN(32)]
			code = string(b)
		}
		if ref == w.reference && code == w.code {
			continue
		}
		q := "/verify?ref=" + ref + "&code=" + code
		out := w.do(httptest.NewRequest(http.MethodGet, q, nil), "Accept", asJSON)
		require.Equal(t, `{"issued":false}`, out.Body.String(), q)
	}
}

func guess(random *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[random.IntN(32)]
	}
	return string(b)
}

// TestFalseAnswersDoNotDiffer: over 10,000 samples of every kind the bytes, the headers and the questions to the store
// are the same, so that neither a size nor the work tells how near a guess was.
func TestFalseAnswersDoNotDiffer(t *testing.T) {
	w := newWorld(t)
	random := rand.New(rand.NewPCG(3, 4))
	key := letter.NewProofKey([]byte("another"), []byte("key"))
	to, err := matter.ParseAddress("user@example.com")
	require.NoError(t, err)
	digest := regexp.MustCompile(`^[0-9a-f]{64}$`)
	// The page says that something is mistyped, the last two kinds, which needs no secret.
	for accept, kinds := range map[string]int{asJSON: 4, "text/html": 2} {
		var first *httptest.ResponseRecorder
		for n := range 10_000 {
			ref, code := w.reference, key.Code(w.reference, guess(random, 8), to)
			switch n % kinds {
			case 1:
				ref = key.Reference("mat-2." + strings.ToLower(strings.NewReplacer("G", "0", "H", "1", "J", "2", "K", "3", "M",
					"4", "N", "5", "P", "6", "Q", "7", "R", "8", "S", "9", "T", "A", "V", "B", "W", "C", "X", "D", "Y", "E", "Z",
					"F").Replace(guess(random, 32))))
				code = key.Code(ref, "t", to)
			case 2:
				code = w.code[:10] + other(w.code[10])
			case 3:
				ref, code = guess(random, random.IntN(20)), "x"
			}
			w.store.asked = nil
			out := w.get(ref, code, "Accept", accept)
			require.Len(t, w.store.asked, 1)
			require.Regexp(t, digest, w.store.asked[0])
			if first == nil {
				first = out
			}
			require.Equal(t, first.Body.Len(), out.Body.Len())
			require.True(t, first.Body.String() == out.Body.String() && reflect.DeepEqual(first.Header(), out.Header()))
		}
	}
}

func TestThePageAnswersInEveryLanguage(t *testing.T) {
	w := newWorld(t)
	to := func(r *httptest.ResponseRecorder) string { return r.Body.String() }
	for _, lang := range letter.Languages() {
		out := w.do(httptest.NewRequest(http.MethodGet, "/verify?lang="+lang, nil), "Accept-Language", "xx")
		require.Equal(t, http.StatusOK, out.Code)
		require.Equal(t, lang, out.Header().Get("Content-Language"))
		require.Contains(t, to(out), `<html lang="`+lang+`">`)
		require.NotContains(t, to(out), `class="answer`, "nothing was asked yet")
		by := w.do(httptest.NewRequest(http.MethodGet, "/verify", nil), "Accept-Language", lang+", en;q=0.5")
		require.Equal(t, lang, by.Header().Get("Content-Language"))
		yes := to(w.get(w.reference, w.code, "Accept-Language", lang))
		require.Contains(t, yes, `class="answer yes"`)
		require.Contains(t, yes, letter.Day(lang, matter.Date{Year: 2026, Month: 9, Day: 1}))
		foreign := to(w.post(w.reference, w.code, "other@example.com", "Accept-Language", lang))
		require.Contains(t, foreign, `class="answer no"`)
		no := to(w.get(w.reference, "00000-00000", "Accept-Language", lang))
		require.Contains(t, no, `class="answer no"`)
		mistyped := to(w.get(w.reference, w.code[:10]+other(w.code[10]), "Accept-Language", lang))
		require.Contains(t, mistyped, `class="answer doubt"`)
		for _, page := range []string{to(out), yes, no, mistyped} {
			require.NotContains(t, page, "{sender}")
			require.NotContains(t, page, "{date}")
			require.NotContains(t, strings.ToLower(page), "<script")
			require.NotContains(t, page, "style=")
			require.NotRegexp(t, `(src|href|action)="(https?:)?//`, page, "nothing comes from elsewhere")
			require.NotContains(t, page, w.code, "what was typed in is not shown again")
		}
	}
}

// TestEveryLanguageHasEveryText of the page.
func TestEveryLanguageHasEveryText(t *testing.T) {
	w := newWorld(t)
	var english map[string]string
	for _, lang := range letter.Languages() {
		raw, err := verify.Files().ReadFile("words/" + lang + ".json")
		require.NoError(t, err)
		var texts map[string]string
		require.NoError(t, json.Unmarshal(raw, &texts))
		if english == nil {
			english = texts
		}
		for name, text := range english {
			require.NotEmpty(t, texts[name], "%s in %s", name, lang)
			for _, mark := range []string{"{sender}", "{date}"} {
				require.Equal(t, strings.Contains(text, mark), strings.Contains(texts[name], mark), "%s in %s", name, lang)
			}
		}
		require.Len(t, texts, len(english))
	}
	require.NotNil(t, w.page)
}

// TestTheLimit lets the first 200 through at once and then five a second, in real time.
func TestTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		routes := w.page.LimitedRoutes()
		passed := func() int {
			n := 0
			for range 300 {
				out := httptest.NewRecorder()
				routes["GET /verify"](out, httptest.NewRequest(http.MethodGet, "/verify?ref=a&code=b", nil))
				if out.Code == http.StatusOK {
					n++
					continue
				}
				require.Equal(t, http.StatusTooManyRequests, out.Code)
				require.Equal(t, "1", out.Header().Get("Retry-After"))
			}
			return n
		}
		require.Equal(t, verify.Burst, passed())
		require.Zero(t, passed())
		pass(t, 2)
		require.Equal(t, 2*verify.PerSecond, passed())
		out := httptest.NewRecorder()
		routes["POST /verify"](out, httptest.NewRequest(http.MethodPost, "/verify", nil))
		require.Equal(t, http.StatusTooManyRequests, out.Code, "both share one limit")
		routes["GET /.well-known/lapse-keys.json"](out, httptest.NewRequest(http.MethodGet, "/", nil))
		require.Contains(t, out.Body.String(), "keys")
	})
}

func TestWhatCannotBeAnswered(t *testing.T) {
	w := newWorld(t)
	w.store.fail = errors.New("the table is away, and user@example.com asked")
	out := w.get(w.reference, w.code, "Accept", asJSON)
	require.Equal(t, http.StatusServiceUnavailable, out.Code)
	require.Equal(t, "application/problem+json", out.Header().Get("Content-Type"))
	require.NotContains(t, out.Body.String(), "issued")
	out = w.get(w.reference, w.code)
	require.Equal(t, http.StatusServiceUnavailable, out.Code)
	require.Contains(t, out.Body.String(), `class="answer doubt"`)

	out = w.do(httptest.NewRequest(http.MethodPost, "/verify", strings.NewReader("{}")), "Content-Type", asJSON)
	require.Equal(t, http.StatusUnsupportedMediaType, out.Code)
	out = w.post(strings.Repeat("A", 5000), "b", "c")
	require.Equal(t, http.StatusBadRequest, out.Code)
}

func TestThePublishedKeys(t *testing.T) {
	w := newWorld(t)
	ask := func() *httptest.ResponseRecorder {
		return w.do(httptest.NewRequest(http.MethodGet, "/.well-known/lapse-keys.json", nil))
	}
	require.JSONEq(t, `{"keys":[]}`, ask().Body.String(), "before the first sweep")
	require.NoError(t, w.store.PutKeySet(t.Context(), 1, []byte(`{"keys":["k"]}`)))
	out := ask()
	require.Equal(t, "application/jwk-set+json", out.Header().Get("Content-Type"))
	require.JSONEq(t, `{"keys":["k"]}`, out.Body.String())
}

func TestTheStylesheetIsOurOwn(t *testing.T) {
	w := newWorld(t)
	out := w.do(httptest.NewRequest(http.MethodGet, "/verify/style.css", nil))
	require.Equal(t, http.StatusOK, out.Code)
	require.NotContains(t, out.Body.String(), "url(")
	page := w.get(w.reference, w.code)
	require.Contains(t, page.Header().Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'")
}

// pass lets seconds of the test's own time go by.
func pass(t *testing.T, seconds int) {
	t.Helper()
	timer := time.NewTimer(time.Duration(seconds) * time.Second)
	<-timer.C
}
