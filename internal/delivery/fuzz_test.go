package delivery_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/delivery"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// strangers are the notices beside the world's own: of another subject and of another matter, each with the token it
// is claimed under.
func (w *world) strangers() map[string]string {
	tokens := map[string]string{w.id: token}
	for i, id := range []string{aMatter, "mat-2026-0002"} {
		d := matter.Disclosure{Matter: id, ID: "d1", Part: 1, Recorded: start, Facts: matter.DisclosureFacts{At: start}}
		n := notice.New(&d, nil, "u2", "en", "")
		require.NoError(w.t, w.store.PutRows(w.t.Context(), agenda.ForNotice(n.Matter, n.ID, start, 2)))
		require.NoError(w.t, w.store.PutNotice(w.t.Context(), n))
		tokens[n.ID] = strings.Repeat(fmt.Sprint(i+1), 32)
		_, ok, err := w.store.Apply(w.t.Context(), notice.Notice{ID: n.ID}, notice.Act{
			Op: notice.OpClaim, Token: tokens[n.ID], At: start, Next: start.Add(notice.LeaseTime), Version: 5,
		})
		require.NoError(w.t, err)
		require.True(w.t, ok)
	}
	return tokens
}

// stage moves the world's own notice to a state in which a report of SES may find it.
func (w *world) stage(n byte) {
	sign := func(op notice.Op) {
		w.move(notice.Act{Op: op, Token: token, MessageID: "m", Reason: notice.ReasonHardBounce})
	}
	switch n % 6 {
	case 1:
		w.sent()
	case 2:
		sign(notice.OpUnsure)
	case 3:
		sign(notice.OpBounce)
	case 4:
		sign(notice.OpDelivery)
	case 5:
		sign(notice.OpReject)
	}
}

func (w *world) stands(id string) notice.Notice {
	n, err := w.store.Notice(w.t.Context(), id)
	require.NoError(w.t, err)
	return n
}

// texts are all strings of a JSON text, keys and values.
func texts(raw []byte) map[string]bool {
	all := map[string]bool{}
	for dec := json.NewDecoder(bytes.NewReader(raw)); ; {
		t, err := dec.Token()
		if err != nil {
			return all
		}
		if s, ok := t.(string); ok {
			all[s] = true
		}
	}
}

// FuzzSESEvent: an SES event moves at most one notice, the one that it names together with its matter and a token of
// its own attempts. It moves that notice only as the state table allows. No log line, error or event about it holds an
// address.
func FuzzSESEvent(f *testing.F) {
	_, hash, _ := notice.SplitID(notice.ID(nil, aMatter, "d1", "u1"))
	tags := fmt.Sprintf(`"tags":{"notice":[%q],"matter":[%q],"attempt":[%q]}`, hash, aMatter, token)
	_, other, _ := notice.SplitID(notice.ID(nil, aMatter, "d1", "u2"))
	for _, kind := range []string{"Send", "Delivery", "Bounce", "Complaint", "Reject", "DeliveryDelay", "Open",
		"Rendering Failure", "u@example.com"} {
		f.Add(fmt.Appendf(nil,
			`{"eventType":%q,"mail":{"messageId":"m","destination":["u@example.com"],%s},"bounce":{"bounceType":"Permanent",`+
				`"bounceSubType":"u@example.com"}}`, kind, tags), byte(0))
		f.Add(fmt.Appendf(nil, `{"eventType":%q,"mail":{"messageId":"m",%s}}`, kind, tags), byte(1))
	}
	for _, seed := range []string{
		"", "null", "[]", "{", `"u@example.com"`, strings.Repeat("[", 20_000), strings.Repeat(`{"mail":`, 500),
		`{"eventType":"Delivery","EVENTTYPE":"Bounce","mail":{"messageId":"m",` + tags + `},"mail":{"messageid":"n"}}`,
		`{"eventType":"Delivery","mail":{"messageId":"m",` + strings.Replace(tags, hash, other, 1) + `}}`,
		`{"eventType":"Delivery","mail":{"messageId":"m",` + strings.Replace(tags, aMatter, "mat-2026-0002", 1) + `}}`,
		`{"eventType":"Delivery","mail":{"messageId":"m",` + strings.Replace(tags, token, strings.Repeat("1", 32), 1) + `}}`,
		`{"eventType":"Delivery","mail":{"messageId":"m",` + strings.Replace(tags, token, token+`","`+token, 1) + `}}`,
		`{"eventType":"Delivery","mail":{"messageId":"m",` + strings.Replace(tags, token, "u@example.com", 1) + `}}`,
		`{"eventType":"Delivery","mail":{"messageId":1e999999999,` + tags + `}}`,
		`{"eventType":"Reject","mail":{"messageId":"` + strings.Repeat("m", 2000) + `",` + tags + `}}`,
	} {
		f.Add([]byte(seed), byte(len(seed)))
	}
	f.Fuzz(func(t *testing.T, raw []byte, stage byte) {
		w := newWorld(t)
		tokens := w.strangers()
		w.stage(stage)
		before := map[string]notice.Notice{}
		for id := range tokens {
			before[id] = w.stands(id)
		}
		w.now = start.Add(time.Minute)
		err := w.Take(t.Context(), raw)
		if err != nil {
			require.ErrorIs(t, err, delivery.ErrMalformed)
			require.NotContains(t, err.Error(), "@")
		}
		said := texts(raw)
		moved := 0
		for id, was := range before {
			is := w.stands(id)
			if reflect.DeepEqual(was, is) {
				continue
			}
			moved++
			require.NoError(t, err)
			matterID, hash, _ := notice.SplitID(id)
			require.True(t, said[matterID] && said[hash] && said[tokens[id]], "%s was moved by %s", id, raw)
			require.True(t, was.State == is.State || slices.ContainsFunc(notice.Transitions(), func(x notice.Transition) bool {
				return x.Op == is.LastSign && slices.Contains(x.From, was.State) && slices.Contains(x.To, is.State)
			}), "%s from %s to %s", is.LastSign, was.State, is.State)
		}
		require.LessOrEqual(t, moved, 1)
		require.NotContains(t, w.log.String(), "@")
		require.NotContains(t, strings.Join(w.bus.events, ""), "@")
		require.LessOrEqual(t, len(w.bus.events), 1)
	})
}
