package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/intake"
	"lapse/internal/worldtest"
)

// The answer's warnings name what a sender should look at: an end that nobody can tell, a place that was not believed,
// and a paper that binds nobody.
func TestTheAnswerWarnsOfAnUnusualPaper(t *testing.T) {
	at := func(country, zone string) object {
		return object{"issuer": object{"name": "a court", "role": "court", "country": country, "zone": zone}}
	}
	order := worldtest.Order("o1")
	twice := []string{intake.PlaceNotBelieved, intake.PlaceNotBelieved}
	for point, c := range map[string]struct {
		order worldtest.Event
		want  []string
	}{
		"nothing unusual":                  {order, []string{}},
		"a zone that is none":              {order.With(at("US", "Mars/Olympus")), []string{intake.PlaceNotBelieved}},
		"a zone of another country":        {order.With(at("US", "Europe/Paris")), []string{intake.PlaceNotBelieved}},
		"an unknown country, and its zone": {order.With(at("ZZ", "Europe/Paris")), twice},
		"no end":                           {order.Endless(), []string{intake.NoKnownEnd}},
		"an event as its end":              {order.UntilEvent("indictment"), []string{intake.NoKnownEnd}},
		"a year typed wrong":               {order.Through("2025-08-31").SignedOn("2025-02-01"), []string{intake.NoKnownEnd}},
		"a period from the disclosure":     {order.For(90, "days", "disclosed"), []string{}},
		"a plea":                           {order.Kind("plea"), []string{intake.PleaReceived}},
		"a plea without an end":            {order.Kind("plea").Endless(), []string{intake.PleaReceived}},
	} {
		t.Run(point, func(t *testing.T) {
			w := approved(t)
			require.Equal(t, c.want, warned(w.Post(c.order)))
		})
	}
}
