// Package golang posts events with CloudEvents' SDK for Go. It is a module of its own, so that Lapse does not depend
// on the SDK. "make clients" runs it against a local stack whose address is in LAPSE_URL.
package golang

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/stretchr/testify/require"
)

// order is an order for a matter of its own. Its attributes have to be percent-encoded in a header, and one is a
// number.
func order(t *testing.T, id string) cloudevents.Event {
	e := cloudevents.NewEvent()
	e.SetID(id + " ü 100%")
	e.SetSource("sdk.go.example")
	e.SetType("lapse.order.received.v1")
	e.SetSubject("mat-go-" + id)
	e.SetTime(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	e.SetExtension("actor", "counsel:ak")
	e.SetExtension("note", `Straße "7" 😀`)
	e.SetExtension("attempt", 7)
	require.NoError(t, e.SetData(cloudevents.ApplicationJSON, map[string]any{
		"orderId": "ord-1", "kind": "court_order", "covers": map[string]any{"subjects": "all"},
		"issuer": map[string]any{"name": "Amtsgericht München", "role": "court", "country": "DE"},
		"end":    map[string]any{"kind": "date", "date": "2026-08-31", "wording": "until"},
	}))
	return e
}

func TestAnEventIsTheSameInEitherMode(t *testing.T) {
	url := os.Getenv("LAPSE_URL")
	require.NotEmpty(t, url, "make clients sets it")
	client, err := cloudevents.NewClientHTTP(cloudevents.WithTarget(url + "/v1/events/order.received"))
	require.NoError(t, err)
	for id, modes := range map[string][2]func(context.Context) context.Context{
		"binary-first":     {binding.WithForceBinary, binding.WithForceStructured},
		"structured-first": {binding.WithForceStructured, binding.WithForceBinary},
	} {
		for i, want := range []int{http.StatusCreated, http.StatusOK} {
			result := client.Send(modes[i](t.Context()), order(t, id))
			require.True(t, cloudevents.IsACK(result), "%s: %v", id, result)
			var answer *cehttp.Result
			require.True(t, cloudevents.ResultAs(result, &answer))
			require.Equal(t, want, answer.StatusCode, id)
		}
	}
	wrong := order(t, "wrong")
	wrong.SetType("lapse.order.ended.v1")
	require.True(t, cloudevents.IsNACK(client.Send(t.Context(), wrong)))
}
