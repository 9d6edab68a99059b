package events_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/matter"
)

// FuzzDecode: whatever comes, there is either an event or a list of faults, never a panic and never an address in what
// is kept of it.
func FuzzDecode(f *testing.F) {
	contacts := `{"subjectId":"zebra7","contacts":[{"role":"user","email":"zebra7@example.com","verified":true}]}`
	order := `{"orderId":"o","kind":"court_order","issuer":{"name":"a","role":"court","country":"US"},"covers":{"subjects":"all"},"end":{"kind":"period","n":90,"unit":"days","from":"signed"}}`
	for _, seed := range [][]byte{
		envelope(matter.ContactChanged, contacts),
		envelope(matter.OrderReceivedType, order),
		envelope(matter.OrderReceivedType, strings.Replace(order, `"kind"`, `"kind":"plea","kind"`, 1)),
		envelope(matter.OrderReceivedType, strings.Replace(order, `"covers"`, `"Covers"`, 1)),
		envelope(matter.OrderReceivedType, strings.Replace(order, `"end"`, `"ends":1,"end"`, 1)),
		envelope(matter.OrderReceivedType, strings.Replace(order, `90`, `1e999999999`, 1)),
		envelope(matter.OrderReceivedType, strings.Replace(order, `90`, `-0.000000000000000000000000000000009`, 1)),
		envelope(matter.OrderReceivedType, strings.Replace(order, `90`, strings.Repeat("[", 500)+strings.Repeat("]", 500), 1)),
		envelope(matter.ContactChanged, strings.Replace(contacts, "zebra7@", `zebra7\r\nBcc: x@`, 1)),
		envelope(matter.ContactChanged, strings.Replace(contacts, `"email"`, `"zebra7@example.com":1,"email"`, 1)),
		[]byte(`{"id":"\ud800","\ud801":1,"\ud802":2}`),
		[]byte(`[null,{"type":[]}]`),
		[]byte(`{} {}`),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		event, err := events.Decode(raw, clock)
		if err != nil {
			faults, ok := errors.AsType[*matter.Faults](err)
			require.True(t, ok, "%v", err)
			require.NotEmpty(t, faults.List)
			requireNoAddress(t, faults.Error())
			require.Nil(t, event.Raw)
			return
		}
		require.NotEmpty(t, event.Source)
		require.NotEmpty(t, event.ID)
		require.NotEmpty(t, event.Matter)
		require.True(t, json.Valid(event.Raw))
		again, err := events.Decode(raw, clock)
		require.NoError(t, err)
		require.Equal(t, event.Digest, again.Digest)
	})
}
