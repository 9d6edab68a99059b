package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/worldtest"
)

// The largest request, a full page of notices and the largest order do not fit on one page.
func TestAPageOfTheLargestRecordsIsUnderAMegabyte(t *testing.T) {
	w := newWorld(t)
	longIDs := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("%064d", i)
		}
		return list
	}
	flags := strings.Split(strings.TrimSuffix(strings.Repeat(strings.Repeat("\u2028", 4000)+" ", 18), " "), " ")
	w.record(worldtest.Request("u").With(worldtest.Object{"flags": flags, "subjects": subjectsOf(longIDs(150))}))
	w.record(worldtest.Amendment(worldtest.Object{"subjects": subjectsOf(longIDs(1000)[150:])}))
	w.record(worldtest.Comply())
	for i := range 12 {
		w.record(worldtest.NewEvent("request.challenged", worldtest.Object{"challengeId": fmt.Sprint("c", i),
			"grounds": []string{"other"}, "route": strings.Repeat("\u2028", 4000), "filedAt": "2026-03-01T09:00:00Z"}))
	}
	w.record(disclosure(strings.Repeat("d", 64), longIDs(1000)...))
	for i := range 2 {
		id := fmt.Sprint("ord-", i)
		w.record(order(id))
		for j := range 22 {
			w.record(worldtest.Challenge(id, fmt.Sprint(j, strings.Repeat("\u2028", 3990)), "2026-03-01T09:00:00Z").
				With(worldtest.Object{"forum": strings.Repeat("<", 4000)}))
		}
	}
	orders, notices := 0, 0
	for target := "/v1/matters/" + worldtest.Matter + "?limit=1000"; target != ""; {
		rec := w.found(target)
		require.Less(t, rec.Body.Len(), 1_000_000)
		page := decode[matterPage](t, rec)
		orders, notices = orders+len(page.Orders), notices+len(page.Notices)
		if target = ""; page.Next != "" {
			target = "/v1/matters/" + worldtest.Matter + "?limit=1000&cursor=" + page.Next
		}
	}
	require.Equal(t, []int{2, 1000}, []int{orders, notices})
}

// subjectsOf are consumers as an event posts them.
func subjectsOf(ids []string) []worldtest.Object {
	var all []worldtest.Object
	for _, id := range ids {
		contacts := []worldtest.Object{worldtest.Contact("user", "one")}
		all = append(all, worldtest.Object{"id": id, "accountClass": "consumer", "contacts": contacts})
	}
	return all
}
